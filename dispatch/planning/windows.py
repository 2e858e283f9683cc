"""A follow-up waits until its own window begins: from then on nothing keeps it, and its ticket, any more."""

from __future__ import annotations

from sqlalchemy import Select, or_, select

from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models import follow_up
from dispatch.models.job import Job
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import NOT_COMPLETED

NOT_BEGUN = ("unplanned", "planned", "dispatched", "accepted")
HELD_FOR = tuple(ending.reason for ending in NOT_COMPLETED.values() if ending.sla == "paused")


def due() -> list[int]:
    """Jobs whose window has begun while they, or their tickets, still wait."""
    with reading():
        found = list(db.session.scalars(_begun().with_only_columns(Job.id)))
        db.session.rollback()
    return found


def begin(job_id: int) -> None:
    """End the waiting of one job; one that somebody else has ended meanwhile is left alone."""
    job = db.session.scalar(_begun().where(Job.id == job_id).with_for_update(of=Job))
    if job is None:
        return
    if job.awaits:
        follow_up.confirm(job, None)
    else:
        job.ticket.set_state("open", None)


def _begun() -> Select[Job]:
    held = (Ticket.state == "on_hold") & Ticket.hold_reason.in_(HELD_FOR)
    return (
        select(Job)
        .join(Job.ticket)
        .where(Job.state.in_(NOT_BEGUN), Job.not_before <= now(), or_(Job.awaits.is_not(None), held))
        .order_by(Job.id)
    )
