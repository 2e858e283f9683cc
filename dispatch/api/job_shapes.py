"""Jobs as they are shown, and what may be said about them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_login import current_user
from marshmallow import fields

from dispatch.api.fields import Choice, Day, Instant, Line, Reference, Text, Whole, Window, choices
from dispatch.api.paging import Page
from dispatch.api.problems import BY_ASSIGNMENT
from dispatch.api.shapes import (
    PersonShape,
    PlaceShape,
    Shape,
    Span,
    TechnicianShape,
    as_read_by,
    local,
    person_shown,
    place_shown,
    technician_shown,
    zone_of,
)
from dispatch.models.job import FIRST_NUMBER, LOCKS, Job
from dispatch.models.transitions import DECLINED, MOVES, NOT_COMPLETED, STATES

NAMES = tuple(dict.fromkeys([move.name for move in MOVES] + ["undone"]))
FOLLOW_UPS = tuple(dict.fromkeys(ending.follow_up for ending in NOT_COMPLETED.values() if ending.follow_up))


class JobFilter(Page):
    technician = Line(metadata={"description": "code or id"})
    day = Day()
    state = choices(STATES)


class FollowUpDetails(Shape):
    """What the next job needs; which details count depends on the kind."""

    kind = Choice(FOLLOW_UPS, required=True)
    window = Window(allow_none=True)
    contact = Line(allow_none=True)
    part = Line(allow_none=True)
    arrival = Day(allow_none=True)
    skill = Line(allow_none=True)
    level = Whole(1, 9, allow_none=True)
    admin_right = Line(allow_none=True)
    minutes = Whole(5, 480, allow_none=True)


class FollowUp(fields.Nested):
    """The kind alone, or an object with its details."""

    def __init__(self, **options: Any) -> None:
        super().__init__(FollowUpDetails, **options)

    def _deserialize(self, value: Any, *arguments: Any, **more: Any) -> Any:
        return super()._deserialize({"kind": value} if isinstance(value, str) else value, *arguments, **more)


class TransitionGiven(Shape):
    to = Choice(NAMES, required=True)
    at = Instant(
        allow_none=True, metadata={"description": "when the device says it happened; noted, never decisive"}
    )
    reason = Choice(tuple(dict.fromkeys([*NOT_COMPLETED, *DECLINED])), allow_none=True)
    note = Text(5000, allow_none=True)
    follow_up = FollowUp(allow_none=True)
    based_on = Whole(
        allow_none=True, metadata={"description": "the version looked at; noted, never decisive"}
    )
    version = Whole(allow_none=True)


class AssignmentGiven(Shape):
    technician = Reference(required=True)
    start = Instant(
        allow_none=True, metadata={"description": "begin near this; without it, at the best moment"}
    )
    lock = Choice(LOCKS, allow_none=True)
    override_reason = Line(500, allow_none=True)
    version = Whole(allow_none=True)

    @ma.post_load
    def _strip(self, given: dict[str, Any], **_more: Any) -> dict[str, Any]:
        return given | {"override_reason": (given.get("override_reason") or "").strip() or None}


class WaivedShape(Shape):
    rule = fields.String()
    reason = fields.String()


class JobShape(Shape):
    id = fields.Integer()
    number = fields.String()
    version = fields.Integer()
    ticket = fields.String()
    client = fields.String()
    summary = fields.String()
    kind = fields.String()
    priority = fields.Integer()
    mode = fields.String()
    state = fields.String(metadata={"enum": list(STATES)})
    state_at = Instant()
    legal = fields.List(fields.String(), metadata={"description": "the transitions the caller may make now"})
    technician = fields.Nested(TechnicianShape, allow_none=True)
    day = fields.Date(allow_none=True)
    arrival = Instant(allow_none=True)
    start = Instant(allow_none=True)
    end = Instant(allow_none=True)
    travel_seconds = fields.Integer()
    lock = fields.String(metadata={"enum": list(LOCKS)})
    lock_start = Instant(allow_none=True)
    waived = fields.List(fields.Nested(WaivedShape))
    promised = fields.Nested(Span, allow_none=True)
    due_at = Instant(allow_none=True)
    not_before = Instant(allow_none=True)
    awaits = fields.String(allow_none=True)
    requester = fields.Nested(PersonShape, allow_none=True)
    contact = fields.Nested(PersonShape, allow_none=True)
    place = fields.Nested(PlaceShape)
    duration_minutes = fields.Integer(allow_none=True)
    duration_source = fields.String(
        allow_none=True,
        metadata={"enum": ["said", "learned", "category", None], "description": "who says so"},
    )
    skills = fields.Dict(keys=fields.String(), values=fields.Integer())
    admin_right = fields.String(allow_none=True)
    tools = fields.List(fields.String())
    parts = fields.Dict(keys=fields.String(), values=fields.Integer())
    steps_tried = fields.String(allow_none=True)
    escalation_reasons = fields.List(fields.String())
    outcome = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    worked_seconds = fields.Integer()
    ended_at = Instant(allow_none=True)
    created_at = Instant()
    follows = fields.String(allow_none=True, metadata={"description": "the job that this one continues"})


class TransitionShape(JobShape):
    follow_up = fields.String(
        allow_none=True, metadata={"description": "number of the job made for what is left"}
    )


class BrokenShape(Shape):
    rule = fields.String()
    detail = fields.String()
    waivable = fields.Boolean(metadata={"description": "may be overridden with a reason"})


class CandidateShape(Shape):
    technician = fields.Nested(TechnicianShape)
    day = fields.Date()
    feasible = fields.Boolean()
    added_minutes = fields.Integer()
    arrival = Instant()
    start = Instant()
    lateness_minutes = fields.Integer()
    broken = fields.List(fields.Nested(BrokenShape))


class Candidates(Shape):
    items = fields.List(fields.Nested(CandidateShape))


def legal_moves(job: Job) -> list[str]:
    return [name for name in job.legal_moves(current_user) if name not in BY_ASSIGNMENT]


def job_shown(job: Job) -> dict[str, Any]:
    plain = (
        "id", "number", "version", "mode", "state", "day", "travel_seconds", "lock", "awaits", "duration_minutes",
        "duration_source", "skills", "tools", "parts", "outcome", "note", "worked_seconds",
    )  # fmt: skip
    shown = {name: getattr(job, name) for name in plain} | _of_ticket(job) | _instants(job) | {
        "client": job.client.code,
        "legal": legal_moves(job),
        "technician": technician_shown(job.technician),
        "waived": [{"rule": rule, "reason": reason} for rule, reason in job.waived.items()],
        "place": place_shown(job.building, job.floor, job.desk),
        "admin_right": job.admin_right and job.admin_right.code,
        "follows": f"INT-{FIRST_NUMBER + job.parent_id}" if job.parent_id else None,
    }  # fmt: skip
    return as_read_by(current_user, shown)


def _of_ticket(job: Job) -> dict[str, Any]:
    ticket, handover = job.ticket, job.ticket.handover
    return {
        "ticket": ticket.number, "summary": ticket.summary, "kind": ticket.kind, "priority": ticket.priority,
        "requester": person_shown(ticket.requester), "contact": person_shown(ticket.contact),
        "steps_tried": handover and handover.steps_tried, "escalation_reasons": handover.reasons if handover else [],
    }  # fmt: skip


def _instants(job: Job) -> dict[str, Any]:
    zone = zone_of(job)
    promised = None
    if job.promised_from and job.promised_to:
        promised = {"start": local(job.promised_from, zone), "end": local(job.promised_to, zone)}
    return {
        "promised": promised, "due_at": local(job.ticket.due_at, zone), "state_at": local(job.state_at, zone),
        "arrival": local(job.planned_arrival, zone), "start": local(job.planned_start, zone),
        "end": local(job.planned_end, zone), "lock_start": local(job.lock_start, zone),
        "not_before": local(job.not_before, zone), "ended_at": local(job.ended_at, zone),
        "created_at": local(job.created_at, zone),
    }  # fmt: skip
