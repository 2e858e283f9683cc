"""The technicians of a territory on a day: what they can do, when they work, when they are away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, or_, select

from dispatch.board.rows import Away
from dispatch.extensions import db
from dispatch.labels import skill_label
from dispatch.models.client import Client, Skill
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.technician import (
    Absence,
    KioskDuty,
    Secondment,
    Shift,
    Technician,
    TechnicianSkill,
)
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant

# how far ahead a job is moved from the panel without naming a day that nobody works yet
PLANNED_DAYS = 15
Span = tuple[datetime, datetime]


def people_of(territory: Territory, ids: Sequence[int] | None) -> dict[int, Any]:
    query = select(Technician.id, Technician.name, Technician.profile).where(
        Technician.territory_id == territory.id, Technician.left_at.is_(None)
    )
    if ids is not None:
        query = query.where(Technician.id.in_(ids))
    return {row.id: row for row in db.session.execute(query.order_by(Technician.name))}


def days_ahead(territory: Territory, today: date, more: Iterable[date | None]) -> list[date]:
    """Today, the days after it on which somebody works, and those of `more` that are not over."""
    end = local_instant(today, 1440 * PLANNED_DAYS, territory.zone)
    begins = select(Shift.starts_at).join(Technician, Technician.id == Shift.technician_id).distinct()
    begins = begins.where(
        Technician.territory_id == territory.id, Technician.left_at.is_(None), Shift.kind == "work",
        Shift.starts_at >= local_instant(today, 0, territory.zone), Shift.starts_at < end,
    )  # fmt: skip
    zone = ZoneInfo(territory.zone)
    found = {start.astimezone(zone).date() for start in db.session.scalars(begins)}
    return sorted({today, *found, *(day for day in more if day and day >= today)})


def skills_of(people: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    query = select(TechnicianSkill.technician_id, TechnicianSkill.level, Skill.label_fr, Skill.label_en)
    query = query.join(TechnicianSkill.skill).where(TechnicianSkill.technician_id.in_(people))
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in db.session.execute(query.order_by(Skill.id)):
        found[row.technician_id].append((skill_label(row), row.level))
    return found


def secondments_of(people: Iterable[int], day: date, user: User) -> dict[int, str]:
    """To which client, as far as the reader may know that client."""
    query = select(Secondment.technician_id, Client.name).join(Client, Client.id == Secondment.client_id)
    query = query.where(
        Secondment.technician_id.in_(people),
        user.may_see(Client.id),
        or_(Secondment.valid_from.is_(None), Secondment.valid_from <= day),
        or_(Secondment.valid_to.is_(None), Secondment.valid_to >= day),
    )
    return dict(db.session.execute(query).all())


def shifts_of(people: Iterable[int], span: Span) -> dict[int, list[Span]]:
    query = select(Shift.technician_id, Shift.starts_at, Shift.ends_at).where(Shift.kind == "work")
    query = query.where(Shift.technician_id.in_(people), _overlaps(Shift, span)).order_by(Shift.starts_at)
    found: dict[int, list[Span]] = defaultdict(list)
    for key, start, end in db.session.execute(query):
        found[key].append((start, end))
    return found


def away_of(
    territory: Territory, day: date, span: Span, people: Iterable[int], user: User
) -> dict[int, list[Away]]:
    """Breaks as planned, kiosk duty, absences; a kiosk of a client that the reader may not see has no name."""
    breaks = select(PlannedBreak.technician_id, PlannedBreak.starts_at, PlannedBreak.ends_at, PlannedBreak.id)
    breaks = breaks.join(Plan).where(Plan.territory_id == territory.id, Plan.day == day)
    breaks = breaks.where(PlannedBreak.technician_id.in_(people))
    named = case((user.may_see(Site.client_id), Kiosk.name), else_="")
    duties = select(KioskDuty.technician_id, KioskDuty.starts_at, KioskDuty.ends_at, named)
    duties = (
        duties.join(KioskDuty.kiosk)
        .join(Kiosk.building)
        .join(Building.site)
        .where(KioskDuty.technician_id.in_(people), _overlaps(KioskDuty, span))
    )
    absences = select(Absence.technician_id, Absence.starts_at, Absence.ends_at, Absence.id)
    absences = absences.where(Absence.technician_id.in_(people), _overlaps(Absence, span))
    found: dict[int, list[Away]] = defaultdict(list)
    for kind, query in (("break", breaks), ("kiosk", duties), ("absence", absences)):
        for key, start, end, name in db.session.execute(query):
            text = str(name) if kind == "kiosk" else ""
            found[key].append(Away(kind, max(start, span[0]), min(end, span[1]), text))
    return found


def _overlaps(table: Any, span: Span) -> Any:
    return and_(table.starts_at < span[1], table.ends_at > span[0])
