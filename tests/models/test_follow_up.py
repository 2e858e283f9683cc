"""What comes after a job that could not be completed."""

from datetime import timedelta

import pytest

from dispatch.clock import at
from dispatch.models.follow_up import confirm
from dispatch.models.job import IllegalMove
from dispatch.models.tap import take
from dispatch.models.transitions import Incomplete
from tests import factories as make
from tests.models.test_job import events

NINE = make.at("09:00")


@pytest.fixture
def job(session, cast):
    """A visit that Tariq is at, at nine."""
    with at(NINE):
        yield make.job(technician=cast.tariq, state="working", skills={"workstation": 2}, minutes=40)


def fail(job, cast, reason, follow_up, note=None, **details):
    return take(job, "not_completed", cast.tariq.user, reason=reason, follow_up=follow_up, note=note,
                details=details)  # fmt: skip


def test_an_absent_user_is_asked_for_a_new_time_and_the_same_technician_is_preferred(job, cast, session):
    made = fail(job, cast, "user_absent", "new_window")
    assert (made.parent_id, made.state, made.awaits) == (job.id, "unplanned", "answer")
    assert made.preferred_technician_id == cast.tariq.id
    assert (made.skills, made.duration_minutes, made.desk) == ({"workstation": 2}, 40, "312")
    assert (job.ticket.state, job.ticket.hold_reason) == ("on_hold", "user_absent")
    assert events(session, made, "job.created")[0].data["follow_up"] == "new_window"


def test_a_new_window_agreed_on_the_phone_is_promised(job, cast):
    window = (NINE + timedelta(hours=5), NINE + timedelta(hours=7))
    made = fail(job, cast, "user_absent", "new_window", window=window)
    assert (made.awaits, made.not_before) == (None, window[0])
    assert (made.promised_from, made.promised_to) == window


@pytest.mark.parametrize("hours", [(7, 5), (-3, -1), (5, 60_000_000)])
def test_a_window_that_is_over_upside_down_or_out_of_this_age_is_refused(job, cast, hours):
    window = tuple(NINE + timedelta(hours=number) for number in hours)
    with pytest.raises(Incomplete) as asked:
        fail(job, cast, "user_absent", "new_window", window=window)
    assert (asked.value.field, job.state, len(job.ticket.jobs)) == ("window", "working", 1)


def test_without_access_a_new_job_awaits_it(job, cast):
    made = fail(job, cast, "no_access", "access", contact="Accueil, 02 61 91 00 00")
    assert (made.awaits, made.preferred_technician_id) == ("access", None)


def test_a_missing_part_puts_the_new_job_after_its_arrival(job, cast):
    tuesday = make.MONDAY + timedelta(days=1)
    made = fail(job, cast, "part_missing", "part", part="dalle 24″", arrival=tuesday)
    assert (made.awaits, made.not_before) == (None, make.at("00:00", tuesday))


def test_a_part_without_a_date_is_awaited(job, cast):
    assert fail(job, cast, "part_missing", "part", part="dalle 24″").awaits == "part"


def test_a_part_does_not_arrive_yesterday(job, cast):
    with pytest.raises(Incomplete):
        fail(job, cast, "part_missing", "part", arrival=make.MONDAY - timedelta(days=1))


def test_the_skill_that_was_lacking_is_added(job, cast):
    made = fail(job, cast, "other_skill", "other_skill", skill="network", level=3)
    assert made.skills == {"workstation": 2, "network": 3}


def test_the_right_that_was_lacking_is_asked_for(job, cast):
    right = make.right("network_admin")
    assert fail(job, cast, "other_skill", "other_skill", admin_right_id=right.id).admin_right_id == right.id


def test_another_skill_or_right_has_to_be_named(job, cast):
    with pytest.raises(Incomplete) as asked:
        fail(job, cast, "other_skill", "other_skill")
    assert (asked.value.field, job.state) == ("skill", "working")


def test_what_needs_more_time_is_continued(job, cast):
    assert fail(job, cast, "not_enough_time", "continuation", minutes=90).duration_minutes == 90
    assert job.ticket.state == "open"


@pytest.mark.parametrize("minutes", [0, 4, 481])
def test_a_continuation_is_between_five_minutes_and_a_day(job, cast, minutes):
    with pytest.raises(Incomplete):
        fail(job, cast, "not_enough_time", "continuation", minutes=minutes)


def test_a_wrong_place_goes_back_to_the_agent_with_what_was_missing(job, cast, session):
    assert fail(job, cast, "wrong_place", "to_agent", note="bâtiment B, pas A") is None
    assert job.ticket.handover.lacked == "bâtiment B, pas A"
    assert (job.ticket.state, job.ticket.hold_reason) == ("on_hold", "handover")
    assert events(session, job, "ticket.returned")[0].data["lacked"] == "bâtiment B, pas A"


def test_undoing_the_ending_takes_its_follow_up_back(job, cast, session):
    made = fail(job, cast, "user_absent", "new_window")
    session.flush()
    take(job, "undone", cast.tariq.user)
    assert (made.state, job.state, job.ticket.state) == ("cancelled", "working", "open")


def test_undoing_the_ending_takes_the_reproach_back(job, cast):
    fail(job, cast, "wrong_place", "to_agent", note="bâtiment B, pas A")
    take(job, "undone", cast.tariq.user)
    assert (job.ticket.handover.lacked, job.ticket.hold_reason) == (None, None)


def test_once_the_requester_has_answered_the_follow_up_can_be_planned(job, cast, session):
    made = fail(job, cast, "user_absent", "new_window")
    window = (NINE + timedelta(hours=5), NINE + timedelta(hours=7))
    confirm(made, cast.diane, window)
    assert (made.awaits, made.not_before, made.promised_to) == (None, *window)
    assert (job.ticket.state, job.ticket.hold_reason) == ("open", None)
    assert events(session, made, "job.confirmed")[0].data == {"awaited": "answer"}


def test_what_waits_for_nothing_is_not_confirmed(job, cast):
    with pytest.raises(IllegalMove):
        confirm(job, cast.diane)


def test_a_window_that_is_over_confirms_nothing(job, cast):
    made = fail(job, cast, "user_absent", "new_window")
    with pytest.raises(Incomplete):
        confirm(made, cast.diane, (NINE - timedelta(hours=2), NINE - timedelta(hours=1)))
    assert made.awaits == "answer"
