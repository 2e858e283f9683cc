"""What a phone is told without being asked: where it wants to be told, and what was said, or will be.

A notice is one event for one subscription, so that nothing is told twice. Between the claim of a notice and its
end a worker talks to a push service; one that dies there leaves a claim that is taken over, under the same id, and
a phone shows an id once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.device import Device
from dispatch.models.user import User

CLAIM = timedelta(minutes=2)
KEPT = timedelta(days=14)


class PushSubscription(Base):
    """Where one phone's browser lets itself be woken up; the keys are those of RFC 8291."""

    __tablename__ = "push_subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[str]
    auth: Mapped[str]
    made_at: Mapped[datetime]
    last_ok: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    device: Mapped[Device] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def keep(cls, device: Device, endpoint: str, p256dh: str, auth: str) -> PushSubscription:
        """This phone is told there from now on, and nowhere else; an address belongs to its last phone."""
        known = db.session.scalar(select(cls).where(cls.endpoint == endpoint))
        others = (cls.device_id == device.id) & (cls.endpoint != endpoint) & cls.gone_at.is_(None)
        db.session.execute(update(cls).where(others).values(gone_at=now()))
        if known is None:
            known = cls(endpoint=endpoint, made_at=now())
            db.session.add(known)
        known.user_id, known.device_id = device.user_id, device.id
        known.p256dh, known.auth, known.gone_at = p256dh, auth, None
        return known

    @classmethod
    def of(cls, user: User) -> Sequence[PushSubscription]:
        """The ones that the person has now."""
        mine = select(cls).where(cls.user_id == user.id, cls.gone_at.is_(None))
        return db.session.scalars(mine.order_by(cls.id)).unique().all()

    @classmethod
    def leave(cls, user: User, endpoint: str) -> None:
        """Not to be told there any more."""
        mine = (cls.user_id == user.id) & (cls.endpoint == endpoint) & cls.gone_at.is_(None)
        db.session.execute(update(cls).where(mine).values(gone_at=now()))

    @property
    def is_live(self) -> bool:
        return self.gone_at is None and self.user.is_active and self.device.revoked_at is None


class PushNotice(Base):
    """One event, to be told to one subscription. `lead_id`: the notice in whose message it was, or is being, told."""

    __tablename__ = "push_notice"
    __table_args__ = (
        UniqueConstraint("subscription_id", "event_id"),
        Index("ix_push_notice_done_at_due_at", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("push_subscription.id", ondelete="CASCADE"))
    event_id: Mapped[int]
    kind: Mapped[str]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    # nobody was to be woken: it belongs to what is told at the begin of the shift
    waited: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    lead_id: Mapped[int | None]
    done_at: Mapped[datetime | None]
    # sent, or why it was not: outdated, off, gone, refused, given_up
    outcome: Mapped[str | None]

    @classmethod
    def is_due(cls) -> ColumnElement[bool]:
        """To be looked at now: nobody has it, or whoever had it is gone."""
        free = cls.claimed_at.is_(None) | (cls.claimed_at < now() - CLAIM)
        return cls.done_at.is_(None) & (cls.due_at <= now()) & free

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        return cls.made_at < now() - KEPT

    def end(self, outcome: str) -> None:
        self.done_at, self.outcome, self.claimed_at = now(), outcome, None


class PushCursor(Base):
    """How far the feed of events was looked through; one row."""

    __tablename__ = "push_cursor"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]


class PushOff(Base):
    """Somebody who does not want to be told on any of his phones."""

    __tablename__ = "push_off"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime]

    @classmethod
    def holds_for(cls, user: User) -> bool:
        return db.session.get(cls, user.id) is not None

    @classmethod
    def switch(cls, user: User, off: bool) -> None:
        present = db.session.get(cls, user.id)
        if off and present is None:
            db.session.add(cls(user_id=user.id, since=now()))
        elif present is not None and not off:
            db.session.delete(present)
