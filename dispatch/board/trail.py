"""Lines of the log as a dispatcher reads them: who, what, why, from where, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Row, Select, and_, or_, select

from dispatch import sentences
from dispatch.extensions import db
from dispatch.labels import label
from dispatch.models.event import Event
from dispatch.models.job import Job, number_of
from dispatch.models.technician import Technician
from dispatch.models.ticket import FIRST_NUMBER, Ticket
from dispatch.models.user import User
from dispatch.sentences.audit import Change

RECENT = 60


class Because(NamedTuple):
    """The accepted run that did it: why there was one, and its page where the reader may see it."""

    why: str
    run_id: int | None


class Line(NamedTuple):
    """One entry of the log in words; `claimed` is what a phone said of the time, where it differs."""

    id: int
    at: datetime
    what: str
    who: str
    via: str
    change: Change | None
    reason: str
    whys: list[str]
    claimed: str
    run: Because | None
    job: str
    ticket: str
    summary: str


def lines() -> Select[Any]:
    """The log with the names of those concerned; the caller scopes, narrows and orders it."""
    query = select(Event.id, Event.at, Event.claimed_at, Event.kind, Event.data, Event.via, Event.job_id, Event.ticket_id,
                   Event.actor_id, User.name, Technician.name.label("technician"), Ticket.summary)  # fmt: skip
    query = query.outerjoin(User, User.id == Event.actor_id).outerjoin(Ticket, Ticket.id == Event.ticket_id)
    query = query.outerjoin(Technician, Technician.id == Event.technician_id)
    return query.where(Event.kind.in_(sentences.TOLD))


def told(rows: Iterable[Row[Any]], zone: str) -> list[Line]:
    return [_line(row, zone) for row in rows]


def recent(job: Job, zone: str) -> list[Line]:
    """The latest of a job and of its ticket, latest first: what the panel has room for."""
    return _read(_about(job).limit(RECENT), zone)


def whole(job: Job, zone: str) -> list[Line]:
    """Everything of a job and of its ticket, latest first."""
    return _read(_about(job), zone)


def whole_of_ticket(ticket: Ticket, zone: str) -> list[Line]:
    """Everything of a ticket and of its jobs, latest first."""
    return _read(lines().where(Event.ticket_id == ticket.id).order_by(Event.id.desc()), zone)


def _about(job: Job) -> Select[Any]:
    about = or_(Event.job_id == job.id, and_(Event.ticket_id == job.ticket_id, Event.job_id.is_(None)))
    return lines().where(about).order_by(Event.id.desc())


def _read(query: Select[Any], zone: str) -> list[Line]:
    return told(db.session.execute(query), zone)


def _line(row: Row[Any], zone: str) -> Line:
    what = sentences.event(row.kind, row.data, row.technician or "")
    return Line(
        row.id, row.at, what, row.name or _engine(row), str(label(row.via, "via")) if row.via else "",
        sentences.change_in(row.kind, row.data, zone), sentences.reason_in(row.kind, row.data),
        list(sentences.whys(row.kind, row.data)), sentences.claimed_in(row.at, row.claimed_at, zone),
        _run_of(row.data), number_of(row.job_id) if row.job_id else "",
        f"T-{FIRST_NUMBER + row.ticket_id}" if row.ticket_id else "", row.summary or "",
    )  # fmt: skip


def _run_of(data: dict[str, Any]) -> Because | None:
    """A what-if is shown to whoever made it, and to who dispatches for all clients."""
    found = sentences.run_in(data)
    if found is None:
        return None
    is_open = current_user.every_client or data["run"]["why"] != "what_if"
    return Because(found[1], found[0] if is_open else None)


def _engine(row: Row[Any]) -> str:
    return _("the engine") if row.actor_id is None and row.kind != "ticket.imported" else ""
