"""A territory that is too large for one search: `python -m benchmarks.large [--seconds 0.06 | --moves 200] [--processes 1]`.

The same kind of day with 100 technicians and with 500, and as many seconds per job: whether the cost per job stays flat, and
how much memory that takes with the reading of the problem. Each is solved by the command that a worker starts. With as many
moves per job instead of seconds the costs are the same on every machine, however busy it is.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.days import region_day
from benchmarks.machine import machine
from benchmarks.memory import processor_load, watched
from benchmarks.variants import possible, prioritised, with_lunch
from dispatch.routing.check import failures
from dispatch.routing.codec import problem_to_json, solution_from_json
from dispatch.routing.problem import Problem
from dispatch.routing.search import engine
from dispatch.routing.search.cooling import ROUND

COLUMN = "{:>6} {:>6} {:>7} {:>8} {:>8} {:>8} {:>7} {:>8} {:>6} {:>6}"
HEADINGS = ("jobs", "techs", "places", "s", "cpu s", "reading", "served", "per job", "MB", "load")


def main() -> int:
    """Prints a line per size; 1 when a plan breaks a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--technicians", type=int, nargs="+", default=[100, 500], help="ten jobs each")
    parser.add_argument("--seconds", type=float, default=0.06, help="of search, per job")
    parser.add_argument("--moves", type=int, help="of search, per job, instead of seconds")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lunch", action="store_true")
    options = parser.parse_args()
    engine.prepare()
    print(f"{machine()}; {options.processes} processes; cost per job in minutes of travel")
    print(COLUMN.format(*HEADINGS))
    return max(_measured(size, options) for size in options.technicians)


def _measured(technicians: int, options: argparse.Namespace) -> int:
    problem = possible(prioritised(region_day(options.seed, technicians, 10 * technicians), options.seed))
    if options.lunch:
        problem = with_lunch(problem)
    jobs = len(problem.jobs)
    with tempfile.TemporaryDirectory(prefix="dispatch-large-") as folder:
        task = Path(folder) / "problem.json"
        task.write_text(json.dumps(problem_to_json(problem)))
        command = [sys.executable, "-m", "dispatch.routing", "solve", str(task), "--seed", str(options.seed),
                   "--processes", str(options.processes)]  # fmt: skip
        if options.moves is None:
            command += ["--seconds", str(round(options.seconds * jobs))]
        else:
            command += ["--iterations", str(options.moves * jobs // ROUND)]
        began, worked = time.monotonic(), _processor_seconds()
        answer, megabytes = watched(command, {})
        whole, worked = time.monotonic() - began, _processor_seconds() - worked
    return _told(problem, json.loads(answer), whole, worked, megabytes)


def _told(problem: Problem, answer: dict[str, object], whole: float, worked: float, megabytes: int) -> int:
    solution = solution_from_json(answer)
    jobs = len(problem.jobs)
    print(COLUMN.format(
        jobs, len(problem.technicians), len(problem.locations), f"{solution.seconds:.1f}", f"{worked:.1f}",
        f"{whole - solution.seconds:.1f}", jobs - len(solution.unassigned),
        f"{solution.objective.total / 60 / jobs:.3f}", megabytes, f"{processor_load():.1f}",
    ), flush=True)  # fmt: skip
    return 1 if failures(problem, solution) else 0


def _processor_seconds() -> float:
    """Of all children that have ended, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
