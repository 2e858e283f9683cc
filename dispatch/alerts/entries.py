"""What a technician's calendar holds: jobs, meal breaks and kiosk duty, from last week to the week after next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from dispatch.extensions import db
from dispatch.labels import floor_words, label, skill_label
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.place import Building, Kiosk
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.technician import KioskDuty, Technician
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import ENDED, ON_PHONE
from dispatch.sla.calendar import local_instant

DAYS_BACK, DAYS_AHEAD = 7, 14
_SHOWN = ("planned", *ON_PHONE, *ENDED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `uid` and `sequence` are what a program recognises it by, and a newer version of it."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str = ""
    position: tuple[float, float] | None = None
    told: str = ""
    number: str | None = None
    is_cancelled: bool = False
    is_sure: bool = True


def entries_of(technician: Technician, today: date, made_at: datetime) -> list[Entry]:
    """Everything, by time, in the present language; the number of queries does not depend on how much there is."""
    first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    found = [
        *_jobs(technician, first, last),
        *_breaks(technician, first, last),
        *_duties(technician, first, last, made_at),
    ]
    return sorted(found, key=lambda entry: (entry.starts_at, entry.uid))


def _jobs(technician: Technician, first: date, last: date) -> Iterator[Entry]:
    latest = select(func.max(Event.at)).where(Event.job_id == Job.id).correlate(Job).scalar_subquery()
    query = select(Job, latest).where(
        Job.technician_id == technician.id, Job.day.between(first, last), Job.state.in_(_SHOWN), Job.planned_start.is_not(None)
    )  # fmt: skip
    query = query.options(
        joinedload(Job.ticket).joinedload(Ticket.category),
        joinedload(Job.client),
        joinedload(Job.building).joinedload(Building.site),
    )
    rows: Sequence[Any] = db.session.execute(query).all()
    for job, at in rows:
        if job.planned_start is not None and job.planned_end is not None:
            yield _job(job, at or job.created_at, job.planned_start, job.planned_end)


def _job(job: Job, changed_at: datetime, start: datetime, end: datetime) -> Entry:
    """Number, kind of work and place: who asked, how to call him and what he wrote stay in Dispatch."""
    kind = skill_label(job.ticket.category) if job.ticket.category else str(label(job.ticket.kind, "kind"))
    told = [
        f"P{job.ticket.priority} · {label(job.mode, 'mode')} · {label(job.state, 'job')}",
        job.client.name,
    ]
    return Entry(
        uid=f"job-{job.id}", sequence=job.version, changed_at=changed_at, starts_at=start, ends_at=end,
        title=f"{job.number} · {kind}", place=_place(job) if job.mode != "remote" else "",
        position=_position(job.building) if job.mode != "remote" else None, told="\n".join(told), number=job.number,
        is_cancelled=job.state == "cancelled", is_sure=job.state != "planned",
    )  # fmt: skip


def _place(job: Job) -> str:
    if job.building is None:
        return ""
    building = job.building
    floor = job.floor and floor_words(job.floor)
    names = dict.fromkeys([building.site.name, building.name, building.address or building.site.address])
    return ", ".join(part for part in (*names, floor, job.desk) if part)


def _position(building: Building | None) -> tuple[float, float] | None:
    if building is None or building.latitude is None or building.longitude is None:
        return None
    return building.latitude, building.longitude


def _breaks(technician: Technician, first: date, last: date) -> Iterator[Entry]:
    """Their rows are written anew with every plan: what stays is the day and the how-manieth it is."""
    query = select(PlannedBreak, Plan.day, Plan.version, Plan.changed_at).join(Plan).where(
        PlannedBreak.technician_id == technician.id, Plan.day.between(first, last)
    )  # fmt: skip
    counted: dict[date, int] = {}
    for row, day, version, changed_at in db.session.execute(query.order_by(Plan.day, PlannedBreak.starts_at)):
        counted[day] = counted.get(day, 0) + 1
        yield Entry(f"break-{technician.id}-{day:%Y%m%d}-{counted[day]}", version, changed_at,
                    row.starts_at, row.ends_at, _("Meal break"))  # fmt: skip


def _duties(technician: Technician, first: date, last: date, made_at: datetime) -> Iterator[Entry]:
    zone = technician.territory.zone
    begin, end = local_instant(first, 0, zone), local_instant(last, 1440, zone)
    cut = select(func.count(), func.max(Event.at)).where(
        Event.technician_id == technician.id, Event.kind == "duty.cut"
    )
    row: Any = db.session.execute(cut).one()
    times, cut_at = row
    query = select(KioskDuty).where(
        KioskDuty.technician_id == technician.id, KioskDuty.ends_at > begin, KioskDuty.starts_at < end
    )  # fmt: skip
    place = joinedload(KioskDuty.kiosk).joinedload(Kiosk.building).joinedload(Building.site)
    for duty in db.session.scalars(query.options(place)):
        building = duty.kiosk.building
        yield Entry(f"duty-{duty.id}", times, cut_at or made_at, duty.starts_at, duty.ends_at,
                    _("Kiosk duty · %(kiosk)s", kiosk=duty.kiosk.name), building.name, _position(building))  # fmt: skip
