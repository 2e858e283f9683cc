"""Many programs at once, against a real server on either database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.ticket import Ticket
from tests import factories as make
from tests.battery.stands import Stand, open_every_day, stand
from tests.people import Cast

ROUNDS = 10
TOMORROW = now().astimezone(make.ZONE).date() + timedelta(days=1)
AT_TEN = make.at("10:00", TOMORROW).isoformat()


@pytest.fixture
def monday_morning() -> None:
    """A server has no frozen clock."""


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Stand]:
    with stand(database, tmp_path, _furnish) as found:
        yield found


def _furnish(cast: Cast, start: datetime) -> None:
    """Technicians who work tomorrow too, a job per round, and one on Tariq's phone."""
    open_every_day()
    for technician in (cast.tariq, cast.zoe):
        make.shift(technician, TOMORROW, ("08:00", "18:00"))
    for number in range(ROUNDS):
        make.job(f"round {number}", mode="remote", building_id=None)
    make.job("on Tariq's phone", technician=cast.tariq, state="accepted", start=start)


def test_of_two_dispatchers_who_assign_at_once_one_wins_and_the_other_sees_how_it_is(desk):
    for number in range(1, ROUNDS + 1):
        path = f"/jobs/{number}/assignment"
        answers = desk.at_once(
            lambda path=path: desk.send(
                "Denis", "PUT", path, json={"technician": "tariq", "start": AT_TEN, "version": 1}
            ),
            lambda path=path: desk.send(
                "Diane", "PUT", path, json={"technician": "zoe", "start": AT_TEN, "version": 1}
            ),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 1}, [
            one.text for one in answers
        ]
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert lost.json()["current"]["technician"] == won.json()["technician"]
    assert desk.count(select(func.count()).select_from(Event).where(Event.kind == "job.moved")) == ROUNDS
    assert desk.count(select(func.count()).select_from(Job).where(Job.technician_id.is_(None))) == 0


def test_twenty_twins_hand_over_one_ticket(desk):
    body = {"client": "acme", "summary": "Écran noir", "external_ref": {"system": "servicenow", "id": "INC1"}}
    before = desk.count(select(func.count()).select_from(Ticket))
    send = lambda: desk.send("Paula", "POST", "/tickets", json=body, headers={"Idempotency-Key": "INC1"})  # noqa: E731
    answers = desk.at_once(*[send] * 20)
    assert {answer.status_code for answer in answers} <= {201, 409}
    told = [answer for answer in answers if answer.status_code == 201]
    told.append(send())
    assert len({(answer.text, answer.headers["Location"]) for answer in told}) == 1
    assert desk.count(select(func.count()).select_from(Ticket)) == before + 1
    other = desk.send(
        "Paula", "POST", "/tickets", json={**body, "summary": "x"}, headers={"Idempotency-Key": "INC1"}
    )
    assert other.status_code == 422


def test_the_same_record_handed_over_without_keys_stays_one_ticket(desk):
    body = {"client": "acme", "summary": "Écran noir", "external_ref": {"system": "servicenow", "id": "INC2"}}
    before = desk.count(select(func.count()).select_from(Ticket))
    answers = desk.at_once(*[lambda: desk.send("Paula", "POST", "/tickets", json=body)] * 8)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 7}, [
        one.text for one in answers
    ]
    assert desk.count(select(func.count()).select_from(Ticket)) == before + 1


def test_a_tap_under_a_key_is_made_once_and_never_lost_to_a_race(desk):
    job = ROUNDS + 1
    tap = {"json": {"to": "working"}, "headers": {"Idempotency-Key": "w"}}
    lock = {"json": {"technician": "tariq", "lock": "technician"}, "headers": {"If-Match": "*"}}
    answers = desk.at_once(
        *[lambda: desk.send("Tariq", "POST", f"/jobs/{job}/transitions", **tap)] * 6,
        *[lambda: desk.send("Denis", "PUT", f"/jobs/{job}/assignment", **lock)] * 4,
    )
    assert {answer.status_code for answer in answers[:6]} <= {200, 409}, [one.text for one in answers[:6]]
    assert desk.send("Tariq", "POST", f"/jobs/{job}/transitions", **tap).json()["state"] == "working"
    taps = select(func.count()).select_from(Event).where(Event.kind == "job.state", Event.job_id == job)
    assert desk.count(taps) == 1


def test_of_two_runs_asked_for_at_once_one_is_queued(desk):
    ask = lambda day: desk.send("Diane", "POST", "/plan-runs", json={"day": day, "seconds": 1})  # noqa: E731
    today = now().date()
    answers = desk.at_once(
        *[lambda: ask(today.isoformat())] * 3, *[lambda: ask((today + timedelta(days=1)).isoformat())] * 3
    )
    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: 5}, [
        one.text for one in answers
    ]


def test_a_ticket_is_cancelled_or_its_technician_leaves_never_both(desk):
    job = ROUNDS + 1
    leave = {"json": {"to": "travelling"}, "headers": {"Idempotency-Key": "leave"}}
    end = {"json": {"to": "cancelled", "reason": "remplacé"}}
    answers = desk.at_once(
        lambda: desk.send("Tariq", "POST", f"/jobs/{job}/transitions", **leave),
        *[
            lambda name=name: desk.send(
                name,
                "POST",
                f"/tickets/T-{1000 + job}/transitions",
                **end,
                headers={"Idempotency-Key": "end"},
            )
            for name in ("Denis", "Diane", "Paula")
        ],
    )
    left, *ended = [answer.status_code for answer in answers]
    assert sorted([left, *ended]) == [200, 409, 409, 409], [one.text for one in answers]
    with desk.app.app_context():
        ticket = db.session.get_one(Ticket, job)
        told = (ticket.state, [one.state for one in ticket.jobs])
        assert told == (("in_progress", ["travelling"]) if left == 200 else ("cancelled", ["cancelled"]))
    assert desk.count(select(func.count()).select_from(Event).where(Event.kind == "ticket.state")) == 1
