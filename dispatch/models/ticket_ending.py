"""How a ticket ends here: cancelled with a reason, closed by hand, or closed by itself some days after it was resolved.

Its jobs resolve it (Ticket.follow), an import says what the client's tool says; what is left is in this file.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models.calendar import calendar_of
from dispatch.models.client import Client
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant, open_intervals

# move -> the states it is made from
MOVES = {"cancelled": ("open", "in_progress", "on_hold"), "closed": ("resolved",)}
ROLES = frozenset({"phone_agent", "dispatcher", "administrator"})
UNDER_WAY = ("travelling", "working")
LONGEST_REASON = 500
# a client that opens on fewer days is asked to close its tickets by hand
FARTHEST_DAYS = 366


class UnderWay(IllegalMove):
    """Somebody is travelling or working for the ticket; `jobs` are what has to end first."""

    def __init__(self, ticket: Ticket, jobs: list[Job]) -> None:
        super().__init__("cancelled", ticket.state, [], family="ticket")
        self.jobs = jobs


def legal_moves(ticket: Ticket, user: User) -> list[str]:
    """Names of the moves that this user may make now."""
    if user.role not in ROLES:
        return []
    return [
        name
        for name, sources in MOVES.items()
        if ticket.state in sources and not (name == "cancelled" and under_way(ticket))
    ]


def under_way(ticket: Ticket) -> list[Job]:
    """Its jobs that somebody is travelling to or working on."""
    return [job for job in ticket.open_jobs if job.state in UNDER_WAY]


def close(ticket: Ticket, by: User | None) -> None:
    """What was resolved is settled. Raises IllegalMove from any other state."""
    _require(ticket, "closed", by)
    ticket.set_state("closed", by)


def cancel(ticket: Ticket, by: User, reason: str) -> None:
    """Nobody needs it any more: its open jobs end with it, and whoever has one is told.

    Raises IllegalMove when it has ended, UnderWay while somebody is at it, Incomplete without a reason.
    Routes are not timed again; see planning/call_off.py.
    """
    _require(ticket, "cancelled", by)
    if busy := under_way(ticket):
        raise UnderWay(ticket, busy)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Incomplete("reason")
    ticket.set_state("cancelled", by, note=reason)
    for job in ticket.open_jobs:
        _call_off(job, by, reason)


def _require(ticket: Ticket, move: str, by: User | None) -> None:
    allowed = by is None or by.role in ROLES
    if not allowed or ticket.state not in MOVES[move]:
        raise IllegalMove(move, ticket.state, legal_moves(ticket, by) if by else [], family="ticket")


def _call_off(job: Job, by: User, reason: str) -> None:
    if job.technician_id is not None:
        record("job.withdrawn", by=by, job=job, note=reason)
    job.enter("cancelled", by, move="cancelled")
    job.lock, job.lock_technician_id, job.lock_start, job.waived = "none", None, None, {}
    job.placed_at = now()


# by itself -------------------------------------------------------------------------------------------------


def due() -> list[int]:
    """Resolved tickets whose days have passed; those of an import end with their record in the client's tool."""
    with reading():
        query = (
            select(Ticket)
            .join(Ticket.client)
            .options(joinedload(Ticket.client).selectinload(Client.closures))
        )
        rows = db.session.scalars(
            query.where(Ticket.state == "resolved", Ticket.imported.is_(False), Client.close_days > 0)
        )
        found = [ticket.id for ticket in rows.unique() if _is_due(ticket)]
        db.session.rollback()
    return found


def close_due(ticket_id: int) -> None:
    """Close one of them; one that was reopened or closed meanwhile is left alone. The caller commits."""
    ticket = db.session.scalar(select(Ticket).where(Ticket.id == ticket_id).with_for_update(of=Ticket))
    if ticket is not None and ticket.state == "resolved" and _is_due(ticket):
        close(ticket, None)


def closes_at(client: Client, resolved_at: datetime) -> datetime | None:
    """When a ticket closes by itself: at midnight, after so many full working days of the client; None: never."""
    day, left = resolved_at.astimezone(ZoneInfo(client.zone)).date(), client.close_days
    for _day in range(FARTHEST_DAYS):
        if left <= 0:
            break
        day += timedelta(days=1)
        left -= bool(open_intervals(calendar_of(client, day.year), day))
    opened = left == 0 and client.close_days > 0
    return local_instant(day + timedelta(days=1), 0, client.zone) if opened else None


def _is_due(ticket: Ticket) -> bool:
    closes = closes_at(ticket.client, ticket.resolved_at) if ticket.resolved_at else None
    return closes is not None and closes <= now()
