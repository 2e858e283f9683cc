"""Several days of one technician, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.board.presence import Span, held_of, shifts_of, whole_of, within
from dispatch.board.queries import route_of
from dispatch.board.rows import Away, Day, Stop
from dispatch.board.stops import stop_columns, stop_of
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.job import Job
from dispatch.models.night import nights
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.technician import Secondment, Technician
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant

DAYS = 7


def days_of(technician: Technician, first: date, user: User) -> list[Day]:
    """A week from `first` on, a Day with one route each; today a night still going on comes before it."""
    days = _days(technician, first)
    zone = technician.territory.zone
    spans = {day: (local_instant(day, 0, zone), local_instant(day, 1440, zone)) for day in days}
    whole = (spans[days[0]][0], spans[days[-1]][1])
    shifts: dict[date, list[Span]] = defaultdict(list)
    all_shifts = shifts_of([technician.id], whole, {})[technician.id]
    for start, end in all_shifts:
        shifts[start.astimezone(ZoneInfo(zone)).date()].append((start, end))
    items, lent = _items(technician, days, user), _secondments(technician, user)
    held = [away for _key, away in held_of({technician.id: whole_of(whole, all_shifts)}, user)]
    for day, span in spans.items():
        items[day] += [part for one in held for part in within(one, whole_of(span, shifts[day]))]
    return [
        Day(technician.territory, day,
            [route_of(technician, shifts[day], items[day], seconded_to=_on(day, lent))])
        for day in days
    ]  # fmt: skip


def _days(technician: Technician, first: date) -> list[date]:
    today = now().astimezone(ZoneInfo(technician.territory.zone)).date()
    night = nights(technician.territory, now()).get(technician.id) if first == today else None
    return [*([night] if night else []), *(first + timedelta(days=number) for number in range(DAYS))]


def _items(technician: Technician, days: Sequence[date], user: User) -> dict[date, list[Stop | Away]]:
    """Per day the jobs, anonymous where the reader may not see them, and the planned breaks."""
    found: dict[date, list[Stop | Away]] = defaultdict(list)
    query = stop_columns().add_columns(Job.day)
    query = query.where(
        Job.technician_id == technician.id, Job.day.in_(days), Job.planned_start.is_not(None),
        Job.state != "cancelled",
    )  # fmt: skip
    for row in db.session.execute(query):
        hidden = Away("busy", row.planned_start, row.planned_end)
        found[row.day].append(stop_of(row) if user.sees(row.client_id) else hidden)
    breaks = (
        select(Plan.day, PlannedBreak.starts_at, PlannedBreak.ends_at).select_from(PlannedBreak).join(Plan)
    )
    breaks = breaks.where(PlannedBreak.technician_id == technician.id, Plan.day.in_(days),
                          Plan.territory_id == technician.territory_id)  # fmt: skip
    for day, start, end in db.session.execute(breaks):
        found[day].append(Away("break", start, end))
    return found


def _secondments(technician: Technician, user: User) -> list[tuple[Secondment, str]]:
    query = select(Secondment, Client.name).join(Client, Client.id == Secondment.client_id)
    query = query.where(Secondment.technician_id == technician.id, user.may_see(Client.id))
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _on(day: date, secondments: Sequence[tuple[Secondment, Any]]) -> str | None:
    return next((name for one, name in secondments if one.holds_on(day)), None)
