"""Urgent work into a full day: `python -m benchmarks.urgent`.

A day of 400 jobs for 40 technicians is planned; then twelve P1 jobs appear one by one, each to be begun within two hours
of its call. Measured: served by insertion, served by nobody even with nothing else to do, and how long the answer took.
After that all twelve are planned into the day at once, with a price per moved job and without.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import time
from statistics import median, quantiles

from benchmarks.instances import build
from benchmarks.lived import begun, remaining, rest_of
from benchmarks.machine import machine
from benchmarks.variants import PENALTIES
from dispatch.routing.explain import explain
from dispatch.routing.insertion import candidates
from dispatch.routing.limits import Limits
from dispatch.routing.problem import Job, Problem, replace
from dispatch.routing.solution import Solution
from dispatch.routing.solve import ENGINES, solve

DAY = "city/400/40/tight"
CALLS = 12
HOUR = 3600
MOVE = 1800
"""Seconds of travel that a job with another person than before costs."""


def main() -> int:
    """Prints both tables; 1 when an urgent job that somebody could do found no place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", default=DAY)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="hybrid" if "hybrid" in ENGINES else "ortools")
    options = parser.parse_args()
    print(machine())
    problem = build(options.day)
    plan = solve(problem, Limits(options.seconds), options.seed, options.engine)
    print(f"{options.day}: {len(problem.jobs)} jobs, cost {plan.objective.total} after {options.seconds:g} s")
    calls = urgent_jobs(problem, options.seed)
    lost = inserted(problem, plan, calls)
    replanned(problem, plan, calls, options)
    return 1 if lost else 0


def urgent_jobs(problem: Problem, seed: int) -> list[Job]:
    """P1 jobs like those of the day, called in between its second and sixth hour."""
    dice = random.Random(seed)
    return [
        dataclasses.replace(
            dice.choice(problem.jobs),
            id=f"urgent {number}",
            location=dice.choice(problem.jobs).location,
            penalty=PENALTIES[0],
            release=(call := dice.randrange(1 * HOUR, 5 * HOUR)),
            windows=((call, call + 2 * HOUR),),
        )
        for number in range(CALLS)
    ]


def inserted(problem: Problem, plan: Solution, calls: list[Job]) -> int:
    """Each job alone into the rest of the day at its call, nobody else's moved; how many found no place though somebody could do them."""
    lost, waits = 0, []
    for job in calls:
        call = job.release or 0
        log = begun(plan.routes, call)
        rest = rest_of(replace(problem, jobs=(*problem.jobs, job)), log, call)
        routes = remaining(plan.routes, log)
        candidates(rest, routes, rest.jobs[0].id)  # the index of the day is there before the call
        began = time.perf_counter()
        best = candidates(rest, routes, job.id)[0]
        waits.append(1000 * (time.perf_counter() - began))
        if best.feasible:
            print(f"{job.id}: {best.technician}, {best.start - call} s after the call, {waits[-1]:.0f} ms")
            continue
        kind = explain(rest, (), (job.id,), time_spent_ok=False)[0].kind
        lost += kind != "impossible"
        print(f"{job.id}: no place ({'nobody could ever do it' if kind == 'impossible' else 'all are busy'})")
    print(
        f"p50 {median(waits):.0f} ms, p95 {quantiles(waits, n=20)[18]:.0f} ms; {lost} of {len(calls)} without a place\n"
    )
    return lost


def replanned(problem: Problem, plan: Solution, calls: list[Job], options: argparse.Namespace) -> None:
    """All of them at once: how many jobs change person, and what that saves."""
    holder = {stop.job: route.technician for route in plan.routes for stop in route.stops}
    held = tuple(dataclasses.replace(job, current=holder.get(job.id)) for job in problem.jobs)
    fuller = replace(problem, jobs=(*held, *calls))
    print(f"re-planned with {len(calls)} urgent jobs, {options.seconds:g} s each")
    for name, price in (("free", 0), (f"{MOVE} s per moved job", MOVE)):
        priced = replace(fuller, costs=dataclasses.replace(fuller.costs, move=price))
        answer = solve(priced, Limits(options.seconds), options.seed, options.engine)
        cost = answer.objective.total - answer.objective.moves
        moved = _moved(answer, holder)
        print(f"{name:<22} cost without moves {cost:>9}  {moved} of {len(holder)} jobs with somebody else")


def _moved(answer: Solution, holder: dict[str, str]) -> int:
    stops = ((stop.job, route.technician) for route in answer.routes for stop in route.stops)
    return sum(holder.get(job, technician) != technician for job, technician in stops)


if __name__ == "__main__":
    sys.exit(main())
