"""The board and the phone in the middle of Zoé's night of Monday, 22:00 to 06:00."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch import clock
from dispatch.board.queries import day_of
from dispatch.board.rows import Away
from dispatch.models.plan import Plan, PlannedBreak
from tests import factories as make
from tests.api.callers import calling
from tests.board.conftest import Htmx
from tests.people import signed_in

MONDAY, TUESDAY = make.MONDAY, make.MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def night(cast, session):
    """A visit before midnight, one after it, a meal between them; it is one in the morning."""
    zoe = cast.zoe
    zoe.shifts.clear()
    make.shift(zoe, MONDAY, ("22:00", "06:00"))
    make.job("Avant minuit", technician=zoe, start=make.at("23:30"), state="completed")
    make.job("Après minuit", technician=zoe, start=make.at("02:30", TUESDAY), day=MONDAY)
    plan = Plan(territory_id=make.territory().id, day=MONDAY, changed_at=make.at("12:00"))
    meal = PlannedBreak(
        technician_id=zoe.id, starts_at=make.at("01:30", TUESDAY), ends_at=make.at("02:00", TUESDAY)
    )
    plan.breaks.append(meal)
    session.add(plan)
    make.absence(zoe, ("05:00", "05:30"), TUESDAY)
    session.commit()
    with clock.at(make.at("01:00", TUESDAY)):
        yield


def route(cast, day):
    [found] = [one for one in day_of(make.territory(), day, cast.diane).routes if one.id == cast.zoe.id]
    return found


@pytest.mark.parametrize("day", [MONDAY, TUESDAY])
def test_the_whole_night_is_on_the_board_of_its_day_and_until_it_ends_on_today_s(cast, day):
    found = route(cast, day)
    assert [one.kind if isinstance(one, Away) else one.summary for one in found.items] == [
        "Avant minuit", "break", "Après minuit", "absence"
    ]  # fmt: skip
    assert found.shifts == ((make.at("22:00"), make.at("06:00", TUESDAY)),)
    assert all(one.start < one.end for one in found.items)


def test_when_the_night_is_over_it_is_yesterday_s(cast):
    with clock.at(make.at("09:00", TUESDAY)):
        assert len(route(cast, MONDAY).items) == 4
        found = route(cast, TUESDAY)
        assert (found.shifts, found.stops) == ((), [])


def test_times_after_midnight_say_of_which_day_they_are(diane):
    page = diane.get(f"/board?day={MONDAY}").text
    assert "02:30 <small>Tue 24</small>" in page
    assert "23:30 <small>" not in page


def test_what_was_not_possible_after_midnight_waits_for_a_decision_in_the_morning(app, cast):
    make.job("Porte fermée", technician=cast.zoe, start=make.at("00:30", TUESDAY), day=MONDAY,
             state="not_completed", outcome="no_access", ended_at=make.at("00:50", TUESDAY))  # fmt: skip
    with clock.at(make.at("09:00", TUESDAY)):
        assert "Porte fermée" in signed_in(app, cast.diane).get("/board").text


def test_zoe_s_phone_shows_the_night_until_it_is_over(app, cast):
    zoe = signed_in(app, cast.zoe.user)
    page = zoe.get("/jobs").text
    assert "Après minuit" in page and "Cette nuit" in page and ">01:30<" in page
    with clock.at(make.at("09:00", TUESDAY)):
        page = signed_in(app, cast.zoe.user).get("/jobs").text
        assert "Après minuit" not in page and "Aujourd’hui" in page


def test_zoe_is_chosen_for_her_night_or_for_her_evening(diane, cast):
    make.shift(cast.zoe, TUESDAY, ("22:00", "23:30"))
    job, later = make.job("Nouveau", minutes=15), make.job("Plus tard", minutes=15)
    make.site().opening_week = [[[0, 1440]]] * 7
    sheet = Htmx(diane).get(f"/board/jobs/{job.number}/candidates?day={TUESDAY}").text
    assert "route of Monday 23" in sheet and "route of Tuesday 24" in sheet
    for one, day in ((job, MONDAY), (later, TUESDAY)):
        assert f'name="route" value="{day}"' in sheet
        sent = {"technician": cast.zoe.id, "version": one.version, "on": str(TUESDAY), "route": str(day)}
        assert diane.post(f"/board/jobs/{one.number}/assignment", data=sent).status_code == 302
    assert (job.day, later.day) == (MONDAY, TUESDAY)
    assert job.planned_start < make.at("05:00", TUESDAY) < later.planned_start


def test_a_start_after_midnight_is_offered_on_the_night_and_stays_there(diane, cast, session):
    job = make.job("Nouveau", minutes=15)
    make.site().opening_week = [[[0, 1440]]] * 7
    with clock.at(make.at("20:00")):
        browser = signed_in(diane.application, cast.diane, "en")
        sheet = Htmx(browser).get(f"/board/jobs/{job.number}/candidates?on={TUESDAY}&at=03:30").text
        assert ">Zoé<" in sheet and "begins 03:30" in sheet
        sent = {"technician": cast.zoe.id, "version": job.version, "on": str(TUESDAY), "at": "03:30"}
        assert browser.post(f"/board/jobs/{job.number}/assignment", data=sent).status_code == 302
    assert (job.day, job.planned_start) == (MONDAY, make.at("03:30", TUESDAY))


def test_the_api_tells_the_night_with_its_arrivals(app, cast):
    plan = calling(app, cast.diane, "en").get(f"/api/v1/plans/{TUESDAY}").json
    [mine] = [one for one in plan["routes"] if one["technician"]["id"] == cast.zoe.id]
    assert [stop["arrival"] for stop in mine["stops"]] == [
        "2026-11-23T23:30:00+01:00",
        "2026-11-24T02:30:00+01:00",
    ]
