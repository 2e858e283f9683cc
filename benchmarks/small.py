"""How far from the proved optimum the engine stays on small problems with every rule: `python -m benchmarks.small`."""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from benchmarks.exact import optimum
from benchmarks.machine import machine
from dispatch.routing.check import failures
from dispatch.routing.limits import Limits
from dispatch.routing.plan import plan_of
from dispatch.routing.problem import Problem
from dispatch.routing.solve import ENGINES, solve
from tests.routing.strategies import random_problem

PROBLEMS = 200
MOST_JOBS = 12


def main() -> int:
    """Prints the problems on which the optimum was missed, and how many there were; 1 when there was any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=PROBLEMS)
    parser.add_argument("--jobs", type=int, default=MOST_JOBS, help="the most per problem")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--engine", default="hybrid" if "hybrid" in ENGINES else "ortools")
    options = parser.parse_args()
    print(machine())
    missed, began = 0, time.monotonic()
    for seed in range(options.problems):
        gap = told(seed, random_problem(Random(seed), options.jobs), options.seconds, options.engine)
        missed += gap
    print(
        f"{options.problems - missed} of {options.problems} at the proved optimum with {options.engine} "
        f"in {options.seconds:g} s each ({time.monotonic() - began:.0f} s in all)"
    )
    return 1 if missed else 0


def told(seed: int, problem: Problem, seconds: float, engine: str) -> bool:
    """Whether the engine missed the optimum or broke a rule; prints one line if so."""
    solution = solve(problem, Limits(seconds), seed, engine)
    plan, best = plan_of(problem, solution.routes), optimum(problem)
    broken = failures(problem, solution)
    if (plan.locked_out, plan.cost) == best and not broken:
        return False
    print(
        f"problem {seed}: {len(problem.jobs)} jobs, {len(problem.technicians)} days: best {best[1]} "
        f"with {best[0]} locked left out, found {plan.cost} with {plan.locked_out}; {len(broken)} rules broken",
        flush=True,
    )
    return True


if __name__ == "__main__":
    sys.exit(main())
