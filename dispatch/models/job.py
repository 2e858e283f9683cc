"""A job: one piece of proximity work for a ticket, its place in the plan, and its moves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.models import transitions
from dispatch.models.client import AdminRight, Client
from dispatch.models.event import record
from dispatch.models.place import Building
from dispatch.models.technician import Technician
from dispatch.models.transitions import BEGUN, ENDED, NOT_COMPLETED, Move
from dispatch.models.user import User

if TYPE_CHECKING:
    from dispatch.models.plan import Explanation
    from dispatch.models.ticket import Ticket

FIRST_NUMBER = 1000
LOCKS = ("none", "technician", "time", "both")


class IllegalMove(Exception):
    """The move is not in the table from here; `legal` names those that are."""

    def __init__(self, name: str, source: str, legal: list[str]) -> None:
        super().__init__(f"{name} is not possible from {source}")
        self.name, self.source, self.legal = name, source, legal


class Job(Base):
    """Work of one mode (`on_site`, `remote`, `kiosk`) for a ticket, done by at most one technician."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_technician_id_day", "technician_id", "day"),
        Index("ix_job_territory_id_day", "territory_id", "day"),
        Index("ix_job_territory_id_state", "territory_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    mode: Mapped[str] = mapped_column(default="on_site")
    state: Mapped[str] = mapped_column(default="unplanned")
    state_at: Mapped[datetime]
    created_at: Mapped[datetime]

    # what it needs
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    floor: Mapped[str | None]
    desk: Mapped[str | None]
    duration_minutes: Mapped[int | None]
    skills: Mapped[dict[str, Any]] = mapped_column(default=dict)
    admin_right_id: Mapped[int | None] = mapped_column(ForeignKey("admin_right.id"))
    tools: Mapped[list[Any]] = mapped_column(default=list)
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    not_before: Mapped[datetime | None]
    # waits for an answer, an access or a part: not planned before that is confirmed
    awaits: Mapped[str | None]
    promised_from: Mapped[datetime | None]
    promised_to: Mapped[datetime | None]
    preferred_technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    carried_over: Mapped[int] = mapped_column(default=0)

    # what a person fixed
    lock: Mapped[str] = mapped_column(default="none")
    lock_start: Mapped[datetime | None]
    # rule -> reason given for overriding it
    waived: Mapped[dict[str, Any]] = mapped_column(default=dict)

    # its place in the plan
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    day: Mapped[date | None]
    planned_arrival: Mapped[datetime | None]
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    travel_seconds: Mapped[int] = mapped_column(default=0)

    # what became of it
    travelling_at: Mapped[datetime | None]
    working_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    worked_seconds: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    changed_at: Mapped[datetime | None]
    change: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seen_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship(back_populates="jobs")
    client: Mapped[Client] = relationship()
    building: Mapped[Building | None] = relationship()
    admin_right: Mapped[AdminRight | None] = relationship()
    technician: Mapped[Technician | None] = relationship(foreign_keys=[technician_id])
    refusals: Mapped[list[Refusal]] = relationship(cascade="all, delete-orphan")
    explanation: Mapped[Explanation | None] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    @property
    def number(self) -> str:
        return f"INT-{FIRST_NUMBER + self.id}"

    @classmethod
    def visible_to(cls, user: User) -> Select[tuple[Job]]:
        """The jobs of the user's clients; for a technician, his own once they are on his phone."""
        if user.acts_alone:
            return select(cls).where(cls.technician_id == (user.technician.id if user.technician else 0))
        return select(cls).where(user.may_see(cls.client_id))

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    @property
    def has_begun(self) -> bool:
        return self.state in BEGUN

    @property
    def changed_since_seen(self) -> bool:
        return self.changed_at is not None and (self.seen_at is None or self.seen_at < self.changed_at)

    def legal_moves(self, user: User) -> list[str]:
        """Names of the moves this user may make now, `undone` among them while it is possible."""
        moves = transitions.legal(self.state, user.role)
        return [*moves, "undone"] if self.can_undo(user) else moves

    # moves -----------------------------------------------------------------------------------------

    def move(self, name: str, by: User | None, *, target: str | None = None, **data: Any) -> Move:
        """Make one legal move and note it; raises IllegalMove and changes nothing otherwise."""
        role = by.role if by else "engine"
        found = transitions.find(name, self.state, target)
        if found is None or role not in found.by:
            raise IllegalMove(name, self.state, self.legal_moves(by) if by else [])
        self._enter(found.target, by, move=name, **data)
        return found

    def _enter(self, target: str, by: User | None, **data: Any) -> None:
        source, self.state = self.state, target
        self._keep_time(source)
        if target == "unplanned" and self.ticket.state in ("resolved", "closed", "cancelled"):
            self.ticket.set_state("open", by)
        record("job.state", by=by, job=self, source=source, target=target, **data)
        if target == "unplanned":
            self.leave_plan()
        self.state_at = now()
        self._follow_ticket(by, data)

    def _keep_time(self, source: str) -> None:
        if source == "working":
            self.worked_seconds += max(0, int((now() - self.state_at).total_seconds()))
        if self.state == "travelling":
            self.travelling_at = now()
        elif self.state == "working":
            self.working_at = self.working_at or now()
        self.ended_at = now() if self.state in ENDED else None

    def _follow_ticket(self, by: User | None, data: dict[str, Any]) -> None:
        """The ticket follows its jobs: in progress while one is under way, resolved when none is left."""
        ticket = self.ticket
        if self.state in ("travelling", "working"):
            ticket.set_state("in_progress", by)
        elif self.state == "cancelled" and not ticket.open_jobs:
            ticket.set_state("cancelled", by)
        elif self.state == "completed" and not ticket.open_jobs:
            ticket.set_state("resolved", by)
        elif self.state == "not_completed":
            self._hold_ticket(by, data)

    def _hold_ticket(self, by: User | None, data: dict[str, Any]) -> None:
        ending = NOT_COMPLETED[data["reason"]]
        if ending.sla == "paused":
            self.ticket.set_state("on_hold", by, ending.reason)
        elif ending.sla == "stops" and not self.ticket.open_jobs:
            self.ticket.set_state("resolved", by)
        elif ending.follow_up == "to_agent":
            self.ticket.set_state("on_hold", by, "handover")

    def can_undo(self, user: User) -> bool:
        """A mistap is taken back by who made it, within a minute."""
        recent = (now() - self.state_at).total_seconds() <= transitions.UNDO_SECONDS
        return recent and user.acts_alone and self.state in transitions.UNDOABLE and self._previous() is not None

    def _previous(self) -> str | None:
        last = self.change.get("from_tap")
        return last if isinstance(last, str) else None

    def tap(self, name: str, by: User, **data: Any) -> None:
        """A technician's move, remembered so that he can take it back."""
        source = self.state
        self.move(name, by, **data)
        self.change = {**self.change, "from_tap": source}

    def undo(self, by: User) -> None:
        """Take the last tap back: a recorded move to where the job was before."""
        previous = self._previous()
        if previous is None or not self.can_undo(by):
            raise IllegalMove("undone", self.state, self.legal_moves(by))
        self.change = {key: value for key, value in self.change.items() if key != "from_tap"}
        self._enter(previous, by, move="undone")

    # place in the plan -----------------------------------------------------------------------------

    def leave_plan(self) -> None:
        self.technician_id = self.day = None
        self.planned_arrival = self.planned_start = self.planned_end = None
        self.travel_seconds = 0
        if self.lock == "none":
            self.lock_start = None

    def note_change(self, what: str, by: User | None, **data: Any) -> None:
        """Something the technician has to know of; shown until he has looked."""
        self.changed_at = now()
        self.change = {"what": what, "by": by.name if by else None, **data}

    def see(self, by: User) -> None:
        """The technician has looked at what changed."""
        if self.changed_since_seen:
            self.seen_at = now()
            record("job.seen", by=by, job=self)

    def refuse_today(self, day: date, reason: str, by: User) -> None:
        """A declined job is not offered to this technician again that day."""
        self.refusals.append(Refusal(technician_id=self.technician_id, day=day, reason=reason, at=now()))

    @property
    def undo_until(self) -> datetime:
        return self.state_at + timedelta(seconds=transitions.UNDO_SECONDS)


class Refusal(Base):
    """A technician declined the job that day."""

    __tablename__ = "refusal"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"))
    day: Mapped[date]
    reason: Mapped[str]
    at: Mapped[datetime]
