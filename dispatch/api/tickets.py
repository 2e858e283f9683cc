"""Tickets: handed over, listed, shown, cancelled and closed."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user
from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from dispatch.api import references
from dispatch.api.once import KEY, etag, expect, once, refuses, retried
from dispatch.api.paging import cut, page_of, position, row_id
from dispatch.api.resource import Resource
from dispatch.api.ticket_shapes import (
    TicketFilter,
    TicketGiven,
    TicketShape,
    TicketTransitionGiven,
    ticket_shown,
)
from dispatch.clock import now
from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.handed import Handed, Person
from dispatch.models.intake import hand_over
from dispatch.models.job import Job
from dispatch.models.ticket import Ticket
from dispatch.planning import call_off, retime
from dispatch.security import any_role, find_or_404, role

blueprint = Resource("api_tickets", __name__, "What was handed over")
WITH_ALL = (
    joinedload(Ticket.client).selectinload(Client.targets), joinedload(Ticket.connection), joinedload(Ticket.building),
    joinedload(Ticket.requester), joinedload(Ticket.contact), joinedload(Ticket.category),
    joinedload(Ticket.admin_right), selectinload(Ticket.handovers),
    selectinload(Ticket.jobs).joinedload(Job.technician),
)  # fmt: skip


@blueprint.route("/tickets", methods=["POST"])
@role("phone_agent", "dispatcher", "administrator")
@once
@blueprint.arguments(TicketGiven)
@blueprint.response(201, TicketShape, description="A new ticket")
@blueprint.alt_response(
    200, schema=TicketShape, description="Updated while it was open, or reopened", success=True
)
def create(given: dict[str, Any]) -> tuple[Any, ...]:
    """Hand a ticket over.

    There is one ticket per client and `external_ref`: a repeat updates it while it is open, and reopens it with a
    new job afterwards.
    """
    client, begun = references.client_named(given["client"]), now()
    ticket, _job, is_new = hand_over(client, _handed(given, client), current_user)
    retime.follow(ticket, begun, current_user)
    db.session.flush()
    location = url_for("api_tickets.show", number=ticket.number)
    return ticket_shown(ticket), 201 if is_new else 200, {**etag(ticket.version), "Location": location}


@blueprint.route("/tickets")
@any_role
@blueprint.arguments(TicketFilter, location="query")
@blueprint.response(200, page_of(TicketShape))
def index(filters: dict[str, Any]) -> dict[str, Any]:
    """Tickets, newest first."""
    query = _filtered(Ticket.visible_to(current_user), filters).order_by(Ticket.id.desc())
    if "cursor" in filters:
        query = query.where(Ticket.id < position(filters["cursor"], row_id)[0])
    rows = db.session.scalars(query.options(*WITH_ALL).limit(filters["limit"] + 1)).unique().all()
    page, after = cut(rows, filters["limit"], lambda ticket: [ticket.id])
    return {"items": [ticket_shown(ticket) for ticket in page], "next": after}


@blueprint.route("/tickets/<number>")
@any_role
@blueprint.response(200, TicketShape)
def show(number: str) -> tuple[Any, ...]:
    """A ticket with its jobs and its SLA."""
    ticket = find_or_404(Ticket.numbered(number, current_user).options(*WITH_ALL))
    return ticket_shown(ticket), etag(ticket.version)


@blueprint.route("/tickets/<number>/transitions", methods=["POST"])
@role("phone_agent", "dispatcher", "administrator")
@once
@refuses(412, 428)
@blueprint.arguments(TicketTransitionGiven)
@blueprint.response(200, TicketShape)
def create_transition(given: dict[str, Any], number: str) -> tuple[Any, ...]:
    """Cancel an open ticket, with its open jobs, or close a resolved one.

    Another move is answered with 409 and the legal ones, as is a cancellation while somebody is travelling or
    working: his job has to end first. With an Idempotency-Key no version is needed.
    """
    if KEY in request.headers:
        return retried(lambda: _take(number, given, None))
    seen = find_or_404(Ticket.numbered(number, current_user)).version
    return _take(number, given, expect(seen, given.get("version")))


@blueprint.errorhandler(StaleDataError)
def lost_race(_error: StaleDataError) -> Response:
    """Somebody was faster: the ticket as it is now, when it is about one."""
    db.session.rollback()
    number = (request.view_args or {}).get("number", "")
    ticket = db.session.scalar(Ticket.numbered(number, current_user).options(*WITH_ALL))
    if ticket is None:
        return problem(412)
    answer = problem(412, current=TicketShape().dump(ticket_shown(ticket)))
    answer.headers.extend(etag(ticket.version))
    return answer


def _take(number: str, given: dict[str, Any], version: int | None) -> tuple[Any, ...]:
    ticket = find_or_404(Ticket.numbered(number, current_user))
    if given["to"] == "cancelled":
        call_off.cancel(ticket, current_user, given.get("reason") or "", version)
    else:
        call_off.close(ticket, current_user, version)
    db.session.flush()
    db.session.expire(ticket)
    return ticket_shown(ticket), etag(ticket.version)


def _filtered(query: Select[Any], filters: dict[str, Any]) -> Select[Any]:
    if "state" in filters:
        query = query.where(Ticket.state.in_(filters["state"]))
    if "client" in filters:
        query = query.where(Ticket.client.has(Client.code == filters["client"]))
    return query


def _handed(given: dict[str, Any], client: Client) -> Handed:
    place, reference = given.get("place") or {}, given.get("external_ref") or {}
    same = (
        "kind", "description", "steps_tried", "impact", "urgency", "asset", "duration_minutes",
    )  # fmt: skip
    return Handed(
        summary=given["summary"],
        **{name: given.get(name) for name in same},
        system=reference.get("system"),
        external_id=reference.get("id"),
        reasons=tuple(dict.fromkeys(given.get("escalation_reasons") or ())),
        requester=_person(given.get("requester")),
        contact=_person(given.get("contact")),
        phone=(given.get("requester") or {}).get("phone"),
        building=references.building_named(place.get("building"), client),
        floor=place.get("floor"),
        desk=place.get("desk"),
        category=references.category_named(given.get("category"), client),
        admin_right=references.right_named(given.get("admin_right"), client),
        available=tuple((start, end) for start, end in given.get("available") or ()) or None,
        unknown=frozenset(given.get("said_unknown", ())),
    )


def _person(given: dict[str, Any] | None) -> Person | None:
    return Person(given.get("name") or "", given.get("phone"), given.get("email")) if given else None
