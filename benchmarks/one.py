"""One measured run in a process of its own: `python -m benchmarks.one INSTANCE SOLVER SECONDS SEED [CORE]`.

Pinned to one core, one thread; the last line of standard output is the result as JSON.
"""

from __future__ import annotations

import json
import os
import sys
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
    found = solver(name)(problem, float(seconds), int(seed))
    memory = _peak_megabytes()
    verdict = judged(problem, found.sequences)
    result = {
        "jobs": len(problem.jobs), "technicians": len(problem.technicians),
        "cost": verdict.cost, "travel": verdict.solution.objective.travel, "served": verdict.served,
        "dropped": verdict.dropped, "broken": verdict.broken,
        "spent": round(found.seconds, 3), "megabytes": memory, "curve": found.curve,
    }  # fmt: skip
    print(json.dumps(result))


def _peak_megabytes() -> int:
    """The most memory that this process ever held (`ru_maxrss` would begin with that of the parent)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(sys.argv[1:])
