"""Whatever the problem, the answer is a legal plan in bounded time, with a reason for every job left out."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
from typing import Any

import pytest

from dispatch.routing import ortools_model
from dispatch.routing.check import failures
from dispatch.routing.limits import Limits, Progress
from dispatch.routing.plan import grown
from dispatch.routing.problem import Job, Lock, ProblemError, replace
from dispatch.routing.search import engine as search
from dispatch.routing.solution import Route, Violation
from dispatch.routing.solve import ENGINES, Engine, solve
from tests.routing.generate import HOUR, random_problem

ONE_ROUND = Limits(iterations=1)


def test_six_hundred_jobs_get_a_legal_plan_within_a_second_of_search() -> None:
    problem = random_problem(1, technicians=45, jobs=600)
    solution = solve(problem, Limits(seconds=1))
    assert failures(problem, solution) == ()


def test_search_improves_on_the_greedy_plan() -> None:
    problem = random_problem(1, technicians=8, jobs=50)
    assert solve(problem, Limits(iterations=2)).objective.total < grown(problem, ()).cost


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = random_problem(3, technicians=6, jobs=40)
    one, other = (solve(problem, Limits(iterations=3), seed=7) for _ in range(2))
    assert dataclasses.replace(one, seconds=0) == dataclasses.replace(other, seconds=0)


def test_progress_tells_of_ever_better_plans_and_the_answer_is_the_last_one() -> None:
    problem = random_problem(1, technicians=8, jobs=50)
    told: list[Progress] = []
    solution = solve(problem, Limits(iterations=2), progress=told.append)
    assert len(told) > 1
    assert all(before.cost > after.cost for before, after in itertools.pairwise(told))
    assert told[-1].cost == solution.objective.total
    assert told[-1].served == sum(len(route.stops) for route in solution.routes)


def test_who_stops_at_once_gets_a_legal_plan() -> None:
    problem = random_problem(1, technicians=8, jobs=50)
    solution = solve(problem, Limits(seconds=3600), stop=lambda: True)
    assert failures(problem, solution) == ()


def test_who_stops_later_gets_the_best_plan_so_far() -> None:
    problem = random_problem(1, technicians=8, jobs=50)
    told: list[Progress] = []
    solution = solve(problem, Limits(seconds=3600), progress=told.append, stop=lambda: len(told) > 2)
    assert solution.objective.total == told[-1].cost


def test_a_locked_job_is_planned_before_dearer_work() -> None:
    """Two jobs want the same hour of the only technician: the lock decides, not the penalty."""
    locked = Job("locked", HOUR, location=0, penalty=1, lock=Lock("amine/mon", HOUR))
    dear = Job("dear", HOUR, location=0, penalty=10**6, windows=((HOUR, HOUR),))
    problem = replace(random_problem(1, technicians=1, jobs=0, rich=False), jobs=(dear, locked))
    solution = solve(problem, ONE_ROUND)
    assert [stop.job for route in solution.routes for stop in route.stops] == ["locked"]
    assert [(entry.job, entry.kind) for entry in solution.unassigned] == [("dear", "outbid")]


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hoard(*_: Any) -> None:
    bytearray(2_000_000_000)
    os._exit(0)  # granted: the search would look as if it had ended well


@pytest.mark.parametrize("disaster", [die, hoard])
def test_the_greedy_plan_stands_when_the_search_dies(
    disaster: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ortools_model, "run", disaster)
    problem = random_problem(1, technicians=8, jobs=50)
    solution = solve(problem, ONE_ROUND, engine="ortools")
    assert failures(problem, solution) == ()
    assert solution.objective.total == grown(problem, ()).cost
    assert "died" in caplog.text


def test_a_plan_that_the_checker_refuses_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is wrong about a route loses that route, and its jobs are inserted again."""
    problem = random_problem(2, technicians=3, jobs=8)

    def wrong(*_: Any) -> Any:
        first = grown(problem, ())
        late = tuple(_shifted(route) for route in first.routes)
        yield dataclasses.replace(first, routes=late, cost=0)

    monkeypatch.setitem(ENGINES, "wrong", Engine(search.first, wrong))
    solution = solve(problem, ONE_ROUND, engine="wrong")
    assert failures(problem, solution) == ()
    assert any(route.stops for route in solution.routes)


def test_what_the_checker_refuses_twice_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_problem(2, technicians=3, jobs=8)
    harsh = [Violation("travel", problem.technicians[0].id, None, "refused whatever he does")]
    monkeypatch.setattr("dispatch.routing.solve.failures", lambda *_: tuple(harsh))
    solution = solve(problem, ONE_ROUND)
    assert failures(problem, solution) == ()
    assert solution.routes[0].stops == ()


def _shifted(route: Route) -> Route:
    stops = tuple(dataclasses.replace(stop, start=stop.start + 5, end=stop.end + 1) for stop in route.stops)
    return dataclasses.replace(route, stops=stops)


def test_an_unknown_engine_is_refused_by_name() -> None:
    with pytest.raises(ProblemError, match="no engine genetic, only hybrid, search, ortools"):
        solve(random_problem(1), ONE_ROUND, engine="genetic")


@pytest.mark.parametrize("limits", [{}, {"seconds": -1}, {"iterations": -1}])
def test_a_search_without_a_sensible_limit_is_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="limits"):
        Limits(**limits)
