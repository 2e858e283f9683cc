"""The one door to all engines: a problem in, a checked plan out, in bounded time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dispatch.routing import ortools_engine
from dispatch.routing.check import failures, price
from dispatch.routing.explain import explain
from dispatch.routing.limits import Clock, Limits, Progress, never
from dispatch.routing.plan import Plan, grown, unserved
from dispatch.routing.problem import Problem, ProblemError
from dispatch.routing.solution import Route, Solution, Unassigned

Engine = Callable[[Problem, Plan, Clock, int, float], Iterator[Plan]]

ENGINES: dict[str, Engine] = {"ortools": ortools_engine.improve}

EXPLAINED_AT_ONCE = 10
"""Jobs whose reasons are looked up between two looks at the clock."""


def solve(
    problem: Problem,
    limits: Limits,
    seed: int = 0,
    engine: str = "ortools",
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = never,
) -> Solution:
    """The best legal plan found within the limits, with a reason for every job left out.

    Anytime: a greedy plan first, then whatever the engine improves. `progress` is told of each better plan,
    `stop` is asked often. The answer never comes more than a second after `limits.seconds`. With nothing but
    `limits.iterations` the same seed gives the same plan. Raises ProblemError for an unknown engine.
    """
    clock = Clock(limits, stop)
    improve = engine_named(engine)
    best = grown(problem, (), clock.over)
    _tell(progress, clock, best)
    for best in improve(problem, best, clock, seed, _reserve(limits)):
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


def _reserve(limits: Limits) -> float:
    """Seconds kept back for the last insertions, the check and the reasons."""
    return min(0.5, 0.1 * (limits.seconds or 0))


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
    """The routes without those that the checker refuses: it has the last word, whatever made the plan."""
    left = tuple(Unassigned(job, "not_found") for job in unserved(problem, routes))
    found = failures(problem, Solution(routes, left, price(problem, routes)))
    refused = {violation.technician for violation in found}
    kept = tuple(route for route in routes if route.technician not in refused)
    return kept if kept == routes else grown(problem, kept).routes


def _explained(problem: Problem, routes: tuple[Route, ...], clock: Clock) -> tuple[Unassigned, ...]:
    """Every job left out with its reasons; once the time is up, without the numbers that take long."""
    left = unserved(problem, routes)
    entries: list[Unassigned] = []
    for first in range(0, len(left), EXPLAINED_AT_ONCE):
        batch = left[first : first + EXPLAINED_AT_ONCE]
        entries += explain(problem, routes, batch, time_spent_ok=not clock.over())
    return tuple(entries)
