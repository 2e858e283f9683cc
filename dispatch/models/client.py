"""Client companies, their working hours, holidays, targets and categories of work."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base
from dispatch.models.user import User

# a day of eight jobs that each fit at 70 % ends in time about four days out of five: see docs/durations.md
DURATION_QUANTILE = 70
OFFICE_WEEK: list[Any] = [[[480, 1080]]] * 5 + [[], []]


class Client(Base):
    """A client company: owner of sites, requesters, tickets, jobs, calendars and connections."""

    __tablename__ = "client"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Europe/Paris")
    language: Mapped[str] = mapped_column(default="fr")
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    # per weekday (Monday first): [from, to] pairs in minutes after local midnight
    working_week: Mapped[list[Any]] = mapped_column(default=lambda: list(OFFICE_WEEK))
    holiday_country: Mapped[str] = mapped_column(default="FR")
    # percent of such work that should take no longer than planned, once history shows it; None: never learned
    duration_quantile: Mapped[int | None] = mapped_column(default=DURATION_QUANTILE)
    durations_learned_on: Mapped[date | None]
    # working days after which a resolved ticket closes by itself; 0: never
    close_days: Mapped[int] = mapped_column(default=5)

    targets: Mapped[list[Target]] = relationship(order_by="Target.priority", cascade="all, delete-orphan")
    closures: Mapped[list[Closure]] = relationship(cascade="all, delete-orphan")

    @classmethod
    def visible_to(cls, user: User) -> Select[Client]:
        return select(cls).where(user.may_see(cls.id)).order_by(cls.name)

    def target_hours(self) -> dict[int, int]:
        """Working hours to resolve, by priority 1-4; the defaults where nothing was agreed."""
        return {1: 4, 2: 8, 3: 16, 4: 40} | {t.priority: t.hours for t in self.targets}


class Target(Base):
    """Working hours in which a ticket of a priority is to be resolved."""

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("client_id", "priority"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    priority: Mapped[int]
    hours: Mapped[int]


class Closure(Base):
    """A day off of one client beside the public holidays of its country."""

    __tablename__ = "closure"
    __table_args__ = (UniqueConstraint("client_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    day: Mapped[date]
    label: Mapped[str] = mapped_column(default="")


class Skill(Base):
    """One of the trade's own skills; the level is said by who has it and who asks for it."""

    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    label_fr: Mapped[str]
    label_en: Mapped[str]


class Equipment(Base):
    """A tool that a job needs (`tool`) or a part that it uses up (`part`)."""

    __tablename__ = "equipment"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    label_fr: Mapped[str]
    label_en: Mapped[str]


class AdminRight(Base):
    """An administrator entitlement that a client knows; people hold it through a RightGrant."""

    __tablename__ = "admin_right"
    __table_args__ = (UniqueConstraint("client_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    code: Mapped[str]
    label: Mapped[str]
    scope: Mapped[str] = mapped_column(default="")

    client: Mapped[Client] = relationship()

    @property
    def key(self) -> str:
        """How plans name it: client and right."""
        return f"{self.client.code}:{self.code}"


class Category(Base):
    """A kind of work of one client: what it needs, how long it takes, where it is done."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("client_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    code: Mapped[str]
    label_fr: Mapped[str]
    label_en: Mapped[str]
    kind: Mapped[str] = mapped_column(default="incident")
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skill.id"))
    level: Mapped[int] = mapped_column(default=1)
    duration_minutes: Mapped[int | None]
    mode: Mapped[str | None]
    admin_right_id: Mapped[int | None] = mapped_column(ForeignKey("admin_right.id"))
    tools: Mapped[list[Any]] = mapped_column(default=list)
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # what is asked when its work is done: resolution, cause, signature, checks; see models/report.py
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)

    client: Mapped[Client] = relationship()
    skill: Mapped[Skill | None] = relationship()
    admin_right: Mapped[AdminRight | None] = relationship()

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_fr


class Connection(Base):
    """A client's ITSM tool; tickets that mirror its records name it with the foreign id."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("client_id", "system"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    system: Mapped[str]
    label: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    client: Mapped[Client] = relationship()
