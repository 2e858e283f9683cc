"""Technicians: what they can do, what they may do, and when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base
from dispatch.models.client import AdminRight, Skill
from dispatch.models.place import Kiosk, Territory
from dispatch.models.user import User


class Technician(Base):
    """A proximity technician. Owned by the provider."""

    __tablename__ = "technician"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    base_name: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    ends_at_base: Mapped[bool] = mapped_column(default=False)
    profile: Mapped[str] = mapped_column(default="walk")
    tools: Mapped[list[Any]] = mapped_column(default=list)
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # on one day: somebody in training, a medical restriction; none is no limit
    max_visits: Mapped[int | None]
    left_at: Mapped[datetime | None]
    # counts what was said of his absences, so that of two who say so at once the second one is told
    absences_version: Mapped[int] = mapped_column(default=1)

    user: Mapped[User | None] = relationship(back_populates="technician")
    territory: Mapped[Territory] = relationship()
    skills: Mapped[list[TechnicianSkill]] = relationship(cascade="all, delete-orphan")
    rights: Mapped[list[RightGrant]] = relationship(cascade="all, delete-orphan")
    accesses: Mapped[list[SiteAccess]] = relationship(cascade="all, delete-orphan")
    secondments: Mapped[list[Secondment]] = relationship(cascade="all, delete-orphan")
    shifts: Mapped[list[Shift]] = relationship(cascade="all, delete-orphan", order_by="Shift.starts_at")
    absences: Mapped[list[Absence]] = relationship(cascade="all, delete-orphan")
    duties: Mapped[list[KioskDuty]] = relationship(cascade="all, delete-orphan")

    @classmethod
    def visible_to(cls, user: User) -> Select[Technician]:
        """The technicians of the territories that the user can see; a technician sees himself."""
        if user.technician:
            return select(cls).where(cls.id == user.technician.id)
        territories = Territory.visible_to(user).with_only_columns(Territory.id).order_by(None)
        return select(cls).where(cls.territory_id.in_(territories)).order_by(cls.name)


class TechnicianSkill(Base):
    __tablename__ = "technician_skill"
    __table_args__ = (UniqueConstraint("technician_id", "skill_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"))
    level: Mapped[int] = mapped_column(default=1)

    skill: Mapped[Skill] = relationship()


class Dated:
    """Something that holds from a day to a day, both included; open ends hold for ever."""

    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class RightGrant(Dated, Base):
    """An admin right of one person, granted by somebody, from a day to a day."""

    __tablename__ = "right_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"), index=True)
    admin_right_id: Mapped[int] = mapped_column(ForeignKey("admin_right.id"))
    granted_by: Mapped[str] = mapped_column(default="")

    admin_right: Mapped[AdminRight] = relationship()


class SiteAccess(Dated, Base):
    """May enter a client's sites (`site_id` null: all of them)."""

    __tablename__ = "site_access"

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))


class Secondment(Dated, Base):
    """Works only for one client from a day to a day."""

    __tablename__ = "secondment"

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))


class Preference(Base):
    """A client (or one requester of his) prefers or excludes a technician."""

    __tablename__ = "preference"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("requester.id"))
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(default="prefers")
    minutes: Mapped[int] = mapped_column(default=10)


class Shift(Base):
    """Working time (`work`) or on-call time (`on_call`) with its breaks."""

    __tablename__ = "shift"
    __table_args__ = (Index("ix_shift_technician_id_starts_at", "technician_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(default="work")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]

    breaks: Mapped[list[Break]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class Break(Base):
    """A meal break: so many minutes, beginning between two instants."""

    __tablename__ = "meal_break"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"), index=True)
    minutes: Mapped[int]
    earliest: Mapped[datetime]
    latest: Mapped[datetime]


class Absence(Base):
    """Not there from an instant to another: said by a dispatcher (`absence`), or tapped by himself (`pause`, `off`)."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="absence")
    # he has tapped that it has begun, and not that it is over: see models/whereabouts.py
    is_open: Mapped[bool] = mapped_column(default=False)


class KioskDuty(Base):
    """At that kiosk from an instant to an instant, and not available for visits."""

    __tablename__ = "kiosk_duty"

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id", ondelete="CASCADE"), index=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    # as that of an absence
    is_open: Mapped[bool] = mapped_column(default=False)

    kiosk: Mapped[Kiosk] = relationship()
