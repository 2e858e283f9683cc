"""Background workers that have been heard of lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db

SILENT_SECONDS = 20


class Worker(Base):
    """One worker process and when it last said that it lives."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]

    @classmethod
    def beat(cls, name: str) -> None:
        db.session.merge(cls(name=name, beat_at=now()))

    @classmethod
    def any_alive(cls) -> bool:
        recent = now() - timedelta(seconds=SILENT_SECONDS)
        return db.session.scalar(select(cls.name).where(cls.beat_at > recent).limit(1)) is not None
