"""Any sequences become a legal plan: what does not fit is left out, the cheapest first and locked work last."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.routing.plan import Plan, grown, legal_route, plan_of, revised, unserved
from dispatch.routing.problem import Job, Location, Lock, Problem, Technician
from dispatch.routing.solution import Route

HOUR = 3600
NEAR, FAR = 0, 1


def day(*jobs: Job, **amine: Any) -> Problem:
    crew = tuple(Technician(name, **{"shift": (0, 4 * HOUR), **amine}) for name in ("amine", "berthe"))
    return Problem((Location("near"), Location("far")), crew, jobs, {"car": [[0, HOUR], [HOUR, 0]]})


def visit(name: str, place: int = NEAR, duration: int = HOUR, **fields: Any) -> Job:
    return Job(name, duration, location=place, **fields)


def jobs_of(plan: Plan) -> dict[str, list[str]]:
    return {route.technician: [stop.job for stop in route.stops] for route in plan.routes}


def test_the_cheapest_job_that_makes_room_is_left_out() -> None:
    problem = day(
        visit("dear", FAR, penalty=9000), visit("cheap", FAR, penalty=100), visit("long", FAR, 2 * HOUR)
    )
    route = legal_route(problem, "amine", ["dear", "cheap", "long"])
    assert [stop.job for stop in route.stops] == ["dear", "long"]


def test_a_locked_job_is_the_last_to_be_left_out() -> None:
    locked = visit("locked", penalty=1, lock=Lock(start=0))
    problem = day(locked, visit("dear", penalty=9000, windows=((0, 0),)))
    assert [stop.job for stop in legal_route(problem, "amine", ["dear", "locked"]).stops] == ["locked"]


def test_several_jobs_are_left_out_where_one_is_not_enough() -> None:
    problem = day(*(visit(name, duration=2 * HOUR) for name in "ABCD"))
    assert len(legal_route(problem, "amine", "ABCD").stops) == 2


def test_who_may_not_do_a_job_or_lacks_its_parts_does_not_get_it() -> None:
    barred = visit("barred", skills={"voip": 1})
    problem = day(barred, visit("A", parts={"mouse": 1}), visit("B", parts={"mouse": 1}), parts={"mouse": 1})
    assert [stop.job for stop in legal_route(problem, "amine", ["barred", "A", "B"]).stops] == ["A"]


def test_days_that_are_not_named_stay_as_they_are() -> None:
    problem = day(visit("A"), visit("B"), visit("C"))
    plan = plan_of(
        problem, [legal_route(problem, "amine", ["A"]), legal_route(problem, "berthe", ["B", "C"])]
    )
    assert jobs_of(revised(problem, plan, {"amine": ("A",)})) == jobs_of(plan)
    assert jobs_of(revised(problem, plan, {"berthe": ("C",)})) == {"amine": ["A"], "berthe": ["C"]}


def test_nobody_gets_the_job_of_a_day_that_is_not_named() -> None:
    problem = day(visit("A"), visit("B"))
    plan = plan_of(problem, [legal_route(problem, "amine", ["A"]), legal_route(problem, "berthe", ["B"])])
    assert jobs_of(revised(problem, plan, {"amine": ("A", "B")})) == {"amine": ["A"], "berthe": ["B"]}


def test_locked_jobs_are_inserted_first_whatever_they_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.routing.plan.BATCH", 1)
    locked = visit("locked", FAR, penalty=1, lock=Lock("amine", 2 * HOUR))
    dear = visit("dear", penalty=9000, windows=((2 * HOUR, 2 * HOUR),), excluded=frozenset({"berthe"}))
    assert jobs_of(grown(day(dear, locked), ())) == {"amine": ["locked"], "berthe": []}


def test_growing_ends_when_it_is_told_to() -> None:
    problem = day(visit("A"), visit("B"))
    plan = grown(problem, (), lambda: True)
    assert plan.served == 0
    assert unserved(problem, plan.routes) == ("A", "B")


def test_growing_keeps_what_is_there() -> None:
    problem = day(visit("A"), visit("B"))
    plan = grown(problem, [legal_route(problem, "amine", []), legal_route(problem, "berthe", ["B"])])
    assert "B" in jobs_of(plan)["berthe"]
    assert plan.served == 2


def test_a_plan_that_leaves_a_locked_job_out_is_worse_than_a_dearer_one_that_does_not() -> None:
    problem = day(visit("locked", penalty=1, lock=Lock("amine")), visit("dear", penalty=9000))
    with_lock = plan_of(problem, [legal_route(problem, "amine", ["locked"]), Route("berthe")])
    without = plan_of(problem, [legal_route(problem, "amine", ["dear"]), Route("berthe")])
    assert without.cost < with_lock.cost
    assert with_lock < without
