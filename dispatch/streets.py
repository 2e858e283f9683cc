"""Travel times between places: from a Valhalla server where one is configured, else great circle.

Routed times are kept in this process by coordinates, so that only new pairs are asked for. A server that
does not answer is left alone for a minute: plans go on with great-circle times, and say so.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import httpx
from flask import current_app, has_app_context

from dispatch.clock import now
from dispatch.routing.problem import Location
from dispatch.routing.travel import PROFILES, matrix

Matrices = Mapping[str, list[list[int]]]
Point = tuple[float, float]

COSTINGS = {"walk": "pedestrian", "bike": "bicycle", "car": "auto"}
# 50 x 50 is what a Valhalla server takes in one question as it comes (max_matrix_location_pairs 2500)
BLOCK = 50
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
REST = timedelta(minutes=1)
MOST_KEPT = 1_000_000
UNREACHABLE = -1
log = logging.getLogger(__name__)


class NoAnswer(Exception):
    """The street router did not answer, or not in a way that can be used."""


def times(locations: Sequence[Location], profiles: Collection[str]) -> tuple[Matrices, list[str]]:
    """Seconds `[from][to]` per profile (-1: no way), and remarks that the plan shows (sentences.remark)."""
    url = current_app.config["SETTINGS"].valhalla_url if has_app_context() else ""
    straight = {name: matrix(locations, PROFILES[name]) for name in sorted(profiles)}
    return _routed(url, locations, straight) if url else (straight, [])


class Streets:
    """One Valhalla server: what it has said, and when it last failed."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.known: dict[tuple[str, Point, Point], int] = {}
        self.failed_at: datetime | None = None

    def seconds(self, costing: str, points: Sequence[Point]) -> list[list[int]]:
        """Seconds from each point to each, -1 where there is no way; raises NoAnswer."""
        if self.failed_at is not None and now() - self.failed_at < REST:
            raise NoAnswer("it failed a moment ago")
        distinct = list(dict.fromkeys(points))
        try:
            found = self._all(costing, distinct)
        except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError) as error:
            self.failed_at = None if _refused(error) else now()
            log.warning("the street router %s gives no times: %s", self.url, error)
            raise NoAnswer(str(error)) from error
        self.failed_at = None
        return [[found[a, b] for b in points] for a in points]

    def _all(self, costing: str, points: Sequence[Point]) -> dict[tuple[Point, Point], int]:
        pairs = [(a, b) for a in points for b in points]
        found = {(a, b): self.known[costing, a, b] for a, b in pairs if (costing, a, b) in self.known}
        found |= {(a, a): 0 for a in points}
        with httpx.Client(timeout=TIMEOUT) as http:
            for sources, targets in _blocks(points):
                if any((a, b) not in found for a in sources for b in targets):
                    found |= self._ask(http, costing, sources, targets)
        self._keep(costing, found)
        return found

    def _ask(self, http: httpx.Client, costing: str, sources: Sequence[Point],
             targets: Sequence[Point]) -> dict[tuple[Point, Point], int]:  # fmt: skip
        question = {"sources": _points(sources), "targets": _points(targets), "costing": costing}
        answer = http.post(f"{self.url}/sources_to_targets", json=question).raise_for_status().json()
        table = answer["sources_to_targets"]
        return {
            (a, b): 0 if a == b else _seconds(table[row][column])
            for row, a in enumerate(sources)
            for column, b in enumerate(targets)
        }

    def _keep(self, costing: str, found: Mapping[tuple[Point, Point], int]) -> None:
        with _lock:
            if len(self.known) + len(found) > MOST_KEPT:
                self.known.clear()
            self.known.update({(costing, a, b): seconds for (a, b), seconds in found.items()})


_lock = Lock()
_servers: dict[str, Streets] = {}


def _routed(url: str, locations: Sequence[Location], straight: Matrices) -> tuple[Matrices, list[str]]:
    """Times on streets where the router knows them; the great circle for the rest, with a remark."""
    with _lock:
        server = _servers.setdefault(url, Streets(url))
    points = [(place.latitude or 0.0, place.longitude or 0.0) for place in locations]
    matrices, remarks = dict(straight), []
    for name in straight:
        if name not in COSTINGS:
            remarks.append(f"no_street_times:{name}")
            continue
        try:
            seconds = server.seconds(COSTINGS[name], points)
        except NoAnswer:
            remarks.append(f"street_router_silent:{name}")
            continue
        matrices[name] = [[_trip(cell, PROFILES[name].overhead) for cell in row] for row in seconds]
    return matrices, remarks


def _trip(seconds: int, overhead: int) -> int:
    """A ride and what comes with it (parking, locking up); nothing between two doors at one place."""
    return seconds + overhead if seconds > 0 else seconds


def _refused(error: Exception) -> bool:
    """The server is well, and has no streets at one of these places."""
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500


def _blocks(points: Sequence[Point]) -> Iterator[tuple[Sequence[Point], Sequence[Point]]]:
    groups = [points[begin : begin + BLOCK] for begin in range(0, len(points), BLOCK)]
    yield from ((sources, targets) for sources in groups for targets in groups)


def _points(points: Sequence[Point]) -> list[dict[str, float]]:
    return [{"lat": latitude, "lon": longitude} for latitude, longitude in points]


def _seconds(cell: Mapping[str, Any]) -> int:
    """A pair without a way is null."""
    return UNREACHABLE if cell["time"] is None else round(float(cell["time"]))
