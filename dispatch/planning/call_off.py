"""Cancels a ticket with its jobs: what follows on the routes takes their time."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.extensions import db
from dispatch.models import ticket_ending
from dispatch.models.job import Job
from dispatch.models.plan import Plan
from dispatch.models.ticket import Ticket
from dispatch.models.user import User
from dispatch.planning.retime import place_of, retime

Places = dict[tuple[int, date], set[int]]


def cancel(ticket: Ticket, by: User, reason: str, version: int | None = None) -> None:
    """Cancel the ticket and its open jobs, and time the rest of their days again; see ticket_ending.cancel.

    The caller commits. Raises StaleDataError when somebody was faster, and what ticket_ending.cancel raises.
    """
    places = _hold(ticket, version)
    ticket_ending.cancel(ticket, by, reason)
    for (territory_id, day), technician_ids in sorted(places.items()):
        retime(territory_id, day, technician_ids, by, never_later=True)


def close(ticket: Ticket, by: User, version: int | None = None) -> None:
    """Close a resolved ticket; raises StaleDataError when somebody was faster, IllegalMove from another state."""
    _look_again(ticket, version)
    ticket_ending.close(ticket, by)


def _hold(ticket: Ticket, version: int | None) -> Places:
    """Hold the plans, then the jobs, then the ticket, in the order of everybody else; a tap waits until then."""
    places = _places(ticket)
    for territory_id, day in sorted(places):
        Plan.lock(territory_id, day)
    jobs = select(Job).where(Job.ticket_id == ticket.id).order_by(Job.id).with_for_update(of=Job)
    db.session.scalars(jobs.execution_options(populate_existing=True)).all()
    _look_again(ticket, version)
    if _places(ticket) != places:
        raise StaleDataError(f"a job of {ticket.number} was moved meanwhile")
    return places


def _look_again(ticket: Ticket, version: int | None) -> None:
    db.session.refresh(ticket, with_for_update={"of": Ticket})
    if version not in (None, ticket.version):
        raise StaleDataError(f"{ticket.number} is at version {ticket.version}, not {version}")


def _places(ticket: Ticket) -> Places:
    """Whose routes its jobs are on, by territory and day."""
    found: Places = {}
    for job in ticket.open_jobs:
        if (place := place_of(job)) is not None:
            found.setdefault(place[:2], set()).update(place[2])
    return found
