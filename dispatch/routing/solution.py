"""What the solver answers: plain, frozen values that mirror the JSON of docs/routing.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NO_VALUES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Stop:
    """One job on a route; seconds from the start of the horizon. `travel` is the trip before it."""

    job: str
    travel: int
    arrival: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Route:
    """A technician-day in order. `breaks` are (start, end) pairs."""

    technician: str
    stops: tuple[Stop, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one technician-day cannot take one job: the first failing rule.

    `values` holds the numbers and names that a screen needs to write the sentence in its own
    language (listed per rule in docs/routing.md); `detail` is that sentence in plain English.
    """

    technician: str
    rule: str
    detail: str
    values: Mapping[str, Any] = field(default_factory=lambda: NO_VALUES)


@dataclass(frozen=True, slots=True)
class Fix:
    """The cheapest single change that would let a job in; `rule` is the one it relaxes."""

    rule: str
    technician: str | None
    detail: str
    values: Mapping[str, Any] = field(default_factory=lambda: NO_VALUES)


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A job left out. `kind` is impossible, outbid or not_found; `fix` is `remedy` in English."""

    job: str
    kind: str
    reasons: tuple[Reason, ...] = ()
    fix: str = ""
    outbid_by: tuple[str, ...] = ()
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """The cost of a solution in seconds of travel; `total` is the sum of the other fields."""

    travel: int = 0
    unserved: int = 0
    lateness: int = 0
    overtime: int = 0
    moves: int = 0
    preference: int = 0
    promise: int = 0

    @property
    def total(self) -> int:
        return (
            self.travel + self.unserved + self.lateness + self.overtime
            + self.moves + self.preference + self.promise
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule found by the checker. `waived` ones are reported but do not fail a plan."""

    rule: str
    technician: str | None
    job: str | None
    detail: str
    waived: bool = False
    values: Mapping[str, Any] = field(default_factory=lambda: NO_VALUES)


GROWS = {"lock": "earliest", "window": "earliest", "duty": "earliest", "shift": "over", "overtime": "over"}
"""The number of a broken rule that is the greater, the worse it is broken."""


def further(after: Iterable[Violation], before: Iterable[Violation]) -> tuple[Violation, ...]:
    """What is broken after a change of a route beside what was broken before it: newly, or worse than it was.

    So nobody makes later without a word what is late already: a locked start, a place that closes, the way home.
    """
    known: dict[tuple[Any, ...], float] = {}
    for one in before:
        known[_which(one)] = max(_extent(one), known.get(_which(one), -math.inf))
    return tuple(one for one in after if _extent(one) > known.get(_which(one), -math.inf))


def _which(broken: Violation) -> tuple[Any, ...]:
    """A day has several duties and breaks: they are told apart by when they begin."""
    return broken.rule, broken.job, broken.values["from"] if broken.rule in ("duty", "break") else None


def _extent(broken: Violation) -> float:
    """A duty without the instant at which he could be there is not held at all."""
    return float(broken.values.get(GROWS.get(broken.rule, ""), math.inf if broken.rule == "duty" else 0))


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan. `stated_total` is what a file said that the objective adds up to, for the checker."""

    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...] = ()
    objective: Objective = field(default_factory=Objective)
    engine: str = ""
    seconds: float = 0.0
    stated_total: int | None = None


def sequences(routes: Iterable[Route]) -> dict[str, list[str]]:
    """The ids of the jobs per technician-day, in order."""
    return {route.technician: [stop.job for stop in route.stops] for route in routes}
