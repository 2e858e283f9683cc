"""A job moves by the table, its ticket follows, and a call may become a visit."""

from datetime import timedelta

import pytest

from dispatch.clock import at
from dispatch.models.event import Event
from dispatch.models.job import IllegalMove
from dispatch.models.transitions import Incomplete
from tests import factories as make

NINE = make.at("09:00")


def events(session, job, kind="job.state"):
    """What was noted about the job, oldest first."""
    session.commit()
    return session.query(Event).filter_by(job_id=job.id, kind=kind).order_by(Event.id).all()


def test_an_illegal_move_is_refused_and_the_legal_ones_are_named(session, cast):
    job = make.job(technician=cast.tariq)
    with pytest.raises(IllegalMove) as refused:
        job.move("completed", cast.tariq.user)
    assert refused.value.legal == ["accepted", "declined", "solved_remotely"]
    assert job.state == "dispatched"
    assert events(session, job) == []


def test_the_engine_plans_but_does_not_work(session, cast):
    job = make.job()
    job.move("planned", None)
    with pytest.raises(IllegalMove):
        job.move("accepted", None)


def test_a_ticket_is_in_progress_while_a_job_is_under_way(session, cast):
    job = make.job(technician=cast.tariq, state="accepted")
    job.move("travelling", cast.tariq.user)
    assert job.ticket.state == "in_progress"
    job.move("reassigned", cast.diane, target="dispatched")
    assert job.ticket.state == "open"


def test_a_ticket_is_resolved_when_no_job_is_left_open(session, cast):
    job = make.job(of=make.ticket(state="in_progress"), technician=cast.tariq, state="working")
    other = make.job(of=job.ticket, technician=cast.zoe, state="working")
    job.move("completed", cast.tariq.user)
    assert job.ticket.state == "in_progress"
    other.move("completed", cast.zoe.user)
    assert job.ticket.state == "resolved"


def test_cancelling_the_last_open_job_of_a_ticket_with_work_done_resolves_it(session, cast):
    job = make.job(technician=cast.tariq, state="completed")
    other = make.job(of=job.ticket)
    other.move("cancelled", cast.diane)
    assert job.ticket.state == "resolved"


def test_cancelling_every_job_of_a_cancelled_ticket_leaves_it_cancelled(session, cast):
    job = make.job()
    other = make.job(of=job.ticket)
    job.ticket.set_state("cancelled", cast.diane)
    job.move("cancelled", cast.diane)
    other.move("cancelled", cast.diane)
    assert job.ticket.state == "cancelled"


def test_reopening_brings_the_same_job_and_its_ticket_back(session, cast):
    job = make.job(technician=cast.tariq, state="working")
    job.move("completed", cast.tariq.user)
    number = job.number
    job.move("reopened", cast.diane)
    assert (job.number, job.state, job.technician_id, job.outcome) == (number, "unplanned", None, None)
    assert job.ticket.state == "open"


@pytest.mark.parametrize(
    ("reason", "ticket_state", "hold"),
    [
        ("user_absent", "on_hold", "user_absent"),
        ("no_access", "on_hold", "no_access"),
        ("part_missing", "on_hold", "part_missing"),
        ("other_skill", "open", None),
        ("not_enough_time", "open", None),
        ("not_reproducible", "resolved", None),
        ("duplicate", "resolved", None),
    ],
)
def test_the_reason_decides_what_becomes_of_the_ticket(session, cast, reason, ticket_state, hold):
    job = make.job(technician=cast.tariq, state="accepted")
    job.move("travelling", cast.tariq.user)
    job.move("not_completed", cast.tariq.user, reason=reason)
    assert (job.ticket.state, job.ticket.hold_reason) == (ticket_state, hold)


def test_not_completed_without_a_reason_of_the_list_changes_nothing(session, cast):
    job = make.job(technician=cast.tariq, state="accepted")
    with pytest.raises(Incomplete):
        job.move("not_completed", cast.tariq.user, reason="rain")
    assert job.state == "accepted"


def test_working_time_is_counted_without_the_pauses(session, cast):
    with at(NINE):
        job = make.job(technician=cast.tariq, state="accepted")
        job.move("working", cast.tariq.user)
    with at(NINE + timedelta(minutes=10)):
        job.move("paused", cast.tariq.user)
    with at(NINE + timedelta(minutes=40)):
        job.move("working", cast.tariq.user)
    with at(NINE + timedelta(minutes=45)):
        job.move("completed", cast.tariq.user)
    assert job.worked_seconds == 15 * 60
    assert job.working_at == NINE


def test_a_call_becomes_a_visit_and_keeps_number_age_and_due_time(session, cast):
    job = make.job(technician=cast.tariq, state="working", mode="remote")
    kept = (job.number, job.created_at, job.ticket.due_at)
    job.change_mode("on_site", cast.tariq.user, "il faut remplacer l’écran")
    assert (job.mode, job.state, job.technician_id, job.planned_start) == ("on_site", "unplanned", None, None)
    assert (job.number, job.created_at, job.ticket.due_at) == kept
    assert events(session, job, "job.mode")[0].data == {"source": "remote", "target": "on_site"}


def test_a_call_nobody_planned_yet_becomes_a_visit_too(session, cast):
    job = make.job(mode="remote")
    job.change_mode("on_site", cast.diane)
    assert (job.mode, job.state) == ("on_site", "unplanned")


@pytest.mark.parametrize("state", ["working", "completed"])
def test_a_visit_does_not_become_a_visit(session, cast, state):
    job = make.job(technician=cast.tariq, state=state)
    with pytest.raises(IllegalMove):
        job.change_mode("on_site", cast.tariq.user)


def test_seeing_a_change_is_told_once(session, cast):
    job = make.job(technician=cast.tariq)
    job.note_change("retimed", cast.diane)
    assert job.changed_since_seen
    job.see(cast.tariq.user)
    job.see(cast.tariq.user)
    assert not job.changed_since_seen
    assert len(events(session, job, "job.seen")) == 1


def test_notes_are_kept_one_under_the_other(session, cast):
    job = make.job(technician=cast.tariq)
    job.add_note("badge à l’accueil", cast.tariq.user)
    job.add_note("écran commandé", cast.tariq.user)
    assert job.note == "badge à l’accueil\nécran commandé"


def test_a_job_is_found_by_its_number_only_by_who_may_see_it(session, cast):
    from dispatch.models.job import Job

    job = make.job(technician=cast.tariq)
    find = lambda person, number: session.scalars(Job.numbered(number, person)).one_or_none()  # noqa: E731
    assert find(cast.tariq.user, job.number.lower()) is job
    assert find(cast.zoe.user, job.number) is None
    assert find(cast.berenice, job.number) is None
    assert find(cast.diane, "INT-²") is None


def test_what_is_declined_late_in_the_evening_is_declined_for_the_day_of_the_territory(session, cast):
    job = make.job(technician=cast.tariq, state="dispatched", day=None)
    with at(make.at("00:30")):  # still Sunday in UTC
        job.decline(cast.tariq.user, "unsafe")
    assert job.refusals[-1].day == make.MONDAY
