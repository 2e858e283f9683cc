"""What dispatchers have changed in the plan: each job's place before and after, so that it can be taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.models.place import Territory
from dispatch.models.user import User

# undone is only what belongs to the day; older entries are read by nobody
KEPT_DAYS = 7


class PlanChange(Base):
    """One thing that somebody did to the plan of a territory, or that an accepted run did (`by` may be nobody)."""

    __tablename__ = "plan_change"
    __table_args__ = (Index("ix_plan_change_territory_id_at", "territory_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    # run, move, extension (a move for which a shift was made longer), take_back, cancel, lock, room, bulk, undo
    kind: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("plan_run.id", ondelete="SET NULL"))
    # of an undo: the changes that it has taken back
    undoes: Mapped[list[Any]] = mapped_column(default=list)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    territory: Mapped[Territory] = relationship()
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])
    jobs: Mapped[list[ChangedJob]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="ChangedJob.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, user: User) -> Select[PlanChange]:
        """The changes that meant work of the user's clients."""
        meant = select(ChangedJob.change_id).where(ChangedJob.meant, user.may_see(ChangedJob.client_id))
        return select(cls).where(cls.id.in_(meant))

    @classmethod
    def since(cls, territory_id: int, start: datetime) -> Select[PlanChange]:
        """The changes of a territory from then on, latest first."""
        return select(cls).where(cls.territory_id == territory_id, cls.at >= start).order_by(cls.id.desc())

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        return cls.at < now() - timedelta(days=KEPT_DAYS)

    def is_for(self, user: User) -> bool:
        """Whether everything that it meant to change is work of the user's clients: then he may take it back."""
        return user.every_client or all(user.sees(one.client_id) for one in self.jobs if one.meant)


class ChangedJob(Base):
    """A job that a change has touched; `before` and `after` are places as planning.journal writes them."""

    __tablename__ = "plan_change_job"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("plan_change.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    # what the change was about; the others on the routes were only timed again
    meant: Mapped[bool] = mapped_column(default=True)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)

    change: Mapped[PlanChange] = relationship(back_populates="jobs")

    @property
    def days(self) -> set[date]:
        return {date.fromisoformat(place["day"]) for place in (self.before, self.after) if place.get("day")}
