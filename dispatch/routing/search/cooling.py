"""One search from hot to cold: so many moves, or until a moment comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from dispatch.routing.search.facts import NOWHERE, PENALTY, PLACE, Facts
from dispatch.routing.search.searcher import Search

ROUND = 1000
"""Moves between two looks where nobody looks at a clock; rounds are what `iterations` counts."""

PULSE = 0.04
"""Seconds between two looks at the clock."""

HOT, COLD = 0.6, 0.04
"""The temperature at the start, as a share of the usual penalty, and at the end, of the usual trip."""

HOTTEST_TRIPS, HOTTEST_WHEN_ALL_FIT = 30.0, 1.5
"""The most at the start, in usual trips: while jobs are out, and when none is."""


class Span(NamedTuple):
    """How long: at most so many moves, and until that monotonic second when there is one."""

    moves: int
    until: float | None

    def over(self) -> bool:
        return self.until is not None and time.monotonic() >= self.until


def pulses(search: Search, span: Span, heat: tuple[float, float], stop: Callable[[], bool]) -> Iterator[None]:
    """Moves in small portions while the temperature falls with the moves or the time spent."""
    hot, cold = heat
    moves, done, began = 10, 0, time.monotonic()
    while done < span.moves and not span.over() and not stop():
        portion = min(moves, span.moves - done)
        since = time.monotonic()
        shares = [_share(span, began, spent / span.moves) for spent in (done, done + portion)]
        search.move(portion, *(hot * (cold / hot) ** share for share in shares))
        done += portion
        if span.until is None:
            moves = ROUND
        else:
            moves = max(1, min(ROUND, int(moves * PULSE / max(1e-4, time.monotonic() - since))))
        yield


def _share(span: Span, began: float, of_moves: float) -> float:
    """How far the search has come: by its moves, or by its time when that runs out first."""
    if span.until is None:
        return of_moves
    return min(1.0, max(of_moves, (time.monotonic() - began) / max(1e-3, span.until - began)))


def temperatures(facts: Facts, out: int) -> tuple[float, float]:
    """Where annealing begins and ends, in seconds of travel.

    It begins on the scale of the penalties, so that jobs change places with those that are `out`; where none is,
    on that of trips.
    """
    penalties = facts.stops[: len(facts.allowed), PENALTY]
    places = np.unique(facts.stops[: len(facts.allowed), PLACE])
    places = places[places != NOWHERE]
    trips = facts.travel[0][np.ix_(places, places)]
    trip = float(np.median(trips[trips > 0])) if (trips > 0).any() else 60.0
    most = HOTTEST_TRIPS if out else HOTTEST_WHEN_ALL_FIT
    hot = min(HOT * float(np.median(penalties)), most * trip)
    cold = max(1.0, COLD * trip)
    return max(hot, cold), min(hot, cold) if hot >= 1 else 1.0
