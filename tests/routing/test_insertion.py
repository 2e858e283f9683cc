"""One more job: who could take it, where, at what cost, and what would be broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from dispatch.routing import instant
from dispatch.routing.check import failures, price
from dispatch.routing.insertion import Candidate, greedy, place
from dispatch.routing.problem import Break, Costs, Duty, Job, Location, Lock, Problem, Technician
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Route, Solution, Unassigned
from dispatch.routing.standing import Standing
from tests.routing.reference import best_spot
from tests.routing.strategies import problems

HQ, TOWER, CAMPUS = range(3)
TRAVEL = [[0, 600, 900], [600, 0, 300], [900, 300, 0]]
SCREEN = Job("screen", 1800, location=TOWER)
MOUSE = Job("mouse", 600, location=CAMPUS)
CABLE = Job("cable", 600, location=TOWER, rights=frozenset(["admin"]))


def problem_of(*jobs: Job, costs: Costs | None = None, **amine: Any) -> Problem:
    crew = (
        Technician("amine", **{"shift": (0, 28_800), "rights": frozenset(["admin"]), **amine}),
        Technician("lea", (0, 28_800), start=CAMPUS),
    )
    places = tuple(Location(name) for name in ("hq", "tower", "campus"))
    return Problem(places, crew, jobs, {"walk": TRAVEL}, costs or Costs())


def plan_of(problem: Problem, **orders: str) -> list[Route]:
    return [time_route(problem, t, orders.get(t.id, "").split()).route for t in problem.technicians]


def candidates(problem: Problem, routes: Sequence[Route], job_id: str) -> list[Candidate]:
    job = next(job for job in problem.jobs if job.id == job_id)
    return instant.candidates(Standing.of(problem, routes), job)


def test_the_nearest_who_may_comes_first():
    problem = problem_of(SCREEN, MOUSE)
    first, second = candidates(problem, plan_of(problem, amine="screen"), "mouse")
    assert (first.technician, first.feasible, first.added, first.added_travel, first.start) == (
        "lea",
        True,
        0,
        0,
        0,
    )
    assert (second.technician, second.position, second.added, second.start) == ("amine", 1, 300, 2700)


def test_who_may_not_is_listed_last_with_the_rule_and_the_place_it_would_have():
    problem = problem_of(SCREEN, CABLE)
    amine, lea = candidates(problem, plan_of(problem, lea="screen"), "cable")
    assert (amine.technician, amine.feasible) == ("amine", True)
    assert not lea.feasible
    assert [reason.rule for reason in lea.broken] == ["right"]
    assert (lea.position, lea.added) == (0, 0)


def test_a_job_that_is_already_planned_is_taken_out_first():
    problem = problem_of(SCREEN, MOUSE)
    best = candidates(problem, plan_of(problem, amine="screen mouse"), "mouse")
    assert [(one.technician, one.added) for one in best] == [("lea", 0), ("amine", 300)]


def test_the_rule_of_time_is_told_at_the_least_bad_position():
    locked = Job("locked", 7200, location=HQ, lock=Lock("amine", 600))
    soon = Job("soon", 600, location=HQ, windows=((0, 1200),), excluded=frozenset(["lea"]))
    problem = problem_of(locked, soon)
    amine = next(
        one
        for one in candidates(problem, plan_of(problem, amine="locked"), "soon")
        if one.technician == "amine"
    )
    assert amine.feasible
    assert amine.start == 0
    longer = problem_of(locked, dataclasses.replace(soon, duration=601))
    amine = next(
        one
        for one in candidates(longer, plan_of(longer, amine="locked"), "soon")
        if one.technician == "amine"
    )
    assert [(reason.rule, reason.values) for reason in amine.broken] == [
        ("window", {"earliest": 7800, "closes": 1200})
    ]


def test_the_job_that_would_be_broken_is_named():
    problem = problem_of(
        Job("first", 600, location=HQ, windows=((0, 60),)),
        Job("long", 28_300, location=HQ, windows=((0, 10),)),
    )
    amine = next(
        one
        for one in candidates(problem, plan_of(problem, amine="first"), "long")
        if one.technician == "amine"
    )
    assert not amine.feasible
    assert {(reason.rule, reason.values.get("job")) for reason in amine.broken} == {
        ("window", "first"),
        ("shift", "first"),
    }


def test_moving_a_job_to_somebody_else_has_its_price():
    problem = problem_of(
        dataclasses.replace(MOUSE, current="amine", preferred={"lea": 100}), costs=Costs(move=1800)
    )
    added = {one.technician: one.added for one in candidates(problem, (), "mouse")}
    assert added == {"amine": 900, "lea": 1800 - 100}


def test_a_late_end_is_told():
    problem = problem_of(dataclasses.replace(SCREEN, due=2000))
    assert {one.technician: one.lateness for one in candidates(problem, (), "screen")} == {
        "amine": 400,
        "lea": 100,
    }


def test_a_job_is_placed_where_it_costs_least_or_near_the_wanted_start():
    jobs = (
        SCREEN,
        dataclasses.replace(SCREEN, id="other", windows=((9000, 28_000),)),
        Job("new", 600, location=TOWER),
    )
    problem = problem_of(*jobs)
    routes = plan_of(problem, amine="screen other")
    assert [stop.job for stop in place(problem, routes, "new", "amine").route.stops] == [
        "new",
        "screen",
        "other",
    ]
    assert [stop.job for stop in place(problem, routes, "new", "amine", start=11_000).route.stops] == [
        "screen",
        "other",
        "new",
    ]


def test_a_job_that_is_not_allowed_is_placed_all_the_same():
    problem = problem_of(CABLE)
    assert [stop.job for stop in place(problem, (), "cable", "lea").route.stops] == ["cable"]
    early = problem_of(Job("early", 60, location=TOWER, windows=((0, 10),)))
    assert [violation.rule for violation in place(early, (), "early", "lea").broken] == ["window"]


def test_the_dearer_job_is_planned_before_the_cheaper_one():
    shift = {"shift": (0, 3000)}
    jobs = (
        Job("cheap", 1800, location=HQ, penalty=5000, excluded=frozenset(["lea"])),
        Job("dear", 1800, location=HQ, penalty=90_000, excluded=frozenset(["lea"])),
    )
    amine, _ = greedy(problem_of(*jobs, **shift))
    assert [stop.job for stop in amine.stops] == ["dear"]


def test_what_costs_more_than_leaving_it_is_left():
    assert (
        greedy(problem_of(dataclasses.replace(SCREEN, penalty=299, excluded=frozenset(["amine"]))))[1].stops
        == ()
    )
    assert (
        len(
            greedy(problem_of(dataclasses.replace(SCREEN, penalty=301, excluded=frozenset(["amine"]))))[
                1
            ].stops
        )
        == 1
    )


def test_lunch_and_kiosk_duty_leave_room_for_what_fits_around_them():
    jobs = tuple(Job(f"J{n}", 3600, location=TOWER, excluded=frozenset(["lea"])) for n in range(8))
    problem = problem_of(
        *jobs, breaks=(Break(2700, (12_600, 16_200)),), duties=(Duty(18_000, 21_600, TOWER),)
    )
    amine, _ = greedy(problem)
    assert len(amine.stops) == 6
    assert len(amine.breaks) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_no_technicians_and_no_jobs_make_an_empty_plan(count):
    problem = Problem((Location("hq"),), (), (Job("J", 60, location=0),) * count, {"walk": [[0]]})
    assert greedy(problem) == []


@settings(max_examples=80, deadline=None)
@given(problems())
def test_a_greedy_plan_is_legal_and_its_price_is_that_of_its_insertions(problem):
    routes = greedy(problem)
    served = {stop.job for route in routes for stop in route.stops}
    left = tuple(Unassigned(job.id, "outbid") for job in problem.jobs if job.id not in served)
    assert failures(problem, Solution(tuple(routes), left, price(problem, routes))) == ()


@settings(max_examples=80, deadline=None)
@given(problems(most_jobs=4))
def test_a_candidate_is_feasible_exactly_when_some_position_is_legal_and_costs_what_it_says(problem):
    job = problem.jobs[-1]
    routes = greedy(problem)
    without = {route.technician: [stop.job for stop in route.stops if stop.job != job.id] for route in routes}
    for one in candidates(problem, routes, job.id):
        technician = next(t for t in problem.technicians if t.id == one.technician)
        ids = without[one.technician]
        base = time_route(problem, technician, ids)
        trials = [time_route(problem, technician, [*ids[:n], job.id, *ids[n:]]) for n in range(len(ids) + 1)]
        legal = [trial.objective.total for trial in trials if not trial.broken]
        may = not broken_rules(problem, technician, job, ids)
        assert base.broken or one.feasible == bool(may and legal)
        if legal and not base.broken:
            assert one.added == min(legal) - base.objective.total
            spot = best_spot(problem, technician, ids, job)
            assert spot is not None
            assert spot[1] == one.position
