"""Published instances of the technician routing problem, with skills, tools and parts, break no rule."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from benchmarks.trsp import folder, instances, read
from dispatch.routing.check import failures
from dispatch.routing.limits import Limits
from dispatch.routing.problem import Problem, Technician
from dispatch.routing.solve import solve
from tests.routing.generate import random_problem

PATHS = instances(folder())
needs_data = pytest.mark.skipif(
    not PATHS,
    reason=f"no TRSP instance under {folder()} (set DISPATCH_DATA): only generated days of that shape were solved",
)

SMALL = """\
    Small

    INFO
    CREW COUNT  SKILLS  TOOLS   SPARE PARTS
    1           2       1       2

    DEPOT TECHNICIANS AND REQUESTS
    ID   X     Y     TWS    TWE    Serv   SKILLS   TOOLS    SPARE PARTS
    0    0     0     0      100    0      []       []       []
    1    0     3     0      100    0      [0,1]    [0]      [2,0]
    2    4     0     10     20     5.5    [1]      [0]      [1,0]
    """


def shaped_like_trsp(seed: int) -> Problem:
    return random_problem(seed, technicians=25, jobs=100)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


def test_an_instance_becomes_a_problem_in_seconds(tmp_path: Path) -> None:
    problem = read(written(tmp_path / "crew25" / "small.txt", SMALL))
    (technician,), (job,) = problem.technicians, problem.jobs
    assert technician == Technician(
        "T1",
        (0, 6000),
        start=1,
        end=1,
        skills={"skill0": 1, "skill1": 1},
        tools=frozenset({"tool0"}),
        parts={"part0": 2},
    )
    assert (job.id, job.location, job.duration, job.windows) == ("R2", 2, 330, ((600, 1200),))
    assert (job.skills, job.tools, job.parts) == ({"skill1": 1}, {"tool0"}, {"part0": 1})
    assert problem.travel["van"][1][2] == 300


def test_a_matrix_of_travel_times_is_read_where_there_is_one(tmp_path: Path) -> None:
    times = "DISTANCES\n0;9;9;9;\n1;9;9;9;\n2;9;9;9;\nTRAVEL TIMES\n0;0;1;2.5;0;\n1;1;0;4;0;\n2;2.5;4;0;0;\n3;0;0;0;0;\n"
    problem = read(written(tmp_path / "real_days" / "small.txt", textwrap.dedent(SMALL) + times))
    assert problem.travel["van"] == [[0, 60, 150], [60, 0, 240], [150, 240, 0]]


def test_a_request_that_appears_during_the_day_is_released_then(tmp_path: Path) -> None:
    written(tmp_path / "crew25" / "small.txt", SMALL)
    released = written(
        tmp_path / "crew25_release_times" / "small_rd_30.txt", "# 1\nDyn Stat\n1 0\nID    RD\n2     7\n"
    )
    assert read(released).jobs[0].release == 420
    released.write_text("ID    RD\n2     -1\n")
    assert read(released).jobs[0].release is None


@pytest.mark.parametrize("seed", [1, 2])
def test_a_generated_day_of_that_shape_breaks_no_rule(seed: int) -> None:
    problem = shaped_like_trsp(seed)
    assert failures(problem, solve(problem, Limits(seconds=2), seed)) == ()


@needs_data
def test_every_instance_is_read_whole() -> None:
    problems = [read(path) for path in PATHS]
    assert {len(problem.jobs) for problem in problems[:56]} == {100}
    assert all(problem.technicians and problem.jobs for problem in problems)
