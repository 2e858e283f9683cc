"""`python -m dispatch.routing`, as the background worker and the curious run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dispatch.routing.codec import problem_to_json
from dispatch.routing.problem import Problem
from tests.routing.generate import random_problem

COMMAND = [sys.executable, "-m", "dispatch.routing"]
PROBLEM = random_problem(1, technicians=4, jobs=20)


def run(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], input=given, capture_output=True, text=True, check=False
    )


def saved(problem: Problem, folder: Path) -> Path:
    path = folder / "problem.json"
    path.write_text(json.dumps(problem_to_json(problem)))
    return path


@pytest.fixture
def day(tmp_path: Path) -> Path:
    return saved(PROBLEM, tmp_path)


@pytest.fixture
def plan(day: Path) -> dict[str, Any]:
    solution: dict[str, Any] = json.loads(run("solve", day, "--iterations", "1").stdout)
    return solution


def test_a_plan_is_printed_with_progress_beside_it_and_the_check_is_content(
    day: Path, tmp_path: Path
) -> None:
    solved = run("solve", day, "--seconds", "1", "--seed", "3")
    ready, *told = [json.loads(line) for line in solved.stderr.splitlines()]
    assert ready == {"prepared": True}
    solution = tmp_path / "solution.json"
    solution.write_text(solved.stdout)
    checked = run("check", day, solution)
    assert solved.returncode == 0
    assert [set(line) for line in told] == [{"seconds", "cost", "served"}] * len(told)
    assert told[-1]["cost"] == json.loads(solved.stdout)["objective"]["total"]
    assert (checked.returncode, checked.stderr) == (0, "")
    assert all(line.endswith("(waived)") for line in checked.stdout.splitlines())


def test_the_problem_may_come_on_standard_input(day: Path) -> None:
    solved = run("solve", "-", "--iterations", "1", given=day.read_text())
    assert solved.returncode == 0
    assert json.loads(solved.stdout)["engine"] == "hybrid"


def test_a_plan_in_use_is_gone_on_from(day: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    live = tmp_path / "live.json"
    live.write_text(json.dumps(plan))
    solved = run("solve", day, "--iterations", "1", "--engine", "search", "--start", live)
    assert solved.returncode == 0
    assert json.loads(solved.stderr.splitlines()[1])["cost"] == plan["objective"]["total"]
    assert json.loads(solved.stdout)["objective"]["total"] <= plan["objective"]["total"]


def test_the_check_names_each_broken_rule(day: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    stop = next(route for route in plan["routes"] if route["stops"])["stops"][0]
    stop["start"] -= 7200
    stop["end"] -= 7200
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(plan))
    checked = run("check", day, broken)
    assert checked.returncode == 1
    assert any(stop["job"] in line for line in checked.stdout.splitlines())


def test_a_job_that_was_forgotten_is_noticed(day: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    forgotten = next(route for route in plan["routes"] if route["stops"])["stops"].pop()
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(plan))
    checked = run("check", day, broken)
    assert checked.returncode == 1
    assert f"{forgotten['job']}: the job is neither on a route nor unassigned" in checked.stdout


def test_what_one_plan_changes_of_another_is_told_in_sentences(
    day: Path, plan: dict[str, Any], tmp_path: Path
) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(json.dumps(plan))
    stop = next(route for route in plan["routes"] if route["stops"])["stops"].pop()
    after.write_text(json.dumps(plan))
    told, values = run("diff", day, before, after), run("diff", day, before, after, "--json")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[0].startswith("the plan costs ")
    assert any(line.startswith(f"{stop['job']} leaves ") for line in told.stdout.splitlines())
    assert [(one["job"], one["kind"]) for one in json.loads(values.stdout)["jobs"]] == [(stop["job"], "left")]
    assert run("diff", day, before, before).stdout == "the two plans say the same\n"


def test_plans_of_another_problem_are_not_compared(day: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    plan["routes"][0]["technician"] = "somebody else"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(plan))
    refused = run("diff", day, other, other)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "the plan before: technician somebody else is not in the problem" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "given", "sentence"),
    [
        (["solve", "-"], "{", "this is not JSON"),
        (["solve", "-"], '{"jbos": []}', "unknown field jbos"),
        (["solve", "nowhere.json"], "", "nowhere.json"),
        (["solve", "-", "--engine", "genetic"], "{}", "no engine genetic, only hybrid, search, ortools"),
        (["solve", "-", "--seconds", "-1"], "{}", "seconds must not be negative"),
        (["solve", "-", "--processes", "0"], "{}", "processes must be at least 1"),
        (["check", "-", "nowhere.json"], "{}", "nowhere.json"),
        (["solve", "-", "--seconds", "soon"], "{}", "invalid float value: 'soon'"),
    ],
)
def test_what_cannot_be_used_is_answered_with_a_sentence(
    arguments: list[str], given: str, sentence: str
) -> None:
    refused = run(*arguments, given=given)
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_prints_the_best_plan_so_far(name: signal.Signals, day: Path, tmp_path: Path) -> None:
    command = [*COMMAND, "solve", str(day), "--seconds", "3600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        child.stderr.readline()  # the greedy plan is there
        child.send_signal(name)
        printed, _ = child.communicate(timeout=60)
    solution = tmp_path / "solution.json"
    solution.write_text(printed)
    assert child.returncode == 0
    assert run("check", day, solution).returncode == 0
