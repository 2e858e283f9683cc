"""The one door to the street router: a Valhalla server that is asked for travel times over HTTP.

Nobody who holds a transaction gets through it: a server that hangs would keep everybody else waiting.
What it says is kept in `street_times` (planning.survey); plans read only that (planning.trips).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import numpy as np
from flask import current_app, has_app_context

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.street import UNKNOWN, UNREACHABLE, Point
from dispatch.routing.travel import PERIODS, PROFILES

COSTINGS = {"walk": "pedestrian", "bike": "bicycle", "car": "auto"}
# where the hour matters: a Tuesday, because rush hours are those of working days
HOURS = {"car": {"night": "03:00", "peak": "08:30", "day": "11:00"}}
# 50 x 50 is what a Valhalla server takes in one question as it comes (max_matrix_location_pairs 2500)
MOST_PAIRS = 2500
SECONDS = 5.0
REST = timedelta(minutes=1)
# why Valhalla refuses a question as a whole: too many places, too far apart, no streets at one of them
REFUSALS = (150, 154, 170, 171)
UNUSABLE = (
    httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError, AttributeError, OverflowError,
)  # fmt: skip
log = logging.getLogger(__name__)
_failed: dict[str, datetime] = {}


class NoAnswer(Exception):
    """The street router did not answer, or not in a way that can be used."""


class _Refused(Exception):
    """The server is well, and does not answer this question."""


def url() -> str:
    """The address of the street router, empty when there is none."""
    return current_app.config["SETTINGS"].valhalla_url.rstrip("/") if has_app_context() else ""


def is_resting() -> bool:
    """Whether the router failed a moment ago, so that nobody should ask it now."""
    failed = _failed.get(url())
    return failed is not None and now() - failed < REST


def ways_of(profile: str) -> tuple[str, ...]:
    """The names under which the times of a way to travel are kept: one, or one per period; none: not known."""
    if profile in HOURS:
        return tuple(f"{profile}@{period}" for period in PERIODS)
    return (profile,) if profile in COSTINGS else ()


class Router:
    """The server, asked from now on for so many seconds at most; use it in a `with` block."""

    def __init__(self, seconds: float) -> None:
        self.url, self.until = url(), time.monotonic() + seconds
        self.http = httpx.Client()
        self.lost: dict[tuple[str, Point], bool] = {}

    def __enter__(self) -> Router:
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.close()

    def ask(self, profile: str, sources: Sequence[Point], targets: Sequence[Point]) -> dict[str, Any]:
        """Per way of the profile the seconds from each source to each target; raises NoAnswer.

        UNREACHABLE where no way leads, UNKNOWN where the server has no streets or the places are too far
        apart. At most MOST_PAIRS pairs at once.
        """
        costing = COSTINGS[profile]
        if profile not in HOURS:
            return {profile: self._times(costing, sources, targets)}
        at = {period: {"type": 1, "value": f"{_tuesday()}T{hour}"} for period, hour in HOURS[profile].items()}
        found = {period: self._times(costing, sources, targets, at[period]) for period in ("night", "peak")}
        if np.array_equal(found["night"], found["peak"]):  # a server that knows no traffic, or may not use it
            found = {period: _paced(found["night"], profile, period) for period in PERIODS}
        else:
            found["day"] = self._times(costing, sources, targets, at["day"])
        return {f"{profile}@{period}": seconds for period, seconds in found.items()}

    def _times(self, costing: str, sources: Sequence[Point], targets: Sequence[Point],
               at: dict[str, Any] | None = None) -> Any:  # fmt: skip
        """A question, without the places that have no streets, in halves if it is still refused."""
        try:
            return self._table(costing, sources, targets, at)
        except _Refused:
            if len(sources) == len(targets) == 1:
                return np.full((1, 1), UNKNOWN, dtype=np.int32)
        found = np.full((len(sources), len(targets)), UNKNOWN, dtype=np.int32)
        rows, columns = ([n for n, point in enumerate(points) if not self._is_lost(costing, point)]
                         for points in (sources, targets))  # fmt: skip
        for some, others in _parts(rows, columns, len(sources), len(targets)):
            part = self._times(costing, [sources[n] for n in some], [targets[n] for n in others], at)
            found[np.ix_(some, others)] = part
        return found

    def _is_lost(self, costing: str, point: Point) -> bool:
        """Whether there are no streets at that place: not even a question about it alone is answered."""
        if (costing, point) not in self.lost:
            try:
                self._table(costing, [point], [point], None)
                self.lost[costing, point] = False
            except _Refused:
                self.lost[costing, point] = True
        return self.lost[costing, point]

    def _table(self, costing: str, sources: Sequence[Point], targets: Sequence[Point],
               at: dict[str, Any] | None) -> Any:  # fmt: skip
        question = {"sources": _places(sources), "targets": _places(targets), "costing": costing}
        try:
            answer = self._post(question | ({"date_time": at} if at else {}))
            cells = [[_seconds(cell) for cell in row] for row in answer["sources_to_targets"]]
            return np.array(cells, dtype=np.int32).reshape(len(sources), len(targets))
        except UNUSABLE as error:
            _failed[self.url] = now()
            log.warning("the street router %s gives no times: %s", self.url, error)
            raise NoAnswer(str(error)) from error

    def _post(self, question: dict[str, Any]) -> Any:
        if db.session().in_transaction():
            raise RuntimeError("commit or roll back first: nobody waits for the network inside a transaction")
        left = self.until - time.monotonic()
        if left <= 0 or is_resting():
            raise NoAnswer("there is no time left" if left <= 0 else "it failed a moment ago")
        answer = self.http.post(f"{self.url}/sources_to_targets", json=question, timeout=min(SECONDS, left))
        if answer.status_code == 400 and answer.json().get("error_code") in REFUSALS:
            raise _Refused(answer.text)
        return answer.raise_for_status().json()


def _parts(rows: list[int], columns: list[int], height: int, width: int) -> list[tuple[list[int], list[int]]]:
    """What is left to ask for: smaller than the question that was refused, or in two halves."""
    if not rows or not columns:
        return []
    if len(rows) < height or len(columns) < width:
        return [(rows, columns)]
    if height >= width:
        return [(half, columns) for half in (rows[: height // 2], rows[height // 2 :])]
    return [(rows, half) for half in (columns[: width // 2], columns[width // 2 :])]


def _paced(seconds: Any, profile: str, period: str) -> Any:
    pace = PROFILES[profile].paces.get(period)
    return np.where(seconds > 0, np.rint(seconds * pace.way), seconds).astype(np.int32) if pace else seconds


def _tuesday() -> date:
    """The next one: some servers know no traffic of the past."""
    today = now().date()
    return today + timedelta(days=(1 - today.weekday()) % 7 or 7)


def _places(points: Sequence[Point]) -> list[dict[str, float]]:
    return [{"lat": latitude, "lon": longitude} for latitude, longitude in points]


def _seconds(cell: Any) -> int:
    """A pair without a way is null."""
    seconds = UNREACHABLE if cell["time"] is None else round(float(cell["time"]))
    if seconds < UNREACHABLE:
        raise ValueError(f"a trip of {seconds} seconds")
    return seconds
