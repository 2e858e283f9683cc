"""The one log of what happened: audit trail, source of clocks, and feed of the live screens.

Events are inserted last, just before the commit. On PostgreSQL that happens under an advisory lock,
because a sequence hands out ids before transactions become visible: a reader who had seen 2 would
never look for 1 again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey, Index, event, insert, text, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.audience import HEARD, told_to_contacts
from dispatch.origin import origin

if TYPE_CHECKING:
    from dispatch.models.user import User

_FEED_LOCK = 7_301_001


class Event(Base):
    """Something that happened, to whom it belongs, and who may hear of it."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_job_id_id", "job_id", "id"),
        Index("ix_event_ticket_id_id", "ticket_id", "id"),
        Index("ix_event_technician_id_id", "technician_id", "id"),
        Index("ix_event_territory_id_id", "territory_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    # what a device said of the time; never used for ordering
    claimed_at: Mapped[datetime | None]
    kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    # from where, as dispatch.origin has it; null: before that was kept
    via: Mapped[str | None]
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"))
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @classmethod
    def heard_by(cls, user: User) -> ColumnElement[bool]:
        """The condition that keeps a query to the kinds of events that this user may hear of."""
        return true() if user.reads_internal else cls.kind.in_(HEARD)

    def told_to(self, user: User) -> dict[str, Any]:
        """What of its data this user may read."""
        return self.data if user.reads_internal else told_to_contacts(self.kind, self.data)


def record(kind: str, *, by: Any = None, job: Any = None, ticket: Any = None, **fields: Any) -> None:
    """Note what happened; it is written with the transaction that made it happen, or not at all."""
    entry: dict[str, Any] = {"kind": kind, "at": now(), "actor_id": getattr(by, "id", None), "via": origin()}
    whose: dict[str, Any] = dict.fromkeys(("client_id", "territory_id", "technician_id"))
    if job is not None:
        whose = {name: getattr(job, name) for name in whose}
    if ticket is not None:
        whose["client_id"] = ticket.client_id
    said = {name: fields.pop(name) for name in whose if name in fields}
    entry |= whose | said | {"claimed_at": fields.pop("claimed_at", None)}
    entry["data"] = db.session().info.get("because", {}) | fields
    db.session().info.setdefault("events", []).append((entry, job, ticket))


@contextmanager
def because(**cause: Any) -> Iterator[None]:
    """Whatever is noted in the block says in its data why it happened."""
    db.session().info["because"] = cause
    try:
        yield
    finally:
        del db.session().info["because"]


@contextmanager
def tentative() -> Iterator[None]:
    """A part of the transaction that is undone, with what was noted in it, when it raises."""
    noted = list(db.session().info.get("events", ()))
    try:
        with db.session.begin_nested():
            yield
    except Exception:
        db.session().info["events"] = noted
        raise


@event.listens_for(Session, "before_commit")
def _write_events(session: Session) -> None:
    pending = session.info.pop("events", None)
    if not pending:
        return
    session.flush()
    if session.get_bind(Event).dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_FEED_LOCK})"))
    for entry, job, ticket in pending:
        entry["job_id"] = job.id if job is not None else None
        entry["ticket_id"] = ticket.id if ticket is not None else job and job.ticket_id
    session.execute(insert(Event.metadata.tables["event"]), [entry for entry, _job, _ticket in pending])


@event.listens_for(Session, "after_rollback")
def _forget_events(session: Session) -> None:
    session.info.pop("events", None)
