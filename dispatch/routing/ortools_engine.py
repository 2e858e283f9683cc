"""The engine `ortools`: OR-Tools' guided local search, on a few neighbouring routes at a time.

Four hundred jobs at once are too many for its local search (the first descent alone takes ten seconds), sixty
are not. Each round frees some technician-days that lie close together, with jobs that are left out, and keeps
the rest of the plan. Rounds also bring the model back to the truth: remote jobs are pinned again to where the
exact timing has them. Up to sixty jobs, every round frees everything.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from dispatch.routing import child
from dispatch.routing.index import index_of
from dispatch.routing.limits import Clock
from dispatch.routing.ortools_visits import Search
from dispatch.routing.plan import Plan, grown, revised, unserved
from dispatch.routing.problem import Problem
from dispatch.routing.rules import broken_rules
from dispatch.routing.solution import Route

FREED = 60
"""Jobs on the routes that one round frees."""

LEFT_OUT = 15
"""Jobs that are on no route and may enter in one round."""

EFFORT = 300
"""Branches of a round, some tenths of a second; doubled after each round that found nothing."""

DOUBLINGS = 6


def first(problem: Problem, over: Callable[[], bool]) -> Plan:
    """A greedy plan, without the jobs that there was no time for."""
    return grown(problem, (), over)


def improve(
    problem: Problem, plan: Plan, clock: Clock, seed: int, reserve: float, _warm: bool = False
) -> Iterator[Plan]:
    """Better and better legal plans, until all but `reserve` seconds or so many rounds are spent.

    A plan in use is improved like any other: rounds free a part of it at a time. A plan that is freed whole is final when ever longer rounds have found nothing better.
    """
    if not problem.technicians or not problem.jobs:
        return
    chance = random.Random(seed)
    fruitless = rounds = 0
    while not clock.over(reserve) and rounds != clock.limits.iterations and not _final(plan, fruitless):
        best = plan
        search = _search(problem, plan, chance, EFFORT << min(fruitless, DOUBLINGS))
        for sequences in child.plans(search, clock, reserve):
            found = revised(problem, plan, sequences)
            if found < best:
                yield (best := found)
        fruitless = 0 if best < plan else fruitless + 1
        rounds += 1
        plan = best
    if unserved(problem, plan.routes):
        found = grown(problem, plan.routes, lambda: clock.over(reserve / 2))
        if found < plan:
            yield found


def _final(plan: Plan, fruitless: int) -> bool:
    return plan.served <= FREED and fruitless > DOUBLINGS


def allowed_days(
    problem: Problem, job_ids: Iterable[str], technician_ids: Iterable[str]
) -> dict[str, frozenset[str]]:
    """Per job those of the technician-days that break no rule of the person."""
    index = index_of(problem)
    crew = [index.technician[technician_id] for technician_id in technician_ids]
    return {
        job_id: frozenset(t.id for t in crew if not broken_rules(problem, t, index.job[job_id]))
        for job_id in job_ids
    }


def anchors(problem: Problem, routes: tuple[Route, ...]) -> dict[str, int]:
    """Where each remote job is done in these routes; a job on none of them is pinned to the first start."""
    index = index_of(problem)
    places = {job.id: problem.technicians[0].start for job in problem.jobs if job.remote}
    for route in routes:
        day = index.days[route.technician]
        events = [(stop.start, index.jobs[stop.job].location, stop.job) for stop in route.stops]
        events += [(start, location, "") for start, _, location in day.posts]
        place = day.place
        for _, location, job in sorted(events, key=lambda event: event[0]):
            place = place if location is None else location
            if job in places:
                places[job] = place
    return places


def _search(problem: Problem, plan: Plan, chance: random.Random, effort: int) -> Search:
    freed = _freed(problem, plan, chance)
    placed = [stop.job for route in freed for stop in route.stops]
    waiting = unserved(problem, plan.routes)
    allowed = allowed_days(problem, (*placed, *waiting), [route.technician for route in freed])
    waiting = tuple(job for job in waiting if allowed[job])
    order = placed + chance.sample(waiting, min(LEFT_OUT, len(waiting)))
    chance.shuffle(order)
    return Search(problem, allowed, anchors(problem, freed), tuple(order), freed, effort)


def _freed(problem: Problem, plan: Plan, chance: random.Random) -> tuple[Route, ...]:
    """All routes of a small plan; else a random one and its neighbours, until there are enough jobs."""
    if plan.served <= FREED:
        return plan.routes
    centre = chance.choice(plan.routes)
    near = sorted(plan.routes, key=lambda route: _distance(problem, centre, route) * chance.uniform(1, 2))
    jobs = itertools.accumulate(len(route.stops) for route in near)
    return tuple(route for route, count in zip(near, jobs, strict=True) if route is centre or count <= FREED)


def _distance(problem: Problem, one: Route, other: Route) -> float:
    """Mean seconds of travel between the places of two days."""
    matrix = problem.matrix(index_of(problem).technician[one.technician])
    return float(
        np.mean([[abs(matrix[a][b]) for b in _places(problem, other)] for a in _places(problem, one)])
    )


def _places(problem: Problem, route: Route) -> list[int]:
    index = index_of(problem)
    places = [index.jobs[stop.job].location for stop in route.stops]
    return [place for place in places if place is not None] or [index.days[route.technician].place]
