"""What several resources show alike: people, places, instants in the zone of their place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma
from marshmallow import fields

from dispatch.models.audience import INTERNAL
from dispatch.models.job import Job
from dispatch.models.place import Building
from dispatch.models.technician import Technician
from dispatch.models.ticket import Requester, Ticket
from dispatch.models.user import User


class Shape(ma.Schema):
    """Refuses fields that it does not know, and names them."""

    class Meta:
        unknown = ma.RAISE
        ordered = True


class TechnicianShape(Shape):
    id = fields.Integer()
    code = fields.String()
    name = fields.String()


class PersonShape(Shape):
    name = fields.String()
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    vip = fields.Boolean()


class PlaceShape(Shape):
    building = fields.String(
        allow_none=True, metadata={"description": "site/building, as POST /tickets takes it"}
    )
    name = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    floor = fields.String(allow_none=True)
    desk = fields.String(allow_none=True)


class Span(Shape):
    start = fields.AwareDateTime(data_key="from")
    end = fields.AwareDateTime(data_key="to")


class ReasonShape(Shape):
    technician = fields.Nested(TechnicianShape)
    rule = fields.String()
    day = fields.String(
        allow_none=True, metadata={"format": "date", "description": "of the route that was looked at"}
    )
    detail = fields.String()


def local(instant: datetime | None, zone: str) -> datetime | None:
    """The instant with the offset of the zone."""
    return instant.astimezone(ZoneInfo(zone)) if instant else None


def zone_of(work: Job | Ticket) -> str:
    return work.building.site.zone if work.building else work.client.zone


def technician_shown(technician: Technician | None) -> dict[str, Any] | None:
    return {"id": technician.id, "code": technician.code, "name": technician.name} if technician else None


def person_shown(person: Requester | None) -> dict[str, Any] | None:
    if person is None:
        return None
    return {"name": person.name, "phone": person.phone, "email": person.email, "vip": person.vip}


def place_shown(building: Building | None, floor: str | None, desk: str | None) -> dict[str, Any]:
    return {
        "building": f"{building.site.code}/{building.code}" if building else None,
        "name": building.full_name if building else None,
        "address": (building.address or building.site.address) if building else None,
        "floor": floor,
        "desk": desk,
    }


def as_read_by(user: User, shown: dict[str, Any]) -> dict[str, Any]:
    """A ticket or a job without what is internal, for a contact of the client."""
    return (
        shown if user.reads_internal else shown | {name: INTERNAL[name] for name in INTERNAL if name in shown}
    )


def instant_of(text: str) -> datetime:
    """An instant kept as a text in JSON."""
    return datetime.fromisoformat(text)
