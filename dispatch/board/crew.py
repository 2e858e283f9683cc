"""The technicians of a territory on a day: what they can do, when they work, when they are away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from dispatch.extensions import db
from dispatch.labels import skill_label
from dispatch.models.client import Client, Skill
from dispatch.models.place import Territory
from dispatch.models.technician import (
    Secondment,
    Shift,
    Technician,
    TechnicianSkill,
)
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant

# how far ahead a job is moved from the panel without naming a day that nobody works yet
PLANNED_DAYS = 15


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
