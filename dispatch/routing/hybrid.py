"""The engine `hybrid`, the default: ruin and recreate searches, OR-Tools referees.

The search is many times faster than OR-Tools' own and holds every rule; CP-SAT then times each technician-day
of the last plan anew and must find nothing cheaper. Where kernels cannot be compiled the search would be some
hundred times slower, and OR-Tools' local search takes its place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from dispatch.routing import ortools_engine
from dispatch.routing.limits import Clock
from dispatch.routing.plan import Plan
from dispatch.routing.problem import Problem
from dispatch.routing.search import engine as search
from dispatch.routing.search.compiled import COMPILED

log = logging.getLogger(__name__)


def prepare() -> None:
    """Has the kernels compiled, where they can be."""
    if COMPILED:
        search.prepare()


def first(problem: Problem, over: Callable[[], bool]) -> Plan:
    """A greedy plan by whatever is faster here."""
    if not COMPILED:
        log.warning("numba is not installed: OR-Tools searches instead, and finds less in the same time")
        return ortools_engine.first(problem, over)
    return search.first(problem, over)


def improve(problem: Problem, plan: Plan, clock: Clock, seed: int, reserve: float) -> Iterator[Plan]:
    """Better and better legal plans."""
    engine = search if COMPILED else ortools_engine
    yield from engine.improve(problem, plan, clock, seed, reserve)
