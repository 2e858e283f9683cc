"""Why a job is left out, told by rules: never a false reason, and a fix that works."""

from __future__ import annotations

import dataclasses
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings

from dispatch.routing.explain import explain, why
from dispatch.routing.insertion import greedy
from dispatch.routing.problem import NEVER_WAIVED, Break, Job, Location, Lock, Problem, Technician
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Route, Unassigned
from tests.routing.strategies import problems

HQ, TOWER = range(2)
SCREEN = Job("screen", 1800, location=TOWER, penalty=60_000)


def problem_of(*jobs: Job, shift: tuple[int, int] = (0, 28_800), **amine: Any) -> Problem:
    crew = (
        Technician("amine", shift, rights=frozenset(["admin"]), **amine),
        Technician("lea", shift, skills={"printer": 1}),
    )
    return Problem((Location("hq"), Location("tower")), crew, jobs, {"walk": [[0, 600], [600, 0]]})


def plan_of(problem: Problem, **orders: str) -> list[Route]:
    return [time_route(problem, t, orders.get(t.id, "").split()).route for t in problem.technicians]


def said(problem: Problem, job_id: str, **orders: str) -> Unassigned:
    [entry] = explain(problem, plan_of(problem, **orders), [job_id])
    return entry


def rules(entry: Unassigned) -> dict[str, str]:
    return {reason.technician: reason.rule for reason in entry.reasons}


def test_a_job_that_nobody_may_do_is_impossible_with_a_reason_per_technician():
    job = dataclasses.replace(SCREEN, skills={"printer": 1}, rights=frozenset(["admin"]))
    entry = said(problem_of(job), "screen")
    assert entry.kind == "impossible"
    assert rules(entry) == {"amine": "skill", "lea": "right"}
    assert entry.fix == "grant lea the admin right admin"
    assert entry.remedy is not None
    assert (entry.remedy.rule, entry.remedy.technician, entry.remedy.values["missing"]) == (
        "right",
        "lea",
        ["admin"],
    )


def test_a_shift_that_is_too_short_names_the_minutes_that_are_missing():
    entry = said(problem_of(SCREEN, shift=(0, 1200)), "screen")
    assert entry.kind == "impossible"
    assert entry.reasons[0].values == {"end": 2400, "limit": 1200, "over": 1200}
    assert entry.fix == "extend the shift of amine by 20 min"


def test_a_window_that_is_over_names_both_times():
    entry = said(problem_of(dataclasses.replace(SCREEN, windows=((0, 540),))), "screen")
    assert (entry.kind, rules(entry)) == ("impossible", {"amine": "window", "lea": "window"})
    assert entry.reasons[0].values == {"earliest": 600, "closes": 540}
    assert entry.remedy is not None
    assert entry.remedy.values == {"start": 600, "seconds": 60}


def test_a_job_that_somebody_could_take_right_now_was_not_found():
    entry = said(problem_of(dataclasses.replace(SCREEN, rights=frozenset(["admin"]))), "screen")
    assert (entry.kind, rules(entry)) == ("not_found", {"lea": "right"})
    assert entry.fix == "amine can take it as things stand"


def test_a_job_that_others_leave_no_room_for_is_outbid_by_the_cheapest_of_them():
    dear, cheap = (Job(name, 1500, location=HQ, penalty=price, rights=frozenset(["admin"]))
                   for name, price in (("dear", 90_000), ("cheap", 70_000)))  # fmt: skip
    job = dataclasses.replace(SCREEN, location=HQ, duration=1200, rights=frozenset(["admin"]))
    entry = said(problem_of(dear, cheap, job, shift=(0, 3600)), "screen", amine="dear cheap")
    assert (entry.kind, entry.outbid_by) == ("outbid", ("cheap",))
    assert rules(entry) == {"amine": "shift", "lea": "right"}
    assert entry.fix == "extend the shift of amine by 10 min"


def test_several_jobs_may_have_to_go():
    small = [Job(f"S{n}", 900, location=HQ, rights=frozenset(["admin"])) for n in range(4)]
    job = Job("large", 1800, location=HQ, rights=frozenset(["admin"]), penalty=40_000)
    entry = said(problem_of(*small, job, shift=(0, 3600)), "large", amine="S0 S1 S2 S3")
    assert (entry.kind, len(entry.outbid_by)) == ("outbid", 2)


def test_a_job_that_would_cost_more_than_leaving_it_says_so():
    soon = Job("soon", 600, location=HQ, due=600, lateness_cost=100, lock=Lock("amine", 600))
    job = dataclasses.replace(SCREEN, due=0, lateness_cost=50)
    entry = said(problem_of(soon, job), "screen", amine="soon")
    assert entry.kind == "outbid"
    assert {reason.rule for reason in entry.reasons} == {"overlap"}
    assert all(reason.values["added"] >= reason.values["penalty"] == 60_000 for reason in entry.reasons)


def test_a_lock_on_somebody_who_has_no_time_leaves_the_job_to_nobody_else():
    entry = said(problem_of(dataclasses.replace(SCREEN, lock=Lock("amine")), shift=(0, 1200)), "screen")
    assert (entry.kind, rules(entry)) == ("impossible", {"amine": "lock", "lea": "lock"})
    assert entry.reasons[0].values["because"] == "shift"


def test_two_locks_on_the_same_time_leave_one_job_out_with_the_other_one_named():
    jobs = [dataclasses.replace(SCREEN, id=name, lock=Lock("amine", 3600)) for name in ("first", "second")]
    entry = said(problem_of(*jobs), "second", amine="first")
    assert entry.kind == "impossible"
    assert entry.reasons[0].values == {"because": "overlap", "jobs": ["first"]}


def test_the_lock_is_what_would_have_to_go_when_somebody_else_is_free():
    blocked = dataclasses.replace(SCREEN, lock=Lock("amine"), windows=((0, 700),))
    entry = said(problem_of(blocked, breaks=(Break(3600, (0, 0)),)), "screen")
    assert entry.remedy is not None
    assert (entry.remedy.rule, entry.remedy.technician, entry.remedy.values["holder"]) == (
        "lock",
        "lea",
        "amine",
    )


def test_a_right_is_worth_granting_even_when_cheaper_work_has_to_give_way():
    lesser = Job("lesser", 1800, location=TOWER, penalty=20_000)
    urgent = dataclasses.replace(SCREEN, rights=frozenset(["network"]), skills={"printer": 1})
    entry = said(problem_of(lesser, urgent, shift=(0, 2400)), "screen", lea="lesser")
    assert entry.kind == "impossible" and entry.remedy is not None
    assert (entry.remedy.rule, entry.remedy.technician) == ("right", "lea")


def test_dearer_work_does_not_give_way_to_a_fix():
    dearer = Job("dearer", 1800, location=TOWER, penalty=90_000)
    urgent = dataclasses.replace(SCREEN, rights=frozenset(["network"]), skills={"printer": 1})
    entry = said(problem_of(dearer, urgent, shift=(0, 2400)), "screen", lea="dearer")
    assert entry.remedy is None


def test_a_planned_job_is_compared_with_the_runner_up():
    problem = problem_of(SCREEN, Job("near", 600, location=TOWER))
    routes = plan_of(problem, amine="screen near")
    reason = why(problem, routes, "near")
    assert (reason.technician, reason.runner_up, reason.difference) == ("amine", "lea", 600)
    assert reason.detail == "lea could do it too, for 600 s more"


def test_only_a_planned_job_can_be_asked_about():
    with pytest.raises(ValueError, match="screen is on no route"):
        why(problem_of(SCREEN), (), "screen")


def test_a_lock_is_named_and_the_others_are_compared_without_it():
    locked = Job("near", 600, location=TOWER, lock=Lock("amine"), current="amine")
    problem = problem_of(SCREEN, locked)
    reason = why(problem, plan_of(problem, amine="screen near"), "near")
    assert (reason.locked, reason.runner_up, reason.difference) == (True, "lea", 600)


def test_what_was_overridden_for_one_makes_no_runner_up_of_another():
    job = Job("near", 600, location=TOWER, skills={"network": 1}, waived=frozenset(["skill"]))
    problem = problem_of(SCREEN, job)
    reason = why(problem, plan_of(problem, amine="screen near"), "near")
    assert (reason.runner_up, reason.difference) == (None, None)
    assert [(one.technician, one.rule) for one in reason.others] == [("lea", "skill")]
    assert reason.waived == {"skill"}


def test_the_only_one_who_may_is_told_by_what_the_others_lack():
    problem = problem_of(SCREEN, Job("near", 600, location=TOWER, rights=frozenset(["admin"])))
    reason = why(problem, plan_of(problem, amine="screen near"), "near")
    assert [(one.technician, one.rule) for one in reason.others] == [("lea", "right")]


def test_a_runner_up_who_would_cost_less_is_told_as_such():
    problem = problem_of(SCREEN, Job("near", 600, location=TOWER, current="lea"))
    reason = why(problem, plan_of(problem, amine="screen", lea="near"), "near")
    assert (reason.technician, reason.runner_up, reason.difference) == ("lea", "amine", -600)


@settings(max_examples=120, deadline=None)
@given(problems())
def test_the_difference_is_what_the_plan_would_cost_more(problem):
    routes = greedy(problem)
    orders = {route.technician: [stop.job for stop in route.stops] for route in routes}
    person = {one.id: one.person for one in problem.technicians}
    for job in [job for job in problem.jobs if any(job.id in order for order in orders.values())]:
        found = why(problem, routes, job.id)
        lock = Lock(start=job.lock.start) if job.lock and job.lock.start is not None else None
        free, freed = changed(problem, job, waived=frozenset(), lock=lock, current=None)
        costs = {one.id: added(freed, one, orders[one.id], free) for one in problem.technicians
                 if person[one.id] != person[found.technician]}  # fmt: skip
        best = min(costs.values(), default=float("inf"))
        if found.runner_up is None:
            assert best == float("inf")
            assert {one.technician for one in found.others} == set(costs)
            continue
        _job, kept = changed(problem, job, current=None)
        holder = next(one for one in kept.technicians if one.id == found.technician)
        order = orders[holder.id]
        now, before = (
            time_route(kept, holder, ids).objective.total
            for ids in (order, [one for one in order if one != job.id])
        )
        assert costs[found.runner_up] == best
        assert found.difference == best - (now - before)


def changed(problem: Problem, job: Job, **changes: Any) -> tuple[Job, Problem]:
    other = dataclasses.replace(job, **changes)
    jobs = tuple(other if one is job else one for one in problem.jobs)
    return other, dataclasses.replace(problem, jobs=jobs)


@settings(max_examples=120, deadline=None)
@given(problems())
def test_every_kind_and_every_reason_is_true(problem):
    routes = [route for route in greedy(problem) if len(route.stops) != 1]
    served = {stop.job for route in routes for stop in route.stops}
    left = [job.id for job in problem.jobs if job.id not in served]
    for entry in explain(problem, routes, left):
        job = next(job for job in problem.jobs if job.id == entry.job)
        orders = {route.technician: [stop.job for stop in route.stops] for route in routes}
        costs = {t.id: added(problem, t, orders.get(t.id, []), job) for t in problem.technicians}
        paying = [name for name, cost in costs.items() if cost < job.penalty]
        able = [t.id for t in problem.technicians
                if costs[t.id] < float("inf") or could_alone(problem, t, orders.get(t.id, []), job)]  # fmt: skip
        assert entry.kind == ("not_found" if paying else "outbid" if able else "impossible")
        assert [reason.technician for reason in entry.reasons] == [
            t.id for t in problem.technicians if t.id not in paying
        ]
        assert_reasons_hold(problem, job, entry)
        if entry.outbid_by:
            assert room_without(problem, orders, set(entry.outbid_by), job)


def added(problem: Problem, technician: Technician, order: list[str], job: Job) -> float:
    """The least that the job adds to this route, infinite when he may not or cannot."""
    if broken_rules(problem, technician, job, order):
        return float("inf")
    trials = [
        time_route(problem, technician, [*order[:n], job.id, *order[n:]]) for n in range(len(order) + 1)
    ]
    before = time_route(problem, technician, order).objective.total
    return min((trial.objective.total - before for trial in trials if not trial.broken), default=float("inf"))


def could_alone(problem: Problem, technician: Technician, order: list[str], job: Job) -> bool:
    locked = [one.id for one in problem.jobs if one.id in order and one.lock] if job.lock else []
    orders = (
        [*before[:n], job.id, *before[n:]] for before in permutations(locked) for n in range(len(before) + 1)
    )
    fits = any(not time_route(problem, technician, one).broken for one in orders)
    return (
        fits
        and not broken_rules(problem, technician, job, locked)
        and not time_route(problem, technician, [job.id]).broken
    )


def assert_reasons_hold(problem: Problem, job: Job, entry: Unassigned) -> None:
    for reason in entry.reasons:
        technician = next(t for t in problem.technicians if t.id == reason.technician)
        person = [broken.rule for broken in broken_rules(problem, technician, job)]
        alone = [violation.rule for violation in time_route(problem, technician, [job.id]).broken]
        if person:
            assert reason.rule == person[0]
        elif "added" in reason.values:
            assert reason.values["added"] >= reason.values["penalty"] == job.penalty
        elif alone:
            locked = job.lock and reason.rule == "lock" and reason.values["because"] in NEVER_WAIVED
            assert reason.rule in alone or locked


def room_without(problem: Problem, orders: dict[str, list[str]], gone: set[str], job: Job) -> bool:
    return any(
        gone <= set(order)
        and added(problem, technician, [one for one in order if one not in gone], job) < job.penalty
        for technician in problem.technicians
        if (order := orders.get(technician.id, []))
    )
