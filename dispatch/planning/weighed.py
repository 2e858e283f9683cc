"""What a proposal asks of whom, and which promised times it moves, beside the live plan timed again from now on.

A live route that cannot be timed without breaking a rule has no figures of its own: that is said of its
technician, and in the cost of the live plan counts what of the route still holds.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict, replace
from typing import Any

from dispatch.planning.draft import Draft
from dispatch.planning.proposal import RETIMED_MINUTES
from dispatch.routing.check import tallies
from dispatch.routing.compare import Comparison, DayChange, PromiseChange, burden, compare
from dispatch.routing.index import index_of
from dispatch.routing.plan import legal_route
from dispatch.routing.solution import Objective, Route, Solution

RETIMED = RETIMED_MINUTES * 60
LENGTHS = ("travel", "work", "lateness", "overtime")


def weighed(draft: Draft, solution: Solution) -> dict[str, Any]:
    """The comparison as JSON: costs and lengths in seconds, instants in RFC 3339; what hurts first comes first.

    `before` is the cost of the live plan; `served` how many jobs it and the proposal serve. A day with `holds`
    false says only how many of its jobs no longer fit (`lost`) and when it would end.
    """
    before, lost = live_of(draft)
    found = compare(draft.problem, before, solution.routes)
    promises = [one for one in (_known(draft, one, lost) for one in found.promises) if one]
    return {
        "before": _cost(found.before),
        "served": [sum(len(route.stops) for route in routes) for routes in (before, solution.routes)],
        "days": [*_lost_days(draft, lost, solution), *(_day(draft, day) for day in _told(found, lost))],
        "promises": [_promise(draft, one) for one in promises],
    }


def live_of(draft: Draft) -> tuple[list[Route], dict[str, int]]:
    """What of the live plan holds, and how many jobs had to go from each day that does not hold as a whole."""
    routes, lost = [], {}
    for timed in draft.live():
        route = timed.route
        if timed.broken:
            route = legal_route(draft.problem, route.technician, [stop.job for stop in route.stops])
            lost[route.technician] = len(timed.route.stops) - len(route.stops)
        routes.append(route)
    return routes, lost


def _lost_days(draft: Draft, lost: Mapping[str, int], solution: Solution) -> list[dict[str, Any]]:
    """The technician-days whose live times cannot be kept, those with most jobs too many first."""
    ends = {name: tally.end for name, tally in tallies(draft.problem, solution.routes).items()}
    return [
        {**_whose(draft, name), "holds": False, "lost": count, "came": 0, "gone": 0, **dict.fromkeys(LENGTHS, 0),
         "end": [None, _instant(draft, ends[name])], "burden": 0}
        for name, count in sorted(lost.items(), key=lambda item: (-item[1], item[0]))
    ]  # fmt: skip


def _told(found: Comparison, lost: Container[str]) -> list[DayChange]:
    """The days of which there is something to tell: no seconds, no mere shift of a few minutes."""
    return [day for day in found.days if day.technician not in lost and _matters(day)]


def _matters(day: DayChange) -> bool:
    other_jobs = bool(day.came or day.gone)
    other_end = abs((day.after.end or 0) - (day.before.end or 0)) >= RETIMED
    return other_jobs or other_end or any(abs(day.more(name)) >= 60 for name in LENGTHS)


def _day(draft: Draft, day: DayChange) -> dict[str, Any]:
    return {
        **_whose(draft, day.technician), "holds": True, "lost": 0, "came": len(day.came), "gone": len(day.gone),
        **{name: day.more(name) for name in LENGTHS},
        "end": [_instant(draft, end) for end in (day.before.end, day.after.end)],
        "burden": burden(draft.problem, day),
    }  # fmt: skip


def _whose(draft: Draft, name: str) -> dict[str, Any]:
    slot = draft.slots[name]
    return {
        "technician_id": slot.technician.id,
        "technician": slot.technician.name,
        "day": slot.day.isoformat(),
    }


def _known(draft: Draft, change: PromiseChange, lost: Container[str]) -> PromiseChange | None:
    """The change, without a start that nobody can know; None where a few minutes mean nothing."""
    before, after = change.before, change.after
    if before is not None and index_of(draft.problem).job[change.job].current in lost:
        return replace(change, before=None) if change.outside_after != 0 else None
    moved = before is None or after is None or abs(after - before) >= RETIMED
    return change if moved or change.kind in ("broken", "mended") else None


def _promise(draft: Draft, change: PromiseChange) -> dict[str, Any]:
    job = draft.jobs[change.job]
    return {
        "job": job.id, "number": job.number, "client_id": job.client_id, "summary": job.ticket.summary,
        "priority": job.ticket.priority, "kind": change.kind,
        "window": [_instant(draft, bound) for bound in change.window],
        "start": [_instant(draft, start) for start in (change.before, change.after)],
        "outside": [change.outside_before, change.outside_after],
    }  # fmt: skip


def _instant(draft: Draft, seconds: int | None) -> str | None:
    return None if seconds is None else draft.horizon.instant(seconds).isoformat()


def _cost(cost: Objective) -> dict[str, int]:
    return {"total": cost.total, **asdict(cost)}
