"""The checker finds what is wrong with a plan, names the rule, and finds nothing else."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from dispatch.routing.check import check, failures, price
from dispatch.routing.problem import (
    Break,
    Costs,
    Duty,
    Frozen,
    Job,
    Location,
    Lock,
    Problem,
    Technician,
    Window,
    replace,
)
from dispatch.routing.solution import Objective, Route, Solution, Stop, Unassigned

HQ, TOWER, CAMPUS = range(3)
TRAVEL = [[0, 600, 900], [600, 0, 300], [900, 300, 0]]
AMINE = Technician(
    "amine/mon", (0, 28_800), "amine", end=HQ, breaks=(Break(1800, (10_000, 14_000)),),
    duties=(Duty(20_000, 22_000, CAMPUS),), skills={"printer": 2}, parts={"mouse": 1},
)  # fmt: skip
SCREEN = Job(
    "screen", 1800, location=TOWER, setup=300, windows=((0, 9000),), skills={"printer": 1}, parts={"mouse": 1}
)
CALL = Job("call", 600, mode="remote", due=3000, lateness_cost=2)
PRINTER = Job("printer", 1200, location=CAMPUS, setup=120, current="lea/mon", promised=(14_000, 15_000))
LEA = Technician("lea/mon", (0, 28_800), "lea")

# Worked by hand: 600 s to the tower, 300 s of setup; the call at once; lunch; 300 s to the campus.
STOPS = (
    Stop("screen", 600, 600, 900, 2700),
    Stop("call", 0, 2700, 2700, 3300),
    Stop("printer", 300, 3600, 14_000, 15_200),
)
PLAN = Route("amine/mon", STOPS, ((10_000, 11_800),))


def a_day(**changes: Any) -> Problem:
    places = tuple(Location(name) for name in ("hq", "tower", "campus"))
    problem = Problem(places, (AMINE, LEA), (SCREEN, CALL, PRINTER), {"walk": TRAVEL}, Costs(move=1800))
    return replace(problem, **changes)


def with_job(job: Job, **changes: Any) -> Problem:
    jobs = tuple(
        dataclasses.replace(one, **changes) if one is job else one for one in (SCREEN, CALL, PRINTER)
    )
    return a_day(jobs=jobs)


def with_amine(**changes: Any) -> Problem:
    return a_day(technicians=(dataclasses.replace(AMINE, **changes), LEA))


def with_stop(position: int, **changes: int) -> Route:
    stops = list(STOPS)
    stops[position] = dataclasses.replace(stops[position], **changes)
    return Route("amine/mon", tuple(stops), PLAN.breaks)


def found(problem: Problem, *routes: Route) -> list[str]:
    served = {stop.job for route in routes for stop in route.stops}
    left = tuple(Unassigned(job.id, "not_found") for job in problem.jobs if job.id not in served)
    return [violation.rule for violation in failures(problem, Solution(routes, left, price(problem, routes)))]


def test_a_legal_plan_passes():
    assert found(a_day(), PLAN) == []


def test_the_price_is_worked_out_to_the_second():
    assert price(a_day(), (PLAN,)) == Objective(travel=600 + 300 + 900, lateness=300 * 2, moves=1800)


def test_preference_overtime_and_unserved_work_are_priced_too():
    problem = with_job(PRINTER, preferred={"amine": 700}, penalty=5)
    short = dataclasses.replace(AMINE, shift=(0, 22_500))
    problem = replace(problem, technicians=(short, LEA), costs=Costs(overtime=3, max_overtime=900))
    assert price(problem, (PLAN,)).overtime == (22_000 + 900 - 22_500) * 3
    assert price(problem, (PLAN,)).preference == -700
    assert price(problem, (dataclasses.replace(PLAN, stops=STOPS[:2]),)).unserved == 5


@pytest.mark.parametrize(
    ("problem", "rule"),
    [
        (with_job(SCREEN, skills={"printer": 3}), "skill"),
        (with_job(SCREEN, rights=frozenset(["admin"])), "right"),
        (with_job(SCREEN, clearances=frozenset(["acme"])), "clearance"),
        (with_job(SCREEN, tools=frozenset(["toner"])), "tool"),
        (with_job(PRINTER, parts={"mouse": 1}), "part"),
        (with_amine(max_visits=1), "visits"),
        (with_job(SCREEN, excluded=frozenset(["amine"])), "excluded"),
        (with_job(SCREEN, windows=((0, 899),)), "window"),
        (with_job(SCREEN, release=901), "release"),
        (with_job(SCREEN, lock=Lock("lea/mon")), "lock"),
        (with_job(SCREEN, lock=Lock(start=901)), "lock"),
        (with_job(SCREEN, setup=301), "travel"),
        (with_amine(shift=(0, 16_099), duties=()), "shift"),
        (with_amine(shift=(1000, 28_800)), "shift"),
        (with_amine(breaks=()), "break"),
        (with_amine(breaks=(Break(1801, (10_000, 14_000)),)), "break"),
        (with_amine(breaks=(Break(1800, (10_001, 14_000)),)), "break"),
        (with_amine(duties=(Duty(15_300, 16_000, TOWER),)), "duty"),
        (with_amine(duties=(Duty(1000, 1100),)), "duty"),
        (with_amine(duties=(Duty(20_000, 22_000, CAMPUS), Duty(21_000, 21_100))), "duty"),
        (a_day(frozen=(Frozen("amine/mon", 1000),)), "frozen"),
        (a_day(frozen=(Frozen("amine/mon", 100),)), "travel"),
        (a_day(frozen=(Frozen("amine/mon", 0, CAMPUS),)), "travel"),
        (a_day(travel={"walk": [[0, -1, -1], [-1, 0, 300], [900, 300, 0]]}), "travel"),
    ],
)
def test_the_same_plan_breaks_a_stricter_rule(problem, rule):
    assert rule in found(problem, PLAN)


def test_work_past_the_overtime_that_is_allowed_is_told_from_work_past_the_shift():
    assert found(replace(with_amine(shift=(0, 15_900), duties=()), costs=Costs(max_overtime=199)), PLAN) == [
        "overtime"
    ]
    assert found(replace(with_amine(shift=(0, 15_900), duties=()), costs=Costs(max_overtime=200)), PLAN) == []


def test_who_has_gone_works_no_overtime_whatever_the_costs_allow():
    gone = with_amine(shift=(0, 15_900), duties=(), may_stay=False)
    assert found(replace(gone, costs=Costs(max_overtime=200)), PLAN) == ["shift"]


def test_a_duty_that_ends_with_the_shift_may_be_gone_home_from():
    problem = with_amine(shift=(0, 22_000))
    assert found(problem, PLAN) == []
    assert price(problem, (PLAN,)).overtime == 900 * 3


@pytest.mark.parametrize(
    ("route", "rule"),
    [
        (with_stop(0, arrival=599), "travel"),
        (with_stop(0, travel=500), "travel"),
        (with_stop(0, start=899, end=2699), "travel"),
        (with_stop(0, end=2701), "overlap"),
        (with_stop(1, start=2600, end=3200), "overlap"),
        (with_stop(1, travel=60), "travel"),
        (with_stop(2, start=10_500, end=11_700), "break"),
        (with_stop(2, start=19_000, end=20_200), "duty"),
        (with_stop(2, start=21_000, end=22_200), "duty"),
        (with_stop(2, arrival=3599), "travel"),
        (dataclasses.replace(PLAN, breaks=((19_000, 20_800),)), "break"),
        (dataclasses.replace(PLAN, breaks=((3300, 5100),)), "break"),
        (dataclasses.replace(PLAN, breaks=((10_000, 11_800), (12_000, 13_800))), "break"),
    ],
)
def test_a_changed_plan_breaks_a_rule(route, rule):
    assert rule in found(a_day(), route)


def test_setup_is_not_spent_again_within_a_stay():
    again = Job("again", 600, location=TOWER, setup=300)
    stops = (*STOPS[:2], Stop("again", 0, 3300, 3300, 3900))
    assert found(a_day(jobs=(SCREEN, CALL, again)), dataclasses.replace(PLAN, stops=stops)) == []


@pytest.mark.parametrize("rest", [(3300, 5100), (3400, 5200)])
def test_a_trip_takes_as_much_longer_as_the_lunch_in_the_middle(rest: Window):
    problem = with_amine(breaks=(Break(1800, rest),))
    assert found(problem, dataclasses.replace(with_stop(2, arrival=5400), breaks=(rest,))) == []
    assert "travel" in found(problem, dataclasses.replace(with_stop(2, arrival=5399), breaks=(rest,)))


def test_what_is_waived_is_reported_and_passes():
    problem = with_job(SCREEN, skills={"printer": 3}, waived=frozenset(["skill"]))
    [violation] = check(problem, Solution((PLAN,), (), price(problem, (PLAN,))))
    assert (violation.rule, violation.job, violation.waived) == ("skill", "screen", True)
    assert found(problem, PLAN) == []


def test_calls_are_no_visits_and_a_waived_visit_comes_on_top():
    assert found(with_amine(max_visits=2), PLAN) == []
    on_top = dataclasses.replace(SCREEN, waived=frozenset(["visits"]))
    problem = replace(with_amine(max_visits=1), jobs=(on_top, CALL, PRINTER))
    [violation] = check(problem, Solution((PLAN,), (), price(problem, (PLAN,))))
    assert (violation.rule, violation.job, violation.waived) == ("visits", "screen", True)
    assert found(replace(problem, technicians=(dataclasses.replace(AMINE, max_visits=0), LEA)), PLAN) == [
        "visits"
    ]


@pytest.mark.parametrize(
    ("problem", "rule"),
    [
        (with_job(SCREEN, setup=301, waived=frozenset(["travel"])), "travel"),
        (with_job(SCREEN, lock=Lock(start=901), waived=frozenset(["lock"])), "lock"),
        (a_day(jobs=(SCREEN, CALL, dataclasses.replace(PRINTER, waived=frozenset(["shift"]))),
               technicians=(dataclasses.replace(AMINE, shift=(0, 15_100), duties=()), LEA)), "shift"),
    ],
)  # fmt: skip
def test_what_nobody_can_give_cannot_be_waived(problem, rule):
    assert rule in found(problem, PLAN)


@pytest.mark.parametrize(
    ("solution", "detail"),
    [
        (
            Solution((dataclasses.replace(PLAN, stops=STOPS[:2]),)),
            "the job is neither on a route nor unassigned",
        ),
        (Solution((PLAN,), (Unassigned("call", "outbid"),)), "the job appears 2 times"),
        (Solution((PLAN,), (Unassigned("ghost", "outbid"),)), "the problem has no such job"),
        (Solution((PLAN, Route("ghost"))), "the problem has no such technician"),
        (Solution((PLAN,)), "objective.travel is 0, it should be 1800"),
        (
            Solution((PLAN,), (), price(a_day(), (PLAN,)), stated_total=1),
            "objective.total is 1, its parts make 4200",
        ),
    ],
)
def test_a_plan_that_does_not_add_up_fails(solution, detail):
    assert detail in [violation.detail for violation in failures(a_day(), solution)]


def test_one_technician_has_one_route_a_day():
    rest = Route("amine/mon", STOPS[2:])
    assert "overlap" in found(a_day(), dataclasses.replace(PLAN, stops=STOPS[:2]), rest)
