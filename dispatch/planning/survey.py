"""Asks the street router for what is not known yet, in slices, and never inside a transaction."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import numpy as np
from sqlalchemy import Select, select

from dispatch import streets
from dispatch.extensions import db, reading
from dispatch.models.job import Job
from dispatch.models.place import Building, Site, Territory
from dispatch.models.street import Point, StreetTimes
from dispatch.models.technician import Technician
from dispatch.models.transitions import OPEN

SOURCES = 50  # rows of a table that are asked for and kept together


def due() -> list[int]:
    """Territories with trips that the router was not asked for yet, or long ago; none while it rests."""
    if not streets.url() or streets.is_resting():
        return []
    with reading():
        territories = list(db.session.scalars(select(Territory.id).order_by(Territory.id)))
        found = [one for one in territories if any(_missing(one, *wanted) for wanted in _wanted(one))]
        db.session.rollback()
    return found


def survey(territory_id: int, seconds: float, *, at_work: bool = False) -> Iterator[None]:
    """Ask for missing trips of a territory for so many seconds at most; `at_work`: those of open work only.

    It yields after each question, outside any transaction or with something to commit: the caller commits.
    Nothing happens without a router; when it does not answer, what it has said so far is kept.
    """
    if not streets.url() or streets.is_resting():
        return
    with reading():
        wanted = _wanted(territory_id, at_work)
        tasks = [
            (profile, task) for profile, points in wanted for task in _missing(territory_id, profile, points)
        ]
        db.session.rollback()
    with streets.Router(seconds) as router:
        for profile, (sources, targets) in tasks:
            answered = yield from _stripe(router, territory_id, profile, sources, targets)
            if not answered:
                return


def _stripe(router: streets.Router, territory_id: int, profile: str, sources: Sequence[Point],
            targets: Sequence[Point]) -> Generator[None, None, bool]:  # fmt: skip
    """Ask for the trips from some places to many, in as many questions as need be, and keep them together."""
    width, done, answers = streets.MOST_PAIRS // len(sources), 0, []
    try:
        for begin in range(0, len(targets), width):
            answers.append(router.ask(profile, sources, targets[begin : begin + width]))
            done = begin + width
            yield
    except streets.NoAnswer:
        pass
    for way in streets.ways_of(profile) if answers else ():
        seconds = np.hstack([answer[way] for answer in answers])
        StreetTimes.keep(territory_id, way, sources, targets[:done], seconds)
    yield
    return done >= len(targets)


def _missing(
    territory_id: int, profile: str, points: Sequence[Point]
) -> list[tuple[list[Point], list[Point]]]:
    """Sources and targets to ask for; sources that lack the same targets go together."""
    due = StreetTimes.due(territory_id, streets.ways_of(profile)[0], points)
    by_most = due.sum(axis=0) * 2 >= len(
        points
    )  # nobody lacks the way to himself, but then no two rows are alike
    alike: dict[bytes, list[int]] = {}
    for row in np.flatnonzero(due.any(axis=1)).tolist():
        lacks = due[row].copy()
        lacks[row] = by_most[row]
        alike.setdefault(lacks.tobytes(), []).append(row)
    return [
        (
            [points[row] for row in rows[begin : begin + SOURCES]],
            [points[column] for column in _columns(lacks)],
        )
        for lacks, rows in alike.items()
        for begin in range(0, len(rows), SOURCES)
    ]


def _columns(lacks: bytes) -> list[int]:
    columns: list[int] = np.flatnonzero(np.frombuffer(lacks, dtype=bool)).tolist()
    return columns


def _wanted(territory_id: int, at_work: bool = False) -> list[tuple[str, list[Point]]]:
    """Each way to travel that the router knows and somebody uses, with the places between which he may travel."""
    crew = select(Technician).where(Technician.territory_id == territory_id, Technician.left_at.is_(None))
    people = list(db.session.scalars(crew.order_by(Technician.id)))
    profiles = sorted({one.profile for one in people if streets.ways_of(one.profile)})
    bases = [(one.latitude, one.longitude) for one in people]
    visited = db.session.execute(_buildings(territory_id, at_work))
    places = [(a, b) for a, b in [*bases, *visited] if a is not None and b is not None]
    return [(profile, list(dict.fromkeys(places))) for profile in profiles]


def _buildings(territory_id: int, at_work: bool) -> Select[float | None, float | None]:
    """Coordinates of the territory's buildings; those with open work first, or alone."""
    busy = select(Job.building_id).where(Job.territory_id == territory_id, Job.state.in_(OPEN))
    has_work = Building.id.in_(busy)
    query = select(Building.latitude, Building.longitude).join(Site, Site.id == Building.site_id)
    query = query.where(has_work if at_work else has_work | (Site.territory_id == territory_id))
    return query.order_by(has_work.desc(), Building.id)
