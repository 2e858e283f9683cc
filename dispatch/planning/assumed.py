"""The day of a what-if: the rows of the true one, with what is assumed put on them before the problem is made.

It is the same model as that of a real run, since the same functions make it. Nothing here is ever written: what is
assumed is put on rows behind the back of the session, and jobs that are only supposed have no row and negative ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm.attributes import set_committed_value

from dispatch.extensions import db
from dispatch.models.client import Category
from dispatch.models.handed import Handed
from dispatch.models.job import Job
from dispatch.models.needs import needs_of
from dispatch.models.place import Building
from dispatch.models.plan import PlanRun
from dispatch.models.technician import Absence, KioskDuty, Technician
from dispatch.models.ticket import Ticket
from dispatch.models.ticket_facts import apply_facts, note_handover
from dispatch.planning.build import assemble
from dispatch.planning.draft import Draft
from dispatch.planning.horizon import Horizon
from dispatch.planning.rows import jobs_of, technicians_of
from dispatch.sla.calendar import local_instant

Assumption = Mapping[str, Any]
# impact and urgency that make a priority
GRADES = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (3, 3)}


def draft_of(run: PlanRun, horizon: Horizon) -> Draft:
    """The problem of a what-if; the rows it has read are not to be used for anything else afterwards."""
    jobs = jobs_of(run.territory, horizon, None, planned_only=False, extra=None)
    technicians = technicians_of(run.territory, None, horizon)
    for one in run.assumed or ():
        if one["kind"] == "absent":
            _send_home(technicians, one)
        elif one["kind"] == "kiosk_closed":
            _close(technicians, one, horizon)
        elif one["kind"] == "longer":
            _lengthen(jobs, one)
    supposed = _supposed(run.assumed or (), horizon.now)
    return assemble(run.territory, horizon, technicians, [*jobs, *supposed], client_ids=run.client_ids)


def handed_of(one: Assumption) -> Handed:
    """A supposed job as it would be handed over: a visit, of which only place, kind of work and priority are known."""
    impact, urgency = GRADES[one["priority"]]
    return Handed(
        summary=one["summary"],
        description=one["description"],
        reasons=("presence",),
        category=db.session.get_one(Category, one["category_id"]),
        building=db.session.get_one(Building, one["building"]),
        impact=impact,
        urgency=urgency,
        duration_minutes=one["minutes"],
    )


def supposed_ids(assumed: Sequence[Assumption]) -> Iterator[tuple[int, Assumption]]:
    """The ids of the supposed jobs, each with what supposes it; the same whenever it is asked."""
    more = [one for one in assumed if one["kind"] == "more_jobs" for _ in range(one["count"])]
    yield from ((-number, one) for number, one in enumerate(more, start=1))


def closing(one: Assumption, moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """From when to when a kiosk is closed: what is over stays as it was, and the next day it opens as usual."""
    begin = instant(one["from"])
    day = begin.astimezone(ZoneInfo(zone)).date()
    return max(begin, moment), local_instant(day + timedelta(days=1), 0, zone)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _send_home(technicians: Iterable[Technician], one: Assumption) -> None:
    absence = Absence(starts_at=instant(one["from"]), ends_at=instant(one["to"]))
    for technician in technicians:
        if technician.id == one["technician"]:
            set_committed_value(technician, "absences", [*technician.absences, absence])


def _close(technicians: Iterable[Technician], one: Assumption, horizon: Horizon) -> None:
    """Whoever was to hold the kiosk then has the time for visits."""
    begin, end = closing(one, horizon.now, horizon.zone)
    for technician in technicians:
        kept = [cut for duty in technician.duties if (cut := _cut(duty, one["kiosk"], begin, end))]
        set_committed_value(technician, "duties", kept)


def _cut(duty: KioskDuty, kiosk_id: int, begin: datetime, end: datetime) -> KioskDuty | None:
    if duty.kiosk_id != kiosk_id or duty.ends_at <= begin or duty.starts_at >= end:
        return duty
    if duty.starts_at >= begin:
        return None
    return KioskDuty(id=duty.id, kiosk=duty.kiosk, kiosk_id=kiosk_id, starts_at=duty.starts_at, ends_at=begin)


def _lengthen(jobs: Iterable[Job], one: Assumption) -> None:
    for job in jobs:
        if job.id == one["job"]:
            set_committed_value(job, "duration_minutes", one["minutes"])


def _supposed(assumed: Sequence[Assumption], at: datetime) -> list[Job]:
    return [_job(job_id, handed_of(one), at) for job_id, one in supposed_ids(assumed)]


def _job(job_id: int, handed: Handed, at: datetime) -> Job:
    """A job and its ticket as they would come in at that moment, with the due time that the client would be promised."""
    assert handed.building is not None
    client = handed.building.site.client
    ticket = Ticket(
        client=client, client_id=client.id, opened_at=at, available=[], unknown=[], missing=[]
    )  # fmt: skip
    apply_facts(ticket, handed, at)
    note_handover(ticket, handed, None, at)
    return Job(
        id=job_id, ticket=ticket, client=client, client_id=client.id, state="unplanned", state_at=at, created_at=at,
        lock="none", carried_over=0, waived={}, **needs_of(ticket, handed.duration_minutes),
    )  # fmt: skip
