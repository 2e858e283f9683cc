"""The open work of a territory to be looked at, not written: what rows.jobs_of reads, without what it costs to write it.

While a job is held above the board every row answers from this. A job here has what planning reads and is in no session,
so that nothing keeps track of it: whatever else is asked of it, or written to it, is an error and not another query.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from dispatch.extensions import db
from dispatch.models.client import AdminRight, Client
from dispatch.models.job import Job, Refusal
from dispatch.models.place import Building, Site
from dispatch.models.ticket import Requester, Ticket

T = TypeVar("T")
JOB = (
    Job.id, Job.ticket_id, Job.client_id, Job.territory_id, Job.mode, Job.state, Job.state_at, Job.building_id, Job.floor,
    Job.duration_minutes, Job.skills, Job.admin_right_id, Job.tools, Job.parts, Job.not_before, Job.awaits,
    Job.promised_from, Job.promised_to, Job.preferred_technician_id, Job.carried_over, Job.lock, Job.lock_technician_id,
    Job.lock_start, Job.waived, Job.technician_id, Job.day, Job.planned_start, Job.travel_seconds, Job.worked_seconds,
)  # fmt: skip
TICKET = (
    Ticket.requester_id, Ticket.phone, Ticket.priority, Ticket.available, Ticket.opened_at, Ticket.due_at,
)  # fmt: skip
JOB_NAMES, TICKET_NAMES = ([column.key for column in columns] for columns in (JOB, TICKET))


def jobs_seen(which: ColumnElement[bool], but: Job | None = None) -> list[Job]:
    """The jobs for which `which` is true, by id; of the job `but` itself no second one."""
    query = select(*JOB, *TICKET, Requester.phone).join(Job.ticket).outerjoin(Ticket.requester).where(which)
    found = db.session.execute(query.order_by(Job.id)).all()
    jobs = [_job(row) for row in found if but is None or row[0] != but.id]
    refused: dict[int, list[Refusal]] = defaultdict(list)
    for refusal in db.session.scalars(select(Refusal).join(Job, Job.id == Refusal.job_id).where(which)):
        refused[refusal.job_id].append(refusal)
    _attach(jobs, "client", select(Client).options(selectinload(Client.closures)), Client.id)
    _attach(
        jobs,
        "building",
        select(Building).options(joinedload(Building.site).joinedload(Site.client)),
        Building.id,
    )
    _attach(jobs, "admin_right", select(AdminRight).options(joinedload(AdminRight.client)), AdminRight.id)
    for job in jobs:
        job.__dict__["refusals"] = refused.get(job.id, [])
    return jobs


def _job(row: Sequence[Any]) -> Job:
    job, ticket = _bare(Job, JOB_NAMES, row), _bare(Ticket, TICKET_NAMES, row[len(JOB) :])
    ticket.__dict__["requester"] = _bare(Requester, ["phone"], row[-1:]) if ticket.requester_id else None
    job.__dict__["ticket"] = ticket
    return job


def _bare(kind: type[T], names: Iterable[str], values: Iterable[Any]) -> T:
    """A row without the state by which a session knows it: only these names can be read."""
    made = kind.__new__(kind)
    made.__dict__.update(zip(names, values, strict=False))
    return made


def _attach(jobs: Sequence[Job], name: str, query: Any, key: InstrumentedAttribute[int]) -> None:
    """To each job the row that it names: a few rows, which many share."""
    wanted = {getattr(job, f"{name}_id") for job in jobs} - {None}
    found = (
        {one.id: one for one in db.session.scalars(query.where(key.in_(wanted))).unique()} if wanted else {}
    )
    for job in jobs:
        job.__dict__[name] = found.get(getattr(job, f"{name}_id"))
