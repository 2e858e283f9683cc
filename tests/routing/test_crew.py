"""Searches side by side: the best counts, a death costs nothing, and nobody is left behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.routing.check import failures
from dispatch.routing.codec import problem_to_json, solution_from_json
from dispatch.routing.limits import Limits
from dispatch.routing.search import crew
from dispatch.routing.search.engine import SEEDS_APART, first
from dispatch.routing.search.tasks import News, searched
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem
from tests.servers import ROOT

PROBLEM = random_problem(2, technicians=10, jobs=90)
LARGE = random_problem(2, technicians=70, jobs=400)


def test_the_best_of_several_seeds_is_the_answer() -> None:
    alone = [solve(PROBLEM, Limits(iterations=3), seed).objective.total for seed in (7, 7 + SEEDS_APART)]
    together = [solve(PROBLEM, Limits(iterations=3, processes=2), 7) for _ in range(2)]
    assert together[0].objective.total == min(alone)
    assert together[0].routes == together[1].routes


def dying(*tasks: int) -> Any:
    """A search that is killed in the middle of these tasks."""

    def search(facts: Any, number: int, *rest: Any) -> Iterator[News]:
        for news in searched(facts, number, *rest):
            if number in tasks:
                os.kill(os.getpid(), signal.SIGKILL)
            yield news

    return search


def test_the_death_of_one_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alone = solve(PROBLEM, Limits(iterations=3), seed=7)
    monkeypatch.setattr(crew, "searched", dying(1))
    assert solve(PROBLEM, Limits(iterations=3, processes=2), seed=7).routes == alone.routes
    assert "died" in caplog.text


@pytest.mark.parametrize("problem", [PROBLEM, LARGE], ids=["whole", "in parts"])
def test_the_greedy_plan_stands_when_all_die(problem: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "searched", dying(*range(99)))
    solution = solve(problem, Limits(iterations=3, processes=2))
    assert failures(problem, solution) == ()
    assert solution.objective.total == first(problem, lambda: False).cost


def test_who_stops_gets_the_best_so_far_and_nobody_searches_on() -> None:
    told: list[int] = []
    solution = solve(
        LARGE,
        Limits(seconds=3600, processes=2),
        progress=lambda progress: told.append(progress.cost),
        stop=lambda: len(told) > 1,
    )
    assert solution.objective.total == told[-1]
    assert multiprocessing.active_children() == []


def test_sigterm_is_answered_with_the_best_plan_so_far(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        children = wait_for_children(process)
        process.terminate()
        answer, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert failures(LARGE, solution_from_json(json.loads(answer))) == ()
    assert not any(searching(child) for child in children)


def test_those_whose_parent_is_killed_end_too(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        children = wait_for_children(process)
        process.kill()
    until = time.monotonic() + 60
    while any(searching(child) for child in children) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(searching(child) for child in children)


def running(folder: Path) -> subprocess.Popen[str]:
    """`solve` with two processes and an hour's time."""
    task = folder / "problem.json"
    task.write_text(json.dumps(problem_to_json(LARGE)))
    command = [sys.executable, "-m", "dispatch.routing", "solve", str(task), "--seconds", "3600"]
    return subprocess.Popen([*command, "--processes", "2"], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def wait_for_children(process: subprocess.Popen[str]) -> list[int]:
    """The two searches, once a better plan than the first has been found."""
    assert process.stderr
    costs = 0
    while costs < 2:
        costs += "cost" in json.loads(process.stderr.readline())
    children: list[int] = []
    while len(children) < 2:
        told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        children = [int(child) for child in told.split()]
    return children


def searching(pid: int) -> bool:
    """Whether that process is alive and one of ours."""
    try:
        return b"dispatch.routing" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
