"""The live plan of a territory's day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Response, abort
from flask_login import current_user
from marshmallow import fields
from sqlalchemy import select

from dispatch import sentences
from dispatch.api import references
from dispatch.api.fields import FIRST_YEAR, LAST_YEAR, Instant, Line
from dispatch.api.resource import Resource
from dispatch.api.run_shapes import TerritoryShape, UnassignedShape, territory_shown, unassigned_shown
from dispatch.api.shapes import Shape, Span, TechnicianShape, local
from dispatch.board.queries import day_of
from dispatch.board.rows import Away, Day, Decision, Explained, Route, Stop
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.security import role

blueprint = Resource("api_plans", __name__, "The live plan")

# of a job that came after the last run
NOBODY_LOOKED = Explained("not_planned", (), (), 0, {})


class PlanFilter(Shape):
    territory = Line(metadata={"description": "code or id; without it, the caller's only one"})


class StopShape(Shape):
    id = fields.Integer()
    job = fields.String()
    version = fields.Integer()
    state = fields.String()
    mode = fields.String()
    priority = fields.Integer()
    summary = fields.String()
    client = fields.String()
    place = fields.String()
    lock = fields.String()
    travel_seconds = fields.Integer()
    arrival = Instant(allow_none=True)
    start = Instant()
    end = Instant()
    due_at = Instant(allow_none=True)
    late = fields.Boolean()
    at_risk = fields.Boolean()


class BusyShape(Span):
    kind = fields.String(
        metadata={
            "enum": ["kiosk", "absence", "pause", "off", "busy"],
            "description": "busy: work the caller may not see",
        }
    )


class RouteShape(Shape):
    technician = fields.Nested(TechnicianShape)
    shifts = fields.List(fields.Nested(Span))
    stops = fields.List(fields.Nested(StopShape))
    breaks = fields.List(fields.Nested(Span))
    busy = fields.List(fields.Nested(BusyShape))


class PlanShape(Shape):
    day = fields.Date()
    territory = fields.Nested(TerritoryShape)
    routes = fields.List(fields.Nested(RouteShape))
    unassigned = fields.List(fields.Nested(UnassignedShape))


@blueprint.route("/plans/<day>")
@role("dispatcher", "administrator")
@blueprint.arguments(PlanFilter, location="query")
@blueprint.response(200, PlanShape)
def show(filters: dict[str, Any], day: str) -> dict[str, Any]:
    """Routes with their stops in order, and the jobs in no route with the reasons."""
    territory = references.territory_named(filters.get("territory"))
    plan = day_of(territory, _day(day), current_user)
    waiting = [decision for decision in plan.decisions if decision.kind == "unassigned"]
    return {
        "day": plan.day,
        "territory": territory_shown(territory),
        "routes": _routes(plan),
        "unassigned": _unassigned(waiting, plan.zone),
    }


@blueprint.after_request
def tag(answer: Response) -> Response:
    """The plan has no version to be written against: its tag is what it says."""
    if answer.status_code == 200:
        answer.add_etag()
    return answer


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if text != day.isoformat() or not FIRST_YEAR <= day.year <= LAST_YEAR:
        abort(404)
    return day


def _routes(plan: Day) -> list[dict[str, Any]]:
    people = references.technicians_shown(route.id for route in plan.routes)
    arrivals = _arrivals(plan)
    return [
        {
            "technician": people[route.id],
            "shifts": [_span(start, end, plan.zone) for start, end in route.shifts],
            "stops": [_stop(stop, arrivals.get(stop.id), plan.zone) for stop in route.stops],
            "breaks": [_span(one.start, one.end, plan.zone) for one in _away(route) if one.kind == "break"],
            "busy": [
                _span(one.start, one.end, plan.zone) | {"kind": one.kind}
                for one in _away(route)
                if one.kind != "break"
            ],
        }
        for route in plan.routes
    ]


def _arrivals(plan: Day) -> dict[int, datetime | None]:
    stops = [stop.id for route in plan.routes for stop in route.stops]
    query = select(Job.id, Job.planned_arrival).where(Job.id.in_(stops))
    return dict(db.session.execute(query).all())


def _away(route: Route) -> list[Away]:
    return [item for item in route.items if isinstance(item, Away)]


def _span(start: datetime, end: datetime, zone: str) -> dict[str, Any]:
    return {"start": local(start, zone), "end": local(end, zone)}


def _stop(stop: Stop, arrival: datetime | None, zone: str) -> dict[str, Any]:
    plain = ("id", "version", "state", "mode", "priority", "summary", "client", "place", "lock")
    status = stop.mark.status if stop.mark else ""
    return {name: getattr(stop, name) for name in plain} | {
        "job": stop.number, "travel_seconds": stop.travel, "arrival": local(arrival, zone),
        "start": local(stop.start, zone), "end": local(stop.end, zone), "due_at": local(stop.due, zone),
        "late": status == "late", "at_risk": status == "at_risk",
    }  # fmt: skip


def _unassigned(waiting: list[Decision], zone: str) -> list[dict[str, Any]]:
    words = sentences.Vocabulary.load(zone)
    told = [decision.explained or NOBODY_LOOKED for decision in waiting]
    whose = [reason.get("technician_id") for one in told for reason in one.reasons]
    people = references.technicians_shown(one for one in whose if one is not None)
    items = [
        {"number": decision.stop.number, "summary": decision.stop.summary, "priority": decision.stop.priority}
        for decision in waiting
    ]
    return [unassigned_shown(item, one, words, people) for item, one in zip(items, told, strict=True)]
