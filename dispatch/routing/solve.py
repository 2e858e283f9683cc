"""The one door to all engines: a problem in, a checked plan out, in bounded time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dispatch.routing import hybrid, ortools_engine, standing
from dispatch.routing.check import failures, price
from dispatch.routing.escort import escorted
from dispatch.routing.explain import explanations
from dispatch.routing.limits import Clock, Limits, Progress, never
from dispatch.routing.plan import Plan, grown, taken_up, unserved
from dispatch.routing.problem import Problem, ProblemError
from dispatch.routing.search import engine as search
from dispatch.routing.solution import Route, Solution, Unassigned


def nothing() -> None:
    """What most engines need before they begin."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`first` makes a legal plan at once, until told that time is over; `improve` makes better ones, and is told
    whether people work by that plan already.

    `prepare` does once per process what no clock should count.
    """

    first: Callable[[Problem, Callable[[], bool]], Plan]
    improve: Callable[[Problem, Plan, Clock, int, float, bool], Iterator[Plan]]
    prepare: Callable[[], None] = nothing


ENGINES: dict[str, Engine] = {
    "hybrid": Engine(hybrid.first, hybrid.improve, hybrid.prepare),
    "search": Engine(search.first, search.improve, search.prepare),
    "ortools": Engine(ortools_engine.first, ortools_engine.improve),
}

RESERVE = 0.25
"""The largest share of the time kept back for the last insertions, the check and the reasons."""

LAST_TOUCH, LAST_TOUCH_PER_JOB = 0.2, 0.0001
"""Seconds for the last insertions and the check."""

GRACE = 0.4
"""Seconds after the limit that the last reasons may take."""

PACE = 0.0001
"""Seconds that the reasons of one job take per technician-day, on a machine with other things to do."""


def solve(
    problem: Problem,
    limits: Limits,
    seed: int = 0,
    engine: str = "hybrid",
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = never,
    start: Sequence[Route] = (),
) -> Solution:
    """The best legal plan found within the limits, with a reason for every job left out.

    Anytime: a greedy plan first, then whatever the engine improves. `progress` is told of each better plan,
    `stop` is asked often. The answer never comes more than a second after `limits.seconds`. With nothing but
    `limits.iterations` the same seed gives the same plan. With `start`, a plan that people work by, the search goes on
    from what of it is still legal, and what it costs timed anew is the most that the answer may cost. Raises ProblemError for an unknown engine.
    """
    chosen = engine_named(engine)
    chosen.prepare()
    standing.prepare()
    clock = Clock(limits, stop)
    most = RESERVE * (limits.seconds or 0)
    best = (
        taken_up(problem, start, lambda: clock.over(most))
        if start
        else chosen.first(problem, lambda: clock.over(most))
    )
    best = escorted(problem, best, lambda: clock.over(most))
    _tell(progress, clock, best)
    jobs = len(problem.jobs)
    looks = len(problem.technicians) * (jobs - best.served)
    reserve = min(most, LAST_TOUCH + LAST_TOUCH_PER_JOB * jobs + PACE * looks)
    for better in chosen.improve(problem, best, clock, seed, reserve, bool(start)):
        best = better
        _tell(progress, clock, best)
    return _answer(problem, best, engine, clock)


def engine_named(name: str) -> Engine:
    """The engine of that name; ProblemError says which there are."""
    if name not in ENGINES:
        raise ProblemError(f"engine: there is no engine {name}, only {', '.join(ENGINES)}")
    return ENGINES[name]


def _tell(progress: Callable[[Progress], None] | None, clock: Clock, plan: Plan) -> None:
    if progress is not None:
        progress(Progress(round(clock.seconds, 2), plan.cost, plan.served))


def _answer(problem: Problem, plan: Plan, engine: str, clock: Clock) -> Solution:
    routes = _refereed(problem, plan.routes)
    return Solution(
        routes=routes,
        unassigned=_explained(problem, routes, clock),
        objective=price(problem, routes),
        engine=engine,
        seconds=round(clock.seconds, 3),
    )


def _refereed(problem: Problem, routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """The checker has the last word: what it refuses is planned again, and left out if it refuses that too."""
    accepted = _accepted(problem, routes)
    return routes if accepted == routes else _accepted(problem, grown(problem, accepted).routes)


def _accepted(problem: Problem, routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """The routes, those that the checker refuses without their jobs."""
    left = tuple(Unassigned(job, "not_found") for job in unserved(problem, routes))
    found = failures(problem, Solution(routes, left, price(problem, routes)))
    refused = {violation.technician for violation in found}
    return tuple(Route(route.technician) if route.technician in refused else route for route in routes)


def _explained(problem: Problem, routes: tuple[Route, ...], clock: Clock) -> tuple[Unassigned, ...]:
    """Every job left out with its reasons; without any where time is up, as what was not found in that time."""
    left = unserved(problem, routes)
    limit = math.inf if clock.limits.seconds is None else clock.limits.seconds
    until = 1 + clock.seconds if clock.stop() else GRACE + limit
    told = explanations(problem, routes, left)
    return tuple(next(told) if clock.seconds < until else Unassigned(job, "not_found") for job in left)
