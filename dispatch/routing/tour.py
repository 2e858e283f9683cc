"""A route that takes one more job: labels of `timing` are kept along it, so that a trial goes on from
the place of insertion.

A trial is skipped when its added travel alone is dearer than the best spot known, or when the job would
end after the latest moment from which the rest of the route can still be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from dispatch.routing.index import FOREVER, Day, JobTiming, index_of, leaves_person, preference
from dispatch.routing.problem import Costs, Problem
from dispatch.routing.rules import broken_rules, parts_short
from dispatch.routing.solution import Route
from dispatch.routing.timing import Label, best_end, end_of_day, first_label, idle_day, step


@dataclass(slots=True)
class Tour:
    """A route under construction: `labels[n]` after n jobs, `latest[n]` to be free before job n."""

    day: Day
    jobs: list[JobTiming]
    labels: list[list[Label]]
    latest: list[int]
    cost: int
    legal: bool

    @property
    def ids(self) -> list[str]:
        return [job.id for job in self.jobs]


class Spot(NamedTuple):
    """A position in a tour and what the tour costs more with the job there."""

    added: int
    position: int


def tours(problem: Problem, routes: Sequence[Route], without: str = "") -> list[Tour]:
    """One tour per technician-day, also of those without a route."""
    orders = sequences(routes)
    return [
        tour_of(problem, technician.id, [job for job in orders.get(technician.id, []) if job != without])
        for technician in problem.technicians
    ]


def sequences(routes: Iterable[Route]) -> dict[str, list[str]]:
    """The ids of the jobs per technician-day, in order."""
    return {route.technician: [stop.job for stop in route.stops] for route in routes}


def tour_of(problem: Problem, technician_id: str, job_ids: Sequence[str]) -> Tour:
    """The tour of one technician-day; a sequence without legal timing gives one that is not legal."""
    index = index_of(problem)
    day = index.days[technician_id]
    jobs = [index.jobs[job_id] for job_id in job_ids]
    if not jobs:
        return Tour(day, [], [[first_label(day)]], [], _idle_cost(problem.costs, day), True)
    end = best_end(problem.costs, day, jobs)
    legal = end is not None
    labels = [[first_label(day)]]
    for job in jobs:
        labels.append(step(problem.costs, day, labels[-1], job, tolerant=not legal))
    end = end or best_end(problem.costs, day, jobs, tolerant=True)
    assert end is not None, "a tolerant timing always ends"
    return Tour(day, jobs, labels, _latest(day, jobs), end.cost, legal)


def _idle_cost(costs: Costs, day: Day) -> int:
    travel, until = idle_day(day)
    over = max(0, until - day.shift_end) if day.posts else 0
    return travel * costs.travel + over * costs.overtime


def allowed(problem: Problem, tour: Tour, job_id: str) -> bool:
    """Whether every rule of the person, and his parts, let him do the job beside his others."""
    index = index_of(problem)
    job, technician = index.job[job_id], index.technician[tour.day.id]
    return not broken_rules(problem, technician, job) and not parts_short(problem, technician, job, tour.ids)


def best_spot(problem: Problem, tour: Tour, job_id: str) -> Spot | None:
    """The cheapest legal position for a job in a tour; None when there is none."""
    return min(spots(problem, tour, index_of(problem).jobs[job_id], best_only=True), default=None)


def spots(problem: Problem, tour: Tour, job: JobTiming, tolerant: bool = False,
           best_only: bool = False) -> Iterator[Spot]:  # fmt: skip
    """The positions with a legal timing (any, when tolerant); only ever better ones if asked."""
    if not tour.legal and not tolerant:
        return
    standing = _standing_cost(problem, tour.day, job)
    best = FOREVER
    for least, position in _trials(problem, tour, job):
        if best_only and least + standing > best:
            return
        most = tour.cost + best - standing if best_only else FOREVER
        cost = _cost_with(problem, tour, job, position, tolerant, most)
        if cost is not None:
            best = min(best, cost - tour.cost + standing)
            yield Spot(cost - tour.cost + standing, position)


def _trials(problem: Problem, tour: Tour, job: JobTiming) -> list[tuple[int, int]]:
    """Every position with a lower bound of its added cost, cheapest bound first.

    The bound is the added travel less what the tour pays for being late, which a shorter way could
    save; with duties at places in between the trips are not known beforehand, and it says nothing.
    """
    positions = range(len(tour.jobs) + 1)
    if tour.day.posts:
        return [(-FOREVER, position) for position in positions]
    late = tour.cost - problem.costs.travel * _travel(tour)
    detours = [_detour(tour, job, position) for position in positions]
    return sorted(
        (seconds * problem.costs.travel - late, position)
        for position, seconds in zip(positions, detours, strict=True)
    )


def _detour(tour: Tour, job: JobTiming, position: int) -> int:
    if job.location is None:
        return 0
    rows, here = tour.day.rows, tour.labels[position][0].place
    onward = _next_place(tour, position)
    if onward is None:
        return max(0, rows[here][job.location])
    direct = rows[here][onward] if tour.jobs else 0
    return rows[here][job.location] + rows[job.location][onward] - direct


def _next_place(tour: Tour, position: int) -> int | None:
    places = (job.location for job in tour.jobs[position:] if job.location is not None)
    return next(places, tour.day.home)


def _travel(tour: Tour) -> int:
    stops = [labels[0].place for labels in tour.labels]
    if tour.jobs and tour.day.home is not None:
        stops.append(tour.day.home)
    return sum(max(0, tour.day.rows[here][there]) for here, there in pairwise(stops))


def _cost_with(
    problem: Problem, tour: Tour, job: JobTiming, position: int, tolerant: bool, most: int
) -> int | None:
    """What the tour costs with the job there; None when that is not legal, or more than `most`."""
    costs, day = problem.costs, tour.day
    labels = step(costs, day, tour.labels[position], job, tolerant)
    if labels and position < len(tour.jobs) and not tolerant and _too_late(tour, labels, position):
        return None
    for n in range(position, len(tour.jobs)):
        if not labels or min(label.cost for label in labels) > most:
            return None
        labels = step(costs, day, labels, tour.jobs[n], tolerant)
        shift = _constant_shift(labels, tour.labels[n + 1])
        if shift is not None:
            return tour.cost + shift
    last = tour.jobs[-1] if position < len(tour.jobs) else job
    end = end_of_day(costs, day, labels, last, tolerant) if labels else None
    return None if end is None else end.cost


def _constant_shift(labels: list[Label], before: list[Label]) -> int | None:
    """The difference in cost when nothing else has changed: the rest of the day stays as it was."""
    if len(labels) != len(before) or not labels or labels[0].time != before[0].time:
        return None
    shift = labels[0].cost - before[0].cost
    same = all(
        now.time == then.time and now[2:6] == then[2:6] and now.cost - then.cost == shift
        for now, then in zip(labels, before, strict=True)
    )
    return shift if same else None


def _too_late(tour: Tour, labels: list[Label], position: int) -> bool:
    following = tour.jobs[position]
    first = min(label.time for label in labels)
    seconds = 0 if following.location is None else tour.day.rows[labels[0].place][following.location]
    return first + seconds > tour.latest[position]


def _latest(day: Day, jobs: Sequence[JobTiming]) -> list[int]:
    """A bound per job: later than that it cannot start if the rest of the route is to hold."""
    bound = FOREVER
    latest: list[int] = []
    following: JobTiming | None = None
    for job in reversed(jobs):
        seconds = 0
        if (
            following is not None
            and job.location is not None
            and following.location is not None
            and not day.posts
        ):
            seconds = max(0, day.rows[job.location][following.location])
        bound = min(_last_start(day, job), bound - seconds - job.duration)
        latest.append(bound)
        following = job
    return latest[::-1]


def _last_start(day: Day, job: JobTiming) -> int:
    closes = job.fixed if job.fixed is not None else max((end for _, end in job.windows), default=FOREVER)
    return closes if job.overtime_waived else min(closes, day.limit - job.duration)


def _standing_cost(problem: Problem, day: Day, job: JobTiming) -> int:
    """What the job costs with this person whenever it is done: the move, less the preference."""
    wanted = index_of(problem).job[job.id]
    moved = problem.costs.move if leaves_person(index_of(problem), wanted, day) else 0
    return moved - preference(wanted, day)
