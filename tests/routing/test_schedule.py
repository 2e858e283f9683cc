"""A fixed order of jobs is timed as well as it can be, and legally whenever that is possible."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.check import check, price
from dispatch.routing.problem import Problem, replace
from dispatch.routing.rules import broken_rules, parts_short
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Solution, Unassigned
from tests.routing.strategies import problems


def alone(problem: Problem) -> Problem:
    """The first technician and his frozen work only, so that the whole plan is his route."""
    first = problem.technicians[0]
    jobs = tuple(
        job
        if not job.lock or job.lock.technician in (None, first.id)
        else dataclasses.replace(job, lock=None)
        for job in problem.jobs
    )
    jobs = tuple(
        dataclasses.replace(job, excluded=job.excluded & {first.person}, preferred={}) for job in jobs
    )
    frozen = tuple(entry for entry in problem.frozen if entry.technician == first.id)
    return replace(problem, technicians=(first,), jobs=jobs, frozen=frozen)


def plan_of(problem: Problem, timed: TimedRoute) -> Solution:
    served = {stop.job for stop in timed.route.stops}
    left = tuple(Unassigned(job.id, "not_found") for job in problem.jobs if job.id not in served)
    return Solution((timed.route,), left, price(problem, (timed.route,)))


@settings(max_examples=400)
@given(problems(most_jobs=4).map(alone), st.randoms())
def test_a_timed_route_is_legal_exactly_when_the_checker_finds_nothing(problem, random):
    technician = problem.technicians[0]
    order = [job.id for job in problem.jobs if not broken_rules(problem, technician, job)]
    order = [
        job
        for n, job in enumerate(order)
        if not parts_short(problem, technician, next(j for j in problem.jobs if j.id == job), order[:n])
    ]
    random.shuffle(order)
    timed = time_route(problem, technician, order)
    failing = [violation for violation in check(problem, plan_of(problem, timed)) if not violation.waived]
    assert bool(failing) == bool(timed.broken)
    if not timed.broken:
        assert dataclasses.replace(price(problem, (timed.route,)), unserved=0) == timed.objective
