"""Travel times without a street router: great circle x detour / speed, plus what every trip costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from dispatch.routing.problem import Location, ProblemError

EARTH_RADIUS = 6_371_009.0  # metres, the mean radius that geopy uses too


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to travel: metres per second on the way, way per metre as the crow flies, seconds per trip."""

    name: str
    speed: float
    detour: float
    overhead: int = 0


# Door-to-door figures for a French city: measured street detours lie between 1.2 (on foot) and 1.4
# (one-way streets), urban cars average 20-25 km/h and then have to be parked, a bus or metro trip
# begins with a walk and a wait.
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile("walk", speed=1.3, detour=1.25),
            Profile("bike", speed=4.0, detour=1.3, overhead=60),
            Profile("car", speed=6.4, detour=1.4, overhead=240),
            Profile("transit", speed=4.8, detour=1.35, overhead=420),
        )
    }
)


def matrix(locations: Sequence[Location], profile: Profile) -> list[list[int]]:
    """Whole seconds `[from][to]` between all places; 0 within a place and between equal coordinates.

    A thousand places take a few tenths of a second. Raises ProblemError for a place without
    coordinates. Distances are great circles (haversine), within 0.5 % of the ellipsoid's.
    """
    for place in locations:
        if place.latitude is None or place.longitude is None:
            raise ProblemError(f"location {place.id}: give latitude and longitude, or travel times")
    metres = _metres(np.array([(place.latitude, place.longitude) for place in locations], dtype=float))
    seconds = np.rint(metres * profile.detour / profile.speed + profile.overhead).astype(int)
    seconds[metres == 0] = 0
    rows: list[list[int]] = seconds.tolist()
    return rows


def _metres(degrees: np.ndarray) -> np.ndarray:
    """Great-circle distances, n x n, of n (latitude, longitude) pairs."""
    if not len(degrees):
        return np.zeros((0, 0))
    latitude, longitude = np.radians(degrees).T
    between = np.sin((latitude[:, None] - latitude) / 2) ** 2
    between += (
        np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(between, 0, 1))))
