"""A territory's day in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from dispatch.board.crew import people_of, secondments_of, skills_of
from dispatch.board.decisions import decisions_of
from dispatch.board.marks import marked
from dispatch.board.presence import Span, asked_of, away_of, shifts_of, whole_of
from dispatch.board.rows import Away, Day, Route, Seen, Stop, Told
from dispatch.board.seen import seen_of
from dispatch.board.stops import stops_of
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.crowd import crowd_in
from dispatch.models.place import Territory
from dispatch.models.plan import ACTIVE, PlanRun
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant


def day_of(territory: Territory, day: date, user: User, technician_ids: Sequence[int] | None = None) -> Day:
    """Routes and decisions of a day; with `technician_ids` the routes of these only, and no decisions.

    A route is that of the day on which its shift begins; today also shows the nights still going on.
    """
    span = (local_instant(day, 0, territory.zone), local_instant(day, 1440, territory.zone))
    people, asked = people_of(territory, technician_ids), asked_of(territory, day)
    shifts = shifts_of(people, span, asked.nights)
    stops, hidden = stops_of(asked.routes(), people, user)
    spans = {key: whole_of(span, shifts[key]) for key in people}
    away = away_of(territory, asked, spans, user)
    for stop in hidden:
        away[stop.technician_id].append(Away("busy", stop.planned_start, stop.planned_end))
    seen = seen_of(spans, user) if span[0] <= now() < span[1] else {}
    routes = _routes(people, shifts, secondments_of(people, day, user), stops, away, seen)
    if technician_ids is not None:
        return Day(territory, day, routes)
    crowd = crowd_in(territory, day, user) if span[0] <= now() < span[1] else None
    return Day(territory, day, routes, decisions_of(territory, day, span, user, routes), crowd)


def runs_of(territory: Territory, user: User) -> tuple[PlanRun | None, list[Told]]:
    """The run under way, and those that wait to be read: proposals, and the latest one when it failed."""
    query = select(PlanRun).where(PlanRun.territory_id == territory.id, PlanRun.assumed.is_(None))
    latest = list(db.session.scalars(query.order_by(PlanRun.id.desc()).limit(5)))
    active = next((run for run in latest if run.state in ACTIVE), None)
    waiting = [run for run in latest if run.is_told(latest=run is latest[0])]
    return active, [_told(run, user) for run in waiting]


def _told(run: PlanRun, user: User) -> Told:
    changes = sum(user.sees(item["client_id"]) for item in run.diff)
    repair = run.scope.get("kind") == "repair"
    return Told(run.id, run.state, run.day, run.days, run.requested_at, run.served or 0, changes,
                not run.diff, repair, run.is_for(user))  # fmt: skip


def _routes(people: dict[int, Any], shifts: dict[int, list[Span]], seconded: dict[int, str], stops: dict[int, list[Stop]],
            away: dict[int, list[Away]], seen: dict[int, Seen]) -> list[Route]:  # fmt: skip
    skills = skills_of(people)
    routes = [
        route_of(person, shifts[key], [*stops[key], *away[key]], skills=tuple(skills[key]),
                 seconded_to=seconded.get(key), seen=seen.get(key))
        for key, person in people.items()
    ]  # fmt: skip
    return sorted(routes, key=lambda route: (route.absent or not (route.shifts or route.stops), route.name))


def route_of(person: Any, shifts: list[Span], items: Sequence[Stop | Away], *, skills: tuple[tuple[str, int], ...] = (),
             seconded_to: str | None = None, seen: Seen | None = None) -> Route:  # fmt: skip
    """One technician's day from what it holds, in any order."""
    told = marked(_in_order(items), now())
    return Route(person.id, person.name, person.profile, skills, tuple(shifts), seconded_to,
                 _is_absent(shifts, items), told, seen)  # fmt: skip


def _is_absent(shifts: list[Span], items: Iterable[Stop | Away]) -> bool:
    absences = [(one.start, one.end) for one in items if isinstance(one, Away) and one.kind == "absence"]
    return bool(shifts) and all(any(start <= a and b <= end for start, end in absences) for a, b in shifts)


def _in_order(items: Iterable[Stop | Away]) -> list[Stop | Away]:
    """By time; work that must stay anonymous is told as one block where nothing visible lies between."""
    ordered: list[Stop | Away] = []
    for kind, group in groupby(sorted(items, key=_begin), key=lambda item: item.kind):
        same = list(group)
        if kind == "busy":
            ordered.append(Away("busy", same[0].start, max(one.end for one in same)))  # type: ignore[arg-type,type-var]
        else:
            ordered.extend(same)
    return ordered


def _begin(item: Stop | Away) -> tuple[datetime, int]:
    assert item.start is not None
    return item.start, 0 if isinstance(item, Away) else item.id
