"""The proved optimum of benchmarks/exact.py against trying everything."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.exact import optimum
from tests.routing.strategies import random_problem
from tests.routing.test_against_brute_force import best_plan


@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_any_kind_is_better_and_one_is_as_good(seed: int) -> None:
    problem = random_problem(Random(seed), most_jobs=4)
    best = best_plan(problem)
    assert optimum(problem) == (best.locked_out, best.cost)
