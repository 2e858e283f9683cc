"""Solves every TRSP instance and prints a table: `python -m benchmarks.solve_trsp --seconds 5 [FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.trsp import folder, instances, read
from dispatch.routing.check import failures
from dispatch.routing.limits import Limits
from dispatch.routing.solve import solve

COLUMNS = "{:<32} {:>5} {:>6} {:>10} {:>6} {:>9} {:>6} {:>8} {:>8} {:>7}"


def main() -> int:
    """Prints a line per instance; exit code 1 when any plan breaks a rule, 2 without instances."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=folder())
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    paths = instances(options.folder)
    if not paths:
        print(f"No TRSP instance under {options.folder}. Set DISPATCH_DATA to the folder that holds trsp/.")
        return 2
    return table(paths, options.seconds, options.seed)


def table(paths: Sequence[Path], seconds: float, seed: int, say: Callable[[str], None] = print) -> int:
    """The table of these instances; 1 when any plan breaks a rule."""
    say(machine())
    say(
        COLUMNS.format(
            "instance", "techs", "jobs", "served", "", "left out:", "", "broken", "travel h", "seconds"
        )
    )
    say(COLUMNS.format("", "", "", "", "imposs.", "outbid", "n.f.", "rules", "", ""))
    broken = 0
    for path in paths:
        problem = read(path)
        solution = solve(problem, Limits(seconds), seed)
        kinds = Counter(entry.kind for entry in solution.unassigned)
        found = len(failures(problem, solution))
        broken += found
        served = sum(len(route.stops) for route in solution.routes)
        left = [kinds[kind] for kind in ("impossible", "outbid", "not_found")]
        travel, spent = f"{solution.objective.travel / 3600:.1f}", f"{solution.seconds:.1f}"
        name = path.name.split(".txt")[0].replace(".100_25-5-5-5", "")
        crew, jobs = len(problem.technicians), len(problem.jobs)
        say(COLUMNS.format(name, crew, jobs, served, *left, found, travel, spent))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
