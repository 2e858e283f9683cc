"""What was answered to a write that carried a key, so that a repeat is done once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.clock import now
from dispatch.database import Base

KEPT_DAYS = 7


class Receipt(Base):
    """A key of one user: reserved (no status yet) or answered."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    key: Mapped[str]
    # digest of method, path and body: another request under the same key is refused
    fingerprint: Mapped[str]
    reserved_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[str | None]

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        """No device repeats a write after that long."""
        return cls.reserved_at < now() - timedelta(days=KEPT_DAYS)
