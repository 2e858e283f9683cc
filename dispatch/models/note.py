"""Notes of a day: what one dispatcher tells the next, by territory and day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, Select, false, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.place import Territory
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User

LONGEST_NOTE = 2000
READERS = ("dispatcher", "administrator")


class DayNote(Base):
    """One note. What it said is kept in the log, also after it was changed or deleted."""

    __tablename__ = "day_note"
    __table_args__ = (Index("ix_day_note_territory_id_day", "territory_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    day: Mapped[date]
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    text: Mapped[str]
    written_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]

    author: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    territory: Mapped[Territory] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, user: User) -> Select[DayNote]:
        """Those of the territories in which the user dispatches."""
        territories = Territory.visible_to(user).with_only_columns(Territory.id).order_by(None)
        return select(cls).where(
            cls.territory_id.in_(territories), true() if user.role in READERS else false()
        )

    @classmethod
    def of_day(cls, territory: Territory, day: date, user: User) -> list[DayNote]:
        """The notes of a day, newest first."""
        query = cls.visible_to(user).where(cls.territory_id == territory.id, cls.day == day)
        return list(db.session.scalars(query.order_by(cls.id.desc())))

    @classmethod
    def write(cls, territory: Territory, day: date, text: str, by: User) -> DayNote:
        """Add a note; raises Incomplete when nothing is said, or too much."""
        note = cls(territory_id=territory.id, day=day, author_id=by.id, text=_checked(text), written_at=now())
        note.author, note.territory = by, territory
        db.session.add(note)
        db.session.flush()
        note._record("added", by, text=note.text)
        return note

    def may_change(self, user: User) -> bool:
        """Its author, until the day on which it was written ends in the territory."""
        zone = ZoneInfo(self.territory.zone)
        return (
            user.id == self.author_id
            and self.written_at.astimezone(zone).date() == now().astimezone(zone).date()
        )

    def change(self, text: str, by: User, version: int) -> None:
        """Say it otherwise; raises Incomplete, or StaleDataError when it was changed meanwhile."""
        self._require(version)
        before, self.text = self.text, _checked(text)
        if before != self.text:
            self.changed_at = now()
            self._record("changed", by, text=self.text, before=before)

    def delete(self, by: User, version: int) -> None:
        """Take it off the board; the log keeps what it said."""
        self._require(version)
        self._record("deleted", by, before=self.text)
        db.session.delete(self)

    def _require(self, version: int) -> None:
        db.session.refresh(self, with_for_update={"of": DayNote})
        if self.version != version:
            raise StaleDataError(f"note {self.id} is at version {self.version}, not {version}")

    def _record(self, what: str, by: User, **said: Any) -> None:
        record("day.noted", by=by, territory_id=self.territory_id, note=self.id, what=what,
               day=self.day.isoformat(), **said)  # fmt: skip


def _checked(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    unreadable = any(char == "\0" or 0xD800 <= ord(char) <= 0xDFFF for char in said)
    if not said or len(said) > LONGEST_NOTE or unreadable:
        raise Incomplete("text")
    return said
