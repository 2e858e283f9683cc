"""Reaching the place and the people: directions, a letter, and how one gets in, only when it is needed."""

import json

import pytest

from dispatch.clock import now
from dispatch.extensions import db
from tests import factories as make
from tests.jobs.carriers import carried, drawn, states
from tests.people import signed_in

DOOR = "Code portail 4711"


@pytest.fixture
def visit(cast):
    person = make.requester("Nolwenn", email="nolwenn@acme.example")
    job = make.job(of=make.ticket("Écran & câble", requester=person), technician=cast.tariq, state="accepted")
    job.building = job.building or make.building()
    job.building.site.access_notes = DOOR
    db.session.flush()
    return job


def page(app, cast, job, agent="A phone"):
    return signed_in(app, cast.tariq.user).get(f"/jobs/{job.number}", headers={"User-Agent": agent}).text


@pytest.mark.parametrize("state", ["dispatched", "accepted", "completed", "not_completed"])
def test_how_one_gets_in_is_not_shown_before_he_leaves_nor_after(app, cast, visit, state):
    visit.state = state
    assert DOOR not in page(app, cast, visit)


@pytest.mark.parametrize("state", ["travelling", "working", "paused"])
def test_how_one_gets_in_is_shown_on_the_way_and_there(app, cast, visit, state):
    visit.state = state
    assert DOOR in page(app, cast, visit)


def test_the_phone_carries_it_with_the_states_in_which_it_is_shown(app, cast, visit):
    visit.planned_start = now()
    visit.day = now().astimezone(make.ZONE).date()
    told = carried(app, cast.tariq.user)
    shown = {
        state
        for state in states(told, visit.number)
        if "~access~" in drawn(told, visit.number, state, "deeds")
    }
    assert shown == {"travelling", "working", "paused"}
    assert told["jobs"][visit.number].pop("gaps")["access"] == DOOR
    assert DOOR not in json.dumps(told)


@pytest.mark.parametrize(
    ("state", "count"), [("dispatched", 1), ("working", 1), ("paused", 1), ("completed", 0)]
)
def test_who_was_called_can_be_called_again(app, cast, visit, state, count):
    visit.ticket.phone, visit.mode, visit.state = "06 26 19 10 01", "remote", state
    db.session.flush()
    deeds = page(app, cast, visit).partition("next-job-deeds")[2].partition("</article>")[0]
    assert deeds.count('href="tel:0626191001"') == count


def test_a_letter_is_begun_with_what_it_is_about(app, cast, visit):
    text = page(app, cast, visit)
    assert "mailto:nolwenn@acme.example?subject=" in text
    assert "%C3%89cran%20%26%20c%C3%A2ble" in text


@pytest.mark.parametrize(
    ("agent", "opens"),
    [
        ("Android", "geo:"),
        ("iPhone", "https://maps.apple.com/"),
        ("X11; Linux", "https://www.openstreetmap.org/"),
    ],
)
def test_directions_open_what_the_device_has(app, cast, visit, agent, opens):
    assert f'href="{opens}' in page(app, cast, visit, agent)
