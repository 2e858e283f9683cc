"""The jobs of a ticket follow it: a new one is added, those not yet begun are changed with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dispatch.models import duration, follow_up
from dispatch.models.event import record
from dispatch.models.handed import Handed
from dispatch.models.job import Job
from dispatch.models.needs import PLACE, needs_of
from dispatch.models.ticket import Ticket
from dispatch.models.user import User


def add_job(ticket: Ticket, handed: Handed, by: User | None, at: datetime) -> Job:
    job = Job(
        client=ticket.client,
        client_id=ticket.client_id,
        created_at=at,
        state_at=at,
        **needs_of(ticket, handed.duration_minutes),
    )
    ticket.jobs.append(job)
    record("job.created", by=by, job=job)
    return job


def change_jobs(ticket: Ticket, handed: Handed, by: User | None, changed: set[str]) -> None:
    """Jobs that nobody has begun follow the ticket, in what the update was about."""
    about = {*PLACE, "territory_id"} if changed & set(PLACE) else set()
    about |= {"skills", "tools", "parts", "admin_right"} if "category" in changed else set()
    about |= changed & {"mode", "admin_right"}
    needs = {name: value for name, value in needs_of(ticket).items() if name in about}
    other_work = bool(changed & {"category", "building", "mode"}) or handed.duration_minutes is not None
    for job in ticket.open_jobs:
        fresh = {name: value for name, value in needs.items() if getattr(job, name) != value}
        if not job.has_begun:
            _change_job(job, fresh, by, other_work, handed.duration_minutes)


def answered(ticket: Ticket, by: User) -> None:
    """The requester has said when he is there: what waited for his answer can be planned."""
    for job in ticket.open_jobs:
        if job.awaits == "answer":
            follow_up.confirm(job, by)


def _change_job(
    job: Job, fresh: dict[str, Any], by: User | None, other_work: bool, minutes: int | None
) -> None:
    for name, value in fresh.items():
        setattr(job, name, value)
    changed = sorted([*fresh, *(["duration_minutes"] if other_work and duration.renew(job, minutes) else [])])
    if not changed:
        return
    if job.technician_id is not None:
        job.note_change("details", by, fields=changed)
    record("job.changed", by=by, job=job, fields=changed)
