"""The live plan of a territory's day, and the runs that propose changes to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.place import Territory
from dispatch.models.user import User

RUN_STATES = (
    "queued", "running", "proposed", "accepted", "rejected", "superseded", "failed", "cancelled",
)  # fmt: skip
ACTIVE = ("queued", "running")
WHAT_IF_DAYS = 3
TOLD_FOR = timedelta(minutes=15)


class Plan(Base):
    """The live assignment of a territory on a day. The stops are its jobs; this row serialises writers."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("territory_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    day: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    # places whose travel was estimated because the street router could not answer, and the like
    remarks: Mapped[list[Any]] = mapped_column(default=list)

    territory: Mapped[Territory] = relationship()
    breaks: Mapped[list[PlannedBreak]] = relationship(cascade="all, delete-orphan")

    @classmethod
    def lock(cls, territory_id: int, day: date) -> Plan:
        """The plan of that day, held by this transaction until it ends; made when there is none."""
        found = cls._held(territory_id, day)
        if found is None:
            _insert_if_absent(territory_id, day)
            found = cls._held(territory_id, day)
        assert found is not None
        return found

    @classmethod
    def remarks_on(cls, territory_id: int, day: date) -> list[str]:
        """What is to be known of the plan of that day, as codes."""
        query = select(cls.remarks).where(cls.territory_id == territory_id, cls.day == day)
        return list(db.session.scalar(query) or [])

    @classmethod
    def _held(cls, territory_id: int, day: date) -> Plan | None:
        query = select(cls).where(cls.territory_id == territory_id, cls.day == day)
        return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))

    def bump(self) -> None:
        self.version += 1
        self.changed_at = now()


def _insert_if_absent(territory_id: int, day: date) -> None:
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    values = {"territory_id": territory_id, "day": day, "version": 1, "changed_at": now(), "remarks": []}
    db.session.execute(dialect.insert(Plan).values(**values).on_conflict_do_nothing())


class PlannedBreak(Base):
    """When a technician's break falls in the live plan."""

    __tablename__ = "planned_break"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class PlanRun(Base):
    """One optimisation: the truth about it is here, whatever becomes of the worker."""

    __tablename__ = "plan_run"
    __table_args__ = (Index("ix_plan_run_territory_id_state", "territory_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    day: Mapped[date]
    days: Mapped[int] = mapped_column(default=1)
    seconds: Mapped[int]
    state: Mapped[str] = mapped_column(default="queued")
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    # clients whose work it may move; null: everybody's
    client_ids: Mapped[list[Any] | None]
    # what of the plan it may touch and why it was asked for, as planning.scope has it; {}: everything
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # of a what-if: what is taken for granted though it is not so (planning/assuming.py); null: a real run
    assumed: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None]
    progress: Mapped[float] = mapped_column(default=0.0)
    best_cost: Mapped[int | None]
    served: Mapped[int | None]
    error: Mapped[str | None]
    # who and what was left out before the run, with the reason
    left_out: Mapped[list[Any]] = mapped_column(default=list)
    objective: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # place, state and lock of every job when the problem was built; `weighed`: beside the live plan of then;
    # `beside`: what a what-if is compared with
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    proposal: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    diff: Mapped[list[Any]] = mapped_column(default=list, deferred=True)
    unassigned: Mapped[list[Any]] = mapped_column(default=list, deferred=True)

    territory: Mapped[Territory] = relationship()
    requested_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, user: User) -> Select[PlanRun]:
        territories = Territory.visible_to(user).with_only_columns(Territory.id).order_by(None)
        query = select(cls).where(cls.territory_id.in_(territories))
        if user.every_client:
            return query
        return query.where(cls.assumed.is_(None) | (cls.requested_by_id == user.id))

    @classmethod
    def active(cls, territory_id: int, what_if: bool = False) -> PlanRun | None:
        """The run, or the what-if, under way for a territory: there is never more than one of each."""
        lane = cls.assumed.is_not(None) if what_if else cls.assumed.is_(None)
        mine = (cls.territory_id == territory_id, cls.state.in_(ACTIVE), lane)
        return db.session.scalar(select(cls).where(*mine).order_by(cls.id))

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        """What-ifs of some days ago that nobody has accepted; real runs are kept."""
        over = cls.state.not_in((*ACTIVE, "accepted"))
        return cls.assumed.is_not(None) & over & (cls.requested_at < now() - timedelta(days=WHAT_IF_DAYS))

    @property
    def is_what_if(self) -> bool:
        """Whether it plans a day that is not so: nobody but who asks for it sees anything of it."""
        return self.assumed is not None

    @property
    def why(self) -> str:
        """Why there is the run, in a word (labels: `run_why`): what a repair is for, else what it looks at."""
        return "what_if" if self.is_what_if else str(
            self.scope.get("cause", {}).get("kind") or self.scope.get("kind", "all")
        )  # fmt: skip

    @property
    def weighed(self) -> dict[str, Any] | None:
        """The proposal beside the live plan, as planning.weighed has it; None of a run without one, or an old one."""
        found: dict[str, Any] | None = self.basis.get("weighed")
        return found

    @property
    def beside(self) -> dict[str, Any] | None:
        """Of a what-if: the live plan, and the best without and with what is assumed, as planning.beside has them."""
        found: dict[str, Any] | None = self.basis.get("beside")
        return found

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def found_nothing(self) -> bool:
        """Whether it has ended by itself, having found nothing better than the live plan: there is nothing to answer."""
        return self.state == "proposed" and not self.is_what_if and not self.diff

    def is_told(self, latest: bool) -> bool:
        """Whether the board tells of it: a proposal that waits, the latest run when it failed or has just found nothing."""
        if self.found_nothing:
            return latest and (self.ended_at or self.requested_at) > now() - TOLD_FOR
        return self.state == "proposed" or (latest and self.state == "failed")

    def is_for(self, user: User) -> bool:
        """Whether everything that the run may move is work of the user's clients: then he may answer or stop it."""
        return user.every_client or (
            self.client_ids is not None and user.client_ids.issuperset(self.client_ids)
        )

    def set_state(self, state: str, by: User | None = None, **data: Any) -> None:
        told = {"territory_id": self.territory_id, "run": self.id, "source": self.state, "target": state,
                "day": self.day.isoformat(), **data}  # fmt: skip
        if self.is_what_if and state != "accepted":  # nobody else is to hear of it before
            record("what_if.state", by=by, **told)
        else:
            record("run.state", by=by, **told)
        self.state = state
        if state not in (*ACTIVE, "proposed"):
            self.ended_at = now()


class Explanation(Base):
    """Why an open job is in no route, per technician, from the rule check of the last run."""

    __tablename__ = "explanation"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("plan_run.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    # [{technician_id, rule, values}], or the one {rule} for which no run considers it (kind left_out)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    outbid_by: Mapped[list[Any]] = mapped_column(default=list)
    fix: Mapped[dict[str, Any]] = mapped_column(default=dict)
