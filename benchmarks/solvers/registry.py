"""Solvers by name: `dispatch:ENGINE` is ours, the others are the peers. Each is imported only when it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.instances import LUNCH
from benchmarks.solvers.found import Solver
from dispatch.routing.solve import ENGINES

OURS = "dispatch:"
PEERS = {"OR-Tools": "ortools_search", "VROOM": "vroom_search", "PyVRP": "pyvrp_search"}
PACKAGES = {"OR-Tools": "ortools", "VROOM": "pyvroom", "PyVRP": "pyvrp"}
NO_SEED = ("OR-Tools", "VROOM")
"""They draw nothing: one run stands for every seed."""

NO_BREAKS = ("PyVRP",)
ROOT = Path(__file__).resolve().parents[2]


def default_engine() -> str:
    """The engine that the product plans with: `hybrid` where it exists."""
    return OURS + ("hybrid" if "hybrid" in ENGINES else next(iter(ENGINES)))


def solver(name: str) -> Solver:
    """The function behind a name. Raises KeyError for an unknown one."""
    if name.startswith(OURS):
        ours = import_module("benchmarks.solvers.ours")
        return partial(ours.run, engine=name.removeprefix(OURS))
    run: Callable = import_module(f"benchmarks.solvers.{PEERS[name]}").run
    return run


def knows(name: str, instance: str) -> bool:
    """Whether the solver can express that instance."""
    return not (name in NO_BREAKS and instance.endswith(LUNCH))


def code_version(name: str) -> str:
    """What a result depends on: the code of our engine, or the peer's release and how it is asked; and the instances."""
    asked = [
        ROOT / "benchmarks" / file
        for file in ("days.py", "variants.py", "instances.py", "trsp.py", "judge.py")
    ]
    if name.startswith(OURS):
        files, release = sorted((ROOT / "dispatch" / "routing").rglob("*.py")), "dispatch"
    else:
        files = [ROOT / "benchmarks" / "solvers" / f"{PEERS[name]}.py"]
        release = f"{PACKAGES[name]} {version(PACKAGES[name])}"
    digest = sha256(b"".join(path.read_bytes() for path in [*asked, *files])).hexdigest()
    return f"{release} {digest[:10]}"
