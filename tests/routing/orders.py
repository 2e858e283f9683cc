"""Days of one technician in a random order, and the ways that his duties at places can lie among his jobs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random

from dispatch.routing.check import failures, price
from dispatch.routing.index import JobTiming, index_of
from dispatch.routing.problem import Break, Duty, Problem, Technician, replace
from dispatch.routing.referee import Order
from dispatch.routing.rules import broken_rules
from dispatch.routing.solution import Route, Solution, Unassigned, Violation
from tests.routing.strategies import random_problem


def crowded(dice: Random) -> tuple[Problem, Technician, list[str]]:
    """A problem, its first technician with up to three breaks and three duties, and up to three of his jobs."""
    problem = random_problem(dice, 6)
    first = problem.technicians[0]
    start = first.shift[0]
    technician = dataclasses.replace(
        first, shift=(start, start + dice.choice((600, 900))), breaks=tuple(_break(dice, start) for _ in range(dice.randrange(4))),
        duties=tuple(_duties(dice, start)), rights=frozenset(["local-admin"]), clearances=frozenset(["acme"]),
        tools=frozenset(["toner-kit"]), skills={"printer": 3},
    )  # fmt: skip
    costs = dataclasses.replace(problem.costs, max_overtime=dice.choice((0, 60, 400)))
    jobs = tuple(dataclasses.replace(job, duration=min(job.duration, 45)) for job in problem.jobs)
    problem = replace(problem, technicians=(technician, *problem.technicians[1:]), jobs=jobs, costs=costs)
    return problem, technician, permitted(problem, technician, dice)[:3]


def permitted(problem: Problem, technician: Technician, dice: Random) -> list[str]:
    """The jobs that he may do, in any order, without those for which his parts do not last."""
    order: list[str] = []
    for job in dice.sample(problem.jobs, len(problem.jobs)):
        if not broken_rules(problem, technician, job, order):
            order.append(job.id)
    return order


def orders(problem: Problem, technician: Technician, job_ids: Sequence[str]) -> Iterator[Order]:
    """His jobs in order with his duties at places anywhere in between, those in order too."""
    index = index_of(problem)
    jobs: list[JobTiming] = [index.jobs[job_id] for job_id in job_ids]
    posts = index.days[technician.id].posts
    size = len(jobs) + len(posts)
    for spots in combinations(range(size), len(posts)):
        waiting, held = iter(jobs), iter(posts)
        yield [next(held) if spot in spots else next(waiting) for spot in range(size)]


def broken(problem: Problem, *routes: Route) -> tuple[Violation, ...]:
    """What the checker has against these routes when all other jobs are left out."""
    served = {stop.job for route in routes for stop in route.stops}
    left = tuple(Unassigned(job.id, "outbid") for job in problem.jobs if job.id not in served)
    return failures(problem, Solution(routes, left, price(problem, routes)))


def _break(dice: Random, start: int) -> Break:
    earliest = start + 20 * dice.randrange(30)
    return Break(10 * dice.randint(1, 6), (earliest, earliest + 20 * dice.randrange(15)))


def _duties(dice: Random, time: int) -> Iterator[Duty]:
    """One after the other, and now and then one in the middle of another."""
    for _ in range(dice.randrange(4)):
        begin = time + 20 * dice.randrange(-1 if dice.random() < 0.1 else 0, 12)
        time = begin + dice.choice((0, 20, 60, 100))
        yield Duty(begin, time, dice.choice((None, 0, 1, 2, 3)))
