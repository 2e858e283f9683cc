"""Travel times without a street router: great circle x detour / speed, plus what every trip costs.

A profile is a way to travel (`car`), at one period of the day (`car@peak`) or mixed over several
(`car@day8+peak2`: eight tenths of the hours by day, two at peak).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from dispatch.routing.problem import Location, ProblemError

EARTH_RADIUS = 6_371_009.0  # metres, the mean radius that geopy uses too
UNREACHABLE = -1
TENTHS = 10

# The rush hours of French cities, Monday to Friday, and the hours outside which streets are empty and buses
# rare: minutes after local midnight.
PERIODS = ("night", "day", "peak")
RUSH = ((450, 570), (990, 1140))
AWAKE = (360, 1260)


@dataclass(frozen=True, slots=True)
class Pace:
    """Factors of a period: on the time on the way, and on what every trip costs besides."""

    way: float = 1.0
    overhead: float = 1.0


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to travel: metres per second on the way, way per metre as the crow flies, seconds per trip.

    `paces` says what differs from the day in other periods; without any, all hours are alike.
    """

    name: str
    speed: float
    detour: float
    overhead: int = 0
    paces: Mapping[str, Pace] = field(default_factory=lambda: MappingProxyType({}))


# Door-to-door figures for a French city: measured street detours lie between 1.2 (on foot) and 1.4
# (one-way streets), urban cars average 20-25 km/h and then have to be parked, a bus or metro trip
# begins with a walk and a wait.
# Cars by period: TomTom Telematics (25 French cities, 2017) has trips 30-40 % longer than on empty streets
# over the whole day and 55-82 % longer at the worst hour. With the day as 1 that is 0.8 and 1.25.
# Buses share those streets in part; at night they come every 20-30 minutes instead of every 10 (assumed).
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile("walk", speed=1.3, detour=1.25),
            Profile("bike", speed=4.0, detour=1.3, overhead=60),
            Profile("car", speed=6.4, detour=1.4, overhead=240,
                    paces=MappingProxyType({"night": Pace(0.8), "peak": Pace(1.25)})),
            Profile("transit", speed=4.8, detour=1.35, overhead=420,
                    paces=MappingProxyType({"night": Pace(0.9, overhead=2.0), "peak": Pace(1.1)})),
        )
    }
)  # fmt: skip
_MIXTURE = re.compile(r"(night|day|peak)(\d*)")


def period_of(weekday: int, minute: int) -> str:
    """The period of a local time: `weekday` 0 is Monday, `minute` counts from midnight."""
    if weekday < 5 and any(begin <= minute < end for begin, end in RUSH):
        return "peak"
    return "day" if AWAKE[0] <= minute < AWAKE[1] else "night"


def profile_over(name: str, hours: Mapping[str, int]) -> str:
    """The profile of somebody who travels `name` and works so long in each period, in tenths of the whole.

    A way that takes the same time at any hour, or is not one of PROFILES, keeps its plain name.
    """
    whole = sum(hours.values())
    if not whole or name not in PROFILES or not PROFILES[name].paces:
        return name
    exact = {period: hours.get(period, 0) * TENTHS / whole for period in PERIODS}
    tenths = {period: int(share) for period, share in exact.items()}
    for period in sorted(exact, key=lambda one: tenths[one] - exact[one])[: TENTHS - sum(tenths.values())]:
        tenths[period] += 1
    parts = {period: share for period, share in tenths.items() if share}
    return f"{name}@" + (
        "+".join(f"{p}{n}" for p, n in parts.items()) if len(parts) > 1 else next(iter(parts))
    )


def parts_of(name: str) -> tuple[Profile, dict[str, float]]:
    """The way to travel that a profile's name says, and the share of each period (they add up to 1).

    Raises ProblemError for a name that cannot be computed.
    """
    way, _at, mixture = name.partition("@")
    found = [_MIXTURE.fullmatch(part) for part in mixture.split("+")] if mixture else []
    weights = {part[1]: int(part[2] or 1) for part in found if part}
    if (
        way not in PROFILES
        or name.endswith("@")
        or len(weights) != len(found)
        or (found and not sum(weights.values()))
    ):
        known = f"{', '.join(PROFILES)}, alone or as in car@peak or car@day8+peak2"
        raise ProblemError(f"travel: give times for the profile {name}; only {known} can be computed")
    weights = weights or {"day": 1}
    return PROFILES[way], {period: weight / sum(weights.values()) for period, weight in weights.items()}


def matrices(locations: Sequence[Location], names: Iterable[str]) -> dict[str, list[list[int]]]:
    """The matrix of each of these profiles; raises ProblemError as `matrix` and `parts_of` do."""
    metres = distances(locations)
    return {name: mixed((estimated(metres, *one) for one in shares_of(name)), name) for name in names}


def matrix(locations: Sequence[Location], profile: Profile) -> list[list[int]]:
    """Whole seconds by day `[from][to]` between all places; 0 within a place and between equal coordinates.

    Raises ProblemError for a place without coordinates. Distances are great circles (haversine), within
    0.5 % of the ellipsoid's.
    """
    rows: list[list[int]] = np.rint(estimated(distances(locations), profile, "day")).astype(int).tolist()
    return rows


def shares_of(name: str) -> list[tuple[Profile, str]]:
    """The (profile, period) pairs whose times `mixed` wants, in this order."""
    profile, shares = parts_of(name)
    return [(profile, period) for period in shares]


def mixed(times: Iterable[Any], name: str) -> list[list[int]]:
    """Seconds weighed by the shares of the periods in `name`; no way in one of them is no way at all."""
    total, closed = 0.0, False
    for share, seconds in zip(parts_of(name)[1].values(), times, strict=True):
        total, closed = total + share * seconds, closed | (seconds < 0)
    rows: list[list[int]] = np.where(closed, UNREACHABLE, np.rint(total)).astype(int).tolist()
    return rows


def estimated(metres: Any, profile: Profile, period: str) -> Any:
    """Seconds, n x n, of trips over these great-circle distances."""
    pace = profile.paces.get(period, Pace())
    seconds = metres * (profile.detour / profile.speed * pace.way) + profile.overhead * pace.overhead
    seconds[metres == 0] = 0
    return seconds


def distances(locations: Sequence[Location]) -> Any:
    """Great-circle metres, n x n; raises ProblemError for a place without coordinates."""
    for place in locations:
        if place.latitude is None or place.longitude is None:
            raise ProblemError(f"location {place.id}: give latitude and longitude, or travel times")
    return _metres(np.array([(place.latitude, place.longitude) for place in locations], dtype=float))


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
