"""Repairs that a dispatcher does not want to be offered for now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.user import User

KEPT_DAYS = 7


class PutOff(Base):
    """Somebody said “later” to a cause; another cause, or the same one grown, is offered again."""

    __tablename__ = "put_off"
    __table_args__ = (UniqueConstraint("user_id", "cause"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    cause: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def by(cls, user: User, causes: Collection[str]) -> set[str]:
        """Those of the causes that this user has put off."""
        query = select(cls.cause).where(cls.user_id == user.id, cls.cause.in_(causes))
        return set(db.session.scalars(query))

    @classmethod
    def put(cls, user: User, cause: str) -> None:
        """Offer it no more to this user; saying so twice changes nothing."""
        from sqlalchemy.dialects import postgresql, sqlite

        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        values = {"user_id": user.id, "cause": cause, "at": now()}
        db.session.execute(dialect.insert(cls).values(**values).on_conflict_do_nothing())

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        return cls.at < now() - timedelta(days=KEPT_DAYS)
