"""Work that a technician finds where he is: a ticket of its own, done by him at once or left to be planned."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.models.client import Category
from dispatch.models.event import record
from dispatch.models.handed import Handed, Refused
from dispatch.models.intake import hand_over
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User

LEAST_MINUTES, MOST_MINUTES = 1, 480
# what is noted of work that is told when it is done
_STEPS = ("planned", "dispatched", "accepted", "working", "completed")


def find(
    beside: Job, technician: Technician, by: User, at: datetime, *, summary: str | None, category: Category | None,
    note: str | None, minutes: int | None, is_done: bool,
) -> Job:  # fmt: skip
    """Note work found beside a job, for the same person at the same place; raises Incomplete, and nothing is done then.

    What he did counts from `minutes` before `at` on, and is resolved; what he did not waits to be planned, with him
    preferred. The caller commits.
    """
    if not summary:
        raise Incomplete("summary")
    if is_done and not (minutes and LEAST_MINUTES <= minutes <= MOST_MINUTES):
        raise Incomplete("minutes")
    job = _handed_over(beside, by, at, summary, category, note, minutes)
    job.preferred_technician_id = technician.id
    record("job.found", by=by, job=job, technician_id=technician.id, beside=beside.number)
    if is_done:
        assert minutes is not None
        _was_done(job, technician, by, at, minutes, note)
    return job


def _handed_over(beside: Job, by: User, at: datetime, summary: str, category: Category | None, note: str | None,
                 minutes: int | None) -> Job:  # fmt: skip
    ticket = beside.ticket
    handed = Handed(
        summary=summary, category=category, description=note, steps_tried=note, requester=ticket.requester,
        reasons=("presence",) if beside.building else ("time",), building=beside.building, floor=beside.floor,
        desk=beside.desk, phone=ticket.phone, duration_minutes=minutes,
    )  # fmt: skip
    try:
        _ticket, job, _is_new = hand_over(beside.client, handed, by, at)
    except Refused as refused:
        raise Incomplete(next(iter(refused.errors))) from refused
    assert job is not None  # a new ticket has one
    return job


def _was_done(
    job: Job, technician: Technician, by: User, at: datetime, minutes: int, note: str | None
) -> None:
    """Told afterwards: he had it, did it, and it took so long; nothing was ever planned for it."""
    began = at - timedelta(minutes=minutes)
    job.technician, job.technician_id = technician, technician.id
    job.day = at.astimezone(ZoneInfo(technician.territory.zone)).date()
    job.planned_arrival = job.planned_start = began
    job.planned_end = at
    for step in _STEPS:
        job.enter(step, by, move=step, at=at if step == "completed" else began)
    job.outcome, job.note = "solved", note
