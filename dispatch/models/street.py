"""What a street router has said: the truth that all processes share, so that nobody waits for the router.

One row per territory and way to travel holds a square table over places, packed: a thousand places take
6 MB in one row, where a row per pair would be a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db

Point = tuple[float, float]

UNREACHABLE = -1  # the router says that no way leads there
UNKNOWN = -2  # not asked yet, or the router has no answer for this pair
KEPT_DAYS = 30  # then asked again; what is known stays in use until there is a newer answer
RETRIED_DAYS = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Seconds from each of some places to each, UNREACHABLE or UNKNOWN; `asked` is the day, 0 for never."""

    seconds: Any
    asked: Any

    @property
    def due(self) -> Any:
        """Which pairs are to be asked for: n x n of truth values."""
        age = _today() - self.asked.astype(np.int32)
        due = (age >= KEPT_DAYS) | ((self.seconds == UNKNOWN) & (age >= RETRIED_DAYS))
        np.fill_diagonal(due, val=False)
        return due


class StreetTimes(Base):
    """The times of one way to travel (`walk`, `car@peak`) between the places of a territory."""

    __tablename__ = "street_times"
    __table_args__ = (UniqueConstraint("territory_id", "way"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    way: Mapped[str]
    # n pairs of float64, n x n of int32, n x n of uint16 (days since 1970)
    places: Mapped[bytes] = mapped_column(LargeBinary)
    seconds: Mapped[bytes] = mapped_column(LargeBinary)
    asked: Mapped[bytes] = mapped_column(LargeBinary)

    @classmethod
    def between(cls, territory_id: int, way: str, points: Sequence[Point]) -> Table:
        """What is known between these points; nothing is locked, and nobody is asked."""
        columns = select(cls.places, cls.seconds, cls.asked)
        row = db.session.execute(columns.where(cls.territory_id == territory_id, cls.way == way)).first()
        known, table = _unpacked(*row) if row else ([], _empty(0))
        return _picked(table, known, points)

    @classmethod
    def keep(cls, territory_id: int, way: str, sources: Sequence[Point], targets: Sequence[Point],
             seconds: Any) -> None:  # fmt: skip
        """Note what the router has said today, `seconds` being sources x targets. The caller commits."""
        row = cls._held(territory_id, way)
        known, table = _unpacked(row.places, row.seconds, row.asked)
        points = list(dict.fromkeys([*known, *sources, *targets]))
        table = _picked(table, known, points)
        index = {point: number for number, point in enumerate(points)}
        cells = np.ix_([index[point] for point in sources], [index[point] for point in targets])
        answered = seconds != UNKNOWN  # what was known before is better than nothing
        table.seconds[cells] = np.where(answered, seconds, table.seconds[cells])
        table.asked[cells] = _today()
        row.places = np.array(points, dtype=np.float64).tobytes()
        row.seconds, row.asked = table.seconds.tobytes(), table.asked.tobytes()

    @classmethod
    def _held(cls, territory_id: int, way: str) -> StreetTimes:
        """The row, held by this transaction until it ends; made when there is none."""
        query = select(cls).where(cls.territory_id == territory_id, cls.way == way)
        query = query.with_for_update().execution_options(populate_existing=True)
        found = db.session.scalar(query)
        if found is None:
            _insert_if_absent(territory_id, way)
            found = db.session.scalar(query)
        assert found is not None
        return found


def _insert_if_absent(territory_id: int, way: str) -> None:
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    values = {"territory_id": territory_id, "way": way, "places": b"", "seconds": b"", "asked": b""}
    db.session.execute(dialect.insert(StreetTimes).values(**values).on_conflict_do_nothing())


def _unpacked(places: bytes, seconds: bytes, asked: bytes) -> tuple[list[Point], Table]:
    points = [(a, b) for a, b in np.frombuffer(places, dtype=np.float64).reshape(-1, 2).tolist()]
    size = (len(points), len(points))
    return points, Table(
        np.frombuffer(seconds, dtype=np.int32).reshape(size),
        np.frombuffer(asked, dtype=np.uint16).reshape(size),
    )


def _picked(table: Table, known: Sequence[Point], points: Sequence[Point]) -> Table:
    """The table of these points, copied; UNKNOWN where one of them is not among the known."""
    index = {point: number for number, point in enumerate(known)}
    here = [number for number, point in enumerate(points) if point in index]
    there = [index[points[number]] for number in here]
    picked = _empty(len(points))
    picked.seconds[np.ix_(here, here)] = table.seconds[np.ix_(there, there)]
    picked.asked[np.ix_(here, here)] = table.asked[np.ix_(there, there)]
    return picked


def _empty(size: int) -> Table:
    return Table(np.full((size, size), UNKNOWN, dtype=np.int32), np.zeros((size, size), dtype=np.uint16))


def _today() -> int:
    return int(now().timestamp() // 86_400)
