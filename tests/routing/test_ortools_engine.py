"""How the engine spends its rounds: a few neighbouring routes at a time, longer when nothing is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dispatch.routing import child
from dispatch.routing.index import index_of
from dispatch.routing.limits import Clock, Limits
from dispatch.routing.ortools_engine import DOUBLINGS, EFFORT, FREED, LEFT_OUT, anchors, improve
from dispatch.routing.ortools_visits import Search, Sequences
from dispatch.routing.plan import Plan, grown, unserved
from dispatch.routing.problem import Problem
from tests.routing.generate import random_problem

AN_HOUR = Limits(seconds=3600)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Search]:
    """The searches that the engine asks for; none of them finds anything."""
    asked: list[Search] = []

    def nothing(search: Search, *_: Any) -> Iterator[Sequences]:
        asked.append(search)
        yield from ()

    monkeypatch.setattr(child, "plans", nothing)
    return asked


def rounds(problem: Problem, plan: Plan, limits: Limits, seed: int = 0) -> list[Plan]:
    return list(improve(problem, plan, Clock(limits), seed, reserve=0))


def test_a_small_plan_is_freed_whole_and_is_final_after_ever_longer_rounds(searches: list[Search]) -> None:
    problem = random_problem(1, technicians=4, jobs=20)
    plan = grown(problem, ())
    assert rounds(problem, plan, AN_HOUR) == []
    assert [search.effort for search in searches] == [EFFORT << number for number in range(DOUBLINGS + 1)]
    assert all(search.start == plan.routes for search in searches)


def test_a_large_plan_is_freed_a_few_routes_at_a_time(searches: list[Search]) -> None:
    problem = random_problem(1, technicians=20, jobs=200)
    plan = grown(problem, ())
    rounds(problem, plan, Limits(iterations=10))
    for search in searches:
        freed = [stop.job for route in search.start for stop in route.stops]
        assert 1 < len(search.start) < len(plan.routes)
        assert len(freed) <= FREED + max(len(route.stops) for route in plan.routes)
        assert set(freed) <= set(search.order)
        assert set(search.order) - set(freed) <= set(unserved(problem, plan.routes))
        assert len(search.order) - len(freed) <= LEFT_OUT
    assert len({search.start for search in searches}) > 1


def test_only_who_may_do_a_job_is_offered_it(searches: list[Search]) -> None:
    problem = random_problem(4, technicians=6, jobs=30)
    rounds(problem, grown(problem, ()), Limits(iterations=1))
    skills = {technician.id: technician.skills for technician in problem.technicians}
    for job in (index_of(problem).job[job_id] for job_id in searches[0].order):
        for technician in searches[0].allowed[job.id] if "skill" not in job.waived else ():
            assert all(skills[technician].get(name, 0) >= level for name, level in job.skills.items())


def test_the_seed_decides_the_order_and_the_neighbourhoods(searches: list[Search]) -> None:
    problem = random_problem(1, technicians=4, jobs=20)
    plan = grown(problem, ())
    for seed in (1, 1, 2):
        rounds(problem, plan, Limits(iterations=1), seed)
    assert searches[0] == searches[1]
    assert searches[0].order != searches[2].order


def test_a_remote_job_is_pinned_to_where_the_stay_before_it_is() -> None:
    problem = random_problem(1, technicians=8, jobs=50)
    plan = grown(problem, ())
    pinned = anchors(problem, plan.routes)
    jobs = index_of(problem).job
    seen = 0
    for route in plan.routes:
        if index_of(problem).days[route.technician].posts:
            continue
        place = index_of(problem).days[route.technician].place
        for stop in route.stops:
            if jobs[stop.job].remote:
                assert pinned[stop.job] == place
                seen += 1
            place = place if jobs[stop.job].location is None else jobs[stop.job].location
    assert seen > 3


def test_nothing_is_asked_without_technicians_or_jobs(searches: list[Search]) -> None:
    for technicians, jobs in ((0, 0), (2, 0)):
        problem = random_problem(1, technicians, jobs)
        rounds(problem, grown(problem, ()), AN_HOUR)
    assert searches == []
