"""Travel times between places: from a street router where one is configured, else great circle."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dispatch.routing.problem import Location
from dispatch.routing.travel import PROFILES, matrix

Matrices = Mapping[str, list[list[int]]]


def times(locations: Sequence[Location], profiles: Collection[str]) -> tuple[Matrices, list[str]]:
    """Seconds `[from][to]` per profile, and remarks that the plan shows."""
    return {name: matrix(locations, PROFILES[name]) for name in sorted(profiles)}, []
