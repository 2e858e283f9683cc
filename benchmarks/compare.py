"""The engines side by side: `python -m benchmarks [--short]`.

Every solver gets the same days, seconds and one core; medians of three seeds (the short form has one). What was measured
before with the same code is not measured again. Tables and plot go to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.instances import names
from benchmarks.machine import machine
from benchmarks.plot import PLOTTED, TIMES, draw
from benchmarks.report import markdown
from benchmarks.solvers.registry import PEERS, default_engine, knows
from benchmarks.store import RESULTS, Key, Store, key
from benchmarks.trsp import folder

SECONDS = 10.0
QUICK = 1.0
"""Seconds after which our engine is looked at too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures what is missing, prints the tables; 1 when a plan had an illegal job in it."""
    options = _parser().parse_args(arguments)
    solvers = [options.engine, *PEERS]
    days = options.instances or names(options.short)
    if not any(day.startswith("trsp/") for day in days):
        print(f"No instance of the TRSP measured (looked under {folder()}; DISPATCH_DATA names the folder).")
    store = Store(options.results / "runs.jsonl")
    seeds = range(1, 1 + (options.seeds or (1 if options.short else 3)))
    runs = list(dict.fromkeys(_runs(days, solvers, options.seconds, seeds)))
    missing = [wanted for wanted in runs if wanted not in store.found]
    core = max(os.sched_getaffinity(0))
    print(machine(), f"{len(runs)} runs, {len(missing)} of them new, on core {core}", sep="; ", flush=True)
    for wanted in missing:
        record = store.run(wanted, core)
        print(
            f"{wanted.instance:<24} {wanted.solver:<16} {wanted.seconds:>4g} s  seed {wanted.seed}"
            f"  cost {record['cost']:>9}  served {record['served']}/{record['jobs']}"
            f"  {record['spent']:.1f} s  {record['megabytes']} MB" + _blame(record),
            flush=True,
        )
    told = markdown(store, days, solvers, options.seconds, seeds)
    print("\n" + told)
    name = "short" if options.short else "full"
    (options.results / f"{name}.md").write_text(f"{machine()}, load {os.getloadavg()[0]:.1f}\n\n{told}")
    draw(
        store,
        [day for day in PLOTTED if day in days],
        solvers,
        options.seconds,
        options.results / f"{name}.png",
    )
    return 1 if any(_blame(store.found[wanted]) for wanted in runs) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a dozen days, one seed: under 20 minutes")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seeds", type=int, help="how many, 3 (short form: 1) when nothing is said")
    parser.add_argument("--engine", default=default_engine(), help="ours, such as dispatch:hybrid")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("instances", nargs="*", help="names such as trsp/R102/13; all when none is given")
    return parser


def _runs(days: Sequence[str], solvers: Sequence[str], seconds: float, seeds: range) -> Iterator[Key]:
    for day in days:
        for solver in solvers:
            if knows(solver, day):
                yield from (key(day, solver, seconds, seed) for seed in seeds)
        yield from (key(day, solvers[0], QUICK, seed) for seed in seeds)
        if day in PLOTTED:
            yield from (key(day, "VROOM", at, 1) for at in TIMES if at < seconds)


def _blame(record: dict) -> str:
    words = [f"{record[name]} {name}" for name in ("dropped", "broken") if record[name]]
    return "  " + ", ".join(words) if words else ""


if __name__ == "__main__":
    sys.exit(main())
