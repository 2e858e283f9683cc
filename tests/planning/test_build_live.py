"""What is in the plan already: locks, promises, work under way, the freeze, calls, stays and the price of moving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch import clock
from dispatch.models.technician import RightGrant, Technician
from tests import factories as make
from tests.planning.days import plan, preference

SUNDAY, TUESDAY = make.MONDAY - timedelta(days=1), make.MONDAY + timedelta(days=1)
FAR = {"latitude": 48.1305, "longitude": -1.62}


@pytest.fixture(autouse=True)
def monday_morning(session: Any) -> Any:
    with clock.at(make.at("07:00")):
        yield


@pytest.fixture
def tariq(monday_morning: None) -> Technician:
    return make.technician("Tariq")


@pytest.fixture
def zoe(monday_morning: None) -> Technician:
    return make.technician("Zoé")


def locked(technician: Technician, lock: str, start: str = "10:00", **fields: Any) -> Any:
    at = make.at(start) if lock in ("time", "both") else None
    holder = technician.id if lock in ("technician", "both") else None
    return make.job(
        technician=technician,
        start=make.at(start),
        lock=lock,
        lock_technician_id=holder,
        lock_start=at,
        **fields,
    )


# locks


def test_a_lock_on_the_technician_outweighs_who_is_preferred(tariq, zoe):
    preference(zoe, "prefers", minutes=300)
    free, fixed = make.job(), locked(tariq, "technician")
    day = plan()
    assert (day.who(fixed), day.who(free)) == ("Tariq", "Zoé")


def test_a_lock_on_the_time_keeps_the_minute_with_anybody(tariq, zoe):
    tariq.left_at = make.at("06:00")
    job = locked(tariq, "time", "10:17")
    assert (plan().start(job), plan().who(job)) == (make.at("10:17"), "Zoé")


def test_a_lock_on_both_keeps_both(tariq, zoe):
    job = locked(tariq, "both", "14:03")
    assert (plan().start(job), plan().who(job)) == (make.at("14:03"), "Tariq")


def test_a_job_locked_to_somebody_absent_goes_to_nobody_else(tariq, zoe):
    make.absence(tariq)
    job, other = locked(tariq, "technician"), make.job()
    day = plan()
    assert (day.who(job), day.who(other)) == (None, "Zoé")
    assert "lock" in day.rules(job)
    assert (job.lock, job.lock_technician_id) == ("technician", tariq.id)


def test_a_lock_whose_right_has_expired_is_kept_as_waived(tariq, zoe):
    right = make.right()
    tariq.rights.append(RightGrant(admin_right_id=right.id, valid_to=make.MONDAY - timedelta(days=1)))
    job = locked(tariq, "technician", admin_right_id=right.id)
    day = plan()
    assert day.who(job) == "Tariq"
    assert next(one.waived for one in day.draft.problem.jobs) == {"right"}


def test_an_overridden_right_opens_the_job_to_nobody_once_it_is_unlocked(tariq, zoe):
    right = make.right()
    kept = locked(tariq, "technician", admin_right_id=right.id, waived={"right": "by phone"})
    freed = make.job(
        technician=tariq, admin_right_id=right.id, waived={"right": "by phone"}, start=make.at("11:00")
    )
    day = plan()
    assert (day.who(kept), day.who(freed)) == ("Tariq", None)


def test_a_locked_time_that_collides_with_a_kiosk_duty_leaves_the_job_to_nobody(tariq, zoe):
    make.duty(tariq, ("09:30", "11:00"))
    job = locked(tariq, "both", "10:00")
    day = plan()
    assert (day.who(job), day.start(job)) == (None, None)
    assert "lock" in day.rules(job)


def test_a_locked_time_that_has_passed_keeps_the_technician(tariq, zoe):
    job = locked(tariq, "time", "09:00")
    with clock.at(make.at("09:20")):
        day = plan()
    assert day.who(job) == "Tariq"
    assert day.start(job) >= make.at("09:20")


def test_two_locked_times_that_have_passed_are_both_still_done(tariq):
    jobs = [locked(tariq, "both", start) for start in ("09:00", "09:40")]
    with clock.at(make.at("10:05")):
        day = plan()
    assert [day.who(job) for job in jobs] == ["Tariq", "Tariq"]


# promises, moves, the freeze


def test_a_promised_window_is_kept_when_that_is_possible(tariq):
    job = make.job(promised_from=make.at("15:00"), promised_to=make.at("15:30"))
    others = [make.job(minutes=40) for _ in range(5)]
    day = plan()
    assert make.at("15:00") <= day.start(job) <= make.at("15:30")
    assert all(day.who(other) for other in others)


def test_a_promise_gives_way_where_nobody_is_there_then(tariq):
    tariq.shifts.clear()
    make.shift(tariq, hours=("08:00", "12:00"))
    job = make.job(promised_from=make.at("15:00"), promised_to=make.at("15:30"))
    day = plan()
    assert day.who(job) == "Tariq" and day.solution.objective.promise > 0


def test_a_planned_job_stays_while_moving_it_costs_more_than_it_saves(tariq, zoe):
    near = make.building("Thabor", latitude=48.114, longitude=-1.6722)
    zoe.latitude, zoe.longitude = near.latitude, near.longitude
    make.territory().freeze_minutes = 0
    job = make.job(technician=tariq, building_id=near.id, start=make.at("10:00"))
    assert plan().who(job) == "Tariq"
    make.territory().move_minutes = 0
    assert plan().who(job) == "Zoé"


def test_the_next_job_inside_the_freeze_keeps_technician_and_minute(tariq, zoe):
    preference(zoe, "prefers", minutes=300)
    soon = make.job(technician=tariq, start=make.at("08:20"))
    later = make.job(technician=tariq, start=make.at("08:55"))
    with clock.at(make.at("08:00")):
        day = plan()
    assert (day.who(soon), day.start(soon)) == ("Tariq", make.at("08:20"))
    assert day.who(later) == "Zoé"


def test_the_freeze_yields_to_whom_a_person_has_locked(tariq, zoe):
    make.absence(tariq, ("07:00", "12:00"))
    job = locked(tariq, "technician", "08:20")
    with clock.at(make.at("08:00")):
        day = plan()
    assert (day.who(job), day.start(job) >= make.at("12:00")) == ("Tariq", True)


# work under way


@pytest.mark.parametrize(
    ("state", "since", "free"), [("working", "09:00", "10:00"), ("travelling", "09:15", "10:15"), ("paused", "09:00", "10:20")]
)  # fmt: skip
def test_nothing_else_begins_before_the_work_under_way_is_done(tariq, state, since, free):
    begun = make.job(technician=tariq, minutes=60, state=state, state_at=make.at(since))
    next_one = make.job()
    with clock.at(make.at("09:20")):
        day = plan()
    assert day.who(begun) is None and str(begun.id) not in day.draft.jobs
    assert day.start(next_one) >= make.at(free)


def test_a_call_under_way_leaves_the_technician_where_he_was(tariq):
    far = make.building("Loin", **FAR)
    make.job(technician=tariq, mode="remote", building_id=far.id, state="working", state_at=make.at("09:00"))
    with clock.at(make.at("09:10")):
        (frozen,) = plan().draft.problem.frozen
    assert frozen.location is None


def test_he_goes_on_from_his_last_visit_and_not_from_his_last_call(tariq):
    far = make.building("Loin", **FAR)
    done = {"technician": tariq, "state": "completed"}
    visit = make.job(**done, building_id=far.id, ended_at=make.at("09:00"))
    make.job(**done, mode="remote", ended_at=make.at("09:30"))
    make.job(building_id=far.id)
    with clock.at(make.at("09:40")):
        draft = plan().draft
    assert draft.problem.locations[draft.problem.frozen[0].location].id == f"building:{visit.building_id}"


def test_who_is_expected_at_a_kiosk_is_taken_to_be_there(tariq):
    far = make.building("Loin", **FAR)
    make.duty(tariq, ("09:00", "11:00"), make.kiosk(at_building=far))
    after = make.job()
    with clock.at(make.at("09:30")):
        day = plan()
    assert day.who(after) == "Tariq"
    assert day.start(after) >= make.at("11:00")


def test_what_he_has_visited_is_taken_off_the_visits_he_may_make_today(tariq):
    make.shift(tariq, TUESDAY)
    tariq.max_visits = 6
    ended = {
        "technician": tariq,
        "state": "completed",
        "working_at": make.at("08:10"),
        "ended_at": make.at("08:30"),
    }
    make.job(**ended)
    make.job(**ended, waived={"visits": "he asked for it"})
    make.job(**ended, mode="remote")
    make.job(**{**ended, "outcome": "solved_remotely"})
    make.job(**{**ended, "ended_at": make.at("18:00", SUNDAY)})
    given_up = {**ended, "state": "not_completed", "working_at": None}
    make.job(**given_up)
    make.job(**given_up, travelling_at=make.at("08:10"))
    make.job(technician=tariq, state="working", state_at=make.at("09:00"))
    with clock.at(make.at("09:10")):
        assert [day.max_visits for day in plan(days=2).draft.problem.technicians] == [3, 6]
        tariq.max_visits = 2
        assert plan().draft.problem.technicians[0].max_visits == 0


def test_visits_that_are_locked_to_him_stay_his_above_the_most_he_may_make(tariq):
    tariq.max_visits = 2
    make.job(technician=tariq, state="working", state_at=make.at("09:00"))
    first, second = (locked(tariq, "technician", start) for start in ("10:00", "11:00"))
    other = make.job()
    with clock.at(make.at("09:10")):
        day = plan()
    assert (day.who(first), day.who(second), day.who(other)) == ("Tariq", "Tariq", None)
    assert day.rules(other) == {"visits"}


def test_the_first_way_of_the_day_begins_at_the_base_and_ends_there_when_that_is_asked(tariq):
    make.job()
    out = plan().solution.objective.travel
    tariq.ends_at_base = True
    assert plan().solution.objective.travel == 2 * out


# stays and calls


def test_the_way_in_is_paid_once_per_stay(tariq):
    make.building(access_minutes=20).seconds_per_floor = 0
    jobs = [make.job(minutes=30) for _ in range(2)]
    day = plan()
    first, second = sorted(day.start(job) for job in jobs)
    assert second - first == timedelta(minutes=30)


def test_floors_take_time(tariq):
    building = make.building(access_minutes=1, seconds_per_floor=30)
    job = make.job(floor="4")
    assert building.id == job.building_id
    assert plan().draft.problem.jobs[0].setup == 60 + 4 * 30


def test_a_call_needs_no_way(tariq):
    call = make.job(mode="remote")
    day = plan()
    assert (day.start(call), day.solution.objective.travel) == (make.at("08:00"), 0)


def test_kiosk_work_and_other_territories_are_not_planned(tariq):
    away = make.territory("brest")
    make.job(mode="kiosk")
    make.job(territory_id=away.id)
    assert plan().draft.problem.jobs == ()


# several days, several clients


def test_what_one_day_cannot_hold_is_done_on_the_next(tariq):
    make.shift(tariq, make.MONDAY + timedelta(days=1))
    jobs = [make.job(minutes=240) for _ in range(4)]
    assert sum(plan().who(job) is not None for job in jobs) == 2
    day = plan(days=2)
    assert {day.start(job).date() for job in jobs} == {make.MONDAY, make.MONDAY + timedelta(days=1)}


def test_late_work_of_other_clients_stays_where_it_is(tariq, zoe):
    breizh = make.client("breizh")
    theirs = [
        make.job(owner=breizh, technician=tariq, start=make.at(at)) for at in ("09:00", "09:30", "10:00")
    ]
    mine = make.job()
    with clock.at(make.at("10:10")):
        day = plan(client_ids=[make.client().id])
    assert [day.who(job) for job in theirs] == ["Tariq"] * 3
    assert day.who(mine)


def test_work_of_other_clients_that_cannot_be_held_is_no_part_of_the_problem(tariq, zoe):
    theirs = make.job(owner=make.client("breizh"), technician=tariq, lock="time", lock_start=make.at("09:00"))
    make.absence(tariq)
    day = plan(client_ids=[make.client().id])
    assert str(theirs.id) not in day.draft.jobs


def test_the_freeze_never_loosens_a_minute_that_a_person_has_fixed(tariq, zoe):
    far = make.building("Loin", latitude=48.1305, longitude=-1.62)
    job = locked(tariq, "time", "08:10", building_id=far.id)
    with clock.at(make.at("08:00")):
        day = plan()
    assert (day.who(job), "lock" in day.rules(job)) == (None, True)
