"""A job: one piece of proximity work for a ticket, its place in the plan, and its moves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.models import duration, transitions
from dispatch.models.client import AdminRight, Client
from dispatch.models.event import record
from dispatch.models.place import Building
from dispatch.models.technician import Technician
from dispatch.models.transitions import BEGUN, ENDED, Incomplete, Move
from dispatch.models.user import User

if TYPE_CHECKING:
    from dispatch.models.plan import Explanation
    from dispatch.models.ticket import Ticket

FIRST_NUMBER = 1000
LOCKS = ("none", "technician", "time", "both")


def number_of(job_id: int) -> str:
    """INT-1042; of a job that a what-if only supposes, and that has no row, +1."""
    return f"INT-{FIRST_NUMBER + job_id}" if job_id > 0 else f"+{-job_id}"


def id_of(number: str) -> int:
    """The id in INT-1042; 0, which no job has, for what is no number."""
    digits = number.upper().removeprefix("INT-")
    known = digits.isascii() and digits.isdigit() and len(digits) < 12
    return int(digits) - FIRST_NUMBER if known else 0


class IllegalMove(Exception):
    """The move is not in the table from here; `legal` names those that are. `family`: of which noun."""

    def __init__(self, name: str, source: str, legal: list[str], family: str = "job") -> None:
        super().__init__(f"{name} is not possible from {source}")
        self.name, self.source, self.legal, self.family = name, source, legal, family


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
    # who says so (see models/duration.py), and what history it rests on
    duration_source: Mapped[str | None]
    duration_basis: Mapped[dict[str, Any]] = mapped_column(default=dict)
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
    lock_technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
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
    # when a person last put it there: a run that began earlier does not move it
    placed_at: Mapped[datetime | None]

    # what became of it
    travelling_at: Mapped[datetime | None]
    working_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    worked_seconds: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    # who worked on it while it was somebody else's, or nobody's: see models/astray.py
    also_worked: Mapped[list[Any]] = mapped_column(default=list)
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
        return number_of(self.id)

    @classmethod
    def visible_to(cls, user: User) -> Select[Job]:
        """The jobs of the user's clients; for a technician, his own once they are on his phone."""
        if user.acts_alone:
            return select(cls).where(cls.technician_id == (user.technician.id if user.technician else 0))
        return select(cls).where(user.may_see(cls.client_id))

    @classmethod
    def numbered(cls, number: str, user: User) -> Select[Job]:
        """The query for one job by its number, within what the user may see."""
        return cls.visible_to(user).where(cls.id == id_of(number))

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    @property
    def has_begun(self) -> bool:
        return self.state in BEGUN

    @property
    def changed_since_seen(self) -> bool:
        return self.changed_at is not None and (self.seen_at is None or self.seen_at < self.changed_at)

    @property
    def undo_until(self) -> datetime:
        return self.state_at + timedelta(seconds=transitions.UNDO_SECONDS)

    # moves -----------------------------------------------------------------------------------------

    def legal_moves(self, user: User) -> list[str]:
        """Names of the moves this user may make now, `undone` among them while it is possible."""
        moves = transitions.legal(self.state, user.role, self.mode)
        return [*moves, "undone"] if self.can_undo(user) else moves

    def can_undo(self, user: User, at: datetime | None = None) -> bool:
        """A mistap is taken back by who made it, within a minute, as he did `at` (else now); see models/tap.py."""
        made_it = self.change.get("tap", {}).get("by") == user.id
        return made_it and self.state in transitions.UNDOABLE and (at or now()) <= self.undo_until

    def move(self, name: str, by: User | None, *, target: str | None = None, **data: Any) -> Move:
        """Make one legal move and note it; raises IllegalMove or Incomplete and changes nothing otherwise.

        `at` among the data is when it happened, for what is told later than it was done; else it is now.
        """
        role = by.role if by else "engine"
        found = transitions.find(name, self.state, target, self.mode)
        if found is None or role not in found.by:
            raise IllegalMove(name, self.state, self.legal_moves(by) if by else [])
        if name == "not_completed" and data.get("reason") not in transitions.NOT_COMPLETED:
            raise Incomplete("reason")
        for step in found.via:
            self.enter(step, by, move=step, **data)
        self.enter(found.target, by, move=name, **data)
        return found

    def enter(self, target: str, by: User | None, *, at: datetime | None = None, **data: Any) -> None:
        """Go to a state without asking the table, and note it: for what has been checked already."""
        source, self.state = self.state, target
        moment = at or now()
        self._keep_time(source, moment)
        data["happened"] = at and at.isoformat()
        self.change = {key: value for key, value in self.change.items() if key != "tap"}
        said = {key: value for key, value in data.items() if value is not None}
        record("job.state", by=by, job=self, source=source, target=target, **said)
        if target == "unplanned":
            self.leave_plan()
            self.outcome = None
        self.state_at = moment
        self.ticket.follow(self, by, data.get("reason"))

    def _keep_time(self, source: str, moment: datetime) -> None:
        if source == "working":
            self.worked_seconds += max(0, int((moment - self.state_at).total_seconds()))
        if self.state == "travelling":
            self.travelling_at = moment
        elif self.state == "working":
            self.working_at = self.working_at or moment
        self.ended_at = moment if self.state in ENDED else None
        if self.state in ("travelling", "working"):
            travel = self.travel_seconds if self.state == "travelling" else 0
            self._begin_early(moment + timedelta(seconds=travel))

    def _begin_early(self, start: datetime) -> None:
        """Who begins before his time has the job in the plan where it is done: its old place is free for another."""
        if self.planned_start is None or self.planned_end is None or self.planned_start <= start:
            return
        self.planned_end -= self.planned_start - start
        self.planned_arrival = self.planned_start = start

    def change_mode(self, mode: str, by: User, note: str | None = None) -> None:
        """Turn a call into a visit: number, age and SLA stay, its place in the plan does not."""
        if mode != "on_site" or self.mode != "remote" or not self.is_open:
            raise IllegalMove("to_visit", self.state, self.legal_moves(by))
        if self.state != "unplanned":
            self.move("to_visit", by, note=note)
        self.mode = mode
        duration.renew(self)
        record("job.mode", by=by, job=self, source="remote", target=mode)

    # place in the plan -----------------------------------------------------------------------------

    def leave_plan(self) -> None:
        self.technician = self.technician_id = self.day = None
        self.planned_arrival = self.planned_start = self.planned_end = None
        self.travel_seconds = 0

    def note_change(self, what: str, by: User | None, **data: Any) -> None:
        """Something the technician has to know of; shown until he has looked."""
        self.changed_at = now()
        self.change = {"what": what, "by": by.name if by else None, **data}

    def see(self, by: User) -> None:
        """The technician has looked at what changed."""
        if self.changed_since_seen:
            self.seen_at = now()
            record("job.seen", by=by, job=self)

    def decline(self, by: User, reason: str | None, **data: Any) -> None:
        """Give a dispatched job back; it is not offered to this technician again that day."""
        if reason not in transitions.DECLINED:
            raise Incomplete("reason")
        technician_id, day = self.technician_id, self.day or self._today()
        self.move("declined", by, reason=reason, **data)
        self.refusals.append(Refusal(technician_id=technician_id, day=day, reason=reason, at=now()))

    def _today(self) -> date:
        zone = self.technician.territory.zone if self.technician else "UTC"
        return now().astimezone(ZoneInfo(zone)).date()

    def add_note(self, text: str, by: User, claimed_at: datetime | None = None) -> None:
        """Something learnt on the way, kept with the job whatever becomes of it; `claimed_at`: when by the device's clock."""
        self.note = f"{self.note}\n{text}" if self.note else text
        record("job.noted", by=by, job=self, note=text, claimed_at=claimed_at)


class Refusal(Base):
    """A technician declined the job that day."""

    __tablename__ = "refusal"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"))
    day: Mapped[date]
    reason: Mapped[str]
    at: Mapped[datetime]
