"""A day on which work appears: `python -m benchmarks.dynamic`, over the TRSP with release times.

At dawn only the jobs without a release time are known. Whenever one appears the rest of the day is planned again: what
is begun, and where somebody is under way to, stays. Every job is promised to its requester when first planned.
Compared with one plan of somebody who knows at dawn what will appear and when.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.lived import DayLog, rest_of, work
from benchmarks.machine import machine
from benchmarks.trsp import folder, instances, read
from benchmarks.variants import possible, prioritised
from dispatch.routing.check import failures, price
from dispatch.routing.limits import Limits
from dispatch.routing.plan import unserved
from dispatch.routing.problem import Problem
from dispatch.routing.solution import Route, Solution, Unassigned
from dispatch.routing.solve import ENGINES, solve

SHOWN = ("C101", "C202", "R102", "R206", "RC103", "RC205")


def main() -> int:
    """Prints a line per day; 1 when an executed day breaks a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=2.0, help="per re-plan; the one who knows all gets five times that"
    )
    parser.add_argument("--engine", default="hybrid" if "hybrid" in ENGINES else "ortools")
    parser.add_argument("names", nargs="*", default=SHOWN)
    options = parser.parse_args()
    paths = [path for path in instances(folder()) if path.parent.name == "crew25_release_times"]
    if not paths:
        print(f"No instance of the TRSP under {folder()}: set DISPATCH_DATA to the folder that holds trsp/.")
        return 2
    print(machine())
    print(
        f"{'day':<8} {'appear':>6} {'plans':>5} {'dynamic':>10} {'known':>10} {'ratio':>6} {'kept':>12} {'broken':>6}"
    )
    chosen = [path for path in paths if path.name.split(".")[0] in options.names]
    return 1 if sum(told(path, options.seconds, options.engine) for path in chosen) else 0


def told(path: Path, seconds: float, engine: str) -> int:
    """One line; how many rules the executed day breaks."""
    problem = possible(prioritised(read(path), seed=1))
    known = solve(problem, Limits(5 * seconds), 1, engine).objective.total
    log, plans = lived(problem, seconds, engine)
    routes = tuple(Route(name, tuple(stops)) for name, stops in log.done.items())
    left = tuple(Unassigned(job, "not_found") for job in unserved(problem, routes))
    objective = price(problem, routes)
    broken = failures(problem, Solution(routes, left, objective))
    starts = {stop.job: stop.start for route in routes for stop in route.stops}
    kept = sum(begin <= starts.get(job, -1) <= end for job, (begin, end) in log.promised.items())
    print(
        f"{path.name.split('.')[0]:<8} {sum(bool(job.release) for job in problem.jobs):>6} {plans:>5} "
        f"{objective.total:>10} {known:>10} {objective.total / known:>6.3f} "
        f"{kept:>4} of {len(log.promised):<4} {len(broken):>6}",
        flush=True,
    )
    for violation in broken:
        print(f"  {violation}")
    return len(broken)


def lived(problem: Problem, seconds: float, engine: str) -> tuple[DayLog, int]:
    """The day as it went: what was done by whom, and how often it was planned."""
    log = DayLog({technician.id: [] for technician in problem.technicians})
    times = sorted({job.release or 0 for job in problem.jobs})
    for number, (now, until) in enumerate(zip(times, [*times[1:], problem.horizon + 1], strict=True)):
        rest = rest_of(problem, log, now)
        routes = solve(rest, Limits(seconds), number, engine).routes if rest.jobs else ()
        work(log, routes, until)
    return log, len(times)


if __name__ == "__main__":
    sys.exit(main())
