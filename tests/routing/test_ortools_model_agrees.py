"""OR-Tools' model, where it can say all of a problem, calls the same plans legal and prices them alike.

What it cannot say (ortools_model.py) is left out of the problems here: calls, setup beside pauses, a due time with a
promise, waived overtime, breaks or duties that last into the night, and the way home from a duty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing import ortools_model
from dispatch.routing.check import price
from dispatch.routing.index import index_of
from dispatch.routing.insertion import greedy
from dispatch.routing.ortools_engine import allowed_days, anchors
from dispatch.routing.ortools_visits import Search, Sequences
from dispatch.routing.plan import MUST, plan_of
from dispatch.routing.problem import Break, Job, Problem, Technician, replace
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Route
from tests.routing.orders import broken
from tests.routing.strategies import random_problem


def sayable(dice: Random) -> Problem:
    problem = random_problem(dice, 5)
    limit = {one.id: one.shift[1] + problem.costs.max_overtime for one in problem.technicians}
    crew = tuple(_plain_day(one, limit[one.id]) for one in problem.technicians)
    paused = any(one.breaks or one.duties for one in crew)
    return replace(
        problem, technicians=crew, jobs=tuple(_plain_job(job, paused) for job in problem.jobs), frozen=()
    )


def _plain_day(technician: Technician, limit: int) -> Technician:
    breaks = [Break(one.duration, (one.window[0], min(one.window[1], limit - one.duration))) for one in technician.breaks
              if technician.shift[0] <= one.window[1] and one.window[0] <= limit - one.duration]  # fmt: skip
    first, last = technician.shift
    duties = tuple(one for one in technician.duties if first <= one.start < one.end <= last)
    home = None if any(one.location is not None for one in duties) else technician.end
    return dataclasses.replace(technician, breaks=tuple(breaks), duties=duties[:1], end=home)


def _plain_job(job: Job, paused: bool) -> Job:
    return dataclasses.replace(
        job, mode="on_site", location=job.location or 0, setup=0 if paused else job.setup,
        due=None if job.due is None or job.promised else max(job.due, job.duration), waived=job.waived - {"overtime"},
    )  # fmt: skip


def untimed(problem: Problem) -> Problem:
    """Without anything that costs more later: the model's times need not be the best ones."""
    jobs = tuple(dataclasses.replace(job, due=None, promised=None) for job in problem.jobs)
    return replace(problem, jobs=jobs, costs=dataclasses.replace(problem.costs, overtime=0))


def searched(problem: Problem, routes: Sequence[Route], effort: int) -> list[tuple[int, Sequences]]:
    """The plans of the model from these routes on, each with what the model says that it costs."""
    start = tuple(routes)
    allowed = allowed_days(problem, [job.id for job in problem.jobs], [route.technician for route in start])
    able = tuple(job for job, days in allowed.items() if days)
    model = ortools_model._Model(Search(problem, allowed, anchors(problem, start), able, start, effort))
    found: list[tuple[int, Sequences]] = []
    # Not in the model are jobs that nobody can do; wishes that are not met are said as a cost there.
    said = {visit.job for visit in model.visits}
    apart = sum(
        -max(job.preferred.values(), default=0) if job.id in said else job.penalty + MUST * bool(job.lock)
        for job in problem.jobs
    )
    model.routing.AddAtSolutionCallback(
        lambda: found.append((model.routing.CostVar().Max() + apart, model.sequences()))
    )
    model.routing.AddSearchMonitor(model.routing.solver().BranchesLimit(effort))
    parameters = ortools_model._parameters()
    model.routing.CloseModelWithParameters(parameters)
    model.routing.SolveFromAssignmentWithParameters(model.start(), parameters)
    return found


def held(problem: Problem, routes: Sequence[Route]) -> bool:
    """Whether all duties at places are; an idle day may miss them, at a price that only the model has."""
    return all(route.stops or not index_of(problem).days[route.technician].posts for route in routes)


plans = st.integers(0, 2**48).map(lambda seed: sayable(Random(seed)))


@settings(max_examples=80, deadline=None)
@given(plans)
def test_a_legal_plan_is_legal_in_the_model_and_never_cheaper_there(problem: Problem) -> None:
    routes = greedy(problem)
    plan = plan_of(problem, routes)
    if held(problem, routes) and plan.served:
        cost, sequences = searched(problem, routes, 2000)[0]
        assert sequences == {route.technician: tuple(stop.job for stop in route.stops) for route in routes}
        assert cost >= plan.cost + MUST * plan.locked_out


@settings(max_examples=80, deadline=None)
@given(plans.map(untimed))
def test_a_legal_plan_costs_the_same_in_the_model_where_times_cost_nothing(problem: Problem) -> None:
    routes = greedy(problem)
    plan = plan_of(problem, routes)
    if held(problem, routes) and plan.served:
        assert searched(problem, routes, 2000)[0][0] == plan.cost + MUST * plan.locked_out


@settings(max_examples=40, deadline=None)
@given(plans)
def test_what_the_model_calls_legal_is_and_costs_no_more(problem: Problem) -> None:
    for cost, sequences in searched(
        problem, [Route(technician.id) for technician in problem.technicians], 200
    ):
        if cost >= MUST:
            continue  # a locked job or a duty is left out
        timed = [time_route(problem, one, sequences[one.id]) for one in problem.technicians]
        routes = [one.route for one in timed]
        assert not any(one.broken for one in timed)
        assert broken(problem, *routes) == ()
        assert price(problem, routes).total <= cost
