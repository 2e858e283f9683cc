"""A legal plan made of any sequences: exact times, and nothing in it that a rule forbids."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.routing.check import price
from dispatch.routing.index import index_of
from dispatch.routing.insertion import greedy
from dispatch.routing.limits import never
from dispatch.routing.problem import Problem, Technician, replace
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Route, sequences

BATCH = 25
"""Jobs inserted between two looks at the clock: some tenths of a second with forty technicians."""

MUST = 10**9
"""More than any plan can save: the price of leaving out a locked job or a duty."""


@dataclass(frozen=True, slots=True, order=True)
class Plan:
    """Legal routes, one per technician-day. The better of two leaves fewer locked jobs out, then costs less."""

    locked_out: int
    cost: int
    served: int = field(compare=False)
    routes: tuple[Route, ...] = field(compare=False)


def plan_of(problem: Problem, routes: Sequence[Route]) -> Plan:
    """The plan of these legal routes, with its price in seconds of travel."""
    served = {stop.job for route in routes for stop in route.stops}
    locked_out = sum(job.lock is not None and job.id not in served for job in problem.jobs)
    return Plan(locked_out, price(problem, routes).total, len(served), tuple(routes))


def revised(problem: Problem, plan: Plan, sequences: Mapping[str, Sequence[str]]) -> Plan:
    """The plan with these technician-days done anew: timed exactly, without jobs that would break a rule."""
    waiting = set(unserved(problem, [route for route in plan.routes if route.technician not in sequences]))
    anew: dict[str, Route] = {}
    for technician, sequence in sequences.items():
        anew[technician] = legal_route(problem, technician, [job for job in sequence if job in waiting])
        waiting.difference_update(stop.job for stop in anew[technician].stops)
    return plan_of(problem, [anew.get(route.technician, route) for route in plan.routes])


def legal_route(problem: Problem, technician_id: str, job_ids: Sequence[str]) -> Route:
    """The jobs in this order without those that break a rule: the cheap ones go first, locked ones last."""
    technician = index_of(problem).technician[technician_id]
    sequence = _permitted(problem, technician, job_ids)
    timed = time_route(problem, technician, sequence)
    while timed.broken and sequence:
        sequence, timed = _lightened(problem, technician, sequence, timed)
    return timed.route


def taken_up(problem: Problem, routes: Sequence[Route], over: Callable[[], bool] = never) -> Plan:
    """An older plan as far as it is legal in this problem, with all jobs that pay their way besides.

    Jobs and technician-days that the problem does not have are left aside; every day keeps its order.
    """
    orders, seen = sequences(routes), set[str]()
    known = index_of(problem).job
    legal = []
    for technician in problem.technicians:
        order = [
            job for job in dict.fromkeys(orders.get(technician.id, ())) if job in known and job not in seen
        ]
        seen.update(order)
        legal.append(legal_route(problem, technician.id, order))
    return grown(problem, legal, over)


def grown(problem: Problem, routes: Sequence[Route], over: Callable[[], bool] = never) -> Plan:
    """The routes (legal ones, none for an empty plan) with all jobs that pay their way, until `over`.

    Locked jobs come first, whatever they cost; then the dear ones, a batch at a time.
    """
    left = set(unserved(problem, routes))
    waiting = sorted(
        (job for job in problem.jobs if job.id in left), key=lambda job: (not job.lock, -job.penalty)
    )
    present = [job for job in problem.jobs if job.id not in left]
    routes = routes or [Route(technician.id) for technician in problem.technicians]
    for first in range(0, len(waiting), BATCH):
        if over():
            break
        batch = waiting[first : first + BATCH]
        present += [dataclasses.replace(job, penalty=MUST) if job.lock else job for job in batch]
        routes = greedy(replace(problem, jobs=tuple(present)), routes)
    return plan_of(problem, routes)


def unserved(problem: Problem, routes: Iterable[Route]) -> tuple[str, ...]:
    """The ids of the jobs on no route, in the order of the problem."""
    served = {stop.job for route in routes for stop in route.stops}
    return tuple(job.id for job in problem.jobs if job.id not in served)


def _permitted(problem: Problem, technician: Technician, sequence: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for job_id in sequence:
        job = index_of(problem).job[job_id]
        if not broken_rules(problem, technician, job, kept):
            kept.append(job_id)
    return kept


def _lightened(
    problem: Problem, technician: Technician, sequence: list[str], timed: TimedRoute
) -> tuple[list[str], TimedRoute]:
    jobs = index_of(problem).job
    for job in sorted(sequence, key=lambda job: (jobs[job].lock is not None, jobs[job].penalty)):
        rest = [other for other in sequence if other != job]
        lighter = time_route(problem, technician, rest)
        if not lighter.broken:
            return rest, lighter
    blamed = Counter(violation.job for violation in timed.broken if violation.job in sequence)
    culprit = blamed.most_common(1)[0][0] if blamed else sequence[-1]
    rest = [other for other in sequence if other != culprit]
    return rest, time_route(problem, technician, rest)
