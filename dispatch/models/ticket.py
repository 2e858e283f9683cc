"""Tickets, the handovers that brought them, the people who need help, and attachments."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.models.client import AdminRight, Category, Client, Connection
from dispatch.models.event import record
from dispatch.models.place import Building
from dispatch.models.transitions import NOT_COMPLETED, Ending
from dispatch.models.user import User

if TYPE_CHECKING:
    from dispatch.models.job import Job

STATES = ("open", "in_progress", "on_hold", "resolved", "closed", "cancelled")
REASONS = ("time", "admin_rights", "presence")
FIRST_NUMBER = 1000


class Requester(Base):
    """Somebody of a client who needs help, or who is on site in his place."""

    __tablename__ = "requester"
    __table_args__ = (Index("ix_requester_client_id_name", "client_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="fr")
    vip: Mapped[bool] = mapped_column(default=False)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    floor: Mapped[str | None]
    desk: Mapped[str | None]

    building: Mapped[Building | None] = relationship()

    @classmethod
    def visible_to(cls, user: User) -> Select[Requester]:
        return select(cls).where(user.may_see(cls.client_id)).order_by(cls.name)


class Ticket(Base):
    """What was handed over. Mirrors one record of the client's ITSM tool when it has one."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("client_id", "connection_id", "external_id"),
        Index("ix_ticket_client_id_state", "client_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str | None]
    kind: Mapped[str] = mapped_column(default="incident")
    state: Mapped[str] = mapped_column(default="open", index=True)
    hold_reason: Mapped[str | None]
    summary: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("requester.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("requester.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    floor: Mapped[str | None]
    desk: Mapped[str | None]
    phone: Mapped[str | None]
    asset: Mapped[str | None]
    admin_right_id: Mapped[int | None] = mapped_column(ForeignKey("admin_right.id"))
    impact: Mapped[int] = mapped_column(default=3)
    urgency: Mapped[int] = mapped_column(default=3)
    priority: Mapped[int] = mapped_column(default=4)
    # [[from, to]] as RFC 3339 texts: when the requester is there
    available: Mapped[list[Any]] = mapped_column(default=list)
    # names of the fields that somebody said were unknown, out loud
    unknown: Mapped[list[Any]] = mapped_column(default=list)
    # names of the fields that are simply missing: the ticket is to be completed
    missing: Mapped[list[Any]] = mapped_column(default=list)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    imported: Mapped[bool] = mapped_column(default=False)
    fingerprint: Mapped[str | None]

    client: Mapped[Client] = relationship()
    connection: Mapped[Connection | None] = relationship()
    category: Mapped[Category | None] = relationship()
    requester: Mapped[Requester | None] = relationship(foreign_keys=[requester_id])
    contact: Mapped[Requester | None] = relationship(foreign_keys=[contact_id])
    building: Mapped[Building | None] = relationship()
    admin_right: Mapped[AdminRight | None] = relationship()
    agent: Mapped[User | None] = relationship()
    handovers: Mapped[list[Handover]] = relationship(back_populates="ticket", order_by="Handover.id")
    jobs: Mapped[list[Job]] = relationship(back_populates="ticket", order_by="Job.id")
    attachments: Mapped[list[Attachment]] = relationship(back_populates="ticket", order_by="Attachment.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def number(self) -> str:
        return f"T-{FIRST_NUMBER + self.id}"

    @classmethod
    def visible_to(cls, user: User) -> Select[Ticket]:
        """The tickets of the user's clients; for a technician, those of his own jobs."""
        from dispatch.models.job import Job

        if user.acts_alone:
            mine = select(Job.ticket_id).where(
                Job.technician_id == (user.technician.id if user.technician else 0)
            )
            return select(cls).where(cls.id.in_(mine))
        return select(cls).where(user.may_see(cls.client_id))

    @classmethod
    def numbered(cls, number: str, user: User) -> Select[Ticket]:
        """The query for one ticket by its number, within what the user may see."""
        digits = number.upper().removeprefix("T-")
        known = digits.isascii() and digits.isdigit() and len(digits) < 12
        return cls.visible_to(user).where(cls.id == (int(digits) - FIRST_NUMBER if known else 0))

    @property
    def is_open(self) -> bool:
        return self.state in ("open", "in_progress", "on_hold")

    @property
    def vip(self) -> bool:
        return any(person is not None and person.vip for person in (self.requester, self.contact))

    @property
    def handover(self) -> Handover | None:
        """The latest one."""
        return self.handovers[-1] if self.handovers else None

    @property
    def open_jobs(self) -> list[Job]:
        return [job for job in self.jobs if job.is_open]

    def set_state(
        self, state: str, by: User | None, reason: str | None = None, note: str | None = None
    ) -> None:
        """Move to a state and note it; the same state with the same reason is no event. `note`: why, in words."""
        if (self.state, self.hold_reason) == (state, reason):
            return
        said = {"note": note} if note else {}
        record("ticket.state", by=by, ticket=self, source=self.state, target=state, reason=reason, **said)
        self.state, self.hold_reason = state, reason
        self.resolved_at = now() if state == "resolved" else (self.resolved_at if state == "closed" else None)
        self.closed_at = now() if state == "closed" else None

    def follow(self, job: Job, by: User | None, reason: str | None = None) -> None:
        """Take the state that a job's new state asks for: in progress while one is under way, on hold when
        the reason for not completing it says so, resolved when none is left."""
        if job.state in ("travelling", "working"):
            self.set_state("in_progress", by)
        elif job.state == "not_completed":
            self._follow_ending(NOT_COMPLETED[reason or "other"], by)
        elif job.state in ("completed", "cancelled") and self.is_open and not self.open_jobs:
            done = any(other.state == "completed" for other in self.jobs)
            self.set_state("resolved" if done else "cancelled", by)
        elif (job.state == "unplanned" and not self.is_open) or not self._is_under_way():
            self.set_state("open", by)

    def _follow_ending(self, ending: Ending, by: User | None) -> None:
        if ending.sla == "paused":
            self.set_state("on_hold", by, ending.reason)
        elif ending.sla == "stops" and not self.open_jobs:
            self.set_state("resolved", by)
        elif not self._is_under_way():
            self.set_state("open", by)

    def _is_under_way(self) -> bool:
        """In progress by right; a ticket in another state has nothing to leave."""
        return self.state != "in_progress" or any(job.has_begun for job in self.jobs)


class Handover(Base):
    """One escalation: its reasons, what was tried, and how it turned out for the agent."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    steps_tried: Mapped[str | None]
    # said by the technician afterwards: what the handover lacked
    lacked: Mapped[str | None]

    ticket: Mapped[Ticket] = relationship(back_populates="handovers")
    agent: Mapped[User | None] = relationship()


class Attachment(Base):
    """An uploaded file; served as a download under a name nobody can guess."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_urlsafe(24))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    # file; of a job that was done: photo, signature, report
    purpose: Mapped[str] = mapped_column(default="file")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"), index=True)

    ticket: Mapped[Ticket] = relationship(back_populates="attachments")

    @classmethod
    def visible_to(cls, user: User) -> Select[Attachment]:
        tickets = Ticket.visible_to(user).with_only_columns(Ticket.id)
        return select(cls).where(cls.ticket_id.in_(tickets))
