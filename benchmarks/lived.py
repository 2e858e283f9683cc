"""A planned day that is lived through: what is done by when, and the problem that is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from dispatch.routing.problem import Frozen, Job, Problem, Technician, Window, replace
from dispatch.routing.solution import Route, Stop

PROMISE = 900
"""Seconds before and after the planned start that are promised."""


@dataclasses.dataclass
class DayLog:
    """What has been done so far, per technician, and what was promised."""

    done: dict[str, list[Stop]]
    promised: dict[str, Window] = dataclasses.field(default_factory=dict)


def work(log: DayLog, routes: Iterable[Route], until: int) -> None:
    """Done is what somebody has set out for before `until`; the others are promised their time."""
    for route in routes:
        for stop in route.stops:
            log.promised.setdefault(stop.job, (stop.start - PROMISE, stop.start + PROMISE))
            if stop.arrival - stop.travel < until:
                log.done[route.technician].append(stop)


def begun(routes: Iterable[Route], until: int) -> DayLog:
    """The day of that plan, when nothing has happened until then."""
    routes = tuple(routes)
    log = DayLog({route.technician: [] for route in routes})
    work(log, routes, until)
    return log


def remaining(routes: Iterable[Route], log: DayLog) -> tuple[Route, ...]:
    """The stops of a plan that are not done yet."""
    return tuple(
        Route(route.technician, tuple(stop for stop in route.stops if stop not in log.done[route.technician]))
        for route in routes
    )


def rest_of(problem: Problem, log: DayLog, now: int) -> Problem:
    """The problem that is left at that time: known jobs not begun, and everybody where he will be free."""
    done = {stop.job for stops in log.done.values() for stop in stops}
    jobs = [job for job in problem.jobs if job.id not in done and (job.release or 0) <= now]
    crew = tuple(_stocked(problem, technician, log) for technician in problem.technicians)
    return replace(
        problem,
        technicians=crew,
        jobs=tuple(dataclasses.replace(job, promised=log.promised.get(job.id)) for job in jobs),
        frozen=tuple(_frozen(problem, technician, log, now) for technician in crew) if now else (),
    )


def _frozen(problem: Problem, technician: Technician, log: DayLog, now: int) -> Frozen:
    stops = log.done[technician.id]
    if not stops:
        return Frozen(technician.id, now)
    last = next(job for job in problem.jobs if job.id == stops[-1].job)
    return Frozen(technician.id, max(now, stops[-1].end), last.location)


def _stocked(problem: Problem, technician: Technician, log: DayLog) -> Technician:
    """With the parts that are left."""
    used = {stop.job for stop in log.done[technician.id]}
    parts = dict(technician.parts)
    for job in _named(problem.jobs, used):
        for part, count in job.parts.items():
            parts[part] = parts.get(part, 0) - count
    return dataclasses.replace(technician, parts={part: count for part, count in parts.items() if count > 0})


def _named(jobs: Iterable[Job], names: set[str]) -> list[Job]:
    return [job for job in jobs if job.id in names]
