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
from dispatch.routing.plan import grown, plan_of
from dispatch.routing.problem import Job, Lock, Problem, ProblemError, replace
from dispatch.routing.schedule import time_route
from dispatch.routing.search import engine as search
from dispatch.routing.solution import Route, Solution, Unassigned, Violation
from dispatch.routing.solve import ENGINES, Engine, solve
from tests.routing.generate import random_problem

ONE_ROUND = Limits(iterations=1)
HOUR = 3600


def must_be_right(problem: Problem, solution: Solution) -> None:
    """No rule broken, every job once, locks kept, and `impossible` said of the impossible alone."""
    assert failures(problem, solution) == ()
    planned = {stop.job: (route.technician, stop.start) for route in solution.routes for stop in route.stops}
    left = {entry.job: entry for entry in solution.unassigned}
    assert planned.keys() | left.keys() == {job.id for job in problem.jobs}
    for job in problem.jobs:
        if job.lock and job.id in planned:
            technician, start = planned[job.id]
            assert job.lock.technician in (None, technician)
            assert job.lock.start in (None, start)
        if job.id in left and not job.lock:
            assert (left[job.id].kind == "impossible") == (not somebody_could(problem, job.id))


def somebody_could(problem: Problem, job_id: str) -> bool:
    """Whether the checker accepts the job alone on some day: its own answer, not the explanation's."""
    others = tuple(Unassigned(job.id, "outbid") for job in problem.jobs if job.id != job_id)
    for technician in problem.technicians:
        route = time_route(problem, technician, [job_id]).route
        priced = plan_of(problem, [route])
        lone = Solution(priced.routes, others)
        if not [found for found in failures(problem, lone) if found.rule != "plan"]:
            return True
    return False


@pytest.mark.parametrize("engine", ["hybrid", "ortools"])
@pytest.mark.parametrize("dozen", range(20))
def test_two_hundred_random_days_break_no_rule_and_tell_no_lie(dozen: int, engine: str) -> None:
    for seed in range(10 * dozen, 10 * dozen + 10):
        problem = random_problem(seed, technicians=1 + seed % 4, jobs=2 + seed % 9)
        must_be_right(problem, solve(problem, ONE_ROUND, seed, engine))


DEGENERATE = {
    "nobody works": replace(random_problem(1), technicians=(), frozen=(), jobs=(Job("J", 900, location=0),)),
    "nothing to do": replace(random_problem(2), jobs=()),
    "nobody and nothing": replace(random_problem(3), technicians=(), frozen=(), jobs=()),
    "nobody has the skill": replace(random_problem(4), jobs=(Job("J", 900, location=0, skills={"juggling": 9}),)),
    "the window is past": replace(random_problem(5), jobs=(Job("J", 900, location=0, windows=((0, 0),)),)),
    "the window is before the horizon": replace(
        random_problem(5), jobs=(Job("J", 900, location=0, windows=((-7200, -3600),)),)
    ),
    "all at one place": replace(
        random_problem(6), travel={"car": [[0] * 4] * 4, "walk": [[0] * 4] * 4}
    ),
    "work longer than the day": replace(random_problem(7), jobs=(Job("J", 100 * HOUR, location=0),)),
    "no place can be reached": replace(
        random_problem(8), travel={name: [[-1] * 4] * 4 for name in ("car", "walk")}
    ),
    "work that takes no time": replace(random_problem(9), jobs=(Job("J", 0, location=0), Job("K", 0, location=0))),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["hybrid", "ortools"])
@pytest.mark.parametrize("problem", DEGENERATE.values(), ids=DEGENERATE)
def test_a_degenerate_day_has_a_plan_and_reasons_too(problem: Problem, engine: str) -> None:
    must_be_right(problem, solve(problem, ONE_ROUND, engine=engine))


def test_six_hundred_jobs_get_a_legal_plan_within_a_second_of_search() -> None:
    problem = random_problem(1, technicians=45, jobs=600)
    solution = solve(problem, Limits(seconds=1))
    assert failures(problem, solution) == ()


@pytest.mark.battery
@pytest.mark.parametrize(
    ("seconds", "technicians", "jobs"), [(0, 45, 600), (1, 45, 600), (3, 40, 400), (10, 40, 400)]
)
def test_an_answer_comes_at_most_a_second_late(seconds: float, technicians: int, jobs: int) -> None:
    problem = random_problem(2, technicians, jobs)
    solution = solve(problem, Limits(seconds=seconds))
    assert failures(problem, solution) == ()
    assert solution.seconds <= seconds + 1


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
