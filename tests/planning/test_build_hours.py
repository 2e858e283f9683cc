"""When: shifts, absences, duties, opening hours, presence, due times, claims, days and the change of clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dispatch import clock, sentences
from dispatch.models import whereabouts
from dispatch.models.technician import Shift, Technician
from dispatch.planning.build import build
from dispatch.planning.prices import penalty
from dispatch.planning.proposal import reasons
from dispatch.planning.solver import fallback
from tests import factories as make
from tests.planning.days import plan

TOMORROW = make.MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any) -> Any:
    with clock.at(make.at("06:00")):
        yield


@pytest.fixture
def tariq(monday_before_dawn: None) -> Technician:
    return make.technician("Tariq")


def test_work_begins_and_ends_inside_the_shift(tariq):
    make.territory().max_overtime_minutes = 0
    fits, too_long = make.job(minutes=8 * 60), make.job(minutes=9 * 60)
    day = plan()
    assert day.start(fits) > make.at("08:00")
    assert day.rules(too_long) & {"shift", "overlap"}


def test_overtime_is_allowed_up_to_its_limit(tariq):
    job = make.job(minutes=9 * 60)
    assert plan().who(job) == "Tariq"
    make.territory().max_overtime_minutes = 5
    assert plan().rules(job) == {"overtime"}


def test_a_meal_is_never_skipped(tariq):
    tariq.shifts.clear()
    make.shift(tariq, lunch=("12:00", "14:00", 60))
    job = make.job(minutes=8 * 60)
    assert plan().rules(job) <= {"break", "window"} and plan().who(job) is None
    tariq.shifts[0].breaks.clear()
    assert plan().who(job) == "Tariq"


def test_who_is_absent_all_day_is_left_out(tariq):
    make.absence(tariq)
    assert plan().left_out(tariq) == "absent"


@pytest.mark.parametrize(
    ("hours", "earliest", "latest"),
    [(("08:00", "13:00"), "13:00", "17:00"), (("10:00", "18:00"), "08:00", "10:00")],
)
def test_a_part_of_a_day_is_worked_around_an_absence(tariq, hours, earliest, latest):
    make.absence(tariq, hours)
    job = make.job(minutes=75)
    assert make.at(earliest) <= plan().start(job) <= make.at(latest)


def test_who_leaves_for_the_rest_of_the_day_works_no_overtime_and_is_asked_for_none(tariq):
    make.absence(tariq, ("09:00", "17:00"))
    job = make.job(minutes=70)  # with overtime it would do
    day = plan()
    assert day.rules(job) == {"shift"}
    assert [entry.fix for entry in day.solution.unassigned] == [""]
    job.duration_minutes = 40
    assert plan().who(job) == "Tariq"


def test_an_absence_in_the_middle_interrupts_no_work(tariq):
    make.absence(tariq, ("09:00", "16:00"))
    fits, too_long = make.job(minutes=30), make.job(minutes=100)
    day = plan()
    assert day.who(fits) == "Tariq"
    assert day.who(too_long) is None


def test_absence_duty_and_lunch_at_once_still_leave_the_rest_of_the_day(tariq):
    tariq.shifts.clear()
    make.shift(tariq, lunch=("12:00", "13:30", 45))
    make.absence(tariq, ("11:00", "14:00"))
    make.duty(tariq, ("10:00", "12:00"))
    make.absence(tariq, ("13:30", "14:30"))
    job = make.job()
    day = plan()
    assert day.who(job) == "Tariq"
    assert not make.at("09:40") < day.start(job) < make.at("14:30")


def test_on_kiosk_duty_nobody_visits(tariq):
    make.duty(tariq, ("08:30", "16:45"))
    make.territory().max_overtime_minutes = 0
    job = make.job()
    day = plan()
    assert day.who(job) is None
    assert day.rules(job) <= {"duty", "shift"}


def test_beside_kiosk_duty_there_is_time_for_visits(tariq):
    make.duty(tariq, ("10:00", "12:00"))
    jobs = [make.job(minutes=60) for _ in range(4)]
    day = plan()
    for job in jobs:
        assert day.start(job) >= make.at("12:00") or day.start(job) <= make.at("09:00")


def test_two_shifts_are_one_day_with_a_gap(tariq):
    tariq.shifts.clear()
    make.shift(tariq, hours=("08:00", "12:00"))
    make.shift(tariq, hours=("14:00", "18:00"))
    jobs = [make.job(minutes=100) for _ in range(4)]
    day = plan()
    starts = sorted(day.start(job) for job in jobs)
    assert len(day.draft.problem.technicians) == 1
    assert all(start <= make.at("10:20") or start >= make.at("14:00") for start in starts)


def test_work_ends_before_the_place_closes(tariq):
    make.site(opening_week=[[[480, 600]]] * 7)
    fits, too_long = make.job(minutes=60), make.job(minutes=115)
    day = plan()
    assert day.start(fits) <= make.at("09:00")
    assert day.rules(too_long) == {"window"}


def test_a_closed_place_is_named_beforehand(tariq):
    make.site(opening_week=[[]] * 7)
    job = make.job()
    assert plan().left_out(job) == "closed"


def test_what_the_clock_leaves_no_time_for_is_too_late_and_what_never_had_any_is_impossible(tariq):
    make.site(opening_week=[[[480, 1020]]] * 7)
    today, never = make.job(minutes=60), make.job(minutes=600)
    after_lunch = make.job(minutes=60, not_before=make.at("16:30"))
    there = [[make.at("14:00").isoformat(), make.at("17:00").isoformat()]]
    gone = make.job(of=make.ticket(available=there), minutes=60)
    with clock.at(make.at("16:10")):
        day = plan()
    assert (day.left_out(today), day.left_out(gone)) == ("too_late", "missed")
    assert day.left_out(never) == day.left_out(after_lunch) == "impossible_window"


def test_the_requester_is_there_until_the_work_ends(tariq):
    there = [[make.at("14:00").isoformat(), make.at("15:00").isoformat()]]
    fits = make.job(of=make.ticket(available=there), minutes=60)
    too_long = make.job(of=make.ticket(available=there), minutes=61)
    day = plan()
    assert day.start(fits) == make.at("14:00")
    assert day.left_out(too_long) == "impossible_window"


def test_what_is_due_comes_first(tariq):
    late = [make.job(of=make.ticket(due_at=make.at("17:00")), minutes=60) for _ in range(5)]
    soon = make.job(of=make.ticket(due_at=make.at("09:30")), minutes=60)
    day = plan()
    assert day.start(soon) == min(day.start(job) for job in (*late, soon))


def test_a_p1_is_never_left_for_any_number_of_old_lower_jobs(tariq):
    urgent = make.job(of=make.ticket(priority=1), minutes=7 * 60)
    long_ago = make.at("08:00") - timedelta(days=300)
    for _ in range(20):
        make.job(of=make.ticket(priority=2, opened_at=long_ago), minutes=15, carried_over=50)
    assert plan().who(urgent) == "Tariq"


def test_a_claim_grows_until_an_old_p4_beats_a_new_p4_and_then_a_new_p2():
    assert penalty(4, 3, 0, 0) > penalty(4, 0, 0, 0)
    assert penalty(4, 1, 1, 0) > penalty(4, 1, 0, 0)
    assert penalty(4, 40, 0, 0) > penalty(2, 0, 0, 0)
    assert penalty(1, 0, 0, 0) > 40 * penalty(2, 1000, 0, 5 * 86_400)


def test_of_two_p4_that_exclude_each_other_the_old_one_is_served(tariq):
    there = [[make.at("10:00").isoformat(), make.at("11:00").isoformat()]]
    new = make.job(of=make.ticket(available=there, priority=4), minutes=60)
    opened = make.at("08:00") - timedelta(days=20)
    old = make.job(of=make.ticket(available=there, priority=4, opened_at=opened), minutes=60)
    day = plan()
    assert (day.who(old), day.who(new)) == ("Tariq", None)


def test_a_job_for_later_waits_for_its_day(tariq):
    make.shift(tariq, TOMORROW)
    job = make.job(not_before=make.at("00:00", TOMORROW))
    assert plan().left_out(job) == "other_day"
    assert plan(days=2).start(job) >= make.at("08:00", TOMORROW)


def test_work_begun_in_a_shift_that_is_over_needs_no_slot(tariq):
    job = make.job()
    with clock.at(make.at("17:30")):
        day = plan()
        assert (day.left_out(tariq), day.who(job)) == ("shift_over", None)


def test_who_has_ended_his_shift_has_finished_and_is_not_absent(tariq):
    with clock.at(make.at("14:00")):
        whereabouts.end_shift(tariq, tariq.user, clock.now())
        assert plan().left_out(tariq) == "shift_over"


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 3, 28)])
def test_on_the_days_when_clocks_change_the_wall_clock_s_times_are_kept(day):
    make.site(opening_week=[[[540, 600]]] * 7)
    with clock.at(make.at("00:30", day)):
        tariq = make.technician("Tariq", day=day, hours=("07:00", "15:00"))
        make.job(minutes=45)
        draft = build(make.territory(), day)
        horizon, (job,) = draft.horizon, draft.problem.jobs
    assert tariq.shifts[0].ends_at - tariq.shifts[0].starts_at == timedelta(hours=8)
    assert [horizon.instant(one) for one in job.windows[0]] == [make.at("09:00", day), make.at("09:15", day)]
    shift = draft.problem.technicians[0].shift
    assert [horizon.instant(one) for one in shift] == [make.at("07:00", day), make.at("15:00", day)]
    assert (horizon.end - horizon.origin) != timedelta(hours=24)


def test_a_night_shift_over_the_repeated_hour_is_an_hour_longer():
    saturday = date(2026, 10, 24)
    with clock.at(make.at("12:00", saturday)):
        tariq = make.technician("Tariq", day=None)
        row = Shift(
            starts_at=make.at("22:00", saturday), ends_at=make.at("06:00", saturday + timedelta(days=1))
        )
        tariq.shifts.append(row)
        make.db.session.flush()
        (technician,) = build(make.territory(), saturday).problem.technicians
    assert technician.shift[1] - technician.shift[0] == 9 * 3600


def test_the_times_of_a_reason_are_those_of_the_clock_on_the_day_it_changes(session):
    sunday = date(2026, 10, 25)
    make.site(opening_week=[[[0, 1440]]] * 7)
    make.technician(day=sunday)
    long = make.job(minutes=600)
    with clock.at(make.at("06:00", sunday)):
        make.db.session.flush()
        draft = build(make.territory(), sunday)
        [told] = reasons(draft, fallback(draft.problem))
        [reason] = told["reasons"]
        assert (told["job"], reason["rule"]) == (long.id, "overtime")
        allowed = timedelta(minutes=make.territory().max_overtime_minutes)
        assert datetime.fromisoformat(reason["values"]["limit"]) == make.at("17:00", sunday) + allowed
        assert datetime.fromisoformat(reason["values"]["end"]) >= make.at("18:00", sunday)
        words = sentences.Vocabulary("Europe/Paris", {})
        assert words.time(reason["values"]["end"]).startswith("18:")
