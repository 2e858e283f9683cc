"""The days that are measured, by name: `trsp/R102/13`, `real/R5`, `city/400/40/tight`, `vrptw/C1`; `+lunch` adds breaks."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.days import city_day, solomon_like
from benchmarks.trsp import folder, instances, read
from benchmarks.variants import crew_of, possible, prioritised, with_lunch
from dispatch.routing.problem import Problem

LUNCH = "+lunch"
SEED = 1
MAPS = ("C101", "C202", "R102", "R206", "RC103", "RC205")
CREWS = (25, 13, 8)
CITIES: dict[str, Callable[[], Problem]] = {
    "city/200/20": lambda: city_day(SEED, 20, 200, 0.5, (2, 3)),
    "city/400/40/tight": lambda: city_day(SEED, 40, 400, 0.9, (0.5, 1.5)),
    "city/400/40/wide": lambda: city_day(SEED, 40, 400, 0.3, (3, 4)),
    "city/1000/100": lambda: city_day(SEED, 100, 1000, 0.5, (2, 3)),
}
KINDS = ("C1", "R1", "RC1", "C2", "R2", "RC2")
SHORT = (
    "trsp/C101/25", "trsp/R102/13", "trsp/RC103/13", "trsp/RC205/8", "real/R5", "real/U5",
    "city/200/20", "city/400/40/tight", "city/400/40/wide", "city/1000/100",
    "trsp/R102/13+lunch", "real/U5+lunch", "city/200/20+lunch", "city/400/40/wide+lunch",
    "vrptw/R1", "vrptw/RC2",
)  # fmt: skip
"""What `make bench` measures."""


def names(short: bool = False) -> list[str]:
    """All names, or the short list; those whose data is not at hand are left out."""
    known = _known()
    return [name for name in (SHORT if short else known) if name in known]


def _known() -> list[str]:
    files = {path.name.split(".")[0]: path for path in instances(folder())}
    maps = [f"trsp/{name}/{crew}" for name in MAPS if name in files for crew in CREWS]
    real = [f"real/{name}" for name, path in files.items() if path.parent.name == "real_days"]
    plain = [*maps, *real, *CITIES]
    return plain + [name + LUNCH for name in plain] + [f"vrptw/{kind}" for kind in KINDS]


def build(name: str) -> Problem:
    """The problem of that name. Raises KeyError for an unknown one."""
    family, _, rest = name.removesuffix(LUNCH).partition("/")
    if family == "vrptw":
        return solomon_like(rest, SEED)
    problem = CITIES[name.removesuffix(LUNCH)]() if family == "city" else _published(family, rest)
    problem = prioritised(problem, SEED)
    return possible(with_lunch(problem) if name.endswith(LUNCH) else problem)


def _published(family: str, rest: str) -> Problem:
    """An instance of the TRSP: with a crew of the first so many technicians, or a real day whole."""
    name, _, crew = rest.partition("/")
    kept = {"trsp": "crew25", "real": "real_days"}[family]
    paths = {path.name.split(".")[0]: path for path in instances(folder()) if path.parent.name == kept}
    problem = read(paths[name])
    return crew_of(problem, int(crew)) if crew else problem
