"""Results as lines of JSON, one per run: what is there is never run again, so that a run can be taken up."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.memory import now, processor_load, watched
from benchmarks.solvers.registry import NO_SEED, code_version

RESULTS = Path(__file__).parent / "results"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a result the same: instance, solver, seconds, seed, and the code."""

    instance: str
    solver: str
    seconds: float
    seed: int
    version: str


def key(instance: str, solver: str, seconds: float, seed: int) -> Key:
    """The key of a run of the code as it is; a solver that draws nothing has one seed."""
    return Key(instance, solver, float(seconds), 1 if solver in NO_SEED else seed, code_version(solver))


class Store:
    """The results of one file, in memory too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[Key, dict[str, Any]] = {}
        for line in path.read_text().splitlines() if path.exists() else []:
            record = json.loads(line)
            self.found[Key(**{name: record.pop(name) for name in Key.__slots__})] = record

    def run(self, wanted: Key, core: int) -> dict[str, Any]:
        """The result of that run, measured now where it is not there yet."""
        if wanted not in self.found:
            self._add(wanted, measured(wanted, core))
        return self.found[wanted]

    def costs(self, keys: Iterable[Key]) -> list[int]:
        """The costs of those of these runs that are there."""
        return [self.found[key]["cost"] for key in keys if key in self.found]

    def _add(self, wanted: Key, record: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(asdict(wanted) | record) + "\n")
        self.found[wanted] = record


def measured(wanted: Key, core: int) -> dict[str, Any]:
    """One run in a process of its own, pinned to that core."""
    run = [wanted.instance, wanted.solver, wanted.seconds, wanted.seed, core]
    load = processor_load()
    printed, together = watched([sys.executable, "-m", "benchmarks.one", *map(str, run)], ONE_THREAD)
    record: dict[str, Any] = json.loads(printed.splitlines()[-1])
    record["megabytes"] = max(record["megabytes"], together)
    return record | {"load": load, "at": now()}
