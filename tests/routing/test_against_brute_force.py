"""On days small enough to try everything, the engine finds the best plan, and none that is too good."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from dispatch.routing.limits import Limits
from dispatch.routing.plan import Plan, plan_of
from dispatch.routing.problem import Problem
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem


def best_plan(problem: Problem) -> Plan:
    """The best of all legal plans, by trying each job with each technician in each order."""
    jobs = [job.id for job in problem.jobs]
    crew = range(len(problem.technicians))
    plans = []
    for choice in itertools.product([None, *crew], repeat=len(jobs)):
        bags = [[job for job, who in zip(jobs, choice, strict=True) if who == number] for number in crew]
        routes = [best_route(problem, number, bag) for number, bag in enumerate(bags)]
        legal = [timed.route for timed in routes if timed]
        if len(legal) == len(bags):
            plans.append(plan_of(problem, legal))
    return min(plans)


def best_route(problem: Problem, number: int, bag: list[str]) -> TimedRoute | None:
    return min(legal_routes(problem, number, bag), key=lambda timed: timed.objective.total, default=None)


def legal_routes(problem: Problem, number: int, bag: list[str]) -> Iterator[TimedRoute]:
    technician = problem.technicians[number]
    jobs = {job.id: job for job in problem.jobs}
    for order in itertools.permutations(bag):
        barred = any(
            broken_rules(problem, technician, jobs[job], order[:place]) for place, job in enumerate(order)
        )
        timed = time_route(problem, technician, order)
        if not barred and not (order and timed.broken):
            yield timed


@pytest.mark.parametrize("seed", range(16))
def test_four_jobs_for_two_technicians_are_planned_as_well_as_possible(seed: int) -> None:
    problem = random_problem(seed, technicians=2, jobs=4)
    solution = solve(problem, Limits(iterations=4), seed)
    assert plan_of(problem, solution.routes) == best_plan(problem)


def test_a_lock_is_kept_even_where_leaving_the_job_out_would_cost_less() -> None:
    problem = random_problem(63, technicians=2, jobs=5)
    solution = solve(problem, Limits(iterations=4))
    assert plan_of(problem, solution.routes) == best_plan(problem)
    assert solution.objective.lateness > problem.jobs[3].penalty
    assert problem.jobs[3].lock
    assert "J3" not in {entry.job for entry in solution.unassigned}
