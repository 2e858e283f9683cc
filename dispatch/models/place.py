"""Territories and the places work is done at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.user import User

OPEN_WEEK: list[Any] = [[[450, 1140]]] * 5 + [[], []]


class Territory(Base):
    """Sites planned together and the technicians who serve them. Owned by the provider."""

    __tablename__ = "territory"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Europe/Paris")
    # how many days beyond today are dispatched when a proposal is accepted
    horizon_days: Mapped[int] = mapped_column(default=0)
    freeze_minutes: Mapped[int] = mapped_column(default=30)
    acceptance: Mapped[str] = mapped_column(default="dispatcher")
    # planning prices in minutes of travel; see docs/routing.md
    move_minutes: Mapped[int] = mapped_column(default=30)
    promise_minutes: Mapped[int] = mapped_column(default=60)
    overtime_price: Mapped[int] = mapped_column(default=3)
    max_overtime_minutes: Mapped[int] = mapped_column(default=30)

    @classmethod
    def held(cls, key: int) -> Territory:
        """The one of that id: asked for on many ways through a request, and a session forgets what nobody holds."""
        found = db.session.get_one(cls, key)
        db.session().info.setdefault("territories", {})[key] = found
        return found

    @classmethod
    def visible_to(cls, user: User) -> Select[Territory]:
        """Where the user's clients have sites, or where he works himself."""
        if user.every_client:
            return select(cls).order_by(cls.name)
        if user.technician:
            return select(cls).where(cls.id == user.technician.territory_id)
        sites = select(Site.territory_id).where(Site.client_id.in_(user.client_ids))
        home = select(Client.territory_id).where(Client.id.in_(user.client_ids))
        return select(cls).where(cls.id.in_(sites) | cls.id.in_(home)).order_by(cls.name)


class Site(Base):
    """A place of one client with its zone and opening hours."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("client_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    zone: Mapped[str] = mapped_column(default="Europe/Paris")
    # per weekday (Monday first): [from, to] pairs in minutes after local midnight
    opening_week: Mapped[list[Any]] = mapped_column(default=lambda: list(OPEN_WEEK))
    needs_access: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str] = mapped_column(default="")
    access_notes: Mapped[str] = mapped_column(default="")

    client: Mapped[Client] = relationship()
    territory: Mapped[Territory] = relationship()
    buildings: Mapped[list[Building]] = relationship(back_populates="site", order_by="Building.name")

    @classmethod
    def visible_to(cls, user: User) -> Select[Site]:
        return select(cls).where(user.may_see(cls.client_id)).order_by(cls.name)


class Building(Base):
    """A building of a site: where a visit ends, with what it takes to get in and up."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    floors: Mapped[int] = mapped_column(default=0)
    access_minutes: Mapped[int] = mapped_column(default=3)
    seconds_per_floor: Mapped[int] = mapped_column(default=20)

    site: Mapped[Site] = relationship(back_populates="buildings", lazy="joined", innerjoin=True)

    @classmethod
    def visible_to(cls, user: User) -> Select[Building]:
        return select(cls).join(cls.site).where(user.may_see(Site.client_id)).order_by(Site.name, cls.name)

    @property
    def full_name(self) -> str:
        return self.name if self.name == self.site.name else f"{self.site.name} · {self.name}"


class Kiosk(Base):
    """The IT counter of a building."""

    __tablename__ = "kiosk"

    id: Mapped[int] = mapped_column(primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    name: Mapped[str]
    counters: Mapped[int] = mapped_column(default=1)

    building: Mapped[Building] = relationship()

    @classmethod
    def visible_to(cls, user: User) -> Select[Kiosk]:
        """Those of the user's clients; for a technician those of his territory, of his clients where he acts for some only."""
        query = select(cls).join(cls.building).join(Building.site).order_by(cls.name, cls.id)
        query = query.options(contains_eager(cls.building).contains_eager(Building.site))
        if user.acts_alone:
            query = query.where(Site.territory_id == (user.technician.territory_id if user.technician else 0))
        return (
            query if user.acts_alone and not user.client_links else query.where(user.may_see(Site.client_id))
        )
