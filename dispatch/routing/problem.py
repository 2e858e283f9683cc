"""What the solver is asked: plain, frozen, validated values.

Times are integer seconds from the start of the horizon; costs and penalties are seconds of travel.
The JSON form and the meaning of every field are in docs/routing.md. Unknown fields are refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

# The order in which rules are looked at: the first one that fails is the reason that is told.
RULES = (
    "skill", "right", "clearance", "tool", "part", "visits", "excluded", "window", "release",
    "shift", "overtime", "break", "duty", "lock", "frozen", "travel", "overlap",
)  # fmt: skip

# What nobody can override: breaking one of these leaves the job out, whatever `waived` says.
NEVER_WAIVED = frozenset(("shift", "break", "duty", "lock", "frozen", "travel", "overlap"))

Window = tuple[int, int]
EMPTY: Mapping[str, int] = MappingProxyType({})


class ProblemError(ValueError):
    """The problem cannot be understood; the message names the field and what to write instead."""


def _require(condition: bool, *message: object) -> None:
    """The parts of the message are put together only when they are needed: a plan is checked thousands of times."""
    if not condition:
        raise ProblemError("".join(str(part) for part in message))


def _window(window: Window, *where: object) -> None:
    if window[0] > window[1]:
        _require(False, *where, ": the window ", list(window), " ends before it begins")


@dataclass(frozen=True, slots=True)
class Location:
    """A place work is done at. Coordinates are needed only when no travel matrix is given."""

    id: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """`duration` seconds of rest whose start lies in `window`; never inside work or a duty."""

    duration: int
    window: Window

    def __post_init__(self) -> None:
        _require(self.duration > 0, "breaks: duration must be positive")
        _window(self.window, "breaks")


@dataclass(frozen=True, slots=True)
class Duty:
    """Held at `location` (an index, or None = anywhere) from `start` to `end`; JSON `from`/`to`."""

    start: int
    end: int
    location: int | None = None

    def __post_init__(self) -> None:
        _window((self.start, self.end), "duties")


@dataclass(frozen=True, slots=True)
class Technician:
    """One technician-day; `person` is who it is, the same on every day. No `max_visits`: as many as fit.

    Without `may_stay` he has gone at the end of his shift, whatever overtime the costs allow.
    """

    id: str
    shift: Window
    person: str = ""
    start: int = 0
    end: int | None = None
    profile: str = ""
    breaks: tuple[Break, ...] = ()
    duties: tuple[Duty, ...] = ()
    skills: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    rights: frozenset[str] = frozenset()
    clearances: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    parts: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    max_visits: int | None = None
    may_stay: bool = True

    def __post_init__(self) -> None:
        _window(self.shift, f"technician {self.id}: shift")
        _require(self.max_visits is None or self.max_visits >= 0,
                 f"technician {self.id}: max_visits must not be negative")  # fmt: skip
        if not self.person:
            object.__setattr__(self, "person", self.id)


@dataclass(frozen=True, slots=True)
class Lock:
    """What a person fixed: `technician` (a technician-day id), `start` (seconds), or both."""

    technician: str | None = None
    start: int | None = None

    def __post_init__(self) -> None:
        _require(
            self.technician is not None or self.start is not None,
            "lock: name a technician, a start, or both",
        )


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `windows` and `release` bound its start, `due` bounds its end softly."""

    id: str
    duration: int
    mode: str = "on_site"
    location: int | None = None
    setup: int = 0
    release: int | None = None
    windows: tuple[Window, ...] = ()
    due: int | None = None
    lateness_cost: int = 1
    penalty: int = 36_000
    skills: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    rights: frozenset[str] = frozenset()
    clearances: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    parts: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    excluded: frozenset[str] = frozenset()
    preferred: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    promised: Window | None = None
    lock: Lock | None = None
    waived: frozenset[str] = frozenset()
    current: str | None = None

    def __post_init__(self) -> None:
        where = ("job ", self.id, ": ")
        _require(self.mode in ("on_site", "remote"), *where, "mode must be on_site or remote")
        _require(self.duration >= 0, *where, "duration must not be negative")
        _require(self.setup >= 0, *where, "setup must not be negative")
        _require(self.penalty >= 0, *where, "penalty must not be negative")
        _require(self.lateness_cost >= 0, *where, "lateness_cost must not be negative")
        if self.mode == "on_site":
            _require(self.location is not None, *where, "an on_site job needs a location")
        else:
            _require(self.location is None, *where, "a remote job has no location")
        for window in self.windows:
            _window(window, *where, "windows")
        if self.promised is not None:
            _window(self.promised, *where, "promised")
        if self.waived:
            unknown = self.waived - set(RULES)
            _require(not unknown, *where, "waived names no rule: ", ", ".join(sorted(unknown)))

    @property
    def remote(self) -> bool:
        return self.mode == "remote"

    @property
    def is_counted(self) -> bool:
        """Whether it is one of the visits of a technician-day: not a call, nor one that comes on top."""
        return not self.remote and "visits" not in self.waived


@dataclass(frozen=True, slots=True)
class Costs:
    """Prices in seconds of travel; `max_overtime` in seconds."""

    travel: int = 1
    overtime: int = 3
    max_overtime: int = 0
    move: int = 0
    promise: int = 3600

    def __post_init__(self) -> None:
        for name in ("travel", "overtime", "max_overtime", "move", "promise"):
            _require(getattr(self, name) >= 0, f"costs: {name} must not be negative")


@dataclass(frozen=True, slots=True)
class Frozen:
    """When and where a technician becomes free of work already begun (not in the problem)."""

    technician: str
    free_at: int
    location: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A whole problem. `travel[profile][from][to]` in seconds; a negative time is unreachable.

    `memo` keeps what other modules derive from the problem once (a problem never changes), `shared` what
    they derive from its matrices, also for copies that have the same ones.
    """

    locations: tuple[Location, ...]
    technicians: tuple[Technician, ...]
    jobs: tuple[Job, ...]
    travel: Mapping[str, Any]
    costs: Costs = Costs()
    frozen: tuple[Frozen, ...] = ()
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    shared: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _unique([place.id for place in self.locations], "locations")
        _unique([technician.id for technician in self.technicians], "technicians")
        _unique([job.id for job in self.jobs], "jobs")
        self._check_places()
        self._check_people()
        _require(bool(self.travel), "travel: at least one profile is needed")
        for profile, matrix in self.travel.items():
            size = len(self.locations)
            square = len(matrix) == size and all(len(row) == size for row in matrix)
            _require(square, f"travel: {profile} must be {size} x {size}, one row per location")

    def _check_places(self) -> None:
        size = len(self.locations)
        for technician in self.technicians:
            where = f"technician {technician.id}"
            _require(0 <= technician.start < size, f"{where}: start is no location")
            _require(technician.end is None or 0 <= technician.end < size, f"{where}: end is no location")
            _require(not technician.profile or technician.profile in self.travel,
                     f"{where}: no travel times for the profile {technician.profile}")  # fmt: skip
            for duty in technician.duties:
                _require(duty.location is None or 0 <= duty.location < size, f"{where}: duty at no location")
        for job in self.jobs:
            known = job.location is None or 0 <= job.location < size
            _require(known, "job ", job.id, ": location is no location")

    def _check_people(self) -> None:
        days = {technician.id for technician in self.technicians}
        people = {technician.person for technician in self.technicians}
        for job in self.jobs:
            where = ("job ", job.id, ": ")
            if job.lock and job.lock.technician is not None:
                named = job.lock.technician
                _require(named in days, *where, "lock names no technician: ", named)
            if job.excluded or job.preferred:
                unknown = (job.excluded | set(job.preferred)) - people - days
                _require(
                    not unknown, *where, "excluded or preferred names nobody: ", ", ".join(sorted(unknown))
                )
        for entry in self.frozen:
            _require(entry.technician in days, f"frozen names no technician: {entry.technician}")
            ok = entry.location is None or 0 <= entry.location < len(self.locations)
            _require(ok, f"frozen {entry.technician}: location is no location")

    @property
    def horizon(self) -> int:
        """End of the horizon in seconds: the latest shift end plus overtime."""
        return max((t.shift[1] for t in self.technicians), default=0) + self.costs.max_overtime

    def limit(self, technician: Technician) -> int:
        """When the day of a technician has ended in seconds: with his shift and what overtime he may add to it."""
        return technician.shift[1] + (self.costs.max_overtime if technician.may_stay else 0)

    def matrix(self, technician: Technician) -> Any:
        """Travel seconds `[from][to]` of the technician's profile (the first one when unnamed)."""
        return self.travel[technician.profile or next(iter(self.travel))]


def part_of(problem: Problem, technicians: Iterable[Technician], jobs: Iterable[Job]) -> Problem:
    """These technician-days (also changed ones) and jobs alone, with whoever they name: small enough to check at once.

    Whoever works longest stays, so that the horizon is the same.
    """
    jobs, wanted = tuple(jobs), {one.id: one for one in technicians}
    named = {one.lock.technician for one in jobs if one.lock}.union(
        *(one.excluded | set(one.preferred) for one in jobs)
    )
    latest = max(problem.technicians, key=lambda one: one.shift[1])
    crew = tuple(
        wanted.get(one.id, one)
        for one in problem.technicians
        if one.id in wanted or {one.id, one.person} & named or one is latest
    )
    kept = {one.id for one in crew}
    frozen = tuple(entry for entry in problem.frozen if entry.technician in kept)
    return replace(problem, technicians=crew, jobs=jobs, frozen=frozen)


def _unique(names: list[str], where: str) -> None:
    if len(set(names)) == len(names):
        return
    twice = next(name for at, name in enumerate(names) if name in names[:at])
    raise ProblemError(f"{where}: {twice} is named twice")


def replace(problem: Problem, **changes: Any) -> Problem:
    """A copy of the problem with some fields changed, validated again."""
    changed = dataclasses.replace(problem, **changes)
    if changed.travel is problem.travel:
        object.__setattr__(changed, "shared", problem.shared)
    return changed
