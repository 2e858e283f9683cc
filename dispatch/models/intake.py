"""How work comes in: the one verb behind the form, the API, the import and the demo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import duration, follow_up
from dispatch.models.calendar import due_at
from dispatch.models.client import Client, Connection
from dispatch.models.directory import find_or_add
from dispatch.models.duration import length
from dispatch.models.event import record
from dispatch.models.handed import Handed
from dispatch.models.job import Job
from dispatch.models.ticket import Handover, Ticket
from dispatch.models.user import User
from dispatch.sla.priority import priority_of

LEAST = 3
PLACE = ("building", "floor", "desk")


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


def needs_of(ticket: Ticket, minutes: int | None = None) -> dict[str, Any]:
    """What a job of the ticket needs, as columns of Job; `minutes` outweighs history and catalogue."""
    category, building = ticket.category, ticket.building
    needs: dict[str, Any] = {name: getattr(ticket, name) for name in PLACE}
    needs["territory_id"] = building.site.territory_id if building else ticket.client.territory_id
    needs["mode"] = _mode(ticket)
    needs["admin_right"] = ticket.admin_right or (category and category.admin_right)
    needs["skills"] = {category.skill.code: category.level} if category and category.skill else {}
    needs |= length(category, needs["mode"], needs["skills"], ticket.building, minutes)
    return needs | {
        "tools": list(category.tools) if category else [],
        "parts": dict(category.parts) if category else {},
    }


def _update(ticket: Ticket, handed: Handed, by: User | None, repeated: bool) -> Job | None:
    before = set(ticket.handover.reasons) if ticket.handover else set()
    more = _says_more(handed, ticket.handover)
    changed = _apply(ticket, handed, ticket.opened_at)
    if more or (changed and repeated):
        _note_handover(ticket, handed, by, now())
    _note_gaps(ticket, handed)
    if not ticket.open_jobs:
        ticket.set_state("open", by)
        _add_job(ticket, handed, by, now())
    if changed or more or handed.duration_minutes:
        moved = handed.reasons and set(handed.reasons) != before
        _change_jobs(ticket, handed, by, {*changed, *(["mode"] if moved else [])})
    if changed or more:
        record("ticket.updated", by=by, ticket=ticket, changed=changed)
    if by is not None and "available" in changed:
        _answered(ticket, by)
    return next(iter(ticket.open_jobs), None)


# a new ticket, and one that comes back ----------------------------------------------------------------------


def _open(
    client: Client, connection: Connection | None, handed: Handed, by: User | None, at: datetime
) -> tuple[Ticket, Job]:
    ticket = Ticket(client=client, client_id=client.id, connection=connection, external_id=handed.external_id,
                    opened_at=at, agent=by, impact=LEAST, urgency=LEAST, available=[], unknown=[],
                    missing=["impact", "urgency"])  # fmt: skip
    _apply(ticket, handed, at)
    db.session.add(ticket)
    _note_handover(ticket, handed, by, at)
    _note_gaps(ticket, handed)
    job = _add_job(ticket, handed, by, at)
    record("ticket.handed_over", by=by, job=job, reasons=list(handed.reasons), priority=ticket.priority)
    db.session.flush()
    return ticket, job


def _reopen(ticket: Ticket, handed: Handed, by: User | None, at: datetime) -> Job:
    """The time already used is over: what is promised again counts from now."""
    _apply(ticket, handed, at)
    ticket.agent = by or ticket.agent
    _note_handover(ticket, handed, by, at)
    _note_gaps(ticket, handed)
    ticket.set_state("open", by)
    job = _add_job(ticket, handed, by, at)
    record("ticket.reopened", by=by, job=job, reasons=list(handed.reasons))
    db.session.flush()
    return job


def _apply(ticket: Ticket, handed: Handed, counted_from: datetime) -> list[str]:
    """Put what was said on the ticket; the names of what changed."""
    said = _said(ticket, handed)
    changed = [name for name, value in said.items() if value is not None and getattr(ticket, name) != value]
    for name in changed:
        setattr(ticket, name, said[name])
    priority = priority_of(ticket.impact, ticket.urgency)
    if ticket.due_at is None or priority != ticket.priority or counted_from != ticket.opened_at:
        ticket.priority, ticket.due_at = priority, due_at(ticket.client, counted_from, priority)
    return changed


def _said(ticket: Ticket, handed: Handed) -> dict[str, Any]:
    requester = find_or_add(ticket.client, handed.requester)
    said: dict[str, Any] = {
        name: _clean(getattr(handed, name)) for name in ("summary", "description", "floor", "desk", "asset")
    }
    said |= {
        name: getattr(handed, name) for name in ("category", "building", "admin_right", "impact", "urgency")
    }
    said["kind"] = handed.kind or (handed.category.kind if handed.category else None)
    said["phone"] = _clean(handed.phone) or (requester.phone if requester and not ticket.phone else None)
    said["available"] = _as_texts(handed.available)
    return said | {"requester": requester, "contact": find_or_add(ticket.client, handed.contact)}


def _as_texts(available: tuple[tuple[datetime, datetime], ...] | None) -> list[list[str]] | None:
    return [[start.isoformat(), end.isoformat()] for start, end in sorted(available)] if available else None


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None


def _says_more(handed: Handed, latest: Handover | None) -> bool:
    if latest is None:
        return True
    more_reasons = bool(handed.reasons) and set(handed.reasons) != set(latest.reasons)
    return more_reasons or _clean(handed.steps_tried) not in (None, latest.steps_tried)


def _note_handover(ticket: Ticket, handed: Handed, by: User | None, at: datetime) -> Handover:
    """One more escalation; what it leaves unsaid holds on from the one before."""
    latest = ticket.handover
    reasons = list(handed.reasons) or (list(latest.reasons) if latest else [])
    tried = _clean(handed.steps_tried) or (latest.steps_tried if latest else None)
    handover = Handover(at=at, agent=by, reasons=reasons, steps_tried=tried)
    ticket.handovers.append(handover)
    return handover


def _note_gaps(ticket: Ticket, handed: Handed) -> None:
    """Tell what is missing from what somebody said to be unknown."""
    gaps = [name for name, value in _facts(ticket, handed).items() if not value]
    told = {*ticket.unknown, *handed.unknown}
    unknown, missing = [name for name in gaps if name in told], [name for name in gaps if name not in told]
    if (unknown, missing) != (ticket.unknown, ticket.missing):
        ticket.unknown, ticket.missing = unknown, missing


def _facts(ticket: Ticket, handed: Handed) -> dict[str, Any]:
    latest, category = ticket.handover, ticket.category
    reasons = latest.reasons if latest else []
    facts: dict[str, Any] = {
        name: getattr(ticket, name) for name in ("requester", "category", *PLACE, "phone")
    }
    facts |= {"asset": ticket.asset, "available": ticket.available, "escalation_reasons": reasons}
    facts["steps_tried"] = latest and latest.steps_tried
    if "admin_rights" in reasons:
        facts["admin_right"] = ticket.admin_right or (category and category.admin_right)
    known_minutes = any(job.duration_minutes for job in ticket.jobs)
    facts["duration_minutes"] = (
        handed.duration_minutes or known_minutes or (category and category.duration_minutes)
    )
    for name in ("impact", "urgency"):
        facts[name] = getattr(handed, name) or name not in (*ticket.missing, *ticket.unknown)
    return facts


# jobs -------------------------------------------------------------------------------------------------------


def _add_job(ticket: Ticket, handed: Handed, by: User | None, at: datetime) -> Job:
    job = Job(
        client=ticket.client,
        client_id=ticket.client_id,
        created_at=at,
        state_at=at,
        **needs_of(ticket, handed.duration_minutes),
    )
    ticket.jobs.append(job)
    record("job.created", by=by, job=job)
    return job


def _mode(ticket: Ticket) -> str:
    """Presence wins, the other reasons try remotely first; without a reason the category gives a hint."""
    reasons = ticket.handover.reasons if ticket.handover else []
    if "presence" in reasons:
        return "on_site"
    if reasons:
        return "remote"
    hint = ticket.category.mode if ticket.category else None
    return hint or ("on_site" if ticket.building else "remote")


def _change_jobs(ticket: Ticket, handed: Handed, by: User | None, changed: set[str]) -> None:
    """Jobs that nobody has begun follow the ticket, in what the update was about."""
    about = {*PLACE, "territory_id"} if changed & set(PLACE) else set()
    about |= {"skills", "tools", "parts", "admin_right"} if "category" in changed else set()
    about |= changed & {"mode", "admin_right"}
    needs = {name: value for name, value in needs_of(ticket).items() if name in about}
    other_work = bool(changed & {"category", "building", "mode"}) or handed.duration_minutes is not None
    for job in ticket.open_jobs:
        fresh = {name: value for name, value in needs.items() if getattr(job, name) != value}
        if not job.has_begun:
            _change_job(job, fresh, by, other_work, handed.duration_minutes)


def _answered(ticket: Ticket, by: User) -> None:
    """The requester has said when he is there: what waited for his answer can be planned."""
    for job in ticket.open_jobs:
        if job.awaits == "answer":
            follow_up.confirm(job, by)


def _change_job(
    job: Job, fresh: dict[str, Any], by: User | None, other_work: bool, minutes: int | None
) -> None:
    for name, value in fresh.items():
        setattr(job, name, value)
    changed = sorted([*fresh, *(["duration_minutes"] if other_work and duration.renew(job, minutes) else [])])
    if not changed:
        return
    if job.technician_id is not None:
        job.note_change("details", by, fields=changed)
    record("job.changed", by=by, job=job, fields=changed)


# what it mirrors -----------------------------------------------------------------------------------


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
