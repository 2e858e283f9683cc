"""What makes a job late or at risk."""

from __future__ import annotations

import pytest

from dispatch.board.marks import marked, overdue
from dispatch.board.rows import Away, Stop
from tests.factories import at

TEN = at("10:00")


def stop(begin="10:30", end="11:00", **fields):
    defaults = Stop(
        id=1, number="INT-1001", version=1, technician_id=1, state="accepted", mode="on_site", priority=3,
        summary="Écran noir", client="Acme", place="Colbert", lock="none", start=at(begin), end=at(end), travel=300,
        due=None, promised_from=None, promised_to=None, changed=False, waived=False,
    )  # fmt: skip
    return defaults._replace(**fields)


def marks(*stops):
    return [(item.mark.status, item.mark.why) if item.mark else None for item in marked(stops, TEN)]


@pytest.mark.parametrize(
    ("due", "mark"),
    [
        ("10:59", ("late", "due")),
        ("11:00", ("at_risk", "due")),
        ("11:29", ("at_risk", "due")),
        ("11:30", None),
    ],
)
def test_a_job_is_late_past_its_due_time_and_at_risk_half_an_hour_before(due, mark):
    assert marks(stop(due=at(due))) == [mark]


def test_nothing_is_expected_to_begin_while_its_technician_is_absent():
    gone = Away("absence", at("10:00"), at("15:00"))
    [_gone, told] = marked((gone, stop("10:30", "11:00")), TEN)
    assert told.expected == at("15:00")


def test_who_is_on_the_way_is_expected_as_planned_though_other_work_of_his_is_paused():
    begun = (
        stop("08:00", "09:00", state="paused"),
        stop("10:20", "11:00", id=2, state="travelling", travel=1800),
    )
    assert [item.expected for item in marked(begun, TEN)] == [None, None]


def test_a_promise_is_broken_by_a_start_before_it_as_well_as_after():
    promised = {"promised_from": at("10:40"), "promised_to": at("12:00")}
    assert marks(stop("10:30", "11:00", **promised)) == [("at_risk", "too_early")]
    assert marks(stop("10:40", "11:00", **promised)) == [None]
    assert marks(stop("12:10", "12:30", **promised)) == [("at_risk", "promise")]


def test_a_locked_start_that_will_be_missed_is_told():
    held = {"lock": "both", "locked_at": at("10:20")}
    assert marks(stop("10:25", "11:00", **held)) == [None]
    assert marks(stop("10:26", "11:00", **held)) == [("at_risk", "lock")]
    assert marks(stop("10:26", "11:00", state="working", **held)) == [None]
    behind = stop("10:20", "10:50", id=2, **held)
    assert marks(stop("10:05", "10:20"), behind) == [None, None]
    assert marks(stop("09:58", "10:30", travel=0), behind) == [None, ("at_risk", "lock")]


def test_a_job_of_nobody_is_late_once_its_promise_has_passed():
    waiting = stop(promised_from=at("08:00"), promised_to=at("09:59"))
    told = overdue(waiting, TEN).mark
    assert (told.status, told.why) == ("late", "promise")
    assert overdue(waiting._replace(promised_to=at("10:01")), TEN).mark is None


def test_a_job_that_should_have_begun_is_late_after_five_minutes():
    assert marks(stop("09:56", "10:20")) == [None]
    assert marks(stop("09:54", "10:20")) == [("late", "start")]


def test_work_under_way_is_not_late_for_having_begun():
    assert marks(stop("09:30", "10:20", state="working")) == [None]


def test_an_overrun_puts_what_follows_at_risk():
    first = stop("09:00", "09:30", state="working")
    second = stop("09:45", "10:00", id=2, due=at("10:50"), state="dispatched")
    third = stop("10:10", "10:20", id=3, due=at("10:50"))
    assert marks(first, second, third) == [("at_risk", "overrun"), ("late", "start"), ("at_risk", "due")]


def test_what_follows_an_overrun_is_told_with_the_time_to_be_expected():
    first = stop("09:00", "09:30", state="working")
    second = stop("09:45", "10:00", id=2, state="dispatched")
    told = marked([first, second, stop("11:00", "11:30", id=3)], TEN)
    assert [item.expected for item in told] == [None, at("10:05"), None]


def test_a_promise_that_cannot_be_kept_any_more_is_a_risk():
    working = stop("09:00", "11:00", state="working")
    assert marks(working, stop("10:50", "11:20", id=2, promised_to=at("11:00"))) == [
        None,
        ("at_risk", "promise"),
    ]


def test_what_has_ended_and_what_is_no_job_has_no_mark():
    pause = Away("break", at("12:00"), at("12:45"))
    assert marked([stop(state="completed", due=at("09:00")), pause], TEN)[1] is pause
    assert marks(stop(state="completed", due=at("09:00"))) == [None]


def test_unassigned_work_is_late_once_its_due_time_has_passed():
    assert overdue(stop(due=at("09:59")), TEN).mark.status == "late"
    assert overdue(stop(due=at("10:01")), TEN).mark is None
