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
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from dispatch.routing.check import price
from dispatch.routing.codec import problem_to_json, solution_from_json, solution_to_json
from dispatch.routing.explain import explanations
from dispatch.routing.plan import taken_up, unserved
from dispatch.routing.problem import Problem
from dispatch.routing.solution import Route, Solution, Unassigned

BEAT_SECONDS = 1.0
GRACE_SECONDS = 15
PREPARING_SECONDS = 300  # the first solve of an installation compiles its search
NICENESS = 10  # pages come first where cores are few
EXPLAINED_AT_ONCE = 20
log = logging.getLogger(__name__)


class Cancelled(Exception):
    """The run was cancelled, or another worker has it."""


class Beat(Protocol):
    def __call__(self, **said: Any) -> None: ...


def solve(problem: Problem, seconds: int, seed: int, beat: Beat, memory_mb: int = 1500, processes: int = 1,
          start: Sequence[Route] = ()) -> Solution:  # fmt: skip
    """A checked plan from a child process; a plain greedy one when the child dies or exceeds `memory_mb`.

    The child may search with several `processes`; their memory counts together. With `start`, the live plan, it goes on from that: it is stable, and never dearer than what of it still holds.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dispatch-run-") as folder,
        _child(_command(Path(folder), problem, start, seconds, seed, processes), Path(folder)) as child,
    ):
        progress = _Progress(child, seconds)
        _attend(child, progress, beat, memory_mb * 1024 * 1024)
        output = (Path(folder) / "solution.json").read_text()
    if child.returncode == 0 and output:
        return solution_from_json(json.loads(output))
    log.warning(
        "the solver ended with %s; a greedy plan takes its place: %s", child.returncode, progress.last_words
    )
    return fallback(problem, beat, start)


def _unheard(**_said: Any) -> None:
    """The beat of a plan that nobody waits for."""


def fallback(problem: Problem, beat: Beat = _unheard, start: Sequence[Route] = ()) -> Solution:
    """A legal plan without any search, what still holds of `start` kept; `beat` is called between batches, so that it
    counts as alive.
    """

    def alive() -> bool:
        beat()
        return False

    routes = taken_up(problem, start, over=alive).routes
    return Solution(routes, _explained(problem, routes, beat), price(problem, routes), engine="greedy")


def _explained(problem: Problem, routes: tuple[Route, ...], beat: Beat) -> tuple[Unassigned, ...]:
    told: list[Unassigned] = []
    for entry in explanations(problem, routes, unserved(problem, routes)):
        if len(told) % EXPLAINED_AT_ONCE == 0:
            beat()
        told.append(entry)
    return tuple(told)


def _command(folder: Path, problem: Problem, start: Sequence[Route], seconds: int, seed: int,
             processes: int) -> list[str]:  # fmt: skip
    """What the child is to do, with the files that it reads."""
    task, live = folder / "problem.json", folder / "start.json"
    task.write_text(json.dumps(problem_to_json(problem)))
    command = [sys.executable, "-m", "dispatch.routing", "solve", str(task)]
    command += ["--seconds", str(seconds), "--seed", str(seed), "--processes", str(processes)]
    if not any(route.stops for route in start):
        return command
    live.write_text(json.dumps(solution_to_json(Solution(tuple(start)))))
    return [*command, "--start", str(live)]


@contextlib.contextmanager
def _child(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The child in a group of its own; whatever happens, the whole group is gone at the end."""
    with (folder / "solution.json").open("w") as output:
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
