"""The JSON form of problems and solutions (docs/routing.md), read strictly and written in full."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Set
from typing import Any, TypeVar

from dispatch.routing.problem import (
    Break,
    Costs,
    Duty,
    Frozen,
    Job,
    Location,
    Lock,
    Problem,
    ProblemError,
    Technician,
    Window,
)
from dispatch.routing.solution import Fix, Objective, Reason, Route, Solution, Stop, Unassigned
from dispatch.routing.travel import PROFILES, matrix

T = TypeVar("T")
Read = Callable[[Any, str], Any]

WHOLE_DAY = 86_400


def problem_from_json(data: Any) -> Problem:
    """Reads a problem. Raises ProblemError that names the field, its place and what to write instead.

    Unknown fields are refused; null is the same as a missing field; unreachable pairs of `travel`
    (null) become -1; missing travel is computed from the coordinates.
    """
    fields = _fields(data, "the problem", {"locations", "technicians", "jobs", "travel", "costs", "frozen"})
    locations = _listed(Location, LOCATION)(fields.get("locations", []), "locations")
    technicians = _technicians(fields.get("technicians", []))
    travel = fields.get("travel")
    return Problem(
        locations=locations,
        technicians=technicians,
        jobs=_listed(Job, JOB)(fields.get("jobs", []), "jobs"),
        travel=_computed(locations, technicians) if travel is None else _matrices(travel),
        costs=_object(Costs, COSTS)(fields.get("costs", {}), "costs"),
        frozen=_listed(Frozen, FROZEN)(fields.get("frozen", []), "frozen"),
    )


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Writes a problem so that `problem_from_json` gives an equal one; defaults are left out."""
    travel = {name: _cells(rows) for name, rows in problem.travel.items()}
    names = ("locations", "technicians", "jobs", "costs", "frozen")
    return {"travel": travel, **{name: _plain(getattr(problem, name)) for name in names}}


def solution_to_json(solution: Solution) -> dict[str, Any]:
    """Writes a solution in full, with the total of its objective."""
    return {
        "routes": [dataclasses.asdict(route) for route in solution.routes],
        "unassigned": [_unassigned_to_json(entry) for entry in solution.unassigned],
        "objective": {"total": solution.objective.total, **dataclasses.asdict(solution.objective)},
        "engine": solution.engine,
        "seconds": solution.seconds,
    }


def solution_from_json(data: Any) -> Solution:
    """Reads a solution, also one written elsewhere: what it does not need is ignored.

    Raises ProblemError when it cannot be understood; whether it is legal is for `check` to say.
    """
    fields = _mapping(data, "the solution")
    objective = _mapping(fields.get("objective") or {}, "objective")
    parts = {name: _whole(objective[name], f"objective.{name}") for name in PARTS if name in objective}
    return Solution(
        routes=_each(_route, fields.get("routes") or [], "routes"),
        unassigned=_each(_unassigned, fields.get("unassigned") or [], "unassigned"),
        objective=Objective(**parts),
        engine=str(fields.get("engine", "")),
        seconds=float(fields.get("seconds") or 0),
        stated_total=_whole(objective["total"], "objective.total") if "total" in objective else None,
    )


PARTS = tuple(field.name for field in dataclasses.fields(Objective))


def _fields(data: Any, where: str, known: Set[str]) -> dict[str, Any]:
    """The fields that are given; null means not given."""
    fields = _mapping(data, where)
    unknown = sorted(str(name) for name in fields.keys() - known)
    if unknown:
        raise ProblemError(
            f"{where}: unknown field {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    return {name: value for name, value in fields.items() if value is not None}


def _object(
    kind: Callable[..., T], table: Mapping[str, tuple[str, Read]], *required: str
) -> Callable[[Any, str], T]:
    """A reader of one object: `table` says for each field the attribute and how it is read."""

    def read(data: Any, where: str) -> T:
        fields = _fields(data, where, table.keys())
        for name in required:
            if name not in fields:
                raise ProblemError(f"{where}: {name} is missing")
        try:
            return kind(
                **{table[name][0]: table[name][1](value, f"{where}.{name}") for name, value in fields.items()}
            )
        except ProblemError as error:
            raise error if str(error).startswith(where) else ProblemError(f"{where}: {error}") from error

    return read


def _listed(
    kind: Callable[..., T], table: Mapping[str, tuple[str, Read]]
) -> Callable[[Any, str], tuple[T, ...]]:
    reader = _object(kind, table, *REQUIRED[kind.__name__])
    return lambda data, where: _each(reader, data, where)


def _each(read: Callable[[Any, str], T], data: Any, where: str) -> tuple[T, ...]:
    if not isinstance(data, list | tuple):
        raise ProblemError(f"{where}: must be a list")
    return tuple(read(entry, f"{where}[{n}]") for n, entry in enumerate(data))


def _mapping(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ProblemError(f"{where}: must be an object with named fields")
    return data


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ProblemError(f"{where}: must be a text that is not empty")
    return value


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ProblemError(f"{where}: must be a whole number")
    return int(value)


def _degrees(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -180 <= value <= 180:
        raise ProblemError(f"{where}: must be a number of degrees")
    return float(value)


def _window(value: Any, where: str) -> Window:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ProblemError(f"{where}: must be a pair [from, to] in seconds")
    return _whole(value[0], where), _whole(value[1], where)


def _windows(value: Any, where: str) -> tuple[Window, ...]:
    return _each(_window, value, where)


def _names(value: Any, where: str) -> frozenset[str]:
    return frozenset(_each(_text, value, where))


def _counts(value: Any, where: str) -> dict[str, int]:
    return {name: _whole(count, f"{where}.{name}") for name, count in _mapping(value, where).items()}


def _same(*names: str, read: Read) -> dict[str, tuple[str, Read]]:
    return {name: (name, read) for name in names}


REQUIRED = {
    "Location": ("id",),
    "Technician": ("id",),
    "Job": ("id", "duration"),
    "Break": ("duration", "window"),
    "Duty": ("from", "to"),
    "Frozen": ("technician", "free_at"),
}
LOCATION = _same("id", read=_text) | _same("latitude", "longitude", read=_degrees)
BREAK = _same("duration", read=_whole) | _same("window", read=_window)
DUTY = {"from": ("start", _whole), "to": ("end", _whole), "location": ("location", _whole)}
FROZEN = _same("technician", read=_text) | _same("free_at", "location", read=_whole)
COSTS = _same("travel", "overtime", "max_overtime", "move", "promise", read=_whole)
LOCK = _same("technician", read=_text) | _same("start", read=_whole)
NEEDS = _same("skills", "parts", read=_counts) | _same("rights", "clearances", "tools", read=_names)
TECHNICIAN = (
    _same("id", "person", "profile", read=_text)
    | _same("start", "end", read=_whole)
    | {
        "shift": ("shift", _window),
        "breaks": ("breaks", _listed(Break, BREAK)),
        "duties": ("duties", _listed(Duty, DUTY)),
    }
    | NEEDS
)
JOB = (
    _same("id", "mode", "current", read=_text)
    | _same("location", "duration", "setup", "release", "due", "lateness_cost", "penalty", read=_whole)
    | _same("excluded", "waived", read=_names)
    | {
        "windows": ("windows", _windows),
        "promised": ("promised", _window),
        "preferred": ("preferred", _counts),
    }
    | {"lock": ("lock", _object(Lock, LOCK))}
    | NEEDS
)


def _technicians(data: Any) -> tuple[Technician, ...]:
    """A technician without a shift works as long as the longest day of the others."""
    entries = [
        _mapping(entry, f"technicians[{n}]")
        for n, entry in enumerate(_each(lambda e, _: e, data, "technicians"))
    ]
    shifts = [
        _window(entry["shift"], f"technicians[{n}].shift")
        for n, entry in enumerate(entries)
        if entry.get("shift")
    ]
    whole = (0, max((end for _, end in shifts), default=WHOLE_DAY))
    return _listed(Technician, TECHNICIAN)(
        [{**entry, "shift": entry.get("shift") or whole} for entry in entries], "technicians"
    )


def _matrices(data: Any) -> dict[str, list[list[int]]]:
    return {
        name: [[_cell(cell, name, a, b) for b, cell in enumerate(row)]
               for a, row in enumerate(_each(lambda row, where: _each(lambda c, _: c, row, where), rows, f"travel.{name}"))]
        for name, rows in _mapping(data, "travel").items()
    }  # fmt: skip


def _cell(cell: Any, name: str, a: int, b: int) -> int:
    if cell is None:
        return -1
    if type(cell) is int and cell >= 0:
        return cell
    seconds = _whole(cell, f"travel.{name}[{a}][{b}]")
    if seconds < 0:
        raise ProblemError(f"travel.{name}[{a}][{b}]: must not be negative; write null where no way leads")
    return seconds


def _computed(
    locations: tuple[Location, ...], technicians: tuple[Technician, ...]
) -> dict[str, list[list[int]]]:
    """Travel for every profile that somebody uses; without a name it is the first of PROFILES."""
    first = next(iter(PROFILES))
    used = {technician.profile or first for technician in technicians} or {first}
    unknown = sorted(used - PROFILES.keys())
    if unknown:
        raise ProblemError(
            f"travel: give times for the profile {', '.join(unknown)}; only {', '.join(PROFILES)} can be computed"
        )
    return {name: matrix(locations, profile) for name, profile in PROFILES.items() if name in used}


def _plain(value: Any) -> Any:
    """Plain JSON of the values of `problem`; a field at its default is left out."""
    if dataclasses.is_dataclass(value):
        given = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)
                 if getattr(value, field.name) != _default(field)}  # fmt: skip
        renamed = {"start": "from", "end": "to"} if isinstance(value, Duty) else {}
        return {renamed.get(name, name): _plain(item) for name, item in given.items()}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, Set):
        return sorted(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default


def _cells(rows: Any) -> list[list[int | None]]:
    return [[None if cell < 0 else int(cell) for cell in row] for row in rows]


def _unassigned_to_json(entry: Unassigned) -> dict[str, Any]:
    return {
        "job": entry.job,
        "kind": entry.kind,
        "reasons": [_said(reason) for reason in entry.reasons],
        "fix": entry.fix,
        "outbid_by": list(entry.outbid_by),
        "remedy": _said(entry.remedy) if entry.remedy else None,
    }


def _said(value: Reason | Fix) -> dict[str, Any]:
    return {
        "technician": value.technician,
        "rule": value.rule,
        "detail": value.detail,
        "values": _plain(value.values),
    }


def _route(data: Any, where: str) -> Route:
    fields = _mapping(data, where)
    return Route(
        _text(fields.get("technician"), f"{where}.technician"),
        _each(_stop, fields.get("stops") or [], f"{where}.stops"),
        _windows(fields.get("breaks") or [], f"{where}.breaks"),
    )


def _stop(data: Any, where: str) -> Stop:
    fields = _mapping(data, where)
    times = (_whole(fields.get(name), f"{where}.{name}") for name in ("travel", "arrival", "start", "end"))
    return Stop(_text(fields.get("job"), f"{where}.job"), *times)


def _unassigned(data: Any, where: str) -> Unassigned:
    fields = _mapping(data, where)
    remedy = fields.get("remedy")
    return Unassigned(
        job=_text(fields.get("job"), f"{where}.job"),
        kind=str(fields.get("kind", "")),
        reasons=_each(
            lambda data, at: Reason(**_saying(data, at)), fields.get("reasons") or [], f"{where}.reasons"
        ),
        fix=str(fields.get("fix") or ""),
        outbid_by=_each(_text, fields.get("outbid_by") or [], f"{where}.outbid_by"),
        remedy=Fix(**_saying(remedy, f"{where}.remedy")) if remedy else None,
    )


def _saying(data: Any, where: str) -> dict[str, Any]:
    fields = _mapping(data, where)
    return {"technician": fields.get("technician"), "rule": str(fields.get("rule", "")),
            "detail": str(fields.get("detail", "")), "values": dict(fields.get("values") or {})}  # fmt: skip
