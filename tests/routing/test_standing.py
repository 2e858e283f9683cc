"""What the tables say is what timing every sequence from scratch says, whatever the problem."""

from __future__ import annotations

import dataclasses
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing import insertion, instant
from dispatch.routing.problem import Break, Job, Location, Problem, Technician
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Route, Stop
from dispatch.routing.standing import Standing
from tests.routing import reference
from tests.routing.strategies import problems, random_problem


def loaded(problem: Problem, dice: Random) -> list[Route]:
    """The jobs dealt out at random: most of these days break rules as they stand."""
    orders: dict[str, list[str]] = {one.id: [] for one in problem.technicians}
    for job in problem.jobs:
        orders[dice.choice(list(orders))].append(job.id)
    return [Route(name, tuple(Stop(job, 0, 0, 0, 0) for job in order)) for name, order in orders.items()]


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(0, 2**32))
def test_a_candidate_is_what_timing_every_position_says(problem: Problem, seed: int) -> None:
    for routes in (insertion.greedy(problem), loaded(problem, Random(seed))):
        for job in problem.jobs[:2]:
            assert instant.candidates(Standing.of(problem, routes), job) == reference.candidates(
                problem, routes, job.id
            )


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 2**32), st.integers(0, 40_000))
def test_at_a_start_that_is_asked_for_no_more_is_broken_than_has_to_be(
    problem: Problem, seed: int, start: int
) -> None:
    routes, job = loaded(problem, Random(seed)), problem.jobs[0]
    for technician in problem.technicians:
        best, near = (
            reference.cost_of_broken(problem, technician, routes, job, placed)
            for placed in (
                insertion.place(problem, routes, job.id, technician.id),
                insertion.place(problem, routes, job.id, technician.id, start),
            )
        )
        assert near == best


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**48), st.integers(0, 2**32))
def test_a_job_that_the_problem_does_not_have_is_tried_as_if_it_had(seed: int, other: int) -> None:
    problem = random_problem(Random(seed), 5)
    job = problem.jobs[-1]
    smaller = dataclasses.replace(problem, jobs=problem.jobs[:-1])
    routes = loaded(smaller, Random(other))
    known = instant.candidates(Standing.of(problem, routes), job)
    assert instant.candidates(Standing.of(smaller, routes), job) == known


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 2**32))
def test_what_a_day_breaks_is_what_timing_it_says(problem: Problem, seed: int) -> None:
    routes = loaded(problem, Random(seed))
    standing = Standing.of(problem, routes)
    for row, technician in enumerate(problem.technicians):
        assert standing.broken(row) == time_route(problem, technician, standing.orders[row]).broken


def test_a_day_with_more_ways_to_rest_than_there_is_room_for_gets_more_room() -> None:
    """Six breaks may be spread over a day in hundreds of ways."""
    breaks = tuple(Break(60 + n, (100 * n, 3000)) for n in range(6))
    crew = (Technician("amine", (0, 4000), breaks=breaks),)
    jobs = tuple(Job(f"J{n}", 300, location=n % 2, promised=(900, 1000 + 200 * n)) for n in range(5))
    problem = Problem((Location("hq"), Location("tower")), crew, jobs, {"walk": [[0, 90], [80, 0]]})
    routes = loaded(problem, Random(1))
    assert instant.candidates(Standing.of(problem, routes), jobs[3]) == reference.candidates(
        problem, routes, "J3"
    )


def test_a_day_that_grows_beyond_its_tables_gets_longer_ones() -> None:
    crew = (Technician("amine", (0, 40_000)),)
    jobs = tuple(Job(f"J{n}", 300, location=0) for n in range(60))
    problem = Problem((Location("hq"),), crew, jobs, {"walk": [[0]]})
    assert len(insertion.greedy(problem)[0].stops) == 60
