"""The address under which a technician's calendar is read by other programs: a secret, of which the digest is kept."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.user import User, digest


class CalendarFeed(Base):
    """One address; whoever knows it reads the calendar, until it is replaced or given up."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def issue(cls, user: User) -> str:
        """A new address, which ends the one before; its secret is returned once and never stored."""
        cls.revoke_all(user)
        secret = secrets.token_urlsafe(32)
        db.session.add(cls(user_id=user.id, digest=digest(secret), made_at=now()))
        return secret

    @classmethod
    def revoke_all(cls, user: User) -> None:
        alive = (cls.user_id == user.id) & cls.revoked_at.is_(None)
        db.session.execute(update(cls).where(alive).values(revoked_at=now()))

    @classmethod
    def of(cls, secret: str) -> CalendarFeed | None:
        """The address of that secret, while it holds and its technician may sign in."""
        found = db.session.scalar(select(cls).where(cls.digest == digest(secret), cls.revoked_at.is_(None)))
        return found if found and found.user.is_active and found.user.technician else None

    @classmethod
    def present(cls, user: User) -> CalendarFeed | None:
        """The one in force, if there is any."""
        mine = select(cls).where(cls.user_id == user.id, cls.revoked_at.is_(None))
        return db.session.scalars(mine.order_by(cls.id.desc()).limit(1)).one_or_none()
