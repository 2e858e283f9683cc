"""The referee has a word on the last plan: it finds nothing cheaper, and where labels are wrong it is believed."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import pytest

from dispatch.routing import hybrid, timing
from dispatch.routing.check import failures, price
from dispatch.routing.index import index_of
from dispatch.routing.limits import Clock, Limits, never
from dispatch.routing.plan import grown
from dispatch.routing.problem import Break, Costs, Job, Location, Problem, Technician
from dispatch.routing.referee import Ruling, order_of, ruling
from dispatch.routing.search import engine as search
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem

# Home at the end of the shift, with a lunch that can be had on the way or at home.
LUNCH_AT_HOME = Problem(
    (Location("hq"), Location("tower")),
    (Technician("amine", (0, 3000), end=0, breaks=(Break(600, (2500, 3600)),)),),
    (Job("screen", 1800, location=1),), {"walk": [[0, 600], [600, 0]]}, Costs(max_overtime=3600),
)  # fmt: skip


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger=hybrid.__name__)
    return caplog


def unlimited() -> Clock:
    return Clock(Limits(iterations=1))


def test_nothing_cheaper_is_found_where_labels_are_right(heard: pytest.LogCaptureFixture) -> None:
    for seed in range(12):
        problem = random_problem(seed, technicians=1 + seed % 4, jobs=8 + seed)
        plan = grown(problem, ())
        assert hybrid.refereed(problem, plan, unlimited(), 0) is plan
    assert heard.records == []


def test_where_labels_are_wrong_the_cheaper_times_are_used_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, heard: pytest.LogCaptureFixture
) -> None:
    """Labels that know no lunch at home, as they once were."""
    monkeypatch.setattr(timing, "_legs_home", lambda day, label, way: timing._legs(day, label, way, 0))
    assert grown(LUNCH_AT_HOME, ()).cost == 1200 + 3 * 600
    solution = solve(LUNCH_AT_HOME, Limits(iterations=1))
    assert failures(LUNCH_AT_HOME, solution) == ()
    assert solution.objective.total == 1200
    assert "CP-SAT times amine for 1200 where labels need 3000" in heard.text


def test_a_cheaper_timing_that_the_checker_refuses_is_not_used(
    monkeypatch: pytest.MonkeyPatch, heard: pytest.LogCaptureFixture
) -> None:
    def wrong(*arguments: Any) -> Ruling:
        found = ruling(*arguments)
        assert found is not None
        early = [dataclasses.replace(stop, start=stop.start - 60) for stop in found.route.stops]
        return Ruling(dataclasses.replace(found.route, stops=tuple(early)), found.cost - 1)

    monkeypatch.setattr(hybrid, "ruling", wrong)
    plan = grown(LUNCH_AT_HOME, ())
    assert hybrid.refereed(LUNCH_AT_HOME, plan, unlimited(), 0) is plan
    assert "the checker refuses it" in heard.text


def test_without_time_for_it_the_plan_stands_and_the_log_says_so(heard: pytest.LogCaptureFixture) -> None:
    plan = grown(LUNCH_AT_HOME, ())
    assert hybrid.refereed(LUNCH_AT_HOME, plan, Clock(Limits(seconds=0)), 0) is plan
    assert "no time to referee 1 of 1 technician-days" in heard.text


def test_a_whole_day_of_forty_is_refereed_to_the_same_price() -> None:
    problem = random_problem(3, technicians=40, jobs=400)
    plan = search.first(problem, never)
    index = index_of(problem)
    worked = [route for route in plan.routes if route.stops]
    found = [ruling(problem, route.technician, order_of(index, route)) for route in worked]
    routes = tuple(one.route for one in found if one is not None)
    assert len(routes) == len(worked) > 30
    assert price(problem, routes).total == plan.cost
