"""A route belongs to the day on which its shift begins: after midnight a night shift is still yesterday's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import false, func, or_, select

from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.technician import Shift, Technician


def nights(territory: Territory, at: datetime, overtime: bool = True) -> dict[int, date]:
    """The technicians who are still in a shift of an earlier day, by id, each with that day.

    Whose next shift has begun is not one of them. With `overtime` a shift lasts as long as it may be
    overrun: until then what he has not begun may still be done.
    """
    ended = at - timedelta(minutes=territory.max_overtime_minutes if overtime else 0)
    query = select(Shift.technician_id, func.max(Shift.starts_at)).join(Technician).where(
        Technician.territory_id == territory.id, Shift.kind == "work", Shift.starts_at <= at, Shift.ends_at > ended
    )  # fmt: skip
    begun = db.session.execute(query.group_by(Shift.technician_id)).all()
    zone = ZoneInfo(territory.zone)
    days = {technician_id: start.astimezone(zone).date() for technician_id, start in begun}
    return {technician_id: day for technician_id, day in days.items() if day < at.astimezone(zone).date()}


def working_day(technician: Technician, at: datetime, overtime: bool = True) -> date:
    """The day to which what this technician does at that moment belongs."""
    territory = technician.territory
    calendar_day = at.astimezone(ZoneInfo(territory.zone)).date()
    return nights(territory, at, overtime).get(technician.id, calendar_day)


def in_nights(found: Mapping[int, date], day: Any = Job.day, technician_id: Any = Job.technician_id) -> Any:
    """Whether these columns, those of jobs unless said otherwise, lie on the route of one of the nights."""
    whose: dict[date, list[int]] = defaultdict(list)
    for technician, night in found.items():
        whose[night].append(technician)
    routes = ((day == night) & technician_id.in_(people) for night, people in whose.items())
    return or_(false(), *routes)
