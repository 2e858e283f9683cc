"""Case 13: forty people check in at two kiosks at once. Numbers are unique, none is skipped, and their order is that of the commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.entry import Entry
from dispatch.models.event import Event
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.stands import stand

PRESSES = 40
SHORT, LONG = 1, 50


@pytest.fixture
def desk(database, tmp_path):
    def furnish(_cast, _start):
        make.kiosk()
        make.kiosk("Kiosque Landry", make.building("Landry"))

    with stand(database, tmp_path, furnish) as ready:
        yield ready


@pytest.mark.parametrize("rounds", [SHORT, pytest.param(LONG, marks=pytest.mark.battery)])
def test_forty_presses_at_once_draw_forty_numbers_in_order(desk, rounds, record_property):
    people = ("Diane", "Tariq", "Denis", "Ahmed")
    for done in range(rounds):
        with ThreadPoolExecutor(PRESSES) as pool:
            sent = [
                pool.submit(desk.send, people[press % 4], "POST", f"/kiosks/{1 + press % 2}/entries",
                            json={"subject": f"{done}-{press}"}, headers={"Idempotency-Key": f"{done}-{press}"})
                for press in range(PRESSES)
            ]  # fmt: skip
        answers = [one.result() for one in sent]
        assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
        for kiosk in (1, 2):
            told = sorted(answer.json()["number"] for answer in answers if answer.json()["kiosk"] == kiosk)
            assert told == list(range(done * PRESSES // 2 + 1, (done + 1) * PRESSES // 2 + 1))
            assert desk.read(lambda kiosk=kiosk: in_order_of_commits(kiosk)) == desk.read(
                lambda kiosk=kiosk: list(db.session.scalars(numbers_of(kiosk)))
            )
    assert desk.read(everything_wrong) == []
    record_property("rounds", rounds)


def numbers_of(kiosk):
    return select(Entry.number).where(Entry.kiosk_id == kiosk).order_by(Entry.number)


def in_order_of_commits(kiosk):
    """The log's ids are given out in the order of the commits."""
    events = db.session.scalars(select(Event).where(Event.kind == "entry.state").order_by(Event.id))
    return [event.data["number"] for event in events if event.data["kiosk"] == kiosk]
