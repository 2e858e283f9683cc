"""What a street router has said: the truth that all processes share, so that nobody waits for the router.

One row per territory and way to travel holds a square table over places, packed: a thousand places take
6 MB in one row, where a row per pair would be a million.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    def between(cls, territory_id: int, way: str, points: Sequence[Point]) -> Any:
        """Seconds from each of these points to each, UNREACHABLE or UNKNOWN; nobody is asked, nothing is locked."""
        return cls._read(territory_id, way, points, cls.seconds, UNKNOWN, np.int32)

    @classmethod
    def due(cls, territory_id: int, way: str, points: Sequence[Point]) -> Any:
        """Which of these trips the router is to be asked for, n x n of truth values; never from a place to itself."""
        seconds = cls.between(territory_id, way, points)
        age = _today() - cls._read(territory_id, way, points, cls.asked, 0, np.uint16).astype(np.int32)
        due = (age >= KEPT_DAYS) | ((seconds == UNKNOWN) & (age >= RETRIED_DAYS))
        np.fill_diagonal(due, val=False)
        return due

    @classmethod
    def keep(cls, territory_id: int, way: str, sources: Sequence[Point], targets: Sequence[Point],
             seconds: Any) -> None:  # fmt: skip
        """Note what the router has said today, `seconds` being sources x targets. The caller commits."""
        row = cls._held(territory_id, way)
        known = _points(row.places)
        points = list(dict.fromkeys([*known, *sources, *targets]))
        table = _picked(row.seconds, known, points, UNKNOWN, np.int32)
        asked = _picked(row.asked, known, points, 0, np.uint16)
        index = {point: number for number, point in enumerate(points)}
        cells = np.ix_([index[point] for point in sources], [index[point] for point in targets])
        # what was known before is better than nothing
        table[cells] = np.where(seconds == UNKNOWN, table[cells], seconds)
        asked[cells] = _today()
        row.places = np.array(points, dtype=np.float64).tobytes()
        row.seconds, row.asked = table.tobytes(), asked.tobytes()

    @classmethod
    def _read(
        cls, territory_id: int, way: str, points: Sequence[Point], column: Any, blank: int, kind: Any
    ) -> Any:
        mine = (cls.territory_id == territory_id) & (cls.way == way)
        row = db.session.execute(select(cls.places, column).where(mine)).first()
        places, cells = row if row else (b"", b"")
        return _picked(cells, _points(places), points, blank, kind)

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


def _points(places: bytes) -> list[Point]:
    return [(a, b) for a, b in np.frombuffer(places, dtype=np.float64).reshape(-1, 2).tolist()]


def _picked(cells: bytes, known: Sequence[Point], points: Sequence[Point], blank: int, kind: Any) -> Any:
    """The square over the known points as one over these, copied; `blank` where one of them is not known."""
    square = np.frombuffer(cells, dtype=kind).reshape(len(known), len(known))
    index = {point: number for number, point in enumerate(known)}
    here = [number for number, point in enumerate(points) if point in index]
    there = [index[points[number]] for number in here]
    picked = np.full((len(points), len(points)), blank, dtype=kind)
    picked[np.ix_(here, here)] = square[np.ix_(there, there)]
    return picked


def _today() -> int:
    return int(now().timestamp() // 86_400)
