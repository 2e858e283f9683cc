"""A job as a stop: columns instead of objects, so that a day stays fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from dispatch.board.rows import Stop
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.job import Job, number_of
from dispatch.models.place import Building, Site
from dispatch.models.ticket import Requester, Ticket
from dispatch.models.user import User

CALLER, CONTACT = aliased(Requester), aliased(Requester)


def stops_of(routes: Any, people: Iterable[int], user: User) -> tuple[dict[int, list[Stop]], list[Row[Any]]]:
    """Per technician the stops on these routes that the reader may see, and the rows of those he may not."""
    query = stop_columns().where(routes, Job.technician_id.in_(people), Job.planned_start.is_not(None))
    visible: dict[int, list[Stop]] = defaultdict(list)
    hidden: list[Row[Any]] = []
    for row in db.session.execute(query.where(Job.state != "cancelled")):
        if user.sees(row.client_id):
            visible[row.technician_id].append(stop_of(row))
        else:
            hidden.append(row)
    return visible, hidden


def stop_columns() -> Any:
    """Everything a stop shows, without any of the objects behind it."""
    query = select(
        Job.id, Job.version, Job.client_id, Job.technician_id, Job.state, Job.mode, Job.lock, Job.planned_start,
        Job.planned_end, Job.travel_seconds, Job.promised_from, Job.promised_to, Job.changed_at, Job.seen_at,
        Job.waived, Job.awaits, Job.outcome, Job.lock_start, Ticket.priority, Ticket.summary, Ticket.due_at,
        Client.name.label("client"), Building.name.label("building"), Site.name.label("site"),
        Building.latitude, Building.longitude, CALLER.vip.label("caller_vip"), CONTACT.vip.label("contact_vip"),
    )  # fmt: skip
    query = query.join(Ticket, Ticket.id == Job.ticket_id).join(Client, Client.id == Job.client_id)
    query = query.outerjoin(CALLER, CALLER.id == Ticket.requester_id)
    query = query.outerjoin(CONTACT, CONTACT.id == Ticket.contact_id)
    return query.outerjoin(Building, Building.id == Job.building_id).outerjoin(
        Site, Site.id == Building.site_id
    )


def stop_of(row: Row[Any]) -> Stop:
    changed = row.changed_at is not None and (row.seen_at is None or row.seen_at < row.changed_at)
    return Stop(
        row.id, number_of(row.id), row.version, row.technician_id, row.state, row.mode, row.priority,
        row.summary, row.client, place_of(row), row.lock, row.planned_start, row.planned_end, row.travel_seconds,
        row.due_at, row.promised_from, row.promised_to, changed, bool(row.waived), vip=bool(row.caller_vip or row.contact_vip), point=point_of(row),
        locked_at=row.lock_start if row.lock in ("time", "both") else None,
    )  # fmt: skip


def place_of(row: Row[Any]) -> str:
    place = row.building if row.building == row.site or not row.site else f"{row.site} · {row.building}"
    return place or ""


def point_of(row: Row[Any]) -> tuple[float, float] | None:
    """Where it is on the map; a call is nowhere."""
    on_the_map = row.mode != "remote" and row.latitude is not None and row.longitude is not None
    return (row.latitude, row.longitude) if on_the_map else None
