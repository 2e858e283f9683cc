"""How long travel times take: `python -m benchmarks.travel [--places 1000]`.

From coordinates to matrices, to the solver's JSON and back, and what a territory keeps of a street router.
The best of three, each step by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import machine
from dispatch.extensions import db
from dispatch.models.street import StreetTimes
from dispatch.planning.trips import times
from dispatch.routing.codec import problem_from_json, problem_to_json
from dispatch.routing.problem import Location, Problem, Technician
from dispatch.routing.travel import matrices
from tests import factories as make
from tests.apps import make_app
from tests.servers import flask

PROFILES = ("walk", "bike", "car@day8+peak2")
WAYS = ("walk", "bike", "car@day", "car@peak")
COLUMN = "{:<58} {:>8} {:>8}"


def main() -> None:
    """Prints the machine and a line per step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=1000)
    size = parser.parse_args().places
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}; {size} places, profiles {', '.join(PROFILES)}")
    places = _places(size)
    print(COLUMN.format("", "ms", "cpu ms"))
    told("one matrix from coordinates (walk)", lambda: matrices(places, ["walk"]))
    travel = told("all of them", lambda: matrices(places, PROFILES))
    problem = Problem(tuple(places), (Technician("somebody", (0, 28_800)),), (), travel)
    written = told("the problem as JSON text", lambda: json.dumps(problem_to_json(problem)))
    told("read again", lambda: problem_from_json(json.loads(written)))
    with tempfile.TemporaryDirectory(prefix="dispatch-travel-") as folder:
        _kept(Path(folder), places)


def _kept(folder: Path, places: list[Location]) -> None:
    """The same from the table of a street router that was asked for every pair, and for a route of ten."""
    database = f"sqlite:///{folder / 'dispatch.db'}"
    environment = {
        "DATABASE_URL": database,
        "INSTANCE_PATH": str(folder),
        "VALHALLA_URL": "http://127.0.0.1:1",
    }
    flask("db", "upgrade", environment=environment)
    app = make_app(database, folder, valhalla_url=environment["VALHALLA_URL"])
    with app.app_context():
        territory = make.territory().id
        points = [(one.latitude or 0.0, one.longitude or 0.0) for one in places]
        seconds = np.full((len(places), len(places)), 600, dtype=np.int32)
        for way in WAYS:
            StreetTimes.keep(territory, way, points, points, seconds)
        db.session.commit()
        told("all of them from what a street router has said", lambda: times(territory, places, PROFILES))
        told("those of a route of ten places", lambda: times(territory, places[:10], PROFILES))
        told(
            "a new building noted",
            lambda: StreetTimes.keep(territory, "walk", points[:1], points, seconds[:1]),
        )
        db.session.rollback()


def _places(size: int) -> list[Location]:
    chance = random.Random(1)
    return [
        Location(str(number), 48 + chance.random() / 5, -1.8 + chance.random() / 5) for number in range(size)
    ]


def told(what: str, step: Callable[[], Any]) -> Any:
    spent = []
    for _ in range(3):
        begin, processor = time.perf_counter(), time.process_time()
        found = step()
        spent.append((time.perf_counter() - begin, time.process_time() - processor))
    print(
        COLUMN.format(what, *(f"{1000 * min(column):.0f}" for column in zip(*spent, strict=True))), flush=True
    )
    return found


if __name__ == "__main__":
    main()
