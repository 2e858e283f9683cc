"""How work comes in: the one verb behind the form, the API, the import and the demo."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.client import Client, Connection
from dispatch.models.event import record
from dispatch.models.handed import Handed
from dispatch.models.job import Job
from dispatch.models.ticket import Ticket
from dispatch.models.ticket_facts import apply_facts, note_gaps, note_handover, says_more
from dispatch.models.ticket_jobs import add_job, answered, change_jobs
from dispatch.models.user import User

LEAST = 3


def hand_over(
    client: Client, handed: Handed, by: User | None, at: datetime | None = None
) -> tuple[Ticket, Job | None, bool]:
    """Hand work over: (ticket, its open job, whether the ticket is new). The caller commits.

    There is one ticket per client and record of his ITSM tool: while it is open a repeat updates it,
    afterwards it reopens it with a new job. `at` is when it was opened (default: now). Raises Refused.
    """
    handed.check(client)
    connection = _connection(client, handed.system or "itsm") if handed.external_id else None
    ticket = _mirror_of(connection, handed.external_id)
    if ticket is None:
        return *_open(client, connection, handed, by, at or now()), True
    if ticket.is_open:
        return ticket, _update(ticket, handed, by, repeated=True), False
    return ticket, _reopen(ticket, handed, by, at or now()), False


def amend(ticket: Ticket, handed: Handed, by: User | None) -> Job | None:
    """Complete or correct an open ticket and its jobs not yet begun; its open job, if any.

    What is not said leaves the earlier value alone, and what says nothing new changes nothing. A ticket
    that came back to the agent without an open job gets a new one. The caller commits. Raises Refused.
    """
    handed.check(ticket.client)
    return _update(ticket, handed, by, repeated=False)


def _update(ticket: Ticket, handed: Handed, by: User | None, repeated: bool) -> Job | None:
    before = set(ticket.handover.reasons) if ticket.handover else set()
    more = says_more(handed, ticket.handover)
    changed = apply_facts(ticket, handed, ticket.opened_at)
    if more or (changed and repeated):
        note_handover(ticket, handed, by, now())
    note_gaps(ticket, handed)
    if not ticket.open_jobs:
        ticket.set_state("open", by)
        add_job(ticket, handed, by, now())
    if changed or more or handed.duration_minutes:
        moved = handed.reasons and set(handed.reasons) != before
        change_jobs(ticket, handed, by, {*changed, *(["mode"] if moved else [])})
    if changed or more:
        record("ticket.updated", by=by, ticket=ticket, changed=changed)
    if by is not None and "available" in changed:
        answered(ticket, by)
    return next(iter(ticket.open_jobs), None)


def _open(
    client: Client, connection: Connection | None, handed: Handed, by: User | None, at: datetime
) -> tuple[Ticket, Job]:
    ticket = Ticket(client=client, client_id=client.id, connection=connection, external_id=handed.external_id,
                    opened_at=at, agent=by, impact=LEAST, urgency=LEAST, available=[], unknown=[],
                    missing=["impact", "urgency"])  # fmt: skip
    apply_facts(ticket, handed, at)
    db.session.add(ticket)
    note_handover(ticket, handed, by, at)
    note_gaps(ticket, handed)
    job = add_job(ticket, handed, by, at)
    record("ticket.handed_over", by=by, job=job, reasons=list(handed.reasons), priority=ticket.priority)
    db.session.flush()
    return ticket, job


def _reopen(ticket: Ticket, handed: Handed, by: User | None, at: datetime) -> Job:
    """The time already used is over: what is promised again counts from now."""
    apply_facts(ticket, handed, at)
    ticket.agent = by or ticket.agent
    note_handover(ticket, handed, by, at)
    note_gaps(ticket, handed)
    ticket.set_state("open", by)
    job = add_job(ticket, handed, by, at)
    record("ticket.reopened", by=by, job=job, reasons=list(handed.reasons))
    db.session.flush()
    return job


def _mirror_of(connection: Connection | None, external_id: str | None) -> Ticket | None:
    if connection is None:
        return None
    return db.session.scalar(
        select(Ticket).where(Ticket.connection_id == connection.id, Ticket.external_id == external_id)
    )


def _connection(client: Client, system: str) -> Connection:
    """The client's connection, held until the end of the transaction, so that twins come one by one."""
    mine = select(Connection).where(Connection.client_id == client.id, Connection.system == system)
    found = db.session.scalar(mine.with_for_update())
    if found is None:
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        values = {"client_id": client.id, "system": system, "created_at": now(), "label": "", "address": ""}
        db.session.execute(dialect.insert(Connection).values(**values).on_conflict_do_nothing())
        found = db.session.scalars(mine.with_for_update()).one()
    return found
