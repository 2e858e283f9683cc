"""One measured run in a process of its own: `python -m benchmarks.one INSTANCE SOLVER SECONDS SEED [CORE]`.

Pinned to one core, one thread; the last line of standard output is the result as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from benchmarks.instances import build
from benchmarks.judge import judged
from benchmarks.solvers.registry import solver


def main(arguments: list[str]) -> None:
    """Solves, judges, prints."""
    instance, name, seconds, seed, *core = arguments
    if core:
        os.sched_setaffinity(0, {int(core[0])})
    problem = build(instance)
    run = solver(name)
    began, worked = time.monotonic(), _processor_seconds()
    found = run(problem, float(seconds), int(seed))
    share = (_processor_seconds() - worked) / (time.monotonic() - began)
    memory = _peak_megabytes()
    verdict = judged(problem, found.sequences)
    result = {
        "jobs": len(problem.jobs), "technicians": len(problem.technicians),
        "cost": verdict.cost, "travel": verdict.solution.objective.travel, "served": verdict.served,
        "dropped": verdict.dropped, "broken": verdict.broken,
        "spent": round(found.seconds, 3), "megabytes": memory, "core_share": round(share, 3), "curve": found.curve,
    }  # fmt: skip
    print(json.dumps(result))


def _processor_seconds() -> float:
    """Spent by this process and its ended children: less than a whole core when others were at work on it too."""
    return sum(os.times()[:4])


def _peak_megabytes() -> int:
    """The most memory that this process ever held (`ru_maxrss` would begin with that of the parent)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(sys.argv[1:])
