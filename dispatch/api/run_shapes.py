"""Plan runs: what is asked of them, and what they found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_login import current_user
from marshmallow import fields, validate

from dispatch import sentences
from dispatch.api.assumed_shapes import AssumptionGiven, AssumptionShape
from dispatch.api.fields import Day, Instant, Reference, Whole
from dispatch.api.references import technicians_shown
from dispatch.api.scopes import ScopeGiven, ScopeShape, scope_shown
from dispatch.api.shapes import ReasonShape, Shape, TechnicianShape, instant_of, local
from dispatch.api.weighed_shapes import ComparedShape, compared_shown
from dispatch.board.explanations import explained, known_of
from dispatch.board.rows import Explained
from dispatch.models.plan import RUN_STATES, PlanRun

MOST_DAYS = 14
MOST_SECONDS = 3600
PARTS = ("total", "travel", "unserved", "lateness", "overtime", "moves", "preference", "promise")


class RunGiven(Shape):
    territory = Reference(allow_none=True, metadata={"description": "without it, the caller's only one"})
    day = Day(required=True)
    days = Whole(1, MOST_DAYS, load_default=1)
    seconds = Whole(
        1,
        MOST_SECONDS,
        metadata={"description": "time given to the solver; without it, as the operator has set"},
    )
    scope = fields.Nested(ScopeGiven, metadata={"description": "what may change; without it, everything"})
    assumed = fields.List(
        fields.Nested(AssumptionGiven),
        load_default=None,
        metadata={
            "description": "of a what-if: a copy of the day that changes nothing before it is accepted"
        },
    )


class AcceptanceGiven(Shape):
    jobs = fields.List(
        fields.String(), load_default=None, allow_none=True, validate=validate.Length(min=1, max=5000),
        metadata={"description": "of the jobs in `diff`, those whose changes are accepted; without it, all"},
    )  # fmt: skip


class TerritoryShape(Shape):
    id = fields.Integer()
    code = fields.String()
    name = fields.String()


class SeatShape(Shape):
    technician = fields.Nested(TechnicianShape, allow_none=True)
    start = Instant()


class DifferenceShape(Shape):
    job = fields.String()
    summary = fields.String()
    kind = fields.String(metadata={"enum": ["assigned", "moved", "retimed", "unassigned"]})
    before = fields.Nested(SeatShape, data_key="from", allow_none=True)
    after = fields.Nested(SeatShape, data_key="to", allow_none=True)
    text = fields.String()


class UnassignedShape(Shape):
    job = fields.String()
    summary = fields.String()
    priority = fields.Integer()
    kind = fields.String(
        metadata={"enum": ["impossible", "outbid", "not_found", "not_planned", "left_out", "shift_ended"]}
    )
    text = fields.String(metadata={"description": "the reasons in one sentence"})
    reasons = fields.List(fields.Nested(ReasonShape))
    outbid_by = fields.List(fields.String(), metadata={"description": "jobs of clients the caller may see"})
    outbid_by_others = fields.Integer(metadata={"description": "how many jobs of other clients went first"})
    fix = fields.String(
        allow_none=True, metadata={"description": "the cheapest single change that would let it in"}
    )


class LeftOutShape(Shape):
    what = fields.String(metadata={"enum": ["technician", "job"]})
    id = fields.Integer()
    name = fields.String()
    reason = fields.String()
    days = fields.List(
        fields.String(metadata={"format": "date"}),
        metadata={"description": "of the run, on which that is so; none: on all"},
    )
    detail = fields.String()


class RunShape(Shape):
    id = fields.Integer()
    version = fields.Integer()
    territory = fields.Nested(TerritoryShape)
    day = fields.Date()
    days = fields.Integer()
    seconds = fields.Integer()
    scope = fields.Nested(ScopeShape)
    assumed = fields.List(
        fields.Nested(AssumptionShape),
        metadata={"description": "what a what-if takes for granted; a real run assumes nothing"},
    )
    state = fields.String(metadata={"enum": list(RUN_STATES)})
    progress = fields.Float(metadata={"description": "0 to 1"})
    best_cost = fields.Integer(allow_none=True)
    served = fields.Integer(allow_none=True)
    objective = fields.Dict(
        keys=fields.String(), values=fields.Integer(),
        metadata={"description": "cost in seconds of travel: " + ", ".join(PARTS)},
    )  # fmt: skip
    compared = fields.Nested(
        ComparedShape, allow_none=True,
        metadata={"description": "the proposal beside the live plan; null while there is none"},
    )  # fmt: skip
    diff = fields.List(fields.Nested(DifferenceShape))
    unassigned = fields.List(fields.Nested(UnassignedShape))
    left_out = fields.List(fields.Nested(LeftOutShape))
    error = fields.String(allow_none=True)
    unfit = fields.List(
        fields.String(),
        metadata={
            "description": "only in the answer to an acceptance: jobs of which nothing was done for want of a place"
        },
    )
    requested_at = Instant()
    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)


def territory_shown(territory: Any) -> dict[str, Any]:
    return {"id": territory.id, "code": territory.code, "name": territory.name}


def run_shown(run: PlanRun) -> dict[str, Any]:
    """The run, without the work of clients that the caller may not see."""
    zone = run.territory.zone
    diff, unassigned, left_out = _seen(run.diff), _seen(run.unassigned), _seen(run.left_out)
    words = sentences.Vocabulary.load(zone)
    beside = run.weighed or {"days": [], "promises": []}
    people = technicians_shown(
        [*_technician_ids(diff, unassigned), *(day["technician_id"] for day in beside["days"])]
    )
    told = run.is_for(current_user)  # costs are those of all the work that the run may move
    plain = ("id", "version", "day", "days", "seconds", "state", "progress", "served", "error")
    return {name: getattr(run, name) for name in plain} | {
        "territory": territory_shown(run.territory),
        "scope": scope_shown(run.scope, zone),
        "assumed": [{**one, "text": sentences.assumption(one, words)} for one in run.assumed or ()],
        "objective": run.objective if told else {},
        "best_cost": run.best_cost if told else None,
        "compared": compared_shown(run, _seen(beside["promises"]), told, words, people),
        "diff": [_difference(item, words, people, run.days > 1) for item in diff],
        "unassigned": _unassigned(unassigned, words, people),
        "left_out": [_left_out(item, run.days) for item in left_out],
        "requested_at": local(run.requested_at, zone),
        "started_at": local(run.started_at, zone),
        "ended_at": local(run.ended_at, zone),
    }


def _left_out(item: Mapping[str, Any], of: int) -> dict[str, Any]:
    days = item.get("days", [])
    detail = sentences.left_out(item["reason"], [date.fromisoformat(day) for day in days], of)
    return {**item, "days": days, "detail": detail}


def unassigned_shown(
    item: Mapping[str, Any], told: Explained, words: sentences.Vocabulary, people: Mapping[int, Any]
) -> dict[str, Any]:
    """A job in no route (`item` holds number, summary, priority), and why, in codes and in words."""
    aside = told.kind == "left_out"
    reasons = [
        {"technician": people.get(one["technician_id"]), "rule": one["rule"], "day": one.get("day"),
         "detail": sentences.reason(one["rule"], one.get("values") or {}, words)}
        for one in told.reasons if not aside
    ]  # fmt: skip
    text = sentences.left_out(told.reasons[0]["rule"]) if aside else sentences.summary(told.reasons, words)
    if told.outbid_by or told.others:
        text = sentences.outbid(told.outbid_by, told.others)
    return {
        "job": item["number"], "summary": item["summary"], "priority": item["priority"], "kind": told.kind,
        "text": text, "reasons": reasons, "outbid_by": told.outbid_by, "outbid_by_others": told.others,
        "fix": sentences.fix(told.fix, words, sentences.fix_day(told.fix, told.reasons)) or None,
    }  # fmt: skip


def _unassigned(
    items: Sequence[Any], words: sentences.Vocabulary, people: Mapping[int, Any]
) -> list[dict[str, Any]]:
    known = known_of([(item["outbid_by"], item["fix"]) for item in items], current_user)
    return [
        unassigned_shown(
            item,
            explained(item["kind"], item["reasons"], item["outbid_by"], item["fix"], known),
            words,
            people,
        )
        for item in items
    ]


def _seen(items: Sequence[Any]) -> list[Any]:
    return [item for item in items if item["client_id"] is None or current_user.sees(item["client_id"])]


def _technician_ids(diff: Iterable[Any], unassigned: Iterable[Any]) -> list[int]:
    seats = [seat for item in diff for seat in (item["from"], item["to"]) if seat]
    reasons = [reason for item in unassigned for reason in item["reasons"]]
    return [one["technician_id"] for one in (*seats, *reasons)]


def _difference(
    item: Mapping[str, Any], words: sentences.Vocabulary, people: Mapping[int, Any], dated: bool
) -> dict[str, Any]:
    return {
        "job": item["number"], "summary": item["summary"], "kind": item["kind"],
        "before": _seat(item["from"], words.zone, people), "after": _seat(item["to"], words.zone, people),
        "text": sentences.change(item, words, dated),
    }  # fmt: skip


def _seat(seat: Mapping[str, Any] | None, zone: str, people: Mapping[int, Any]) -> dict[str, Any] | None:
    if seat is None:
        return None
    return {"technician": people.get(seat["technician_id"]), "start": local(instant_of(seat["start"]), zone)}
