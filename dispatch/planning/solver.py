"""The solver as a child process: its own interpreter, its own memory, ended whenever that is needed."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from dispatch.routing.check import price
from dispatch.routing.codec import problem_to_json, solution_from_json
from dispatch.routing.explain import explain
from dispatch.routing.plan import grown, unserved
from dispatch.routing.problem import Problem
from dispatch.routing.solution import Route, Solution, Unassigned

BEAT_SECONDS = 1.0
GRACE_SECONDS = 15
PREPARING_SECONDS = 300  # the first solve of an installation compiles its search
NICENESS = 10  # pages come first where cores are few
MANY_LEFT = 60  # the numbers of busy routes take too long beyond that many jobs
EXPLAINED_AT_ONCE = 10
log = logging.getLogger(__name__)


class Cancelled(Exception):
    """The run was cancelled, or another worker has it."""


class Beat(Protocol):
    def __call__(self, **said: Any) -> None: ...


def solve(
    problem: Problem, seconds: int, seed: int, beat: Beat, memory_mb: int = 1500, processes: int = 1
) -> Solution:
    """A checked plan from a child process; a plain greedy one when the child dies or exceeds `memory_mb`.

    The child may search with several `processes`; their memory counts together.
    """
    with tempfile.TemporaryDirectory(prefix="dispatch-run-") as folder:
        task = Path(folder) / "problem.json"
        task.write_text(json.dumps(problem_to_json(problem)))
        with _child(task, seconds, seed, processes) as child:
            progress = _Progress(child, seconds)
            _attend(child, progress, beat, memory_mb * 1024 * 1024)
            output = (Path(folder) / "solution.json").read_text()
    if child.returncode == 0 and output:
        return solution_from_json(json.loads(output))
    log.warning(
        "the solver ended with %s; a greedy plan takes its place: %s", child.returncode, progress.last_words
    )
    return fallback(problem, beat)


def _unheard(**_said: Any) -> None:
    """The beat of a plan that nobody waits for."""


def fallback(problem: Problem, beat: Beat = _unheard) -> Solution:
    """A legal plan without any solver; `beat` is called between batches, so that it counts as alive."""

    def alive() -> bool:
        beat()
        return False

    routes = grown(problem, (), over=alive).routes
    return Solution(routes, _explained(problem, routes, beat), price(problem, routes), engine="greedy")


def _explained(problem: Problem, routes: tuple[Route, ...], beat: Beat) -> tuple[Unassigned, ...]:
    left = unserved(problem, routes)
    told: list[Unassigned] = []
    for first in range(0, len(left), EXPLAINED_AT_ONCE):
        beat()
        batch = left[first : first + EXPLAINED_AT_ONCE]
        told += explain(problem, routes, batch, time_spent_ok=len(left) <= MANY_LEFT)
    return tuple(told)


@contextlib.contextmanager
def _child(task: Path, seconds: int, seed: int, processes: int) -> Iterator[subprocess.Popen[str]]:
    """The child in a group of its own; whatever happens, the whole group is gone at the end."""
    command = [
        sys.executable,
        "-m",
        "dispatch.routing",
        "solve",
        str(task),
        "--seconds",
        str(seconds),
        "--seed",
        str(seed),
        "--processes",
        str(processes),
    ]
    with (task.parent / "solution.json").open("w") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                 cwd=Path(__file__).parents[2])  # fmt: skip
    os.setpriority(os.PRIO_PROCESS, child.pid, os.nice(0) + NICENESS)
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


class _Progress:
    """Reads what the child says of its progress, one JSON line each, on a thread."""

    def __init__(self, child: subprocess.Popen[str], seconds: int) -> None:
        self.said: dict[str, Any] = {}
        self.last_words = ""
        self.began: float | None = None
        self.seconds = seconds
        self.until = time.monotonic() + PREPARING_SECONDS
        Thread(target=self._read, args=(child,), daemon=True).start()

    def _read(self, child: subprocess.Popen[str]) -> None:
        assert child.stderr is not None
        with child.stderr as lines:
            for line in lines:
                self._hear(line)

    def _hear(self, line: str) -> None:
        try:
            told = json.loads(line)
            if "prepared" in told:
                self.began = time.monotonic()
                self.until = self.began + self.seconds + GRACE_SECONDS
                return
            self.said = {"best_cost": int(told["cost"]), "served": int(told["served"])}
        except (ValueError, KeyError, TypeError):
            self.last_words = line.strip()[:300]

    def now(self) -> dict[str, Any]:
        share = 0.0 if self.began is None else (time.monotonic() - self.began) / max(1, self.seconds)
        return {"progress": round(min(0.99, share), 3), **self.said}


def _attend(child: subprocess.Popen[str], progress: _Progress, beat: Beat, limit: int) -> None:
    while child.poll() is None:
        beat(**progress.now())
        if time.monotonic() > progress.until or _memory(child.pid) > limit:
            log.warning("the solver takes too much time or memory and is ended")
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(BEAT_SECONDS)


def _memory(pid: int) -> int:
    """Bytes that a process and its children keep in memory; 0 where the system does not say.

    What several of them share counts once: a search is a fork of the process that waits for it.
    """
    total = 0
    with contextlib.suppress(OSError, ValueError):
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total = 1024 * sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:"))
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += _memory(int(child))
    return total
