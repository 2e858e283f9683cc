"""Cases 15, 17 and 18 at the ledger: one key at once from everywhere, one queue in any order, replies lost, servers killed."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.event import Event
from dispatch.models.job import Job
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.senders import Sender
from tests.battery.stands import always_open, stand
from tests.people import PASSWORD

JOBS, STEPS, SEED = 8, ("accepted", "working", "note", "paused", "completed"), 17
SHORT, LONG = (3, 1), (5, 30)  # senders, kills


@pytest.fixture
def desk(database, tmp_path):
    with stand(database, tmp_path, furnish) as ready:
        yield ready


def furnish(cast, start) -> None:
    cast.tariq.user.set_password(PASSWORD)
    always_open(make.client())
    for number in range(JOBS):
        make.job(f"appel {number}", mode="remote", building_id=None, technician=cast.tariq,
                 start=start + timedelta(hours=1 + number), state_at=start)  # fmt: skip


@pytest.fixture
def sender(desk):
    return Sender.of(desk, "tariq")


def the_queue(desk, chance: random.Random) -> list[dict[str, Any]]:
    """Forty actions on eight calls, in the order in which they were done."""
    numbers = desk.read(lambda: [job.number for job in db.session.scalars(select(Job).order_by(Job.id))])
    done = [(number, step) for number in numbers for step in STEPS]
    began = now() - timedelta(minutes=len(done))
    return [
        {
            "key": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "seq": place + 1, "job": number,
            "at": (began + timedelta(minutes=place)).isoformat(), "based_on": 1,
            "kind": "note" if step == "note" else "transition",
            "body": {"note": f"vu {number}"} if step == "note" else {"to": step},
        }
        for place, (number, step) in enumerate(done)
    ]  # fmt: skip


@pytest.mark.parametrize(("keys", "every"), [(1, 1), pytest.param(40, 4, marks=pytest.mark.battery)])
def test_one_key_from_twenty_at_once_is_done_once(desk, sender, keys, every, record_property):
    """Then again after the server was killed (every so often), then with something else under the same key."""
    queue = the_queue(desk, random.Random(SEED))
    for place, action in enumerate(queue[:keys]):
        with ThreadPoolExecutor(20) as pool:
            twins = [pool.submit(sender.send_until_answered, [action]) for _one in range(20)]
        answers = [one.result()[0] for one in twins]
        assert Counter(one["outcome"] for one in answers) == {"applied": 1, "repeated": 19}, action
        assert len({(one["first"], one["state"], one["version"]) for one in answers}) == 1
        if place % every == 0:
            desk.server.kill_web()
            desk.server.start_web()
        assert sender.send_until_answered([action])[0]["outcome"] == "repeated"
        other = sender.send_until_answered([{**action, "kind": "note", "body": {"note": "autre"}}])[0]
        assert (other["outcome"], other["reason"]) == ("review", "key_reused")
    assert desk.read(lambda: unaccounted(queue[:keys])) == []
    assert desk.read(everything_wrong) == []
    record_property("keys", keys)


@pytest.mark.parametrize(("senders", "kills"), [SHORT, pytest.param(*LONG, marks=pytest.mark.battery)])
def test_one_queue_from_several_tabs_in_any_order_on_a_server_that_is_killed(
    desk, sender, senders, kills, record_property
):
    chance = random.Random(SEED)
    queue = the_queue(desk, chance)
    orders = [chance.sample(queue, len(queue)) for _ in range(senders)]

    def replay(order: list[dict[str, Any]]) -> None:
        for begin in range(0, len(order), 10):
            sender.send_until_answered(order[begin : begin + 10])

    with ThreadPoolExecutor(senders) as pool:
        replays = [pool.submit(replay, order) for order in orders]
        for _ in range(kills):
            threading.Event().wait(chance.uniform(0.2, 1.5))
            desk.server.kill_web()
            desk.server.start_web()
        for one in replays:
            one.result()
    again = sender.send_until_answered(queue)
    assert {one["outcome"] for one in again} == {"repeated"}
    assert desk.read(lambda: unaccounted(queue)) == [], f"seed {SEED}"
    assert desk.read(everything_wrong) == []
    record_property("seed", SEED)
    record_property("reviewed", sum(one["first"] == "review" and not one["decision"] for one in again))


def unaccounted(queue: list[dict[str, Any]]) -> list[str]:
    """Every action is in the ledger once, and has either one effect or lies to be reviewed."""
    wrong = []
    for said in queue:
        rows = db.session.scalars(select(Action).where(Action.key == said["key"])).all()
        if len(rows) != 1:
            wrong.append(f"{said['key']} is there {len(rows)} times")
            continue
        counts = rows[0].outcome == "applied" or rows[0].decision == "applied"
        effects = effects_of(rows[0])
        if effects != int(counts):
            wrong.append(f"{said['body']} on {said['job']}: {rows[0].outcome}, {effects} effects")
    return wrong


def effects_of(row: Action) -> int:
    assert row.job is not None
    if row.kind == "note":
        return (row.job.note or "").count(row.note)
    his = (Event.job_id == row.job_id, Event.kind == "job.state", Event.claimed_at == row.claimed_at)
    return sum(
        noted.data["move"] == row.body["to"] for noted in db.session.scalars(select(Event).where(*his))
    )
