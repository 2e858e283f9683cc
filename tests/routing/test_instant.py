"""A plan that stands and what happens to it: urgent work put in, a day mended, and people left with what they have."""

from __future__ import annotations

import dataclasses
import functools
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing import insertion, instant
from dispatch.routing.check import failures, price
from dispatch.routing.instant import Move
from dispatch.routing.limits import Limits
from dispatch.routing.plan import taken_up, unserved
from dispatch.routing.problem import Costs, Frozen, Job, Location, Lock, Problem, Technician, replace
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Route, Solution, Unassigned
from dispatch.routing.solve import solve
from dispatch.routing.standing import Standing
from tests.routing import generate
from tests.routing.strategies import random_problem

HQ, TOWER = range(2)
SOME_MOVES = Limits(iterations=1)
ADMIN = frozenset(["admin"])


def problem_of(*jobs: Job, move: int = 600, **amine: Any) -> Problem:
    crew = (
        Technician("amine", **{"shift": (0, 3600), "rights": ADMIN, **amine}),
        Technician("lea", (0, 3600)),
    )
    places = (Location("hq"), Location("tower"))
    return Problem(places, crew, jobs, {"walk": [[0, 600], [600, 0]]}, Costs(move=move))


def plan_of(problem: Problem, **orders: str) -> list[Route]:
    return [time_route(problem, one, orders.get(one.id, "").split()).route for one in problem.technicians]


def legal(problem: Problem, routes: Any) -> bool:
    left = tuple(Unassigned(job, "outbid") for job in unserved(problem, routes))
    return failures(problem, Solution(tuple(routes), left, price(problem, routes))) == ()


URGENT = Job("urgent", 1800, location=HQ, rights=ADMIN, penalty=90_000)


def test_an_urgent_job_that_fits_moves_nobody():
    problem = problem_of(Job("screen", 1800, location=HQ))
    found = instant.insert(Standing.of(problem, plan_of(problem, amine="screen")), URGENT)
    assert (found.technician, found.added, found.moved) == ("amine", 0, ())
    assert [stop.job for stop in found.routes[0].stops] == ["urgent", "screen"]


def test_cheaper_work_makes_room_and_goes_to_whoever_has_time():
    jobs = (Job("screen", 3600, location=HQ), Job("mouse", 1200, location=HQ))
    problem = problem_of(*jobs)
    routes = plan_of(problem, amine="screen")
    found = instant.insert(Standing.of(problem, routes), URGENT)
    assert (found.technician, found.added) == ("amine", 600)
    assert found.moved == (Move("screen", "amine", "lea"),)


def test_the_move_is_not_paid_twice_when_the_job_says_who_has_it():
    problem = problem_of(Job("screen", 3600, location=HQ, current="amine"))
    found = instant.insert(Standing.of(problem, plan_of(problem, amine="screen")), URGENT)
    assert (found.added, found.moved) == (600, (Move("screen", "amine", "lea"),))


def test_work_that_is_not_worth_its_move_stays_out():
    problem = problem_of(Job("screen", 3600, location=HQ, penalty=500))
    found = instant.insert(Standing.of(problem, plan_of(problem, amine="screen")), URGENT)
    assert (found.added, found.moved) == (500, (Move("screen", "amine", None),))


@pytest.mark.parametrize(
    "screen",
    [
        Job("screen", 3600, location=HQ, lock=Lock("amine")),
        Job("screen", 3600, location=HQ, rights=ADMIN, penalty=100_000),
    ],
)
def test_neither_locked_nor_dearer_work_gives_way(screen):
    problem = problem_of(screen)
    found = instant.insert(Standing.of(problem, plan_of(problem, amine="screen")), URGENT)
    assert found == instant.Inserted(None)


def test_candidates_of_a_job_in_the_plan_leave_the_plan_as_it_is():
    problem = problem_of(Job("screen", 1800, location=HQ), Job("mouse", 600, location=TOWER))
    routes = plan_of(problem, amine="screen mouse")
    standing = Standing.of(problem, routes)
    without = Standing.of(problem, plan_of(problem, amine="screen"))
    assert instant.candidates(standing, problem.jobs[1]) == insertion.ranked(without, problem.jobs[1])
    assert standing.orders[0] == ["screen", "mouse"]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**48))
def test_what_is_inserted_is_legal_and_costs_what_it_says(seed: int) -> None:
    problem = random_problem(Random(seed), 6)
    urgent = dataclasses.replace(problem.jobs[-1], penalty=10_000)
    problem = replace(problem, jobs=problem.jobs[:-1])
    routes = insertion.greedy(problem)
    standing = Standing.of(problem, routes)
    before = [list(order) for order in standing.orders]
    found = instant.insert(standing, urgent)
    assert standing.orders == before
    if found.technician is None:
        return
    changed = {route.technician: route for route in found.routes}
    after = [changed.get(route.technician, route) for route in routes]
    held = instant.holders(replace(problem, jobs=(*problem.jobs, urgent)), routes)
    kept = tuple(
        job if known.current is None else known
        for job, known in zip(held.jobs, (*problem.jobs, urgent), strict=True)
    )
    priced = replace(held, jobs=kept)
    assert legal(priced, after)
    saved = price(priced, routes).total - price(priced, after).total
    assert saved == urgent.penalty - found.added > 0
    holder = {stop.job: route.technician for route in after for stop in route.stops}
    assert all(holder.get(move.job) == move.after for move in found.moved)


@functools.cache
def busy_day() -> tuple[Problem, tuple[Route, ...]]:
    problem = generate.random_problem(1, technicians=6, jobs=36)
    problem = replace(problem, costs=dataclasses.replace(problem.costs, move=1800))
    return problem, solve(problem, Limits(iterations=20)).routes


def swapped(problem: Problem, technician: Technician) -> tuple[Technician, ...]:
    return tuple(technician if one.id == technician.id else one for one in problem.technicians)


def changed_job(problem: Problem, job_id: str, **changes: Any) -> Problem:
    jobs = tuple(dataclasses.replace(one, **changes) if one.id == job_id else one for one in problem.jobs)
    return replace(problem, jobs=jobs)


def sick(problem: Problem, route: Route) -> Problem:
    ill = next(one for one in problem.technicians if one.id == route.technician)
    return replace(
        problem, technicians=swapped(problem, dataclasses.replace(ill, shift=(0, 0), breaks=(), duties=()))
    )


def overrun(problem: Problem, route: Route) -> Problem:
    return replace(problem, frozen=(Frozen(route.technician, route.stops[1].end + 3600),))


def absent(problem: Problem, route: Route) -> Problem:
    return changed_job(problem, route.stops[0].job, windows=((18_000, 25_000),), lock=None, promised=None)


def urgent(problem: Problem, route: Route) -> Problem:
    return replace(problem, jobs=(*problem.jobs, Job("urgent", 1800, location=0, penalty=500_000)))


def locked(problem: Problem, route: Route) -> Problem:
    other = next(one.id for one in problem.technicians if one.id != route.technician)
    return changed_job(
        problem, route.stops[-1].job, lock=Lock(other), skills={}, rights=frozenset(), tools=frozenset()
    )


def expired(problem: Problem, route: Route) -> Problem:
    holder = next(one for one in problem.technicians if one.id == route.technician)
    return replace(
        problem, technicians=swapped(problem, dataclasses.replace(holder, rights=frozenset(), skills={}))
    )


@pytest.mark.parametrize("change", [sick, overrun, absent, urgent, locked, expired])
def test_a_plan_is_mended_after_a_change(change):
    problem, routes = busy_day()
    longest = max(routes, key=lambda route: len(route.stops))
    changed = change(problem, longest)
    answer = instant.repair(changed, routes, SOME_MOVES)
    held = instant.holders(changed, routes)
    assert legal(held, answer.plan.routes)
    assert answer.plan <= taken_up(held, routes)
    assert answer.moved == instant.moves(routes, answer.plan.routes)
    assert answer == instant.repair(changed, routes, SOME_MOVES)
    elsewhere = [one for one in answer.moved if one.before and one.after]
    assert len(elsewhere) <= len(longest.stops) + 3


def test_a_plan_that_is_as_good_as_any_stays_as_it_is():
    problem = problem_of(Job("screen", 1800, location=HQ), Job("mouse", 600, location=HQ))
    routes = plan_of(problem, lea="screen mouse")
    answer = instant.repair(problem, routes, SOME_MOVES)
    assert answer.moved == ()


def test_solving_on_from_a_plan_is_never_dearer_and_moves_few():
    problem, routes = busy_day()
    held = instant.holders(problem, routes)
    for engine in ("hybrid", "ortools"):
        answer = solve(held, SOME_MOVES, engine=engine, start=routes)
        assert legal(held, answer.routes)
        assert answer.objective.total <= price(held, routes).total
        moved = [one for one in instant.moves(routes, answer.routes) if one.before and one.after]
        assert len(moved) <= 6


def test_a_start_from_another_day_is_taken_up_as_far_as_it_is_known():
    problem = problem_of(Job("screen", 1800, location=HQ))
    strange = [
        Route("amine", plan_of(problem, amine="screen")[0].stops * 2),
        Route("gone", plan_of(problem, amine="screen")[0].stops),
    ]
    smaller = replace(problem, jobs=(Job("mouse", 600, location=HQ),))
    assert [stop.job for stop in taken_up(problem, strange).routes[0].stops] == ["screen"]
    assert legal(smaller, taken_up(smaller, strange).routes)
