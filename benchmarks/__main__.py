"""`make bench`: the engines side by side, in a few minutes.

Three generated days with lunch, skills, windows and due times, and two of the TRSP where its data is at hand.
"""

from __future__ import annotations

from benchmarks.machine import machine
from benchmarks.trsp import folder, instances, read
from dispatch.routing.check import failures
from dispatch.routing.limits import Limits
from dispatch.routing.problem import Problem
from dispatch.routing.solve import ENGINES, solve
from tests.routing.generate import random_problem

SIZES = ((8, 50), (20, 200), (40, 400))
SHOWN = ("C101.100_25-5-5-5.txt", "U5.txt.gz")
SECONDS = 10.0
COLUMNS = "{:<24} {:<10} {:>8} {:>8} {:>12} {:>8} {:>8}"


def main() -> None:
    """Prints the table and the machine."""
    print(machine())
    print(COLUMNS.format("day", "engine", "jobs", "served", "cost (s)", "broken", "seconds"))
    for name, problem in _days().items():
        for engine in ENGINES:
            solution = solve(problem, Limits(SECONDS), seed=1, engine=engine)
            served = sum(len(route.stops) for route in solution.routes)
            cost, broken = solution.objective.total, len(failures(problem, solution))
            line = (name, engine, len(problem.jobs), served, cost, broken, f"{solution.seconds:.1f}")
            print(COLUMNS.format(*line), flush=True)


def _days() -> dict[str, Problem]:
    days = {f"generated {crew}/{jobs}": random_problem(1, crew, jobs, rich=False) for crew, jobs in SIZES}
    found = [path for path in instances(folder()) if path.name in SHOWN]
    if not found:
        print(f"No TRSP instance under {folder()}: set DISPATCH_DATA to see those days too.")
    return days | {path.name.split(".")[0]: read(path) for path in found}


if __name__ == "__main__":
    main()
