"""How a ticket ends: cancelled with a reason, closed by hand, closed by itself after the client's working days."""

from __future__ import annotations

from datetime import date

import pytest

from dispatch.clock import at
from dispatch.models import ticket_ending as ending
from dispatch.models.client import Closure
from dispatch.models.event import Event
from dispatch.models.handed import Handed
from dispatch.models.intake import hand_over
from dispatch.models.job import IllegalMove
from dispatch.models.transitions import Incomplete
from dispatch.tasks import close_tickets
from tests import factories as make

NINE = make.at("09:00")
FRIDAY, NEXT_MONDAY = date(2026, 11, 27), date(2026, 11, 30)
NEXT_TUESDAY = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def nine():
    with at(NINE):
        yield


def noted(session, kind, **of):
    session.commit()
    return [event.data for event in session.query(Event).filter_by(kind=kind, **of).order_by(Event.id)]


# cancelled ----------------------------------------------------------------------------------------------


def test_a_cancelled_ticket_takes_its_open_jobs_along_and_leaves_the_others(session, cast):
    ticket = make.ticket()
    first = make.job(of=ticket, state="not_completed", outcome="user_absent")
    second = make.job(of=ticket, technician=cast.tariq, lock="technician", lock_technician_id=cast.tariq.id)
    third = make.job(of=ticket, awaits="part")
    ending.cancel(ticket, cast.paula, " remplacé ")
    assert [job.state for job in (first, second, third)] == ["not_completed", "cancelled", "cancelled"]
    assert (ticket.state, second.lock, second.lock_technician_id) == ("cancelled", "none", None)
    [said] = noted(session, "ticket.state", ticket_id=ticket.id)
    assert (said["target"], said["note"]) == ("cancelled", "remplacé")
    [told] = noted(session, "job.withdrawn", technician_id=cast.tariq.id)
    assert told["note"] == "remplacé"


def test_a_ticket_of_which_one_job_was_done_is_cancelled_all_the_same(session, cast):
    ticket = make.ticket()
    make.job(of=ticket, state="completed")
    make.job(of=ticket)
    ending.cancel(ticket, cast.paula, "remplacé")
    assert ticket.state == "cancelled"


@pytest.mark.parametrize("state", ending.UNDER_WAY)
def test_while_somebody_is_at_it_a_ticket_is_not_cancelled(session, cast, state):
    job = make.job(of=make.ticket(state="in_progress"), technician=cast.tariq, state=state)
    other = make.job(of=job.ticket)
    with pytest.raises(ending.UnderWay) as refused:
        ending.cancel(job.ticket, cast.paula, "remplacé")
    assert (refused.value.jobs, other.state, job.ticket.state) == ([job], "unplanned", "in_progress")
    assert ending.legal_moves(job.ticket, cast.paula) == []


def test_paused_work_does_not_keep_a_ticket(session, cast):
    job = make.job(of=make.ticket(state="in_progress"), technician=cast.tariq, state="paused")
    ending.cancel(job.ticket, cast.paula, "remplacé")
    assert (job.ticket.state, job.state) == ("cancelled", "cancelled")


@pytest.mark.parametrize("reason", ["", "  \n", "x" * (ending.LONGEST_REASON + 1)])
def test_a_cancellation_says_why_in_a_few_words(session, cast, reason):
    job = make.job()
    with pytest.raises(Incomplete):
        ending.cancel(job.ticket, cast.paula, reason)
    assert (job.ticket.state, job.state) == ("open", "unplanned")


@pytest.mark.parametrize("person", ["carole", "tariq"])
def test_neither_a_contact_nor_a_technician_ends_a_ticket(session, cast, person):
    user = getattr(getattr(cast, person), "user", None) or getattr(cast, person)
    assert ending.legal_moves(make.ticket(), user) == []
    with pytest.raises(IllegalMove):
        ending.cancel(make.ticket(), user, "remplacé")
    with pytest.raises(IllegalMove):
        ending.close(make.ticket(state="resolved"), user)


# closed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["open", "in_progress", "on_hold", "closed", "cancelled"])
def test_only_what_is_resolved_is_closed(session, cast, state):
    with pytest.raises(IllegalMove) as refused:
        ending.close(make.ticket(state=state), cast.paula)
    assert refused.value.family == "ticket"


@pytest.mark.parametrize("state", ["resolved", "closed", "cancelled"])
def test_what_has_ended_is_not_cancelled(session, cast, state):
    with pytest.raises(IllegalMove):
        ending.cancel(make.ticket(state=state), cast.paula, "remplacé")


def test_a_closed_ticket_keeps_when_it_was_resolved(session, cast):
    ticket = make.ticket(state="resolved", resolved_at=make.at("08:00"))
    ending.close(ticket, cast.denis)
    assert (ticket.state, ticket.resolved_at, ticket.closed_at) == ("closed", make.at("08:00"), NINE)


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_repeated_handover_reopens_it_with_a_new_job(session, cast, state):
    handed = Handed(summary="Écran noir", reasons=("presence",), system="servicenow", external_id="INC1")
    ticket, job, _new = hand_over(make.client(), handed, cast.paula)
    if state == "cancelled":
        ending.cancel(ticket, cast.paula, "remplacé")
    else:
        job.state = "completed"
        ticket.set_state("resolved", None)
        ending.close(ticket, cast.paula)
    again, fresh, new = hand_over(make.client(), handed, cast.paula)
    assert (again, new, again.state, fresh is job) == (ticket, False, "open", False)


# by itself ----------------------------------------------------------------------------------------------


def test_a_resolved_ticket_has_five_full_working_days(session, cast):
    assert ending.closes_at(make.client(), make.at("17:30")) == make.at("00:00", NEXT_TUESDAY)


def test_days_on_which_the_client_does_not_work_do_not_count(session, cast):
    acme = make.client()
    acme.closures.append(Closure(day=FRIDAY))
    assert ending.closes_at(acme, NINE) == make.at("00:00", date(2026, 12, 2))


def test_a_public_holiday_does_not_count_either(session, cast):
    assert ending.closes_at(make.client(), make.at("09:00", date(2026, 12, 24))) == make.at(
        "00:00", date(2027, 1, 5)
    )


@pytest.mark.parametrize("client", [{"close_days": 0}, {"working_week": [[]] * 7}])
def test_a_client_without_such_days_closes_by_hand(session, cast, client):
    assert ending.closes_at(make.client("other", **client), NINE) is None


def test_the_task_closes_what_is_due_and_nothing_else(session_on_both):
    due = make.ticket(state="resolved", resolved_at=NINE)
    fresh = make.ticket(state="resolved", resolved_at=make.at("09:00", FRIDAY))
    imported = make.ticket(state="resolved", resolved_at=NINE, imported=True)
    by_hand = make.ticket(owner=make.client("breizh", close_days=0), state="resolved", resolved_at=NINE)
    session_on_both.commit()
    with at(make.at("23:59", NEXT_MONDAY)):
        close_tickets()
    session_on_both.expire_all()
    assert due.state == "resolved"
    with at(make.at("00:00", NEXT_TUESDAY)):
        close_tickets()
    session_on_both.expire_all()
    assert [ticket.state for ticket in (due, fresh, imported, by_hand)] == ["closed", *["resolved"] * 3]
    [entry] = session_on_both.query(Event).filter_by(kind="ticket.state", ticket_id=due.id)
    assert (entry.actor_id, entry.data["target"]) == (None, "closed")


def test_one_that_was_reopened_meanwhile_is_left_alone(session, cast):
    ticket = make.ticket(state="open", resolved_at=None)
    ending.close_due(ticket.id)
    assert ticket.state == "open"
