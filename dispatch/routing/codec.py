"""The JSON form of problems and solutions (docs/routing.md), read strictly and written in full."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Set
from typing import Any

from dispatch.routing.fields import (
    Read,
    T,
    an_object,
    counts,
    degrees,
    each,
    given_fields,
    mapping,
    names,
    same_named,
    text,
    whole,
    window,
    windows,
    yes_or_no,
)
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
)
from dispatch.routing.solution import Fix, Objective, Reason, Route, Solution, Stop, Unassigned
from dispatch.routing.travel import PROFILES, matrices

WHOLE_DAY = 86_400


def problem_from_json(data: Any) -> Problem:
    """Reads a problem. Raises ProblemError that names the field, its place and what to write instead.

    Unknown fields are refused; null is the same as a missing field; unreachable pairs of `travel`
    (null) become -1; missing travel is computed from the coordinates.
    """
    fields = given_fields(
        data, "the problem", {"locations", "technicians", "jobs", "travel", "costs", "frozen"}
    )
    locations = _listed(Location, LOCATION)(fields.get("locations", []), "locations")
    technicians = _technicians(fields.get("technicians", []))
    travel = fields.get("travel")
    return Problem(
        locations=locations,
        technicians=technicians,
        jobs=_listed(Job, JOB)(fields.get("jobs", []), "jobs"),
        travel=_computed(locations, technicians) if travel is None else _matrices(travel),
        costs=an_object(Costs, COSTS)(fields.get("costs", {}), "costs"),
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
    fields = mapping(data, "the solution")
    objective = mapping(fields.get("objective") or {}, "objective")
    parts = {name: whole(objective[name], f"objective.{name}") for name in PARTS if name in objective}
    return Solution(
        routes=each(_route, fields.get("routes") or [], "routes"),
        unassigned=each(_unassigned, fields.get("unassigned") or [], "unassigned"),
        objective=Objective(**parts),
        engine=str(fields.get("engine", "")),
        seconds=float(fields.get("seconds") or 0),
        stated_total=whole(objective["total"], "objective.total") if "total" in objective else None,
    )


PARTS = tuple(field.name for field in dataclasses.fields(Objective))


def _listed(
    kind: Callable[..., T], table: Mapping[str, tuple[str, Read]]
) -> Callable[[Any, str], tuple[T, ...]]:
    reader = an_object(kind, table, *REQUIRED[kind.__name__])
    return lambda data, where: each(reader, data, where)


REQUIRED = {
    "Location": ("id",),
    "Technician": ("id",),
    "Job": ("id", "duration"),
    "Break": ("duration", "window"),
    "Duty": ("from", "to"),
    "Frozen": ("technician", "free_at"),
}
LOCATION = same_named("id", read=text) | same_named("latitude", "longitude", read=degrees)
BREAK = same_named("duration", read=whole) | same_named("window", read=window)
DUTY = {"from": ("start", whole), "to": ("end", whole), "location": ("location", whole)}
FROZEN = same_named("technician", read=text) | same_named("free_at", "location", read=whole)
COSTS = same_named("travel", "overtime", "max_overtime", "move", "promise", read=whole)
LOCK = same_named("technician", read=text) | same_named("start", read=whole)
NEEDS = same_named("skills", "parts", read=counts) | same_named("rights", "clearances", "tools", read=names)
TECHNICIAN = (
    same_named("id", "person", "profile", read=text)
    | same_named("start", "end", "max_visits", read=whole)
    | {
        "shift": ("shift", window),
        "may_stay": ("may_stay", yes_or_no),
        "breaks": ("breaks", _listed(Break, BREAK)),
        "duties": ("duties", _listed(Duty, DUTY)),
    }
    | NEEDS
)
JOB = (
    same_named("id", "mode", "current", read=text)
    | same_named("location", "duration", "setup", "release", "due", "lateness_cost", "penalty", read=whole)
    | same_named("excluded", "waived", read=names)
    | {
        "windows": ("windows", windows),
        "promised": ("promised", window),
        "preferred": ("preferred", counts),
    }
    | {"lock": ("lock", an_object(Lock, LOCK))}
    | NEEDS
)


def _technicians(data: Any) -> tuple[Technician, ...]:
    """A technician without a shift works as long as the longest day of the others."""
    entries = [
        mapping(entry, f"technicians[{n}]")
        for n, entry in enumerate(each(lambda e, _: e, data, "technicians"))
    ]
    shifts = [
        window(entry["shift"], f"technicians[{n}].shift")
        for n, entry in enumerate(entries)
        if entry.get("shift")
    ]
    whole = (0, max((end for _, end in shifts), default=WHOLE_DAY))
    return _listed(Technician, TECHNICIAN)(
        [{**entry, "shift": entry.get("shift") or whole} for entry in entries], "technicians"
    )


def _matrices(data: Any) -> dict[str, list[list[int]]]:
    return {name: list(each(_row, rows, f"travel.{name}")) for name, rows in mapping(data, "travel").items()}


def _row(row: Any, where: str) -> list[int]:
    """Seconds to each place; a row of plain numbers is looked at as a whole, because there are millions."""
    if type(row) is list and set(map(type, row)) == {int} and min(row) >= 0:
        return row
    return list(each(_cell, row, where))


def _cell(cell: Any, where: str) -> int:
    if cell is None:
        return -1
    seconds = whole(cell, where)
    if seconds < 0:
        raise ProblemError(f"{where}: must not be negative; write null where no way leads")
    return seconds


def _computed(
    locations: tuple[Location, ...], technicians: tuple[Technician, ...]
) -> dict[str, list[list[int]]]:
    """Travel for every profile that somebody uses; without a name it is the first of PROFILES."""
    first = next(iter(PROFILES))
    used = {technician.profile or first for technician in technicians} or {first}
    return matrices(locations, sorted(used, key=lambda name: (name != first, name)))


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
    plain = rows.tolist() if hasattr(rows, "tolist") else rows
    return [
        [None if cell < 0 else int(cell) for cell in row] if row and min(row) < 0 else list(row)
        for row in plain
    ]


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
    fields = mapping(data, where)
    return Route(
        text(fields.get("technician"), f"{where}.technician"),
        each(_stop, fields.get("stops") or [], f"{where}.stops"),
        windows(fields.get("breaks") or [], f"{where}.breaks"),
    )


def _stop(data: Any, where: str) -> Stop:
    fields = mapping(data, where)
    times = (whole(fields.get(name), f"{where}.{name}") for name in ("travel", "arrival", "start", "end"))
    return Stop(text(fields.get("job"), f"{where}.job"), *times)


def _unassigned(data: Any, where: str) -> Unassigned:
    fields = mapping(data, where)
    remedy = fields.get("remedy")
    return Unassigned(
        job=text(fields.get("job"), f"{where}.job"),
        kind=str(fields.get("kind", "")),
        reasons=each(
            lambda data, at: Reason(**_saying(data, at)), fields.get("reasons") or [], f"{where}.reasons"
        ),
        fix=str(fields.get("fix") or ""),
        outbid_by=each(text, fields.get("outbid_by") or [], f"{where}.outbid_by"),
        remedy=Fix(**_saying(remedy, f"{where}.remedy")) if remedy else None,
    )


def _saying(data: Any, where: str) -> dict[str, Any]:
    fields = mapping(data, where)
    return {"technician": fields.get("technician"), "rule": str(fields.get("rule", "")),
            "detail": str(fields.get("detail", "")), "values": dict(fields.get("values") or {})}  # fmt: skip
