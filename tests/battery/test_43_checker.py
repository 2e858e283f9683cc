"""Case 43: an independent checker has nothing against any plan, every reason is true, and no answer is late.

Per engine: 200 random days and the degenerate ones; in full also larger days and every instance of `data/trsp`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.trsp import folder, instances, read
from dispatch.routing.check import failures
from dispatch.routing.limits import Limits
from dispatch.routing.problem import Problem
from dispatch.routing.solve import engine_named, solve
from tests.routing.generate import random_problem
from tests.routing.verdicts import DEGENERATE, must_be_right

ONE_ROUND = Limits(iterations=1)
PATHS = instances(folder())
ONE_OF_EACH = [
    path
    for path in PATHS
    if path.name in ("R102.100_25-5-5-5.txt", "C101.100_25-5-5-5_rd_30.txt", "R5.txt.gz")
]

engines = pytest.mark.parametrize("engine", ["hybrid", "ortools"])
needs_data = pytest.mark.skipif(
    not PATHS,
    reason=f"no TRSP instance under {folder()} (set DISPATCH_DATA): only generated days were planned and checked",
)


@engines
@pytest.mark.parametrize("ten", range(20))
def test_two_hundred_random_days_break_no_rule_and_tell_no_lie(ten: int, engine: str) -> None:
    for seed in range(10 * ten, 10 * ten + 10):
        problem = random_problem(seed, technicians=1 + seed % 4, jobs=2 + seed % 9)
        must_be_right(problem, solve(problem, ONE_ROUND, seed, engine))


@engines
@pytest.mark.parametrize("problem", DEGENERATE.values(), ids=DEGENERATE)
def test_a_degenerate_day_has_a_plan_and_reasons_too(problem: Problem, engine: str) -> None:
    must_be_right(problem, solve(problem, ONE_ROUND, engine=engine))


@needs_data
@engines
@pytest.mark.parametrize("path", ONE_OF_EACH, ids=lambda path: path.name)
def test_an_instance_of_each_family_breaks_no_rule(path: Path, engine: str) -> None:
    problem = read(path)
    solution = solve(problem, Limits(seconds=1), engine=engine)
    assert failures(problem, solution) == ()
    assert sum(len(route.stops) for route in solution.routes) > 0.8 * len(problem.jobs)


@pytest.mark.battery
@engines
@pytest.mark.parametrize("seed", range(50))
def test_larger_random_days_break_no_rule_and_tell_no_lie(seed: int, engine: str) -> None:
    problem = random_problem(seed, technicians=2 + seed % 9, jobs=20 + seed)
    must_be_right(problem, solve(problem, Limits(iterations=5), seed, engine))


@pytest.mark.battery
@engines
@pytest.mark.parametrize(
    ("seconds", "technicians", "jobs"), [(0, 45, 600), (1, 45, 600), (3, 40, 400), (10, 40, 400)]
)
def test_an_answer_comes_at_most_a_second_late(
    seconds: float, technicians: int, jobs: int, engine: str
) -> None:
    problem = random_problem(2, technicians, jobs)
    engine_named(engine).prepare()
    solution = solve(problem, Limits(seconds=seconds), engine=engine)
    assert failures(problem, solution) == ()
    assert solution.seconds <= seconds + 1


@needs_data
@pytest.mark.battery
@engines
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_instance_breaks_a_rule_tells_a_lie_or_takes_longer_than_asked(path: Path, engine: str) -> None:
    problem = read(path)
    solution = solve(problem, Limits(seconds=2), engine=engine)
    must_be_right(problem, solution)
    assert solution.seconds <= 3
