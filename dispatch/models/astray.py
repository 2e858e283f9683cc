"""Work on a job that was not the technician's any more when his phone could say so: kept under both names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.event import Event, record
from dispatch.models.job import Job
from dispatch.models.user import User

# taps that say that somebody has done something, and not only that he was going to
WORK = frozenset({"travelling", "working", "paused", "completed", "not_completed", "solved_remotely"})
_HAD_IT = ("job.assigned", "job.state", "job.withdrawn")


def is_his(job: Job, user: User) -> bool:
    return user.technician is not None and job.technician_id == user.technician.id


def was_his(job: Job, user: User) -> bool:
    """Whether the job was ever on his phone: otherwise nobody could write to a job by guessing its number."""
    if user.technician is None:
        return False
    his = select(Event.id).where(
        Event.job_id == job.id, Event.technician_id == user.technician.id, Event.kind.in_(_HAD_IT)
    )
    return db.session.scalar(his.limit(1)) is not None


def reason_of(job: Job) -> str:
    """Why he cannot simply go on with it."""
    if job.state == "cancelled":
        return "cancelled"
    return "moved" if job.technician_id is not None else "unplanned"


def told_of(job: Job) -> dict[str, Any]:
    return {"who": job.technician.name if job.technician else None, "state": job.state}


def keep_work(
    job: Job, to: str, whose: User, moment: datetime, note: str, key: str, clock: str | None
) -> None:
    """Note what somebody did beside the assignment, and let whoever has the job now hear of it.

    The state and the assignment stay as they are; a dispatcher decides.
    """
    if to not in WORK or any(entry["key"] == key for entry in job.also_worked):
        return
    entry = {"name": whose.name, "to": to, "at": moment.isoformat(), "note": note, "key": key, "clock": clock}
    job.also_worked = [*job.also_worked, entry]
    record("job.worked", by=whose, job=job, to=to, happened=moment.isoformat(), note=note or None)
    tell_owner(job, whose)


def add_note(job: Job, text: str, whose: User, by: User, claimed_at: datetime | None) -> None:
    """A note of somebody who does not have the job any more, with his name."""
    job.add_note(f"{whose.name} · {text}", by, claimed_at)
    tell_owner(job, whose)


def tell_owner(job: Job, whose: User) -> None:
    if job.is_open and job.technician_id is not None and not is_his(job, whose):
        job.note_change("worked", whose)
