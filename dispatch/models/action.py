"""What phones have handed in: each entry with its key, both clocks, what became of it, and who decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, UniqueConstraint, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.models.device import Device
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.user import User

OUTCOMES = ("applied", "review", "held")
DECISIONS = ("applied", "kept", "discarded")


class Action(Base):
    """One thing a technician did on a phone, in the ledger: done once, to be reviewed, or held."""

    __tablename__ = "action"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_action_device_id_seq", "device_id", "seq"),
        Index("ix_action_outcome_decision", "outcome", "decision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    # where it belongs: the job that it names if there is such a job, and a territory in any case
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"), index=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))

    # as the phone said it
    key: Mapped[str]
    seq: Mapped[int]
    kind: Mapped[str]
    number: Mapped[str | None]
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    based_on: Mapped[int | None]
    fingerprint: Mapped[str]
    size: Mapped[int] = mapped_column(default=0)
    # the two clocks: what the phone said, and by how many seconds it was behind ours when it sent
    claimed_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    skew_seconds: Mapped[int | None]
    # what is wrong with the phone's clock: see replay/moments.py
    clock: Mapped[str | None]

    # what became of it
    outcome: Mapped[str]
    reason: Mapped[str | None]
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    remark: Mapped[str | None]
    # the technician has read it and does not need it on his phone any more
    dismissed_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    device: Mapped[Device] = relationship()
    job: Mapped[Job | None] = relationship()
    territory: Mapped[Territory | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def waiting(cls) -> ColumnElement[bool]:
        """What somebody has to decide."""
        return and_(cls.outcome.in_(("review", "held")), cls.decision.is_(None))

    @classmethod
    def visible_to(cls, user: User) -> Select[Action]:
        """His own for a technician; else those of jobs of the user's clients, and for whoever acts for every
        client also those that name no job that there is: nobody can say whose words they hold."""
        if user.acts_alone:
            return select(cls).where(cls.user_id == user.id)
        query = select(cls).outerjoin(Job, Job.id == cls.job_id)
        nameless = cls.job_id.is_(None) if user.every_client else cls.id.is_(None)
        return query.where(or_(nameless, and_(cls.job_id.is_not(None), user.may_see(Job.client_id))))

    @property
    def is_waiting(self) -> bool:
        return self.outcome in ("review", "held") and self.decision is None

    @property
    def note(self) -> str:
        """The words that were typed, whatever they were typed for."""
        said = self.body.get("note")
        return said if isinstance(said, str) else ""

    def decide(self, decision: str, by: User | None, remark: str | None = None) -> None:
        """Close it, and let whoever did it hear what became of it; `by` None: it settled by itself."""
        self.decision, self.decided_at, self.remark = decision, now(), remark
        self.decided_by_id = by.id if by else None
        whose = self.user.technician
        record("job.reviewed", by=by, job=self.job, technician_id=whose.id if whose else None,
               territory_id=self.territory_id, decision=decision, what=self.kind, remark=remark,
               to=self.body.get("to"), key=self.key)  # fmt: skip

    def dismiss(self) -> None:
        self.dismissed_at = self.dismissed_at or now()
