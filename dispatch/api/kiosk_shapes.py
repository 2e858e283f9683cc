"""Kiosks and who comes to them, as they are shown, and what may be said about them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from dispatch.api.fields import Choice, Instant, Line, Reference, Whole
from dispatch.api.shapes import Shape, TechnicianShape, local, technician_shown
from dispatch.clock import now
from dispatch.models.crowd import Crowd
from dispatch.models.entry import LONGEST_SUBJECT, LONGEST_VISITOR, Entry
from dispatch.models.entry_states import CHOSEN, OPEN, STATES
from dispatch.models.place import Kiosk


class CrowdShape(Shape):
    waiting = fields.Integer()
    called = fields.Integer()
    serving = fields.Integer()
    on_hold = fields.Integer()


class KioskShape(Shape):
    id = fields.Integer()
    name = fields.String()
    client = fields.String()
    building = fields.String(metadata={"description": "site/building"})
    counters = fields.Integer()
    desks_open = fields.Integer(metadata={"description": "technicians on duty there now"})
    crowd = fields.Nested(CrowdShape)
    longest_wait_minutes = fields.Integer(
        metadata={"description": "of who waits or is called; time on hold is not counted"}
    )
    estimated_wait = fields.Raw(
        allow_none=True, metadata={"type": "null", "description": "not estimated yet"}
    )


class EntryGiven(Shape):
    category = Line(allow_none=True, metadata={"description": "code of a category of the kiosk's client"})
    visitor = Line(LONGEST_VISITOR, allow_none=True, metadata={"description": "forgotten at night"})
    subject = Line(LONGEST_SUBJECT, allow_none=True)


class CallGiven(Shape):
    technician = Reference(
        allow_none=True, metadata={"description": "at whose desk; a technician calls to his own"}
    )


class EntryTransitionGiven(Shape):
    to = Choice(CHOSEN, required=True)
    version = Whole(allow_none=True)


class EntryShape(Shape):
    id = fields.Integer()
    version = fields.Integer()
    kiosk = fields.Integer()
    day = fields.Date()
    number = fields.Integer(metadata={"description": "of the kiosk and the day, from 1"})
    state = fields.String(metadata={"enum": list(STATES)})
    state_at = Instant()
    legal = fields.List(fields.String(), metadata={"description": "the transitions possible now"})
    category = fields.String(allow_none=True)
    visitor = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    technician = fields.Nested(TechnicianShape, allow_none=True, metadata={"description": "who called"})
    arrived_at = Instant()
    called_at = Instant(allow_none=True)
    served_from = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    waited_seconds = fields.Integer(metadata={"description": "waiting and called, up to now"})


def kiosk_shown(kiosk: Kiosk, crowd: Crowd, desks: int) -> dict[str, Any]:
    site = kiosk.building.site
    return {
        "id": kiosk.id, "name": kiosk.name, "client": site.client.code,
        "building": f"{site.code}/{kiosk.building.code}", "counters": kiosk.counters, "desks_open": desks,
        "crowd": {state: crowd.states[state] for state in OPEN},
        "longest_wait_minutes": int(crowd.longest(now())), "estimated_wait": None,
    }  # fmt: skip


def entry_shown(entry: Entry) -> dict[str, Any]:
    zone = entry.kiosk.building.site.zone
    plain = ("id", "version", "day", "number", "state", "visitor", "subject")
    instants = ("state_at", "arrived_at", "called_at", "served_from", "ended_at")
    return {
        **{name: getattr(entry, name) for name in plain},
        **{name: local(getattr(entry, name), zone) for name in instants},
        "kiosk": entry.kiosk_id, "legal": entry.legal_moves(), "waited_seconds": entry.wait(now()),
        "category": entry.category.code if entry.category else None,
        "technician": technician_shown(entry.technician),
    }  # fmt: skip
