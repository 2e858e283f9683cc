"""Urgent work into a full day: `python -m benchmarks.urgent`.

A day of 400 jobs for 40 technicians is planned; then twelve P1 jobs appear one by one, each to be begun within two hours
of its call. Measured: who takes it and who has to move for it, and how long the answer took. Then the plan is mended after
changes of six kinds, each in three tenths of a second. Last, all twelve are planned into the day at once: from nothing and at
no price, and from the plan in use with a price per moved job.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median, quantiles
from typing import TypeVar

from benchmarks.instances import build
from benchmarks.lived import begun, remaining, rest_of
from benchmarks.machine import machine
from benchmarks.variants import PENALTIES
from dispatch.routing import instant, standing
from dispatch.routing.explain import explain
from dispatch.routing.limits import Limits
from dispatch.routing.problem import Frozen, Job, Lock, Problem, Technician, replace
from dispatch.routing.solution import Route, Solution
from dispatch.routing.solve import ENGINES, solve
from dispatch.routing.standing import Standing

Answer = TypeVar("Answer")
DAY = "city/400/40/tight"
CALLS = 12
HOUR = 3600
MOVE = 1800
"""Seconds of travel that a job with another person than before costs."""

MENDING = 0.3
"""Seconds to mend a plan in."""

NOON = 3 * HOUR
"""When what breaks a plan happens."""


def main() -> int:
    """Prints both tables; 1 when an urgent job that somebody could do found no place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", default=DAY)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="hybrid" if "hybrid" in ENGINES else "ortools")
    options = parser.parse_args()
    print(machine())
    standing.prepare()
    problem = build(options.day)
    problem = replace(problem, costs=dataclasses.replace(problem.costs, move=MOVE))
    plan = solve(problem, Limits(options.seconds), options.seed, options.engine)
    print(f"{options.day}: {len(problem.jobs)} jobs, cost {plan.objective.total} after {options.seconds:g} s")
    calls = urgent_jobs(problem, options.seed)
    lost = inserted(problem, plan, calls)
    mended(problem, plan, calls[0])
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
    """Each job alone into the rest of the day at its call; how many found no place though somebody could do them."""
    lost, moved, dropped = 0, [], []
    waits: dict[str, list[tuple[float, float]]] = {"preparing": [], "candidates": [], "insert": []}
    for job in calls:
        rest, routes = _at(problem, plan, job.release or 0)
        stand = _timed(waits["preparing"], partial(Standing.of, rest, routes))
        _timed(waits["candidates"], partial(instant.candidates, stand, job))
        found = _timed(waits["insert"], partial(instant.insert, stand, job))
        if found.technician is None:
            lost += _possible(rest, job)
            print(
                f"{job.id}: no place ({'all are busy' if _possible(rest, job) else 'nobody could ever do it'})"
            )
            continue
        moved.append(sum(move.after is not None for move in found.moved))
        dropped.append(len(found.moved) - moved[-1])
        start = next(stop.start for route in found.routes for stop in route.stops if stop.job == job.id)
        wait = start - (job.release or 0)
        print(
            f"{job.id}: {found.technician}, {wait} s after the call, {moved[-1]} to somebody else, {dropped[-1]} out"
        )
    for name, times in waits.items():
        clock, processor = zip(*times, strict=True)
        figures = (median(clock), _p95(clock), median(processor), _p95(processor))
        print(
            name.ljust(11),
            "p50 {:.1f} ms, p95 {:.1f} ms; of the processor {:.1f} and {:.1f}".format(*figures),
        )
    print(f"median of jobs with somebody else {median(moved)}, of cheaper jobs that go out {median(dropped)}")
    print(f"{lost} of {len(calls)} without a place though somebody could do them\n")
    return lost


def _timed(taken: list[tuple[float, float]], step: Callable[[], Answer]) -> Answer:
    """Notes the milliseconds of a step, by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = step()
    taken.append((1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor)))
    return answer


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[18]


def _at(problem: Problem, plan: Solution, call: int) -> tuple[Problem, tuple[Route, ...]]:
    """What is left of the day at that time, and of the plan."""
    log = begun(plan.routes, call)
    return rest_of(problem, log, call), remaining(plan.routes, log)


def _possible(problem: Problem, job: Job) -> bool:
    alone = replace(problem, jobs=(*problem.jobs, job))
    return explain(alone, (), (job.id,))[0].kind != "impossible"


def mended(problem: Problem, plan: Solution, call: Job) -> None:
    """The plan repaired at noon after each kind of change: milliseconds, jobs with somebody else, jobs left out."""
    rest, routes = _at(problem, plan, NOON)
    print(f"plan mended {NOON // HOUR} h into the day, {MENDING:g} s each")
    for name, changed in changes(rest, routes, call):
        began = time.perf_counter()
        answer = instant.repair(changed, routes, Limits(MENDING), 1)
        taken = 1000 * (time.perf_counter() - began)
        other = sum(move.before is not None and move.after is not None for move in answer.moved)
        out = sum(move.after is None for move in answer.moved)
        print(f"{name:<22} {taken:>5.0f} ms  {other:>3} with somebody else, {out} left out")
    print()


def changes(problem: Problem, routes: tuple[Route, ...], call: Job) -> Iterator[tuple[str, Problem]]:
    """The same day after each of the things that happen to plans."""
    busy = max(routes, key=lambda route: len(route.stops))
    name, first, last = busy.technician, busy.stops[0], busy.stops[-1]
    technician = next(one for one in problem.technicians if one.id == name)
    gone = dataclasses.replace(technician, shift=(technician.shift[0], NOON), breaks=(), end=None)
    overrun = Frozen(name, NOON + HOUR, next(job.location for job in problem.jobs if job.id == first.job))
    frozen = tuple(one for one in problem.frozen if one.technician != name)
    yield "nothing has changed", problem
    yield "technician sick", replace(problem, technicians=_swapped(problem, gone))
    yield "job overrun by an hour", replace(problem, frozen=(*frozen, overrun))
    yield (
        "user absent till later",
        _job_changed(problem, first.job, windows=((last.start, last.start + HOUR),)),
    )
    yield (
        "urgent job",
        replace(
            problem,
            jobs=(*problem.jobs, dataclasses.replace(call, release=NOON, windows=((NOON, NOON + 2 * HOUR),))),
        ),
    )
    other = next(route.technician for route in routes if route.technician != name and len(route.stops) > 1)
    yield (
        "lock to somebody else",
        _job_changed(problem, last.job, lock=Lock(other), skills={}, rights=frozenset()),
    )
    without = dataclasses.replace(technician, rights=frozenset(), skills={})
    yield "rights expired", replace(problem, technicians=_swapped(problem, without))


def _swapped(problem: Problem, technician: Technician) -> tuple[Technician, ...]:
    return tuple(technician if one.id == technician.id else one for one in problem.technicians)


def _job_changed(problem: Problem, job_id: str, **changed: object) -> Problem:
    jobs = tuple(dataclasses.replace(one, **changed) if one.id == job_id else one for one in problem.jobs)
    return replace(problem, jobs=jobs)


def replanned(problem: Problem, plan: Solution, calls: list[Job], options: argparse.Namespace) -> None:
    """All of them at once: how many jobs change person, and what that costs against a plan made anew."""
    holder = {stop.job: route.technician for route in plan.routes for stop in route.stops}
    fuller = instant.holders(replace(problem, jobs=(*problem.jobs, *calls)), plan.routes)
    print(f"re-planned with {len(calls)} urgent jobs, {options.seconds:g} s each")
    free = replace(fuller, costs=dataclasses.replace(fuller.costs, move=0))
    for name, priced, start in (("anew, moves free", free, ()), ("from the plan", fuller, plan.routes)):
        answer = solve(priced, Limits(options.seconds), options.seed, options.engine, start=start)
        cost = answer.objective.total - answer.objective.moves
        print(
            f"{name:<22} cost without moves {cost:>9}  {_moved(answer, holder)} of {len(holder)} jobs with somebody else"
        )


def _moved(answer: Solution, holder: dict[str, str]) -> int:
    stops = ((stop.job, route.technician) for route in answer.routes for stop in route.stops)
    return sum(holder.get(job, technician) != technician for job, technician in stops)


if __name__ == "__main__":
    sys.exit(main())
