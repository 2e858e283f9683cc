"""The times of one technician-day whose order of jobs is given, as a route with its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.routing.index import Day, Index, JobTiming, index_of, leaves_person, preference
from dispatch.routing.problem import Costs, Problem, Technician
from dispatch.routing.solution import Objective, Route, Stop, Violation
from dispatch.routing.timing import Label, best_end, idle_day, promise_cost


@dataclass(frozen=True, slots=True)
class TimedRoute:
    """A timed route; legal when `broken` is empty. `objective` leaves unserved jobs out."""

    route: Route
    broken: tuple[Violation, ...]
    objective: Objective


def time_route(problem: Problem, technician: Technician, job_ids: Sequence[str]) -> TimedRoute:
    """Times a fixed sequence at least cost, then earliest, with its breaks and duties.

    Only rules of time are looked at; skills, rights, parts and the like are in `rules`. When no legal
    timing exists the answer breaks as few rules as possible, and `broken` names them with numbers. A
    day without jobs is never broken. Raises KeyError for a job or technician unknown to the problem.
    """
    index = index_of(problem)
    day = index.days[technician.id]
    jobs = [index.jobs[job_id] for job_id in job_ids]
    end = best_end(problem.costs, day, jobs) or best_end(problem.costs, day, jobs, tolerant=True)
    assert end is not None, "a tolerant timing always ends"
    return _timed_route(problem.costs, index, day, jobs, end)


def _timed_route(costs: Costs, index: Index, day: Day, jobs: Sequence[JobTiming], end: Label) -> TimedRoute:
    labels = []
    label: Label | None = end
    while label is not None:
        labels.append(label)
        label = label.before
    labels.reverse()
    stops = tuple(Stop(*label.stop) for label in labels if label.stop is not None)
    rests = tuple(sorted(rest for label in labels for rest in label.rests))
    breaches = [breach for label in labels for breach in label.breaches] if jobs else []
    travel, until = (sum(label.travel for label in labels), end.time) if jobs else idle_day(day)
    return TimedRoute(
        Route(day.id, stops, rests),
        tuple(
            Violation(b.rule, day.id, b.job, sentence(b.rule, b.values), values=b.values) for b in breaches
        ),
        _objective(costs, index, day, stops, travel, until),
    )


def _objective(
    costs: Costs, index: Index, day: Day, stops: Sequence[Stop], travel: int, until: int
) -> Objective:
    lateness = moves = liked = promise = 0
    for stop in stops:
        job = index.job[stop.job]
        if job.due is not None:
            lateness += max(0, stop.end - job.due) * job.lateness_cost
        if job.promised is not None:
            promise += promise_cost(costs, job.promised, stop.start)
        moves += costs.move if leaves_person(index, job, day) else 0
        liked += preference(job, day)
    worked = bool(stops) or bool(day.posts)
    overtime = max(0, until - day.shift_end) * costs.overtime if worked else 0
    return Objective(travel * costs.travel, 0, lateness, overtime, moves, -liked, promise)


def sentence(rule: str, values: dict[str, Any]) -> str:
    """The broken rule of time in plain English; times in seconds from the start of the horizon."""
    if "fixed" in values and rule != "lock":
        return f"its start is locked at {values['fixed']}, outside its {rule}"
    return SENTENCES[rule].format(**values)


SENTENCES = {
    "window": "the earliest start is {earliest}, its last window closes at {closes}",
    "lock": "its start is locked at {fixed}, the earliest possible is {earliest}",
    "shift": "the work would end at {end}, {over} s after the shift",
    "overtime": "the work would end at {end}, {over} s past the overtime allowed",
    "travel": "no way leads from location {from} to location {to}",
    "duty": "the duty from {from} to {to} cannot be held",
    "break": "a break of {duration} s cannot begin between {from} and {to}",
}
