"""A comparison of two plans in plain English, a sentence a line, and as values for JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from dispatch.routing.compare import Comparison, DayChange, JobChange, PromiseChange
from dispatch.routing.solution import Objective

PARTS = tuple(field.name for field in dataclasses.fields(Objective))


def recounted(found: Comparison) -> list[str]:
    """What hurts first comes first: broken promises, then who gains or loses, then every job; seconds throughout."""
    lines = [
        *map(_promise, found.promises),
        *map(_day, found.days),
        *map(_job, found.jobs),
    ]
    return [_cost(found), *lines] if lines else ["the two plans say the same"]


def to_json(found: Comparison) -> dict[str, Any]:
    """The values of a comparison, with the kinds of its changes and the totals of what the plans cost."""
    return {
        "cost": {name: _objective(cost) for name, cost in (("before", found.before), ("after", found.after))},
        "promises": [{"kind": one.kind, **dataclasses.asdict(one), "outside_before": one.outside_before,
                      "outside_after": one.outside_after} for one in found.promises],
        "technicians": [dataclasses.asdict(day) for day in found.days],
        "jobs": [{"kind": one.kind, "later": one.later, **dataclasses.asdict(one)} for one in found.jobs],
    }  # fmt: skip


def _objective(cost: Objective) -> dict[str, int]:
    return {"total": cost.total, **dataclasses.asdict(cost)}


def _cost(found: Comparison) -> str:
    parts = [f"{name} {getattr(found.after, name) - getattr(found.before, name):+d}" for name in PARTS
             if getattr(found.after, name) != getattr(found.before, name)]  # fmt: skip
    told = f" ({', '.join(parts)})" if parts else ""
    return f"the plan costs {found.after.total} instead of {found.before.total}{told}"


def _promise(change: PromiseChange) -> str:
    was = "was on no route" if change.before is None else f"instead of {change.before}"
    if change.after is None:
        told = f"is on no route any more ({was})"
    else:
        told = f"starts at {change.after} {_outside(change.outside_after or 0)} ({was})"
    return f"{change.job}, promised from {change.window[0]} to {change.window[1]}, {told}"


def _outside(seconds: int) -> str:
    return f"{abs(seconds)} s too {'late' if seconds > 0 else 'early'}" if seconds else "as promised"


def _day(day: DayChange) -> str:
    return f"{day.technician}: {', '.join(_more_or_less(day)) or 'just as much, at other times'}"


def _more_or_less(day: DayChange) -> Iterator[str]:
    for jobs, verb in ((day.came, "gets"), (day.gone, "gives up")):
        if jobs:
            yield f"{verb} {' and '.join(jobs)}"
    for name in ("travel", "work", "lateness", "overtime"):
        if more := day.more(name):
            yield f"{abs(more)} s {'more' if more > 0 else 'less'} {name}"
    before, after = day.before.end, day.after.end
    if before != after:
        told = "has nothing to do" if after is None else f"ends at {after}"
        yield told + ("" if before is None else f" instead of ending at {before}")


def _job(change: JobChange) -> str:
    before, after = change.before, change.after
    if after is None:
        assert before is not None
        return f"{change.job} leaves {before.technician} ({before.start}) and is on no route"
    if before is None:
        return f"{change.job} goes to {after.technician} at {after.start}"
    if change.kind == "moved":
        return f"{change.job} moves from {before.technician} to {after.technician}, {before.start} -> {after.start}"
    return f"{change.job} stays with {after.technician}, {before.start} -> {after.start}"
