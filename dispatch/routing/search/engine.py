"""The engine `search`: ruin and recreate from a greedy plan, as long as the clock allows."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator

import numpy as np

from dispatch.routing.limits import Clock
from dispatch.routing.plan import Plan, plan_of, revised
from dispatch.routing.problem import Break, Job, Location, Problem, Technician
from dispatch.routing.search.facts import NOWHERE, PENALTY, PLACE, Facts
from dispatch.routing.search.searcher import Searcher
from dispatch.routing.solution import Route
from dispatch.routing.tour import sequences

ROUND = 1000
"""Moves of one round, where rounds are counted."""

ENOUGH = 4000
"""Moves per job after which a small problem has been searched through."""

PULSE = 0.04
"""Seconds between two looks at the clock."""

SHARE_TOLD = 0.05
"""The largest share of the time spent on exact plans that are only progress."""

HOT, COLD = 0.6, 0.04
"""The temperature at the start, as a share of the usual penalty, and at the end, of the usual trip."""

HOTTEST_TRIPS = 30.0


@functools.cache
def prepare() -> None:
    """Has the kernels compiled, or loaded when an earlier process has compiled them: a quarter of a minute, or none."""
    days = (Technician("anybody", (0, 3600), breaks=(Break(60, (0, 3600)),), parts={"part": 1}),)
    jobs = tuple(Job(f"job {n}", 60, location=0, parts={"part": 1}) for n in range(2))
    searcher = Searcher(Problem((Location("anywhere"),), days, jobs, {"walk": [[0]]}), 0)
    searcher.construct()
    searcher.move(1, 2.0, 1.0)
    searcher.load(searcher.sequences())


def first(problem: Problem, over: Callable[[], bool]) -> Plan:
    """A greedy plan, exactly timed: a tenth of a second for four hundred jobs."""
    empty = plan_of(problem, [Route(technician.id) for technician in problem.technicians])
    if not problem.technicians or not problem.jobs:
        return empty
    searcher = Searcher(problem, 0)
    searcher.construct()
    return revised(problem, empty, searcher.sequences())


def improve(problem: Problem, plan: Plan, clock: Clock, seed: int, reserve: float) -> Iterator[Plan]:
    """Better and better legal plans, until all but `reserve` seconds or so many rounds are spent."""
    if not problem.technicians or not problem.jobs:
        return
    searcher = Searcher(problem, seed)
    searcher.load(sequences(plan.routes))
    told = _Told(problem, plan)
    for _ in _pulses(searcher, clock, reserve):
        if searcher.cost < told.cost and told.may_spend(clock):
            yield from told.exact(searcher)
    yield from told.exact(searcher)


class _Told:
    """The best exact plan so far; making another one is put off when that takes too much of the time."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.cost = np.iinfo(np.int64).max
        self.spent = 0.0

    def may_spend(self, clock: Clock) -> bool:
        return clock.limits.seconds is None or self.spent <= SHARE_TOLD * clock.seconds

    def exact(self, searcher: Searcher) -> Iterator[Plan]:
        if searcher.cost >= self.cost:
            return
        began = time.monotonic()
        self.cost = searcher.cost
        known, wanted = sequences(self.plan.routes), searcher.sequences()
        changed = {day: jobs for day, jobs in wanted.items() if jobs != known.get(day, [])}
        found = revised(self.problem, self.plan, changed)
        self.spent += time.monotonic() - began
        if found < self.plan:
            self.plan = found
            yield found


def _pulses(searcher: Searcher, clock: Clock, reserve: float) -> Iterator[None]:
    """Moves in small portions while the temperature falls with the time or the moves spent."""
    hot, cold = temperatures(searcher.facts)
    most = _most_moves(clock, len(searcher.facts.allowed))
    moves, done, began = 10, 0, clock.seconds
    while done < most and not clock.over(reserve):
        portion = min(moves, most - done)
        since = time.monotonic()
        shares = [_share(clock, began, reserve, spent / most) for spent in (done, done + portion)]
        searcher.move(portion, *(hot * (cold / hot) ** share for share in shares))
        done += portion
        if clock.limits.seconds is None:
            moves = ROUND
        else:
            moves = max(1, min(ROUND, int(moves * PULSE / max(1e-4, time.monotonic() - since))))
        yield


def _most_moves(clock: Clock, jobs: int) -> int:
    if clock.limits.iterations is not None:
        return max(1, clock.limits.iterations * ROUND)
    return ENOUGH * jobs


def _share(clock: Clock, began: float, reserve: float, of_moves: float) -> float:
    """How far the search has come: by its moves, or by its time when that runs out first."""
    if clock.limits.seconds is None:
        return of_moves
    whole = clock.limits.seconds - reserve - began
    return min(1.0, max(of_moves, (clock.seconds - began) / max(1e-3, whole)))


def temperatures(facts: Facts) -> tuple[float, float]:
    """Where annealing begins and ends, in seconds of travel.

    It begins on the scale of the penalties, so that jobs change places with those that are out; where nothing
    may stay out, on that of trips.
    """
    penalties = facts.stops[: len(facts.allowed), PENALTY]
    places = np.unique(facts.stops[: len(facts.allowed), PLACE])
    places = places[places != NOWHERE]
    trips = facts.travel[0][np.ix_(places, places)]
    trip = float(np.median(trips[trips > 0])) if (trips > 0).any() else 60.0
    hot = min(HOT * float(np.median(penalties)), HOTTEST_TRIPS * trip)
    cold = max(1.0, COLD * trip)
    return max(hot, cold), min(hot, cold) if hot >= 1 else 1.0
