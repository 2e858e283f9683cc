"""The engine `hybrid`, the default: ruin and recreate searches, OR-Tools referees.

The search is many times faster than OR-Tools' own and holds every rule; CP-SAT then times the technician-days of
the last plan anew and must find nothing cheaper. Where kernels cannot be compiled the search would be some hundred
times slower, and OR-Tools' local search takes its place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from dispatch.routing import ortools_engine
from dispatch.routing.check import failures, price
from dispatch.routing.index import index_of
from dispatch.routing.limits import Clock
from dispatch.routing.plan import Plan, plan_of, unserved
from dispatch.routing.problem import Problem
from dispatch.routing.referee import order_of, ruling
from dispatch.routing.schedule import time_route
from dispatch.routing.search import engine as search
from dispatch.routing.search.compiled import COMPILED
from dispatch.routing.solution import Route, Solution, Unassigned

PACE = 0.005
"""Seconds per technician-day that the referee takes: 2 ms for ten jobs and a lunch, beside other work up to 5."""

SHARE_JUDGED = 0.03
"""The largest share of the time that is kept from the search for the referee."""

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


def improve(
    problem: Problem, plan: Plan, clock: Clock, seed: int, reserve: float, warm: bool = False
) -> Iterator[Plan]:
    """Better and better legal plans, the last one refereed as far as the time goes."""
    engine = search if COMPILED else ortools_engine
    kept = min(PACE * len(problem.technicians), SHARE_JUDGED * (clock.limits.seconds or 0))
    for better in engine.improve(problem, plan, clock, seed, reserve + kept, warm):
        yield (plan := better)
    judged = refereed(problem, plan, clock, reserve / 2)
    if judged < plan:
        yield judged


def refereed(problem: Problem, plan: Plan, clock: Clock, reserve: float) -> Plan:
    """The plan with the times of CP-SAT wherever they are cheaper and the checker passes them.

    That should be nowhere, and is logged as a warning. Days for which no time is left are not looked at.
    """
    routes = {route.technician: route for route in plan.routes}
    worked = [route for route in plan.routes if route.stops]
    for count, route in enumerate(worked):
        if clock.over(reserve):
            log.info("no time to referee %s of %s technician-days", len(worked) - count, len(worked))
            break
        routes[route.technician] = _judged(problem, route, clock, reserve)
    better = tuple(routes.values())
    return plan if better == plan.routes else min(plan, plan_of(problem, better))


def _judged(problem: Problem, route: Route, clock: Clock, reserve: float) -> Route:
    """The route, or a cheaper timing of the same stops."""
    index, name = index_of(problem), route.technician
    deadline = clock.deadline(reserve=reserve)
    seconds = None if deadline is None else deadline - clock.began - clock.seconds
    found = ruling(problem, name, order_of(index, route), seconds)
    if found is None:
        return route
    jobs = [stop.job for stop in route.stops]
    known = time_route(problem, index.technician[name], jobs).objective.total
    if found.cost >= known:
        return route
    passed = _passes(problem, found.route)
    log.warning(
        "CP-SAT times %s for %s where labels need %s, in the order %s; the checker %s it",
        name, found.cost, known, jobs, "passes" if passed else "refuses",
    )  # fmt: skip
    return found.route if passed else route


def _passes(problem: Problem, route: Route) -> bool:
    left = tuple(Unassigned(job, "not_found") for job in unserved(problem, (route,)))
    return not failures(problem, Solution((route,), left, price(problem, (route,))))
