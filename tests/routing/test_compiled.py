"""Machine code or not, with a folder to keep it or without, alone or two at once: the search works and says the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from dispatch.routing.codec import problem_to_json
from dispatch.routing.search import compiled
from tests.routing.generate import random_problem

SEARCHED = """
from dispatch.routing.limits import Limits
from dispatch.routing.search import engine
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem
engine.ROUND = 40
solution = solve(random_problem(5, technicians=2, jobs=5), Limits(iterations=1), seed=3, engine="search")
print([[(stop.job, stop.start) for stop in route.stops] for route in solution.routes])
"""

WITHOUT_NUMBA = "import sys; sys.modules['numba'] = None\n"

REFEREED = """
from dispatch.routing.check import failures
from dispatch.routing.limits import Limits
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem
problem = random_problem(5, technicians=2, jobs=8)
solution = solve(problem, Limits(iterations=1))
print(solution.engine, len(failures(problem, solution)), sum(len(route.stops) for route in solution.routes) > 2)
"""

ONE_KERNEL = """
import numpy as np
from dispatch.routing.search import compiled, moves
dice = np.array([1], dtype=np.int64)
moves.draw(dice)
print(compiled.COMPILED, compiled._cache is not None, dice[0])
"""

NO_TEMPORARY_FOLDER = """
import tempfile
def nowhere():
    raise FileNotFoundError
tempfile.gettempdir = nowhere
"""

PREPARED = "from dispatch.routing.search import engine; engine.prepare(); print('ready')"


def started(code: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **environment}, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def told(process: subprocess.Popen[str]) -> str:
    printed, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    return printed.strip()


def test_the_plan_is_the_same_without_machine_code() -> None:
    with_it, without = started(SEARCHED), started(WITHOUT_NUMBA + SEARCHED)
    plan = told(with_it)
    assert plan.count("J") == 3
    assert told(without) == plan


def test_without_numba_the_hybrid_answers_and_says_so() -> None:
    process = started(WITHOUT_NUMBA + REFEREED)
    printed, errors = process.communicate(timeout=600)
    assert printed.strip() == "hybrid 0 True"
    assert "numba is not installed: OR-Tools searches instead" in errors


@pytest.mark.parametrize(
    ("code", "environment"),
    [
        (ONE_KERNEL, {"NUMBA_CACHE_DIR": "/proc/nowhere"}),
        (ONE_KERNEL, {"NUMBA_CACHE_DIR": __file__}),
        (NO_TEMPORARY_FOLDER + ONE_KERNEL, {"NUMBA_CACHE_DIR": "", "HOME": "/proc/nowhere"}),
    ],
    ids=["a folder that cannot be made", "a file", "no home and nowhere for temporary files"],
)
def test_without_a_folder_kernels_are_compiled_anew(code: str, environment: dict[str, str]) -> None:
    assert told(started(code, **environment)) == "True False 48271"


def test_without_a_home_the_folder_for_temporary_files_is_used(tmp_path: Path) -> None:
    homeless = {"NUMBA_CACHE_DIR": "", "HOME": "/proc/nowhere", "TMPDIR": str(tmp_path)}
    assert told(started(ONE_KERNEL, **homeless)) == "True True 48271"
    assert list(tmp_path.glob("dispatch-kernels-*/**/*.nbc"))


def test_two_processes_compile_at_once_without_harm(tmp_path: Path) -> None:
    both = [started(ONE_KERNEL, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2)]
    assert [told(process) for process in both] == ["True True 48271"] * 2
    assert told(started(ONE_KERNEL, NUMBA_CACHE_DIR=str(tmp_path))) == "True True 48271"


@pytest.mark.battery
def test_two_processes_compile_everything_at_once_without_harm(tmp_path: Path) -> None:
    both = [started(PREPARED, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2)]
    assert [told(process) for process in both] == ["ready"] * 2
    assert told(started(SEARCHED, NUMBA_CACHE_DIR=str(tmp_path))) == told(started(SEARCHED))


@pytest.mark.parametrize(
    "name", ["index.py", *sorted(f"search/{path.name}" for path in compiled.HERE.glob("*.py"))]
)
def test_no_file_of_the_kernels_can_change_and_leave_old_code_in_use(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    routing = copytree(
        compiled.HERE.parent, tmp_path / "routing", ignore=lambda _, names: {"__pycache__"} & set(names)
    )
    monkeypatch.setattr(compiled, "HERE", routing / "search")
    monkeypatch.setattr(compiled.numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    before = compiled._folder()
    assert before is not None and before == compiled._folder()
    with (routing / name).open("a") as file:
        file.write("# changed\n")
    assert compiled._folder() not in (None, before)


def test_a_folder_that_others_may_write_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled.numba.config, "CACHE_DIR", str(tmp_path))
    folder = compiled._folder()
    assert folder is not None
    folder.chmod(0o777)
    assert compiled._folder() is None


def test_two_processes_make_the_same_plan(tmp_path: Path) -> None:
    problem = json.dumps(problem_to_json(random_problem(3, technicians=6, jobs=40)))
    command = [sys.executable, "-m", "dispatch.routing", "solve", "-", "--iterations", "2", "--seed", "7"]
    plans = []
    for chance in ("1", "2"):
        run = subprocess.run(
            command, input=problem, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": chance}
        )  # fmt: skip
        plans.append({**json.loads(run.stdout), "seconds": 0})
    assert plans[0] == plans[1]
