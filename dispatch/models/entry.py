"""A kiosk entry: somebody who came to a counter, with the number of the day, what became of it, and the wait."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models import entry_states
from dispatch.models.client import Category
from dispatch.models.entry_states import AT_DESK, ENDED, OPEN, WAITS
from dispatch.models.event import record
from dispatch.models.job import IllegalMove
from dispatch.models.place import Kiosk
from dispatch.models.technician import Technician
from dispatch.models.user import User

LONGEST_VISITOR = 80
LONGEST_SUBJECT = 200


class Occupied(Exception):
    """The technician has somebody at his desk, or on the way to it, already."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(f"number {entry.number} is {entry.state}")
        self.entry = entry


class Entry(Base):
    """One visit to a kiosk. `wait` counts the time in `waiting` and `called`; on hold is not waiting."""

    __tablename__ = "kiosk_entry"
    __table_args__ = (
        UniqueConstraint("kiosk_id", "day", "number"),
        Index("ix_kiosk_entry_kiosk_id_state", "kiosk_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    # that of the site's zone
    day: Mapped[date]
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    state_at: Mapped[datetime]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    visitor: Mapped[str | None]
    subject: Mapped[str | None]
    arrived_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    served_from: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # until `state_at`
    waited_seconds: Mapped[int] = mapped_column(default=0)
    # who called
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))

    kiosk: Mapped[Kiosk] = relationship()
    category: Mapped[Category | None] = relationship()
    technician: Mapped[Technician | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, user: User) -> Select[Entry]:
        """Those of the kiosks that the user works with."""
        mine = Kiosk.visible_to(user).with_only_columns(Kiosk.id).order_by(None)
        return select(cls).where(cls.kiosk_id.in_(mine))

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_at_desk(self) -> bool:
        return self.state in AT_DESK

    def wait(self, at: datetime) -> int:
        """Seconds waited by then: before, and in the stretch that is still going on."""
        running = (at - self.state_at).total_seconds() if self.state in WAITS else 0
        return self.waited_seconds + max(0, round(running))

    def legal_moves(self) -> list[str]:
        return entry_states.legal(self.state, self.day == today_at(self.kiosk))

    def move(self, name: str, by: User | None, version: int | None = None) -> None:
        """Make one legal move; raises IllegalMove, Occupied, or StaleDataError when it is at another version."""
        hold(self.kiosk)
        db.session.refresh(self)
        if version not in (None, self.version):
            raise StaleDataError(f"number {self.number} is at version {self.version}, not {version}")
        found = entry_states.find(name, self.state)
        if found is None or name not in self.legal_moves():
            raise IllegalMove(name, self.state, self.legal_moves(), "entry")
        if found.target in AT_DESK and self.technician_id and not self.is_at_desk:
            require_free(self.kiosk, self.technician_id)
        self.enter(found.target, name, by)

    def enter(self, target: str, move: str, by: User | None, at: datetime | None = None) -> None:
        """Go to a state without asking the table, and note it; the wait ends `at`, when that is not now."""
        moment = now()
        self.waited_seconds = self.wait(min(at or moment, moment))
        source, self.state, self.state_at = self.state, target, moment
        if target == "serving":
            self.served_from = self.served_from or moment
        if target in ("waiting", "on_hold"):
            self.called_at = self.technician_id = None
        self.ended_at = moment if target in ENDED else None
        self.tell(move, source, by)

    def tell(self, move: str, source: str | None, by: User | None) -> None:
        """Note it in the log: with the technician among the data, so that no route is drawn again for it, and
        without a word of who came."""
        record("entry.state", by=by, client_id=self.client_id, territory_id=self.kiosk.building.site.territory_id,
               kiosk=self.kiosk_id, where=self.kiosk.name, entry=self.id, number=self.number, move=move, source=source, target=self.state,
               technician=self.technician_id)  # fmt: skip


def today_at(kiosk: Kiosk) -> date:
    """The day that it is where the kiosk stands."""
    return now().astimezone(ZoneInfo(kiosk.building.site.zone)).date()


def hold(kiosk: Kiosk) -> None:
    """Keep a kiosk's queue to this transaction: what is done there is done one after the other.

    SQLite has one writer at a time and needs no lock.
    """
    db.session.execute(select(Kiosk.id).where(Kiosk.id == kiosk.id).with_for_update(key_share=True))


def require_free(kiosk: Kiosk, technician_id: int) -> None:
    """Raise Occupied while the technician has somebody at his desk there."""
    query: Any = select(Entry).where(Entry.kiosk_id == kiosk.id, Entry.technician_id == technician_id)
    busy = db.session.scalars(
        query.where(Entry.state.in_(AT_DESK), Entry.day == today_at(kiosk)).order_by(Entry.id).limit(1)
    ).first()
    if busy is not None:
        raise Occupied(busy)
