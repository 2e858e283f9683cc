"""Days that several boards of one process show at once: what one of them has read, the others need not read again.

An event reaches every open board at the same moment, and each asks for what changed. Event ids are given out in the
order of the commits (models.event), so a day read after the newest event that a board knows of holds all of them.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from flask import Flask
from flask_babel import get_locale

from dispatch.board.rows import Day
from dispatch.models.place import Territory
from dispatch.models.user import User

# what is late or at risk depends on the hour, and set-up writes no events
FRESH_SECONDS = 2.0
MOST_DAYS = 64


class Sight(NamedTuple):
    """Whose boards show the same of a day: of the same clients, in the same language."""

    territory_id: int
    day: date
    client_ids: frozenset[int] | None
    language: str

    @classmethod
    def of(cls, territory: Territory, day: date, user: User) -> Sight:
        return cls(territory.id, day, None if user.every_client else user.client_ids, str(get_locale()))


@dataclass(slots=True)
class Pieces:
    """What is drawn of a day, once for all who show it."""

    _drawn: dict[Hashable, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: Hashable, draw: Callable[[], str]) -> str:
        """The piece of that name; of several who ask at once one draws it, and the others wait for him."""
        with self._lock:
            if name not in self._drawn:
                self._drawn[name] = draw()
            return self._drawn[name]


@dataclass(slots=True)
class _Kept:
    """A day with what was drawn of it, the newest event that was known before it was read, and when that was."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    day: Day | None = None
    pieces: Pieces = field(default_factory=Pieces)
    cursor: int = 0
    read_at: float = 0.0


@dataclass(slots=True)
class CommonDays:
    """The days of one process by sight, the one not asked for longest forgotten first."""

    _kept: OrderedDict[Sight, _Kept] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, sight: Sight, cursor: int, territory: Territory, read: Callable[[], Day]
            ) -> tuple[Day, Pieces]:  # fmt: skip
        """A day with everything up to the event `cursor`, which was read before, and its pieces; at most two seconds old.

        Of several who ask at once one reads it, with `read`, and the others wait for him.
        """
        kept = self._of(sight)
        with kept.lock:
            begun = time.monotonic()
            if kept.day is None or kept.cursor < cursor or begun - kept.read_at > FRESH_SECONDS:
                kept.day, kept.pieces, kept.cursor, kept.read_at = read(), Pieces(), cursor, begun
            return replace(kept.day, territory=territory), kept.pieces  # that of the reader's own session

    def _of(self, sight: Sight) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(sight, _Kept())
            self._kept.move_to_end(sight)
            while len(self._kept) > MOST_DAYS:
                self._kept.popitem(last=False)
            return kept


def common_days(app: Flask) -> CommonDays:
    days: CommonDays = app.extensions.setdefault("common_days", CommonDays())
    return days
