"""How long a job should take, and who says so: a person, history, or the client's catalogue, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.client import Category
from dispatch.models.place import Building

if TYPE_CHECKING:
    from dispatch.models.job import Job

SAID, LEARNED, CATALOGUE = "said", "learned", "category"
ANY_LEVEL = -1
COLUMNS = ("duration_minutes", "duration_source", "duration_basis")


class DurationEstimate(Base):
    """What a client's history says of one group of work; all of a client's are replaced every night.

    From the wide to the narrow: a category, where (`mode`), for which level, in which building. An empty
    mode, ANY_LEVEL and no building stand for all of them.
    """

    __tablename__ = "duration_estimate"
    __table_args__ = (Index("ix_duration_estimate_category_id_mode_level", "category_id", "mode", "level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="CASCADE"))
    mode: Mapped[str] = mapped_column(default="")
    level: Mapped[int] = mapped_column(default=ANY_LEVEL)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    minutes: Mapped[int]
    quantile: Mapped[int]
    # how many jobs of the category were looked at, and how many of them were of this very group
    jobs: Mapped[int]
    near: Mapped[int]
    learned_at: Mapped[datetime]

    @classmethod
    def closest(
        cls, category: Category, mode: str, level: int, building: Building | None
    ) -> DurationEstimate | None:
        """The narrowest one that such work falls into."""
        fits = (
            cls.category_id == category.id,
            cls.mode.in_(("", mode)),
            cls.level.in_((ANY_LEVEL, level)),
            or_(cls.building_id.is_(None), cls.building_id == (building.id if building else None)),
        )
        return max(db.session.scalars(select(cls).where(*fits)), key=cls._narrowness, default=None)

    def _narrowness(self) -> tuple[bool, bool, bool]:
        return bool(self.mode), self.level != ANY_LEVEL, self.building_id is not None

    @property
    def basis(self) -> dict[str, int]:
        """What a dispatcher is told of it."""
        return {"jobs": self.jobs, "near": self.near, "quantile": self.quantile}


def length(
    category: Category | None,
    mode: str,
    skills: Mapping[str, int],
    building: Building | None,
    minutes: int | None = None,
) -> dict[str, Any]:
    """The columns of a job that say how long it should take; `minutes` are those that a person said."""
    if minutes:
        return _columns(minutes, SAID)
    if category is None:
        return _columns(None, None)
    if category.client.duration_quantile is not None:
        found = DurationEstimate.closest(category, mode, level_of(skills), building)
        if found is not None:
            return _columns(found.minutes, LEARNED, found.basis)
    return _columns(category.duration_minutes, CATALOGUE if category.duration_minutes else None)


def level_of(skills: Mapping[str, int]) -> int:
    """The level that work asks for; 0 when it asks for no skill."""
    return max((int(level) for level in skills.values()), default=0)


def renew(job: Job, minutes: int | None = None) -> bool:
    """Say anew how long an open job should take, after it or history has changed; whether that is different.

    What a person said stays, unless he says `minutes` now; a job that follows another one is not told anew.
    """
    told_with_it = bool(job.parent_id and job.duration_minutes)
    if told_with_it or (job.duration_source == SAID and not minutes):
        return False
    before = job.duration_minutes
    fresh = length(job.ticket.category, job.mode, job.skills, job.building, minutes)
    for name, value in fresh.items():
        if getattr(job, name) != value:
            setattr(job, name, value)
    return job.duration_minutes != before


def _columns(minutes: int | None, source: str | None, basis: dict[str, int] | None = None) -> dict[str, Any]:
    return dict(zip(COLUMNS, (minutes, source, basis or {}), strict=True))
