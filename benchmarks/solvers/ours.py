"""Our engines, through the public door."""

from __future__ import annotations

from benchmarks.solvers.found import Curve, Found
from dispatch.routing.limits import Limits, Progress
from dispatch.routing.problem import Problem
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem


def run(problem: Problem, seconds: float, seed: int, engine: str) -> Found:
    """A solve with that engine; what it compiles is compiled before, on a tiny day."""
    solve(random_problem(1, technicians=2, jobs=4), Limits(iterations=1), engine=engine)
    curve: Curve = []

    def note(progress: Progress) -> None:
        curve.append((progress.seconds, progress.cost))

    solution = solve(problem, Limits(seconds), seed, engine, progress=note)
    routes = {route.technician: [stop.job for stop in route.stops] for route in solution.routes}
    return Found(routes, solution.seconds, curve)
