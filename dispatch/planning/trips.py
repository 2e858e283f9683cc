"""The travel times of a problem: what the street router has said before, and estimates for the rest.

Nothing here waits for the network, so that it can be called inside any transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from dispatch import streets
from dispatch.models.street import UNKNOWN, Point, StreetTimes
from dispatch.routing import travel
from dispatch.routing.problem import Location

Matrices = Mapping[str, list[list[int]]]
QUARTER = timedelta(minutes=15)


def times(
    territory_id: int, locations: Sequence[Location], names: Collection[str]
) -> tuple[Matrices, list[str]]:
    """Seconds `[from][to]` per profile (-1: no way), and remarks that the plan shows (sentences.remark)."""
    found = _Trips(territory_id, locations)
    matrices = {
        name: travel.mixed([found.of(*part) for part in travel.shares_of(name)], name)
        for name in sorted(names)
    }
    return matrices, sorted(found.remarks)


def profile_on(profile: str, shifts: Sequence[tuple[datetime, datetime]], zone: str) -> str:
    """How somebody travels on a day with these shifts: his way, mixed over the periods in which he works.

    It is the whole day's mixture at any moment of the day: a plan does not become late by the clock alone.
    """
    return _profile_on(profile, tuple(shifts), zone)


@lru_cache(maxsize=4096)
def _profile_on(profile: str, shifts: tuple[tuple[datetime, datetime], ...], zone: str) -> str:
    """The same for whoever else works then: a crew has a few kinds of shift."""
    hours: Counter[str] = Counter()
    for start, end in shifts:
        for number in range((end - start) // QUARTER):
            local = (start + number * QUARTER).astimezone(ZoneInfo(zone))
            hours[travel.period_of(local.weekday(), local.hour * 60 + local.minute)] += 1
    return travel.profile_over(profile, hours)


class _Trips:
    """The times between the places of one problem, each period of each way computed once."""

    def __init__(self, territory_id: int, locations: Sequence[Location]) -> None:
        self.territory_id = territory_id
        self.metres = travel.distances(locations)
        self.points: list[Point] = [(one.latitude or 0.0, one.longitude or 0.0) for one in locations]
        self.routed = bool(streets.url())
        self.remarks: set[str] = set()
        self._known: dict[str, np.ndarray] = {}

    def of(self, profile: travel.Profile, period: str) -> np.ndarray:
        """Seconds, n x n, -1 where no way leads."""
        name = f"{profile.name}@{period}"
        if name not in self._known:
            straight = travel.estimated(self.metres, profile, period)
            self._known[name] = self._on_streets(straight, profile, period) if self.routed else straight
        return self._known[name]

    def _on_streets(self, straight: np.ndarray, profile: travel.Profile, period: str) -> np.ndarray:
        ways = streets.ways_of(profile.name)
        if not ways:
            self.remarks.add(f"no_street_times:{profile.name}")
            return straight
        way = profile.name if profile.name in ways else f"{profile.name}@{period}"
        seconds = StreetTimes.between(self.territory_id, way, self.points)
        missing = (seconds == UNKNOWN) & (self.metres > 0)
        if missing.any():
            self.remarks.add(f"street_router_silent:{profile.name}")
        # a ride and what comes with it (parking, locking up); nothing between two doors at one place
        trips = np.where(seconds > 0, seconds + profile.overhead, seconds)
        return np.where(missing, straight, np.where(self.metres > 0, trips, 0))
