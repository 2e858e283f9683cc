"""Incidents of a log to tickets with their handover, and a job for each that is still open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload, selectinload

from dispatch.extensions import db
from dispatch.itsm.base import Heard, Incident
from dispatch.itsm.incident_log import Log
from dispatch.itsm.mapping import AWAITED
from dispatch.itsm.mapping import Mapping as Meaning
from dispatch.itsm.sync import ground
from dispatch.itsm.sync.sites import Counted
from dispatch.models import duration
from dispatch.models.calendar import due_at
from dispatch.models.client import Category, Client
from dispatch.models.event import record
from dispatch.models.intake import LEAST
from dispatch.models.job import Job
from dispatch.models.needs import needs_of
from dispatch.models.place import Building
from dispatch.models.ticket import Handover, Requester, Ticket
from dispatch.sla.priority import priority_of

AT_ONCE = 1_000
LONGEST_SUMMARY = 300
OPEN = ("open", "on_hold")
# what no incident log says: such a ticket is to be completed
NEVER_SAID = ("floor", "desk", "asset", "available", "steps_tried")
Values = dict[str, Any]


def sync_incidents(client: Client, log: Log, meaning: Meaning, places: Sequence[Building],
                   heard: Heard = lambda _share: None) -> Counted:  # fmt: skip
    """Bring the client's tickets to what the log says; the location of rank i is `places[i]`, around and around.

    A ticket is found by connection and number; its fingerprint tells whether anything changed. One session,
    a thousand tickets at a time; the caller commits.
    """
    laid = ground.lay(client, meaning)
    callers = _requesters(client, log.incidents)
    rank = {name: places[number % len(places)].id for number, name in enumerate(log.locations) if places}
    known = {
        number: (key, seal)
        for number, key, seal in db.session.execute(
            select(Ticket.external_id, Ticket.id, Ticket.fingerprint).where(
                Ticket.connection_id == laid.connection.id
            )
        )
    }
    translate = _Translator(laid, meaning, callers, rank)
    counted = Counted()
    for done, batch in _batches(log.incidents):
        values = [translate(one) for one in batch]
        fresh = [one for one in values if one["external_id"] not in known]
        changed = [one for one in values if _differs(one, known.get(one["external_id"]))]
        _insert(fresh)
        _update({known[one["external_id"]][0]: one for one in changed})
        counted.created += len(fresh)
        counted.updated += len(changed)
        counted.unchanged += len(values) - len(fresh) - len(changed)
        heard(done / len(log.incidents))
    if counted.created or counted.updated:
        record("ticket.imported", client_id=client.id, created=counted.created, updated=counted.updated)
    return counted


def _batches(incidents: Sequence[Incident]) -> Iterator[tuple[int, Sequence[Incident]]]:
    for begin in range(0, len(incidents), AT_ONCE):
        batch = incidents[begin : begin + AT_ONCE]
        yield begin + len(batch), batch


def _differs(values: Values, known: tuple[int, str | None] | None) -> bool:
    return known is not None and known[1] != values["fingerprint"]


def _requesters(client: Client, incidents: Sequence[Incident]) -> dict[str, int]:
    """The callers of the log by name; those that are new are added."""
    mine = select(Requester.name, Requester.id).where(Requester.client_id == client.id)
    known = dict(db.session.execute(mine.order_by(Requester.id.desc())).all())
    new = {one.caller: None for one in incidents if one.caller and one.caller not in known}
    if new:
        rows = [{"client_id": client.id, "name": name} for name in new]
        added = db.session.execute(insert(Requester).returning(Requester.name, Requester.id), rows)
        known |= dict(added.all())
    return known


# an incident in our words ----------------------------------------------------------------------------------


class _Translator:
    """Incidents to the columns of Ticket, with `reasons` of the handover beside them."""

    def __init__(
        self, laid: ground.Ground, meaning: Meaning, callers: Mapping[str, int], rank: Mapping[str, int]
    ) -> None:
        self.laid, self.meaning, self.callers, self.rank = laid, meaning, callers, rank

    def __call__(self, one: Incident) -> Values:
        kind = self.meaning.kind(one.category)
        reasons = self.meaning.reasons(kind, one.number)
        right = self.laid.rights[kind.right] if kind.right and "admin_rights" in reasons else None
        priority = priority_of(one.impact or LEAST, one.urgency or LEAST)
        values: Values = {
            "client_id": self.laid.client.id,
            "connection_id": self.laid.connection.id,
            "external_id": one.number,
            "state": one.state,
            "hold_reason": one.awaited,
            "summary": one.summary[:LONGEST_SUMMARY],
            "description": one.description,
            "category_id": self.laid.categories[kind.code].id,
            "requester_id": self.callers.get(one.caller or ""),
            "building_id": self.rank.get(one.location or ""),
            "phone": self.meaning.phone or None,
            "admin_right_id": right.id if right else None,
            "impact": one.impact or LEAST,
            "urgency": one.urgency or LEAST,
            "priority": priority,
            "opened_at": one.opened_at,
            "due_at": due_at(self.laid.client, one.opened_at, priority),
            "resolved_at": one.resolved_at,
            "closed_at": one.closed_at,
            "imported": True,
        }
        said = values | {"impact": one.impact, "urgency": one.urgency}
        asked = ("requester", "building", "phone", "impact", "urgency")
        values["missing"] = [name for name in asked if not said.get(name, said.get(f"{name}_id"))]
        values["missing"] += NEVER_SAID
        needs = [kind.minutes, kind.skill, kind.level]
        return values | {"reasons": reasons, "fingerprint": _fingerprint([values, reasons, needs])}


def _fingerprint(said: list[Any]) -> str:
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# new tickets -----------------------------------------------------------------------------------------------


def _insert(values: Sequence[Values]) -> None:
    if not values:
        return
    columns = [{name: value for name, value in one.items() if name != "reasons"} for one in values]
    added = db.session.execute(insert(Ticket).returning(Ticket.external_id, Ticket.id), columns)
    ids = dict(added.all())
    handovers = [
        {"ticket_id": ids[one["external_id"]], "at": one["opened_at"], "reasons": one["reasons"]}
        for one in values
    ]
    db.session.execute(insert(Handover), handovers)
    _add_jobs([ids[one["external_id"]] for one in values if one["state"] in OPEN])


def _add_jobs(ticket_ids: Sequence[int]) -> None:
    """A job for each ticket that has none open."""
    if not ticket_ids:
        return
    for ticket in _loaded(ticket_ids):
        if not ticket.open_jobs:
            ticket.jobs.append(
                Job(client_id=ticket.client_id, created_at=ticket.opened_at, state_at=ticket.opened_at,
                    awaits=ticket.hold_reason, **needs_of(ticket))
            )  # fmt: skip
    db.session.flush()


def _loaded(ticket_ids: Sequence[int]) -> Sequence[Ticket]:
    query = select(Ticket).where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id)
    return db.session.scalars(
        query.options(
            selectinload(Ticket.jobs),
            selectinload(Ticket.handovers),
            joinedload(Ticket.category).joinedload(Category.skill),
            joinedload(Ticket.building),
            joinedload(Ticket.admin_right),
        )
    ).all()


# tickets that the log says more about ------------------------------------------------------------------------


def _update(changed: Mapping[int, Values]) -> None:
    for ticket in _loaded(list(changed)) if changed else ():
        values = changed[ticket.id]
        _correct(ticket, values)
        db.session.flush()
        db.session.expire(ticket, ["building", "category", "admin_right", "requester"])
        (_go_on if values["state"] in OPEN else _end)(ticket, values)
    _add_jobs([key for key, values in changed.items() if values["state"] in OPEN])


def _correct(ticket: Ticket, values: Values) -> None:
    """The facts of the log; the state follows below, because work under way has a say in it."""
    apart = ("reasons", "state", "hold_reason", "resolved_at", "closed_at")
    for name, value in values.items():
        if name not in apart and getattr(ticket, name) != value:
            setattr(ticket, name, value)
    handover = ticket.handover
    if handover is not None and handover.agent_id is None and handover.reasons != values["reasons"]:
        handover.reasons = values["reasons"]


def _go_on(ticket: Ticket, values: Values) -> None:
    """Open in the log: jobs that nobody has begun follow it, work under way keeps the ticket's state."""
    if any(job.has_begun for job in ticket.open_jobs):
        return
    ticket.set_state(values["state"], None, values["hold_reason"])
    needs = {name: value for name, value in needs_of(ticket).items() if name not in duration.COLUMNS}
    for job in ticket.open_jobs:
        awaits = values["hold_reason"] if job.awaits in (None, *AWAITED) else job.awaits
        for name, value in (needs | {"awaits": awaits}).items():
            if getattr(job, name) != value:
                setattr(job, name, value)
        duration.renew(job)


def _end(ticket: Ticket, values: Values) -> None:
    """Ended in the log: what nobody has begun is cancelled; a technician who is at it finishes first."""
    for job in ticket.open_jobs:
        if not job.has_begun:
            job.enter("cancelled", None, move="cancelled")
            job.leave_plan()
    if not ticket.open_jobs:
        ticket.set_state(values["state"], None)
        ticket.resolved_at, ticket.closed_at = values["resolved_at"], values["closed_at"]
