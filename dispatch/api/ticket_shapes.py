"""Tickets as they come in and as they are shown."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from marshmallow import fields

from dispatch.api.fields import Choice, Instant, Label, Line, Reference, Text, Whole, Window, choices
from dispatch.api.paging import Page
from dispatch.api.shapes import (
    PersonShape,
    PlaceShape,
    Shape,
    TechnicianShape,
    as_read_by,
    instant_of,
    local,
    person_shown,
    place_shown,
    technician_shown,
    zone_of,
)
from dispatch.clock import now
from dispatch.models import ticket_ending
from dispatch.models.handed import LONGEST, MOST_MINUTES
from dispatch.models.job import Job
from dispatch.models.ticket import REASONS, STATES, Ticket

KINDS = ("incident", "request")
MAY_BE_UNKNOWN = (
    "requester", "category", "building", "floor", "desk", "phone", "asset", "available", "steps_tried",
    "escalation_reasons", "admin_right", "impact", "urgency", "duration_minutes",
)  # fmt: skip


class PersonGiven(Shape):
    name = Line(allow_none=True)
    phone = Line(allow_none=True)
    email = Line(allow_none=True)


class PlaceGiven(Shape):
    building = Reference(allow_none=True)
    floor = Label()
    desk = Label()


class ExternalRef(Shape):
    system = Line(required=True)
    id = Line(required=True)


class TicketGiven(Shape):
    """What is handed over. Null: not known (yet); the ticket is marked as to be completed."""

    client = Reference(required=True)
    external_ref = fields.Nested(ExternalRef, allow_none=True)
    kind = Choice(KINDS, allow_none=True)
    requester = fields.Nested(PersonGiven, allow_none=True)
    contact = fields.Nested(PersonGiven, allow_none=True)
    place = fields.Nested(PlaceGiven, allow_none=True)
    category = Line(allow_none=True, metadata={"description": "a category code of the client"})
    summary = Line(LONGEST["summary"], required=True)
    description = Text(LONGEST["description"], allow_none=True)
    steps_tried = Text(LONGEST["steps_tried"], allow_none=True)
    escalation_reasons = fields.List(Choice(REASONS), allow_none=True)
    admin_right = Line(allow_none=True, metadata={"description": "a right's code of the client"})
    impact = Whole(1, 3, allow_none=True)
    urgency = Whole(1, 3, allow_none=True)
    asset = Line(allow_none=True)
    available = fields.List(Window(), allow_none=True)
    duration_minutes = Whole(1, MOST_MINUTES, allow_none=True)
    said_unknown = fields.List(
        Choice(MAY_BE_UNKNOWN),
        data_key="unknown",
        metadata={"description": "what somebody said aloud to be unknown"},
    )


class TicketFilter(Page):
    state = choices(STATES)
    client = Line()


class TicketTransitionGiven(Shape):
    to = Choice(tuple(ticket_ending.MOVES), required=True)
    reason = Line(
        ticket_ending.LONGEST_REASON,
        allow_none=True,
        metadata={"description": "why it is cancelled; the client's contact reads it"},
    )
    version = Whole(allow_none=True)


class JobOfTicket(Shape):
    id = fields.Integer()
    number = fields.String()
    mode = fields.String()
    state = fields.String()
    technician = fields.Nested(TechnicianShape, allow_none=True)
    start = Instant(allow_none=True)
    end = Instant(allow_none=True)
    outcome = fields.String(allow_none=True)


class SlaShape(Shape):
    priority = fields.Integer(metadata={"description": "1 (highest) to 4"})
    target_hours = fields.Integer(metadata={"description": "working hours to resolve"})
    due_at = Instant(allow_none=True)
    late = fields.Boolean()


class TicketShape(Shape):
    id = fields.Integer()
    number = fields.String()
    version = fields.Integer()
    client = fields.String()
    external_ref = fields.Nested(ExternalRef, allow_none=True)
    kind = fields.String()
    state = fields.String(metadata={"enum": list(STATES)})
    hold_reason = fields.String(allow_none=True)
    legal = fields.List(fields.String(), metadata={"description": "the transitions the caller may make now"})
    requester = fields.Nested(PersonShape, allow_none=True)
    contact = fields.Nested(PersonShape, allow_none=True)
    place = fields.Nested(PlaceShape)
    phone = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    summary = fields.String()
    description = fields.String()
    steps_tried = fields.String(allow_none=True)
    escalation_reasons = fields.List(fields.String())
    admin_right = fields.String(allow_none=True)
    impact = fields.Integer()
    urgency = fields.Integer()
    asset = fields.String(allow_none=True)
    available = fields.List(Window())
    opened_at = Instant()
    resolved_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    missing = fields.List(fields.String())
    said_unknown = fields.List(fields.String(), data_key="unknown")
    to_be_completed = fields.Boolean()
    lacked = fields.String(
        allow_none=True, metadata={"description": "what the handover lacked, says the technician"}
    )
    jobs = fields.List(fields.Nested(JobOfTicket))
    sla = fields.Nested(SlaShape)


def ticket_shown(ticket: Ticket) -> dict[str, Any]:
    zone, handover = zone_of(ticket), ticket.handover
    plain = (
        "id", "number", "version", "kind", "state", "hold_reason", "phone", "summary", "description", "impact",
        "urgency", "asset", "missing",
    )  # fmt: skip
    shown = {name: getattr(ticket, name) for name in plain} | {
        "client": ticket.client.code,
        "legal": ticket_ending.legal_moves(ticket, current_user),
        "external_ref": _external_ref(ticket),
        "requester": person_shown(ticket.requester),
        "contact": person_shown(ticket.contact),
        "place": place_shown(ticket.building, ticket.floor, ticket.desk),
        "category": ticket.category and ticket.category.code,
        "steps_tried": handover and handover.steps_tried,
        "escalation_reasons": handover.reasons if handover else [],
        "admin_right": ticket.admin_right and ticket.admin_right.code,
        "available": [[local(instant_of(end), zone) for end in window] for window in ticket.available],
        "opened_at": local(ticket.opened_at, zone),
        "resolved_at": local(ticket.resolved_at, zone),
        "closed_at": local(ticket.closed_at, zone),
        "said_unknown": ticket.unknown,
        "to_be_completed": bool(ticket.missing),
        "lacked": handover and handover.lacked,
        "jobs": [_job_shown(job, zone) for job in ticket.jobs],
        "sla": _sla_shown(ticket, zone),
    }
    return as_read_by(current_user, shown)


def _external_ref(ticket: Ticket) -> dict[str, Any] | None:
    return {"system": ticket.connection.system, "id": ticket.external_id} if ticket.connection else None


def _job_shown(job: Job, zone: str) -> dict[str, Any]:
    return {
        "id": job.id, "number": job.number, "mode": job.mode, "state": job.state, "outcome": job.outcome,
        "technician": technician_shown(job.technician), "start": local(job.planned_start, zone),
        "end": local(job.planned_end, zone),
    }  # fmt: skip


def _sla_shown(ticket: Ticket, zone: str) -> dict[str, Any]:
    until = ticket.resolved_at or now()
    return {
        "priority": ticket.priority,
        "target_hours": ticket.client.target_hours()[ticket.priority],
        "due_at": local(ticket.due_at, zone),
        "late": ticket.due_at is not None and until > ticket.due_at,
    }
