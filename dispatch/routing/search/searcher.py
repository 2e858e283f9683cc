"""One search over one problem: loads a plan, makes moves, gives back the best sequences it has seen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from dispatch.routing.problem import Problem
from dispatch.routing.search.facts import (
    AFTER,
    BASE,
    DUE,
    DURATION,
    FIRST,
    LAST_CLOSE,
    NOWHERE,
    PENALTY,
    PLACE,
    POST,
    POSTS_END,
    Facts,
    facts_of,
)
from dispatch.routing.search.moves import BEST, NOW, ORDERS, OUT, Walk, anneal, begin, construct
from dispatch.routing.search.routes import PRICE, SIZE, STOP, Routes, clear, retrace, routes_of
from dispatch.routing.search.timing import scratch

MOST_WAYS = 1000
"""Ways tried to lay the posts of a day among its jobs."""

LONGEST = 120
"""Stops on one route at most; a day of ten minutes each would have less than half."""

# How often jobs are put back in which order: at random, long ones first, far ones, near ones, dear ones,
# those that few may do, those that close early, those with little room between opening and closing.
ODDS = (4.0, 3.0, 2.0, 1.0, 4.0, 2.0, 2.0, 2.0)


class Search:
    """A search over tables, with its own random numbers; the same seed and moves give the same plan.

    Stops and days are numbers here; `orders` are the stops of each day, in the order of the days. Orders without
    the posts of their day have them laid in where they cost least.
    """

    def __init__(self, facts: Facts, seed: int) -> None:
        self.facts = facts
        most = max(len(self.facts.stops), 1)
        self.routes: Routes = routes_of(self.facts, min(LONGEST, most))
        self.room = scratch()
        self.walk = _walk(self.facts, self.routes, seed)
        self.lay([[]] * len(facts.days))

    def lay(self, orders: Sequence[Sequence[int]]) -> None:
        """Goes on from these jobs per day; a day that cannot be worked so starts empty."""
        clear(self.facts, self.routes, self.room)
        for day, stops in enumerate(orders):
            if len(stops):
                self._seat(day, list(stops))
        self.walk.out_at[:] = NOWHERE
        begin(self.facts, self.routes, self.walk)

    def _seat(self, day: int, stops: list[int]) -> None:
        facts, routes = self.facts, self.routes
        row = routes.slot[day]
        posts = list(range(facts.days[day, POST], facts.days[day, POSTS_END]))
        jobs = [stop for stop in stops if stop < len(facts.allowed)]
        ways = [stops] if len(jobs) < len(stops) else _merged(posts, jobs)
        legal = [(int(routes.rows[row, PRICE]), way) for way in ways if self._laid(day, row, way)]
        if legal and jobs:
            self._laid(day, row, min(legal)[1])
            routes.where[jobs] = day
            routes.used[row] = facts.need[jobs].sum(axis=0)
        else:
            self._laid(day, row, posts)

    def _laid(self, day: int, row: int, order: list[int]) -> bool:
        if len(order) >= self.routes.spots.shape[1]:
            return False
        self.routes.spots[row, : len(order), STOP] = order
        self.routes.rows[row, SIZE] = len(order)
        return bool(retrace(self.facts, self.routes, self.room, day, 0))

    def construct(self) -> None:
        """Adds every job that pays its way, greedily."""
        construct(self.facts, self.routes, self.room, self.walk)

    def move(self, moves: int, hot: float, cold: float) -> None:
        """So many moves while the temperature falls (seconds of travel)."""
        anneal(self.facts, self.routes, self.room, self.walk, moves, hot, cold)

    @property
    def cost(self) -> int:
        """The price of the best plan; a locked job that is left out counts with MUST besides."""
        return int(self.walk.tally[BEST])

    @property
    def out(self) -> int:
        """How many jobs are on no day now."""
        return int(self.walk.tally[OUT])

    @property
    def current(self) -> int:
        return int(self.walk.tally[NOW])

    def orders(self) -> list[list[int]]:
        """The best plan seen, with the posts."""
        walk = self.walk
        return [
            stops[:length].tolist() for stops, length in zip(walk.best_stops, walk.best_length, strict=True)
        ]


class Searcher(Search):
    """The same by the names of a problem."""

    def __init__(self, problem: Problem, seed: int) -> None:
        super().__init__(facts_of(problem), seed)
        self.names = Names(problem)

    def load(self, sequences: Mapping[str, Sequence[str]]) -> None:
        """Goes on from these jobs per technician-day; a day that cannot be worked so starts empty."""
        self.lay(self.names.orders(sequences))

    def sequences(self) -> dict[str, list[str]]:
        """The best plan seen: jobs per technician-day, in order."""
        return self.names.sequences(dict(enumerate(self.orders())))


class Names:
    """What the numbers of a search are called in its problem."""

    def __init__(self, problem: Problem) -> None:
        self._days = [technician.id for technician in problem.technicians]
        self._jobs = [job.id for job in problem.jobs]
        self._rows = {name: row for row, name in enumerate(self._jobs)}

    def orders(self, sequences: Mapping[str, Sequence[str]]) -> list[list[int]]:
        return [[self._rows[job] for job in sequences.get(day, ())] for day in self._days]

    def sequences(self, orders: Mapping[int, Sequence[int]]) -> dict[str, list[str]]:
        jobs = len(self._jobs)
        return {
            self._days[day]: [self._jobs[stop] for stop in stops if stop < jobs]
            for day, stops in orders.items()
        }


def _merged(posts: list[int], jobs: list[int]) -> list[list[int]]:
    """The ways to lay posts among jobs, both in their order; not all of them when there are very many."""
    spots = itertools.combinations_with_replacement(range(len(jobs) + 1), len(posts))
    ways = []
    for chosen in itertools.islice(spots, MOST_WAYS):
        way = list(jobs)
        for spot, post in zip(reversed(chosen), reversed(posts), strict=True):
            way.insert(spot, post)
        ways.append(way)
    return ways


def _walk(facts: Facts, routes: Routes, seed: int) -> Walk:
    jobs, days, size = max(len(facts.allowed), 1), len(facts.days), routes.spots.shape[1]
    return Walk(
        dice=np.array([1 + (seed * 7919 + 104729) % 2147483646], dtype=np.int64),
        tally=np.zeros(5, dtype=np.int64),
        keys=_keys(facts),
        odds=np.cumsum(ODDS),
        touched=np.zeros(days, dtype=np.int64),
        is_touched=np.zeros(days, dtype=np.bool_),
        stale=np.ones(days, dtype=np.bool_),
        pool=np.zeros(jobs, dtype=np.int64),
        origin=np.zeros(jobs, dtype=np.int64),
        in_pool=np.zeros(jobs, dtype=np.bool_),
        rank=np.zeros(jobs),
        hopes=np.zeros(days, dtype=np.int64),
        found=np.zeros(3, dtype=np.int64),
        out=np.zeros(jobs, dtype=np.int64),
        out_at=np.full(jobs, NOWHERE, dtype=np.int64),
        best_stops=np.zeros((days, size), dtype=np.int64),
        best_length=np.zeros(days, dtype=np.int64),
    )


def _keys(facts: Facts) -> np.ndarray:
    """Per order the rank of each job, least first."""
    jobs = len(facts.allowed)
    keys = np.zeros((ORDERS, jobs))
    if not jobs or not len(facts.days):
        return keys
    stops = facts.stops[:jobs]
    base = np.bincount(facts.days[:, BASE]).argmax()
    away = np.where(stops[:, PLACE] == NOWHERE, 0, facts.travel[0, base, np.maximum(stops[:, PLACE], 0)])
    opens = np.array([facts.windows[stop[FIRST] : stop[AFTER], 0].min(initial=0) for stop in stops])
    closes = np.minimum(stops[:, LAST_CLOSE], stops[:, DUE])
    keys[1:] = (
        -stops[:, DURATION], -away, away, -stops[:, PENALTY], facts.allowed.sum(axis=1), closes, closes - opens,
    )  # fmt: skip
    return keys
