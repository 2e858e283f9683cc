"""A large problem in parts: nothing is lost or doubled between them, and every rule holds across borders."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest

from dispatch.routing.check import failures
from dispatch.routing.limits import Limits
from dispatch.routing.problem import Duty, Job, Location, Lock, Problem, Technician, replace
from dispatch.routing.search.facts import LAST_CLOSE, NOWHERE, PENALTY, Facts, facts_of
from dispatch.routing.search.partition import Map, divided
from dispatch.routing.search.parts import SEPARATE, WHOLE, is_large
from dispatch.routing.search.searcher import Search
from dispatch.routing.search.tasks import Part, Task, begun
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem

HOUR, DAY = 3600, 86_400
LARGE = random_problem(2, technicians=WHOLE + 10, jobs=400)


def busy(seed: int) -> Problem:
    """A day on which every other technician holds two duties at a place."""
    problem = random_problem(seed, technicians=12, jobs=60)
    held = (Duty(HOUR, HOUR + 900, 0), Duty(6 * HOUR, 6 * HOUR + 900, 1))
    crew = (
        dataclasses.replace(one, duties=held if n % 2 else ()) for n, one in enumerate(problem.technicians)
    )
    return replace(problem, technicians=tuple(crew))


def planned(problem: Problem) -> tuple[Facts, list[list[int]], int]:
    """The tables, a greedy plan and its cost."""
    search = Search(facts_of(problem), 0)
    search.construct()
    return search.facts, search.orders(), search.cost


def parts(problem: Problem, count: int, seed: int = 1, by_time: bool = False) -> list[Part]:
    facts, orders, _ = planned(problem)
    return divided(Map(facts), orders, count, random.Random(seed), by_time)


@pytest.mark.parametrize("seed", range(20))
def test_the_parts_of_a_plan_cost_together_what_the_whole_costs(seed: int) -> None:
    """Moves, preferences, duties, breaks, frozen starts and parts are those of the whole."""
    facts, orders, cost = planned(busy(seed))
    found, seen = 0, set[int]()
    for part in divided(Map(facts), orders, 4, random.Random(seed), by_time=False):
        search, names = begun(facts, Task(orders, part, 0, 0))
        assert names(search.orders()) == {day: orders[day] for day in part.days}
        found += search.cost
        seen |= set(part.jobs.tolist())
    nobodys = [job for job in range(len(facts.allowed)) if job not in seen]
    assert found + sum(int(facts.stops[job, PENALTY]) for job in nobodys) == cost
    assert not facts.allowed[[job for job in nobodys if facts.stops[job, LAST_CLOSE] > 0]].any()


@pytest.mark.parametrize("seed", range(5))
def test_every_day_is_in_one_part_with_the_jobs_that_are_on_it(seed: int) -> None:
    facts, orders, _ = planned(LARGE)
    found = divided(Map(facts), orders, 5, random.Random(seed), by_time=False)
    assert sorted(np.concatenate([part.days for part in found]).tolist()) == list(range(len(facts.days)))
    assert max(len(part.days) for part in found) - min(len(part.days) for part in found) <= 2
    for days, jobs in found:
        there = {stop for day in days for stop in orders[day] if stop < len(facts.allowed)}
        assert there <= set(jobs.tolist())
        assert all(facts.allowed[job, days].any() for job in set(jobs.tolist()) - there)


def test_the_borders_lie_elsewhere_each_time() -> None:
    divisions = {tuple(tuple(part.days.tolist()) for part in parts(LARGE, 4, seed)) for seed in range(8)}
    assert len(divisions) == 8


def test_a_part_lies_in_one_piece() -> None:
    """Two towns far from each other and as many days in each: no part has both."""
    towns = [f"{town} {n}" for town in ("Brest", "Nice") for n in range(10)]
    apart = [[0 if a == b else 60 if a[:4] == b[:4] else 36_000 for b in towns] for a in towns]
    crew = tuple(Technician(f"T{n}", (0, 28_800), start=n % 20) for n in range(80))
    problem = Problem(tuple(map(Location, towns)), crew, (Job("J", 60, location=15),), {"car": apart})
    for seed in range(5):
        first, second = parts(problem, 2, seed)
        assert {day % 20 < 10 for day in first.days.tolist()} != {
            day % 20 < 10 for day in second.days.tolist()
        }
        holder = first if len(first.jobs) else second
        assert all(day % 20 >= 10 for day in holder.days.tolist()), "the job goes where it is near"


def test_days_that_begin_in_one_place_are_divided_evenly() -> None:
    problem = replace(
        LARGE, travel={name: [[0] * len(LARGE.locations)] * len(LARGE.locations) for name in LARGE.travel}
    )
    assert sorted(len(part.days) for part in parts(problem, 2)) == [35, 35]


def test_dates_are_told_apart_when_asked_for() -> None:
    crew = LARGE.technicians[:40]
    week = tuple(
        dataclasses.replace(one, id=f"{one.id} {n}", shift=tuple(DAY * n + edge for edge in one.shift), breaks=(), duties=())
        for one in crew for n in range(2)
    )  # fmt: skip
    jobs = tuple(
        dataclasses.replace(job, lock=None, current=None, preferred={}, excluded=frozenset())
        for job in LARGE.jobs
    )
    problem = replace(LARGE, technicians=week, jobs=jobs, frozen=())
    for first_day, last_day in [
        (min(dates), max(dates))
        for part in parts(problem, 2, by_time=True)
        for dates in [[week[day].shift[0] // DAY for day in part.days]]
    ]:
        assert first_day == last_day
    assert SEPARATE < DAY


def test_what_nobody_may_do_is_in_no_part() -> None:
    odd = Job("odd", 600, location=0, skills={"juggling": 9})
    facts, orders, _ = planned(replace(LARGE, jobs=(*LARGE.jobs, odd)))
    found = divided(Map(facts), orders, 3, random.Random(1), by_time=False)
    assert all(len(LARGE.jobs) not in part.jobs for part in found)
    assert NOWHERE not in np.concatenate([part.jobs for part in found])


@pytest.mark.parametrize("seed", [3, 4])
def test_a_plan_made_in_parts_breaks_no_rule_and_its_sums_are_right(seed: int) -> None:
    problem = random_problem(seed, technicians=WHOLE + 10, jobs=400)
    assert is_large(facts_of(problem))
    told: list[int] = []
    solution = solve(problem, Limits(iterations=20), progress=lambda progress: told.append(progress.cost))
    assert failures(problem, solution) == ()
    assert solution.objective.total == told[-1] < told[0]


def test_the_plan_is_the_same_however_many_processes_search() -> None:
    plans = [solve(LARGE, Limits(iterations=20, processes=processes), seed=5) for processes in (1, 2, 3)]
    assert plans[0].routes == plans[1].routes == plans[2].routes


def test_a_lock_holds_across_borders() -> None:
    """The job lies at one end, and the technician it is locked to begins at the other."""
    far = replace(LARGE, jobs=tuple(
        dataclasses.replace(job, lock=Lock(LARGE.technicians[n % 70].id) if n % 40 == 0 else None)
        for n, job in enumerate(LARGE.jobs)
    ))  # fmt: skip
    solution = solve(far, Limits(iterations=20))
    holders = {stop.job: route.technician for route in solution.routes for stop in route.stops}
    locked = [job for job in far.jobs if job.lock]
    assert len(locked) == 10
    assert all(job.lock and holders.get(job.id, job.lock.technician) == job.lock.technician for job in locked)
    assert any(job.id in holders for job in locked)


def test_a_second_is_enough_for_a_first_plan_of_a_large_problem() -> None:
    solution = solve(LARGE, Limits(seconds=1, processes=2))
    assert failures(LARGE, solution) == ()
    assert solution.routes
