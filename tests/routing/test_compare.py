"""Two plans of one problem: what moved, who gains or loses, which promised times change."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.check import OF_A_DAY
from dispatch.routing.compare import Comparison, DayChange, JobChange, PromiseChange, compare
from dispatch.routing.problem import Costs, Job, Location, Problem, ProblemError, Technician
from dispatch.routing.recount import recounted, to_json
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Route
from tests.routing.strategies import problems

MINUTE, HOUR = 60, 3600
HQ, TOWER = 0, 1
SCREEN = Job("screen", HOUR, location=TOWER, promised=(HOUR, 2 * HOUR), penalty=9000)
MOUSE = Job("mouse", HOUR, location=HQ, due=2 * HOUR, lateness_cost=2)
CALL = Job("call", 30 * MINUTE, mode="remote")


def problem(*jobs: Job) -> Problem:
    crew = (Technician("amine", (0, 2 * HOUR), end=HQ), Technician("lea", (0, 8 * HOUR), end=HQ))
    travel = [[0, 10 * MINUTE], [10 * MINUTE, 0]]
    costs = Costs(overtime=3, max_overtime=2 * HOUR, promise=1000)
    return Problem((Location("hq"), Location("tower")), crew, jobs, {"walk": travel}, costs)


def plan(of: Problem, **orders: list[str]) -> list[Route]:
    return [time_route(of, one, orders.get(one.id, [])).route for one in of.technicians]


def test_who_takes_work_over_and_who_gives_it_up() -> None:
    of = problem(SCREEN, MOUSE, CALL)
    found = compare(of, plan(of, lea=["screen"], amine=["mouse"]), plan(of, amine=["mouse", "screen"]))
    amine, lea = found.days
    assert (amine.technician, amine.came, amine.gone) == ("amine", ("screen",), ())
    assert {name: amine.more(name) for name in ("jobs", "travel", "work", "lateness", "overtime")} == {
        "jobs": 1, "travel": 20 * MINUTE, "work": HOUR, "lateness": 0, "overtime": 20 * MINUTE,
    }  # fmt: skip
    assert (amine.before.end, amine.after.end) == (HOUR, 2 * HOUR + 20 * MINUTE)
    assert (lea.gone, lea.more("work"), lea.before.end, lea.after.end) == (
        ("screen",), -HOUR, HOUR + 10 * MINUTE + HOUR, None,
    )  # fmt: skip
    assert [(one.job, one.kind, one.later) for one in found.jobs] == [("screen", "moved", 10 * MINUTE)]
    assert found.after.total - found.before.total == 3 * 20 * MINUTE


def test_every_job_that_left_moved_came_or_begins_at_another_time_is_named() -> None:
    of = problem(SCREEN, MOUSE, CALL, Job("new", HOUR, mode="remote"))
    before = plan(of, amine=["call", "mouse"], lea=["screen"])
    found = compare(of, before, plan(of, amine=["mouse"], lea=["call", "new"]))
    kinds = [(one.kind, one.job, one.later) for one in found.jobs]
    assert kinds == [
        ("left", "screen", 0), ("moved", "call", 0), ("retimed", "mouse", -30 * MINUTE), ("came", "new", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "kind", "outside"),
    [
        (["screen"], ["call", "mouse", "call2", "screen"], "broken", (0, 10 * MINUTE)),
        (["call", "mouse", "call2", "screen"], ["screen"], "mended", (10 * MINUTE, 0)),
        (["screen"], ["mouse", "screen"], "kept", (0, 0)),
        (["screen"], [], "broken", (0, None)),
        ([], ["call", "mouse", "call2", "screen"], "missed", (None, 10 * MINUTE)),
        ([], ["screen"], "mended", (None, 0)),
    ],
)
def test_a_promise_is_broken_missed_mended_or_kept(
    before: list[str], after: list[str], kind: str, outside: tuple[int | None, int | None]
) -> None:
    of = problem(SCREEN, MOUSE, CALL, dataclasses.replace(CALL, id="call2"))
    [found] = compare(of, plan(of, lea=before), plan(of, lea=after)).promises
    assert (found.job, found.kind, (found.outside_before, found.outside_after)) == ("screen", kind, outside)


def test_too_early_is_outside_as_well() -> None:
    assert PromiseChange("J", (100, 200), 70, 230).outside_before == -30
    assert PromiseChange("J", (100, 200), 70, 230).outside_after == 30


def test_what_hurts_first_comes_first() -> None:
    others = [dataclasses.replace(SCREEN, id=name, promised=(0, HOUR)) for name in ("late", "later", "lost")]
    of = problem(SCREEN, *others, MOUSE)
    before = plan(of, amine=["late"], lea=["lost", "later", "mouse"])
    after = plan(of, amine=["late"], lea=["mouse", "screen", "later"])
    found = compare(of, before, after)
    assert [(one.job, one.kind) for one in found.promises] == [
        ("lost", "broken"), ("later", "missed"), ("screen", "mended"),
    ]  # fmt: skip
    assert [day.technician for day in found.days] == ["lea"]
    both_change = compare(of, plan(of, lea=["mouse", "screen"]), plan(of, lea=["mouse"], amine=["screen"]))
    assert [day.technician for day in both_change.days] == ["amine", "lea"]


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        ({"amine": ["call"], "lea": ["call"]}, "the plan after: job call is there 2 times"),
        ({"amine": ["unknown"]}, "the plan after: job unknown is not in the problem"),
    ],
)
def test_a_plan_that_is_none_is_refused(orders: dict[str, list[str]], message: str) -> None:
    known, larger = problem(CALL), problem(CALL, dataclasses.replace(CALL, id="unknown"))
    with pytest.raises(ProblemError, match=message):
        compare(known, [], plan(larger, **orders))
    with pytest.raises(ProblemError, match="the plan before: technician nobody is not in the problem"):
        compare(known, [Route("nobody")], [])


def test_the_sentences_name_what_changes() -> None:
    of = problem(SCREEN, MOUSE, CALL)
    found = compare(
        of, plan(of, amine=["mouse"], lea=["screen"]), plan(of, amine=["mouse", "call", "screen"])
    )
    amine = "gets screen and call, 1200 s more travel, 5400 s more work, 3000 s more overtime"
    assert recounted(found) == [
        "the plan costs 10200 instead of 37200 (unserved -36000, overtime +9000)",
        "screen, promised from 3600 to 7200, starts at 6000 as promised (instead of 3600)",
        f"amine: {amine}, ends at 10200 instead of ending at 3600",
        "lea: gives up screen, 1200 s less travel, 3600 s less work, has nothing to do instead of ending at 7800",
        "screen moves from lea to amine, 3600 -> 6000",
        "call goes to amine at 3600",
    ]
    assert to_json(found)["technicians"][0]["after"]["end"] == 10200


def two_plans(of: Problem, dice: Random) -> list[list[Route]]:
    """Jobs dealt out at random, some to nobody: many of these days break rules as they stand."""
    plans = []
    for _ in range(2):
        orders: dict[str, list[str]] = {one.id: [] for one in of.technicians}
        for job in dice.sample(of.jobs, len(of.jobs)):
            if dice.random() < 0.8:
                orders[dice.choice(list(orders))].append(job.id)
        plans.append([time_route(of, one, orders[one.id]).route for one in of.technicians])
    return plans


@settings(max_examples=200, deadline=None)
@given(problems(), st.integers(0, 2**32))
def test_technicians_and_penalties_add_up_to_what_the_plans_cost(of: Problem, seed: int) -> None:
    found = compare(of, *two_plans(of, Random(seed)))
    for part in OF_A_DAY:
        of_days = sum(getattr(day.after.cost, part) - getattr(day.before.cost, part) for day in found.days)
        assert of_days == getattr(found.after, part) - getattr(found.before, part), part
    penalties = {job.id: job.penalty for job in of.jobs}
    sign = {"left": 1, "came": -1}
    unserved = sum(sign.get(one.kind, 0) * penalties[one.job] for one in found.jobs)
    assert unserved == found.after.unserved - found.before.unserved
    for part, price in (("travel", of.costs.travel), ("overtime", of.costs.overtime)):
        seconds = sum(day.more(part) for day in found.days)
        assert seconds * price == getattr(found.after, part) - getattr(found.before, part)
    assert sum(day.more("jobs") for day in found.days) == sum(-sign.get(one.kind, 0) for one in found.jobs)
    assert all(day.more("jobs") == len(day.came) - len(day.gone) for day in found.days)


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 2**32))
def test_a_plan_compared_with_itself_changes_nothing(of: Problem, seed: int) -> None:
    one, _other = two_plans(of, Random(seed))
    found = compare(of, one, one)
    assert (found.jobs, found.days, found.promises) == ((), (), ())
    assert found.before == found.after
    assert recounted(found) == ["the two plans say the same"]


@settings(max_examples=200, deadline=None)
@given(problems(), st.integers(0, 2**32))
def test_the_other_way_round_is_the_mirror_image(of: Problem, seed: int) -> None:
    one, other = two_plans(of, Random(seed))
    found, back = compare(of, one, other), compare(of, other, one)
    assert (found.before, found.after) == (back.after, back.before)
    assert {*map(turned, found.jobs)} == {*back.jobs}
    assert {*map(turned, found.promises)} == {*back.promises}
    assert {*map(turned, found.days)} == {*back.days}
    assert sorted(one.later for one in found.jobs) == sorted(-one.later for one in back.jobs)
    mirrored = {"broken": "mended", "mended": "broken"}
    assert {one.job: mirrored.get(one.kind, one.kind) for one in found.promises} == kinds(back)


def turned(change: JobChange | PromiseChange | DayChange) -> JobChange | PromiseChange | DayChange:
    turn = dataclasses.replace(change, before=change.after, after=change.before)  # type: ignore[arg-type] # each is of its own kind
    return dataclasses.replace(turn, came=turn.gone, gone=turn.came) if isinstance(turn, DayChange) else turn


def kinds(found: Comparison) -> dict[str, str]:
    return {one.job: one.kind for one in found.promises}
