"""Case 14: five desks press “next” at once, and some of those called are not there or give up. Nobody is called twice or never."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models import queue
from dispatch.models.entry import Entry
from dispatch.models.event import Event
from dispatch.models.user import Token
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.stands import stand

DESKS = ("Tariq", "Zoe", "Nora", "Maël", "Gwen")
SHORT, LONG = 6, 200
# what becomes of somebody who was called, and how often
ENDINGS = (
    ("serving", "served"),
    ("serving", "served"),
    ("no_show",),
    ("requeued",),
    ("on_hold", "left"),
    ("left",),
)


@pytest.fixture
def desk(database, tmp_path, rounds):
    def furnish(cast, _start):
        kiosk = make.kiosk()
        for name in DESKS[2:]:
            Token.issue(make.technician(name).user, secret=code(name))
        Token.issue(cast.tariq.user, secret="tariq")
        Token.issue(cast.zoe.user, secret="zoe")
        for _visitor in range(rounds * len(DESKS)):
            queue.check_in(kiosk, cast.tariq.user)

    with stand(database, tmp_path, furnish) as ready:
        yield ready


def code(name):
    return name.lower().replace("ë", "e")


@pytest.mark.parametrize("rounds", [SHORT, pytest.param(LONG, marks=pytest.mark.battery)])
def test_five_desks_that_press_at_once_call_five_people(desk, rounds, record_property):
    random, at_desk, seen = Random(14), {}, set()
    for _round in range(rounds * 3):
        free = [name for name in DESKS if name not in at_desk]
        answers = dict(zip(free, desk.at_once(*(pressing(desk, name) for name in free)), strict=True))
        for name, answer in answers.items():
            assert answer.status_code in (200, 409), answer.text
            if answer.status_code == 200:
                at_desk[name] = answer.json()
        called = [answer.json()["id"] for answer in answers.values() if answer.status_code == 200]
        assert len(set(called)) == len(called), "two desks have called the same person"
        seen.update(called)
        if not at_desk:
            break
        for name in [*at_desk]:
            if random.random() < 0.8:  # the others press while he still serves
                end(desk, name, at_desk.pop(name), random.choice(ENDINGS))
    for name in [*at_desk]:
        end(desk, name, at_desk.pop(name), ("left",))
    assert desk.read(everything_wrong) == []
    waiting = desk.read(lambda: list(db.session.scalars(select(Entry.id).where(Entry.state == "waiting"))))
    everybody = desk.read(lambda: set(db.session.scalars(select(Entry.id))))
    assert seen | set(waiting) == everybody, "somebody was never called and waits no more"
    assert desk.read(overtakers) == [], "somebody was called before one who waited with a lower number"
    record_property("called", len(seen))


def pressing(desk, name):
    return lambda: desk.send(code(name), "POST", "/kiosks/1/calls", json={})


def end(desk, name, entry, moves):
    for move in moves:
        path, version = f"/entries/{entry['id']}/transitions", entry["version"]
        answer = desk.send(code(name), "POST", path, json={"to": move, "version": version})
        assert answer.status_code == 200, answer.text
        entry = answer.json()


def overtakers():
    """Whoever is called has the lowest number of those who wait at that moment, as the log has it."""
    wrong, waiting = [], set()
    for event in db.session.scalars(select(Event).where(Event.kind == "entry.state").order_by(Event.id)):
        number = event.data["number"]
        if event.data["move"] == "called" and number != min(waiting):
            wrong.append((number, min(waiting)))
        waiting.discard(number)
        if event.data["target"] == "waiting":
            waiting.add(number)
    return wrong
