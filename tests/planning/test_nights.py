"""Zoé's night, 22:00 to 06:00: it is one route, that of the day on which it begins, also after midnight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.models.job import Job
from dispatch.models.night import nights, working_day
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.tap import take
from dispatch.models.technician import Technician
from dispatch.planning import accept, move, rollover, run
from dispatch.planning.build import build, build_in, horizon_of
from dispatch.planning.candidates import candidates
from dispatch.planning.greedy import plan_greedily
from dispatch.planning.proposal import basis_of, differences
from dispatch.planning.retime import freeing
from dispatch.planning.solver import fallback
from dispatch.routing.check import failures
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.stands import always_open
from tests.people import Cast

MONDAY, TUESDAY = make.MONDAY, make.MONDAY + timedelta(days=1)
ONE = make.at("01:00", TUESDAY)
AUTUMN, SPRING = date(2026, 10, 24), date(2027, 3, 27)


@pytest.fixture(autouse=True)
def always(cast: Cast) -> None:
    """Acme answers at any hour; Tariq works on Monday by day."""
    always_open(make.client())
    make.territory().max_overtime_minutes = 60


@pytest.fixture
def one_o_clock(always: None) -> Iterator[None]:
    with clock.at(ONE):
        yield


@pytest.fixture
def zoe(cast: Cast) -> Technician:
    return night_of(cast.zoe, MONDAY)


def night_of(technician: Technician, day: date) -> Technician:
    technician.shifts.clear()
    make.shift(technician, day, ("22:00", "06:00"), lunch=("01:30", "04:00", 30))
    return technician


def call(summary: str = "appel", **fields: object) -> Job:
    return make.job(summary, mode="remote", building_id=None, **fields)


def of_the_night(zoe: Technician, hour: str, summary: str = "appel", **fields: object) -> Job:
    """A call on Zoé's route of Monday, after midnight."""
    return call(summary, technician=zoe, start=make.at(hour, TUESDAY), day=MONDAY, **fields)


def test_at_one_in_the_morning_it_is_still_yesterday_for_zoe_and_today_for_tariq(cast, zoe, one_o_clock):
    assert nights(make.territory(), ONE) == {zoe.id: MONDAY}
    assert (working_day(zoe, ONE), working_day(cast.tariq, ONE)) == (MONDAY, TUESDAY)
    assert working_day(zoe, make.at("06:30", TUESDAY)) == MONDAY, "overtime is part of it"
    assert working_day(zoe, make.at("06:30", TUESDAY), overtime=False) == TUESDAY
    assert working_day(zoe, make.at("09:00", TUESDAY)) == TUESDAY


def test_a_shift_that_has_begun_meanwhile_ends_the_night(zoe):
    make.shift(zoe, TUESDAY, ("06:00", "10:00"))
    assert working_day(zoe, make.at("06:30", TUESDAY)) == TUESDAY


def test_a_night_planned_the_day_before_is_one_route_on_the_day_it_begins(cast, zoe, session):
    with clock.at(make.at("12:00")):
        cast.tariq.shifts.clear()
        jobs = [call(f"appel {n}", minutes=50) for n in range(8)]
        plan_greedily(make.territory(), MONDAY, cast.diane)
        session.commit()
        assert {job.day for job in jobs} == {MONDAY}
        assert any(job.planned_start >= make.at("00:00", TUESDAY) for job in jobs)
        assert any(job.planned_start < make.at("00:00", TUESDAY) < job.planned_end for job in jobs)
        assert max(job.planned_end for job in jobs) <= make.at("07:00", TUESDAY)
        assert session.scalars(select(PlannedBreak).join(Plan).where(Plan.day == MONDAY)).one()
        assert everything_wrong() == []


@pytest.mark.parametrize("day", [MONDAY, TUESDAY])
def test_a_run_after_midnight_sees_the_night_whichever_of_its_days_is_asked(zoe, one_o_clock, day):
    mine, new = of_the_night(zoe, "04:30"), call("nouveau")
    make.db.session.expire_all()
    draft = build_in(make.territory(), horizon_of(make.territory(), day))
    assert [(slot.technician, slot.day) for slot in draft.slots.values()] == [(zoe, MONDAY)]
    assert draft.sequences() == {f"{zoe.code}/{MONDAY}": [str(mine.id)]}
    solution = fallback(draft.problem)
    assert failures(draft.problem, solution) == ()
    assert {stop.job for route in solution.routes for stop in route.stops} == {str(mine.id), str(new.id)}
    assert all(draft.horizon.instant(route.stops[0].start) >= ONE for route in solution.routes)
    assert [route.breaks for route in solution.routes if route.breaks], "her meal is still ahead"
    assert zoe.id not in {entry.id for entry in draft.left_out if entry.what == "technician"}


def test_a_run_for_tomorrow_leaves_tonight_alone(zoe):
    with clock.at(make.at("23:00")):
        of_the_night(zoe, "04:30")
        draft = build_in(make.territory(), horizon_of(make.territory(), TUESDAY))
    assert (draft.slots, draft.jobs) == ({}, {})


def test_a_run_of_two_days_after_midnight_has_the_night_and_both_days(cast, zoe, one_o_clock):
    make.shift(cast.tariq, TUESDAY)
    make.shift(zoe, TUESDAY, ("22:00", "06:00"))
    make.db.session.flush()
    draft = build_in(make.territory(), horizon_of(make.territory(), TUESDAY, 2))
    whose = {(slot.technician.name, slot.day) for slot in draft.slots.values()}
    assert whose == {("Zoé", MONDAY), ("Zoé", TUESDAY), ("Tariq", TUESDAY)}


def test_a_run_asked_at_one_is_accepted_into_the_night(cast, zoe, session, one_o_clock):
    mine, new = of_the_night(zoe, "04:30"), call("nouveau")
    asked = run.request(make.territory(), TUESDAY, 1, 0, cast.diane)
    draft = build_in(make.territory(), horizon_of(make.territory(), TUESDAY))
    run.publish(asked, draft, basis_of(draft), fallback(draft.problem))
    [seat] = [item["to"] for item in asked.diff if item["job"] == new.id]
    assert seat["day"] == MONDAY.isoformat()
    accept.accept(asked, cast.diane)
    session.commit()
    assert (new.technician, new.day, new.state) == (zoe, MONDAY, "dispatched")
    assert mine.day == MONDAY
    [pause] = session.scalars(select(PlannedBreak))
    assert session.get(Plan, pause.plan_id).day == MONDAY
    assert everything_wrong() == []


def test_over_midnight_a_time_changes_and_not_the_day(zoe):
    with clock.at(make.at("22:30")):
        job = call(technician=zoe, start=make.at("23:50"))
        draft = build(make.territory(), MONDAY)
        solution = fallback(draft.problem)
        job.planned_start = make.at("00:50", TUESDAY)
        [item] = differences(draft, solution)
    assert item["kind"] == "retimed"


def test_a_call_given_to_zoe_at_one_is_of_her_night(cast, zoe, one_o_clock):
    job = call()
    [choice] = [one for one in candidates(job) if one.technician.id == zoe.id]
    assert (choice.day, choice.feasible) == (MONDAY, True)
    move.assign(job, zoe, cast.diane)
    assert (job.day, job.state) == (MONDAY, "dispatched")
    assert ONE <= job.planned_start < make.at("02:00", TUESDAY)


def test_a_time_after_midnight_chosen_the_day_before_is_of_the_night(cast, zoe):
    with clock.at(make.at("12:00")):
        job = call()
        move.assign(job, zoe, cast.diane, start=make.at("00:30", TUESDAY), lock="time")
        assert (job.day, job.planned_start) == (MONDAY, make.at("00:30", TUESDAY))


def test_a_call_of_the_night_is_given_to_tariq_for_the_morning(cast, zoe, session, one_o_clock):
    make.shift(cast.tariq, TUESDAY)
    job, other = of_the_night(zoe, "01:30"), of_the_night(zoe, "02:30")
    session.commit()
    assert {(one.technician.name, one.day) for one in candidates(job)} == {
        ("Zoé", MONDAY),
        ("Tariq", TUESDAY),
    }
    move.assign(job, cast.tariq, cast.diane)
    assert (job.technician, job.day) == (cast.tariq, TUESDAY)
    assert other.planned_start < make.at("02:00", TUESDAY), "what follows on her night takes the time"


def test_what_follows_in_the_night_takes_the_time_that_becomes_free(zoe, one_o_clock):
    first, second = of_the_night(zoe, "01:10", minutes=60), of_the_night(zoe, "03:30")
    with freeing(first, "declined", zoe.user):
        take(first, "declined", zoe.user, reason="overloaded")
    assert second.planned_start < make.at("02:30", TUESDAY)
    assert second.day == MONDAY


def test_who_works_after_midnight_is_busy_until_it_is_done(zoe, one_o_clock):
    of_the_night(zoe, "00:40", state="working", minutes=60, state_at=make.at("00:40", TUESDAY))
    call("ensuite")
    make.db.session.expire_all()
    draft = build_in(make.territory(), horizon_of(make.territory(), TUESDAY))
    [frozen] = draft.problem.frozen
    assert draft.horizon.instant(frozen.free_at) == make.at("01:40", TUESDAY)
    [start] = [stop.start for route in fallback(draft.problem).routes for stop in route.stops]
    assert draft.horizon.instant(start) >= make.at("01:40", TUESDAY)


def test_the_night_goes_on_from_where_zoe_was_before_midnight(zoe, one_o_clock):
    make.job(technician=zoe, start=make.at("23:00"), state="completed", ended_at=make.at("23:40"))
    draft = build_in(make.territory(), horizon_of(make.territory(), TUESDAY))
    [frozen] = draft.problem.frozen
    assert draft.problem.locations[frozen.location].id == f"building:{make.building().id}"


def test_where_tariq_was_yesterday_is_not_where_he_begins_today(cast, one_o_clock):
    make.shift(cast.tariq, TUESDAY)
    make.job(technician=cast.tariq, start=make.at("16:00"), state="completed", ended_at=make.at("16:40"))
    for first, days in ((MONDAY, 2), (TUESDAY, 1)):
        draft = build_in(make.territory(), horizon_of(make.territory(), first, days))
        assert draft.problem.frozen == (), (first, days)


def test_a_place_open_by_day_only_is_not_visited_at_night(cast, zoe):
    with clock.at(make.at("20:00")):
        make.site(opening_week=[[[540, 1020]]] * 7)
        job = make.job()
        make.db.session.flush()
        left = {
            entry.id: entry.reason
            for entry in build(make.territory(), MONDAY).left_out
            if entry.what == "job"
        }
        assert left == {job.id: "too_late"}


def test_a_place_that_opened_yesterday_evening_is_still_open_after_midnight(zoe, one_o_clock):
    make.site(opening_week=[[[1320, 1800]]] * 7)
    job = make.job()
    make.db.session.flush()
    draft = build_in(make.territory(), horizon_of(make.territory(), TUESDAY))
    starts = [stop.start for route in fallback(draft.problem).routes for stop in route.stops]
    assert str(job.id) in draft.jobs
    assert starts and draft.horizon.instant(starts[0]) < make.at("02:30", TUESDAY)


def test_what_zoe_has_not_begun_stays_hers_until_the_night_and_its_overtime_are_over(cast, zoe, session):
    night, day = of_the_night(zoe, "04:30"), call("de jour", technician=cast.tariq)
    session.commit()
    for hour, left in (("00:01", 1), ("05:59", 0), ("06:59", 0), ("07:00", 1)):
        with clock.at(make.at(hour, TUESDAY)):
            assert (rollover.due() != []) == bool(left), hour
            assert rollover.roll_over(make.territory().id) == left, hour
            session.commit()
        assert (day.state, night.state) == ("unplanned", "unplanned" if hour == "07:00" else "dispatched")
    assert (night.technician_id, night.carried_over) == (None, 1)


@pytest.mark.parametrize(("saturday", "hours"), [(AUTUMN, 9), (SPRING, 7)])
def test_the_nights_on_which_clocks_change_have_their_real_hours(cast, session, saturday, hours):
    sunday = saturday + timedelta(days=1)
    make.territory().max_overtime_minutes = 0
    zoe = night_of(cast.zoe, saturday)
    with clock.at(make.at("21:00", saturday)):
        jobs = [call(f"appel {n}", minutes=60) for n in range(10)]
        plan_greedily(make.territory(), saturday, cast.diane)
        session.commit()
        mine = sorted((job for job in jobs if job.technician_id), key=lambda job: job.planned_start)
        assert len(mine) == hours - 1  # and half an hour to eat
        assert {job.day for job in mine} == {saturday}
        assert everything_wrong() == []
    with clock.at(make.at("04:00", sunday)):
        assert rollover.roll_over(make.territory().id) == 0
        for job in mine[:-1]:
            job.state = "completed"
        again = mine[-1]
        move.take_back(again, cast.diane)
        assert {one.day for one in candidates(again)} == {saturday}
        move.assign(again, zoe, cast.diane, start=make.at("04:59", sunday))
        assert (again.technician, again.day) == (zoe, saturday)
    with clock.at(make.at("06:00", sunday)):
        assert rollover.roll_over(make.territory().id) == 1
