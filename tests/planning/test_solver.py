"""The solver's child: what it is asked, and what its memory comes to."""

from __future__ import annotations

import subprocess
import sys

from dispatch.planning.solver import _memory, solve
from dispatch.routing.check import failures
from tests.routing.generate import random_problem

FAMILY = """
import os, sys, time
held = bytearray(os.urandom(200_000_000))
if os.fork() == 0:
    mine = bytearray(os.urandom(100_000_000))
print("ready", flush=True)
time.sleep(600)
"""


def test_memory_counts_the_children_and_once_what_they_share() -> None:
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, process_group=0) as family:
        assert family.stdout
        assert [family.stdout.readline() for _ in range(2)] == [b"ready\n"] * 2
        found = _memory(family.pid)
        subprocess.run(["kill", "--", f"-{family.pid}"], check=True)
    assert 300_000_000 < found < 350_000_000


def test_several_processes_may_search_for_one_plan() -> None:
    problem = random_problem(2, technicians=10, jobs=90)
    solution = solve(problem, 2, seed=1, beat=lambda **_: None, processes=2)
    assert failures(problem, solution) == ()
    assert solution.engine == "hybrid"


def test_searches_that_take_too_much_memory_leave_a_greedy_plan() -> None:
    problem = random_problem(2, technicians=10, jobs=90)
    solution = solve(problem, 60, seed=1, beat=lambda **_: None, memory_mb=50, processes=2)
    assert failures(problem, solution) == ()
    assert solution.engine == "greedy"
