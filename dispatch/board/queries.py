"""A territory's day in a constant number of queries: columns instead of objects, so that it stays fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, case, exists, or_, select
from sqlalchemy.orm import aliased

from dispatch.board.rows import Away, Day, Decision, Explained, Route, Stop, Told, marked, overdue
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.labels import skill_label
from dispatch.models.client import AdminRight, Client, Skill
from dispatch.models.job import FIRST_NUMBER, Job
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.plan import ACTIVE, Explanation, Plan, PlannedBreak, PlanRun
from dispatch.models.technician import (
    Absence,
    KioskDuty,
    RightGrant,
    Secondment,
    Shift,
    Technician,
    TechnicianSkill,
)
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import OPEN
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant

FOLLOWED = ("open", "in_progress", "on_hold")
Span = tuple[datetime, datetime]


def day_of(territory: Territory, day: date, user: User, technician_ids: Sequence[int] | None = None) -> Day:
    """Routes and decisions of a day; with `technician_ids` the routes of these only, and no decisions."""
    span = (local_instant(day, 0, territory.zone), local_instant(day, 1440, territory.zone))
    people = _people(territory, technician_ids)
    stops, hidden = _stops(day, people, user)
    away = _away(territory, day, span, people, user)
    for stop in hidden:
        away[stop.technician_id].append(Away("busy", stop.planned_start, stop.planned_end))
    routes = _routes(people, span, _seconded(people, day, user), stops, away)
    decisions = [] if technician_ids is not None else _decisions(territory, day, span, user, routes)
    return Day(territory, day, routes, decisions)


def runs_of(territory: Territory, user: User) -> tuple[PlanRun | None, list[Told]]:
    """The run under way, and those that wait to be read: proposals, and the latest one when it failed."""
    query = select(PlanRun).where(PlanRun.territory_id == territory.id)
    latest = list(db.session.scalars(query.order_by(PlanRun.id.desc()).limit(5)))
    active = next((run for run in latest if run.state in ACTIVE), None)
    waiting = [
        run for run in latest if run.state == "proposed" or (run.state == "failed" and run is latest[0])
    ]
    return active, [_told(run, user) for run in waiting]


def _told(run: PlanRun, user: User) -> Told:
    changes = sum(user.sees(item["client_id"]) for item in run.diff)
    return Told(run.id, run.state, run.day, run.requested_at, run.served or 0, changes)


# who ---------------------------------------------------------------------------------------------------


def _people(territory: Territory, ids: Sequence[int] | None) -> dict[int, Any]:
    query = select(Technician.id, Technician.name, Technician.profile).where(
        Technician.territory_id == territory.id, Technician.left_at.is_(None)
    )
    if ids is not None:
        query = query.where(Technician.id.in_(ids))
    return {row.id: row for row in db.session.execute(query.order_by(Technician.name))}


def _routes(people: dict[int, Any], span: Span, seconded: dict[int, str], stops: dict[int, list[Stop]],
            away: dict[int, list[Away]]) -> list[Route]:  # fmt: skip
    skills, shifts = _skills(people), _shifts(people, span)
    present = now()
    routes = []
    for key, person in people.items():
        items = marked(_in_order([*stops[key], *away[key]]), present)
        absent = _is_absent(shifts[key], away[key])
        routes.append(Route(key, person.name, person.profile, tuple(skills[key]), tuple(shifts[key]),
                            seconded.get(key), absent, items))  # fmt: skip
    return sorted(routes, key=lambda route: (route.absent or not (route.shifts or route.stops), route.name))


def _is_absent(shifts: list[Span], away: list[Away]) -> bool:
    absences = [one for one in away if one.kind == "absence"]
    return bool(shifts) and all(any(one.start <= a and b <= one.end for one in absences) for a, b in shifts)


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


def _skills(people: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    query = select(TechnicianSkill.technician_id, TechnicianSkill.level, Skill.label_fr, Skill.label_en)
    query = query.join(TechnicianSkill.skill).where(TechnicianSkill.technician_id.in_(people))
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in db.session.execute(query.order_by(Skill.id)):
        found[row.technician_id].append((skill_label(row), row.level))
    return found


def _seconded(people: Iterable[int], day: date, user: User) -> dict[int, str]:
    """To which client, as far as the reader may know that client."""
    query = select(Secondment.technician_id, Client.name).join(Client, Client.id == Secondment.client_id)
    query = query.where(
        Secondment.technician_id.in_(people),
        user.may_see(Client.id),
        or_(Secondment.valid_from.is_(None), Secondment.valid_from <= day),
        or_(Secondment.valid_to.is_(None), Secondment.valid_to >= day),
    )
    return dict(db.session.execute(query).all())


def _shifts(people: Iterable[int], span: Span) -> dict[int, list[Span]]:
    query = select(Shift.technician_id, Shift.starts_at, Shift.ends_at).where(Shift.kind == "work")
    query = query.where(Shift.technician_id.in_(people), _overlaps(Shift, span)).order_by(Shift.starts_at)
    found: dict[int, list[Span]] = defaultdict(list)
    for key, start, end in db.session.execute(query):
        found[key].append((start, end))
    return found


def _away(
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


# what --------------------------------------------------------------------------------------------------


def stop_columns() -> Any:
    """Everything a stop shows, without any of the objects behind it."""
    query = select(
        Job.id, Job.version, Job.client_id, Job.technician_id, Job.state, Job.mode, Job.lock, Job.planned_start,
        Job.planned_end, Job.travel_seconds, Job.promised_from, Job.promised_to, Job.changed_at, Job.seen_at,
        Job.waived, Job.awaits, Job.outcome, Ticket.priority, Ticket.summary, Ticket.due_at,
        Client.name.label("client"), Building.name.label("building"), Site.name.label("site"),
    )  # fmt: skip
    query = query.join(Ticket, Ticket.id == Job.ticket_id).join(Client, Client.id == Job.client_id)
    return query.outerjoin(Building, Building.id == Job.building_id).outerjoin(
        Site, Site.id == Building.site_id
    )


def _stops(day: date, people: Iterable[int], user: User) -> tuple[dict[int, list[Stop]], list[Row[Any]]]:
    """Per technician the stops that the reader may see, and the rows of those he may not."""
    query = stop_columns().where(
        Job.day == day, Job.technician_id.in_(people), Job.planned_start.is_not(None)
    )
    visible: dict[int, list[Stop]] = defaultdict(list)
    hidden: list[Row[Any]] = []
    for row in db.session.execute(query.where(Job.state != "cancelled")):
        if user.sees(row.client_id):
            visible[row.technician_id].append(stop_of(row))
        else:
            hidden.append(row)
    return visible, hidden


def stop_of(row: Row[Any]) -> Stop:
    place = row.building if row.building == row.site or not row.site else f"{row.site} · {row.building}"
    changed = row.changed_at is not None and (row.seen_at is None or row.seen_at < row.changed_at)
    return Stop(
        row.id, number_of(row.id), row.version, row.technician_id, row.state, row.mode, row.priority,
        row.summary, row.client, place or "", row.lock, row.planned_start, row.planned_end, row.travel_seconds,
        row.due_at, row.promised_from, row.promised_to, changed, bool(row.waived),
    )  # fmt: skip


def _decisions(
    territory: Territory, day: date, span: Span, user: User, routes: Sequence[Route]
) -> list[Decision]:
    names = {route.id: route.name for route in routes}
    told = [
        Decision(stop.mark.status, stop, names[route.id])
        for route in routes for stop in route.stops if stop.mark
    ]  # fmt: skip
    told += _unassigned(territory, span, user)
    told += _unfinished(territory, day, user)
    return sorted(told, key=lambda decision: (*decision.weight, decision.stop.id))


def _unassigned(territory: Territory, span: Span, user: User) -> list[Decision]:
    """Work in no route, except on days that are over: what was left of those waits today."""
    if span[1] <= now():
        return []
    query = stop_columns().add_columns(Explanation.kind.label("explained"), Explanation.reasons,
                                       Explanation.outbid_by, Explanation.fix)  # fmt: skip
    query = query.outerjoin(Explanation, Explanation.job_id == Job.id).where(
        Job.territory_id == territory.id, Job.state == "unplanned", user.may_see(Job.client_id),
        or_(Job.not_before.is_(None), Job.not_before < span[1], Job.awaits.is_not(None)),
    )  # fmt: skip
    rows = db.session.execute(query).all()
    known = known_of([(row.outbid_by, row.fix) for row in rows], user)
    return [_waiting(row, known) for row in rows]


def number_of(job_id: int) -> str:
    return f"INT-{FIRST_NUMBER + job_id}"


def visible_ids(ids: Iterable[int], user: User) -> set[int]:
    return set(db.session.scalars(select(Job.id).where(Job.id.in_(ids), user.may_see(Job.client_id))))


class Known(NamedTuple):
    """What explanations refer to: the jobs that the reader may see, and rights that have expired."""

    visible: set[int]
    expired: dict[tuple[int, str], date]


def known_of(entries: Sequence[tuple[Any, Any]], user: User) -> Known:
    """For explanations given as (outbid_by, fix)."""
    ids = {other for outbid_by, _fix in entries for other in outbid_by or ()}
    fixes = [fix for _outbid_by, fix in entries if fix and fix["rule"] == "right"]
    return Known(visible_ids(ids, user), _expired({fix["technician_id"] for fix in fixes}))


def _expired(technician_ids: Iterable[int]) -> dict[tuple[int, str], date]:
    """Until when these technicians held rights that they hold no more, by technician and key of the right."""
    query = select(
        RightGrant.technician_id, Client.code, AdminRight.code, RightGrant.valid_to, Territory.zone
    )
    query = query.join(AdminRight, AdminRight.id == RightGrant.admin_right_id).join(AdminRight.client)
    query = query.join(Technician, Technician.id == RightGrant.technician_id)
    query = query.join(Territory, Territory.id == Technician.territory_id)
    query = query.where(RightGrant.technician_id.in_(technician_ids), RightGrant.valid_to.is_not(None))
    return {
        (key, f"{client}:{code}"): until
        for key, client, code, until, zone in db.session.execute(query.order_by(RightGrant.valid_to))
        if until and until < now().astimezone(ZoneInfo(zone)).date()
    }


def _waiting(row: Row[Any], known: Known) -> Decision:
    stop = overdue(stop_of(row), now())
    if row.awaits:
        return Decision("awaits", stop, awaits=row.awaits)
    if not row.explained:
        return Decision("unassigned", stop)
    told = explained(row.explained, row.reasons, row.outbid_by, row.fix, known)
    return Decision("unassigned", stop, explained=told)


def explained(
    kind: str, reasons: Sequence[Any], outbid_by: Sequence[int], fix: dict[str, Any] | None, known: Known
) -> Explained:
    """An explanation as it may be read: of the jobs that won, the visible ones by their number."""
    numbers = [number_of(other) for other in outbid_by if other in known.visible]
    remedy = dict(fix or {})
    if remedy.get("rule") == "right":
        remedy["expired"] = known.expired.get((remedy["technician_id"], remedy["values"]["missing"][0]))
    return Explained(kind, reasons, numbers, len(outbid_by) - len(numbers), remedy)


def _unfinished(territory: Territory, day: date, user: User) -> list[Decision]:
    """Jobs of the day that ended without being done, and that nothing follows: somebody has to say what next."""
    later = aliased(Job)
    follows = exists().where(later.ticket_id == Job.ticket_id, later.state.in_(OPEN))
    query = stop_columns().where(
        Job.territory_id == territory.id, Job.state == "not_completed", Job.day == day, ~follows,
        Ticket.state.in_(FOLLOWED), user.may_see(Job.client_id),
    )  # fmt: skip
    return [Decision("unfinished", stop_of(row), outcome=row.outcome) for row in db.session.execute(query)]
