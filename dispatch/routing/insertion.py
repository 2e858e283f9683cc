"""Where one more job fits best: ranked technicians for a job, one placement, a greedy first plan.

Labels of `schedule` are kept along every route, so that a trial goes on from the place of insertion.
A trial is skipped when its added travel alone is dearer than the best spot known, or when the job
would end after the latest moment from which the rest of the route can still be kept.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from dispatch.routing.index import FOREVER, Day, JobTiming, index_of, leaves_person, preference
from dispatch.routing.problem import Problem
from dispatch.routing.rules import broken_rules, parts_short
from dispatch.routing.schedule import Label, TimedRoute, best_end, end_of_day, first_label, step, time_route
from dispatch.routing.solution import Reason, Route, Violation


@dataclass(frozen=True, slots=True)
class Candidate:
    """What giving the job to one technician-day would mean. Seconds; costs in seconds of travel.

    `position` is the index among his other jobs; `added` the change of his objective, `added_travel`
    that of its travel; `lateness` how long after `due` the job would end. `broken` names every rule of
    the person that fails, then those of time that fail at the least bad position.
    """

    technician: str
    feasible: bool
    position: int
    added: int
    added_travel: int
    arrival: int
    start: int
    lateness: int
    broken: tuple[Reason, ...] = ()


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


def candidates(problem: Problem, routes: Sequence[Route], job_id: str) -> list[Candidate]:
    """Every technician-day for this job, best first: the feasible ones by cost, then the others.

    `routes` is the plan as it is; the job is taken out of it first. Nothing is refused: a technician
    who may not do the job is listed with every broken rule and with the spot it would go to.
    """
    return sorted(
        (candidate(problem, tour, job_id) for tour in tours(problem, routes, without=job_id)),
        key=lambda one: (not one.feasible, len(one.broken), one.added, one.technician),
    )


def place(problem: Problem, routes: Sequence[Route], job_id: str, technician_id: str,
          start: int | None = None) -> TimedRoute:  # fmt: skip
    """His route with the job at its best position, or where it would start nearest to `start`.

    The position is legal where there is a legal one; otherwise `broken` of the answer says what fails.
    Raises KeyError for an unknown job or technician.
    """
    index = index_of(problem)
    ids = [job for job in _sequences(routes).get(technician_id, []) if job != job_id]
    tour = tour_of(problem, technician_id, ids)
    job = index.jobs[job_id]
    spots = list(_spots(problem, tour, job)) or list(_spots(problem, tour, job, tolerant=True))
    trials = {
        spot: _timed(problem, tour, job_id, spot.position)
        for spot in ([min(spots)] if start is None else spots)
    }
    return min(trials.items(), key=lambda item: (_distance(item[1], job_id, start), item[0]))[1]


def greedy(problem: Problem, routes: Sequence[Route] = ()) -> list[Route]:
    """A legal plan: jobs are added to `routes` (legal ones) while that costs less than leaving them.

    Dear jobs come first (in classes of a factor of two in penalty), and among equals those that lose
    most if their best technician is taken (regret). One route per technician-day, in their order.
    """
    plan = {tour.day.id: tour for tour in tours(problem, routes)}
    index = index_of(problem)
    served = {job for tour in plan.values() for job in tour.ids}
    waiting = [_Bid(problem, index.jobs[job.id], plan) for job in problem.jobs if job.id not in served]
    heap = [bid for bid in waiting if bid.offers]
    heapq.heapify(heap)
    while heap:
        bid = heapq.heappop(heap)
        if bid.refresh(plan):
            if bid.offers:
                heapq.heappush(heap, bid)
            continue
        technician_id, spot = bid.best
        tour = plan[technician_id]
        ids = tour.ids
        plan[technician_id] = tour_of(
            problem, technician_id, [*ids[: spot.position], bid.job.id, *ids[spot.position :]]
        )
    return [
        time_route(problem, technician, plan[technician.id].ids).route for technician in problem.technicians
    ]


def tours(problem: Problem, routes: Sequence[Route], without: str = "") -> list[Tour]:
    """One tour per technician-day, also of those without a route."""
    sequences = _sequences(routes)
    return [
        tour_of(problem, technician.id, [job for job in sequences.get(technician.id, []) if job != without])
        for technician in problem.technicians
    ]


def tour_of(problem: Problem, technician_id: str, job_ids: Sequence[str]) -> Tour:
    """The tour of one technician-day; a sequence without legal timing gives one that is not legal."""
    index = index_of(problem)
    day = index.days[technician_id]
    jobs = [index.jobs[job_id] for job_id in job_ids]
    end = best_end(problem.costs, day, jobs)
    legal = end is not None
    labels = [[first_label(day)]]
    for job in jobs:
        labels.append(step(problem.costs, day, labels[-1], job, tolerant=not legal))
    end = end or best_end(problem.costs, day, jobs, tolerant=True)
    assert end is not None
    return Tour(day, jobs, labels, _latest(day, jobs), end.cost, legal)


def allowed(problem: Problem, tour: Tour, job_id: str) -> bool:
    """Whether every rule of the person, and his parts, let him do the job beside his others."""
    index = index_of(problem)
    job, technician = index.job[job_id], index.technician[tour.day.id]
    return not broken_rules(problem, technician, job) and not parts_short(problem, technician, job, tour.ids)


def best_spot(problem: Problem, tour: Tour, job_id: str) -> Spot | None:
    """The cheapest legal position for a job in a tour; None when there is none."""
    return min(_spots(problem, tour, index_of(problem).jobs[job_id], best_only=True), default=None)


def candidate(problem: Problem, tour: Tour, job_id: str) -> Candidate:
    """The candidate of one tour, which does not hold the job."""
    index = index_of(problem)
    job, technician = index.job[job_id], index.technician[tour.day.id]
    spots = _spots(problem, tour, index.jobs[job_id], best_only=True)
    spot = min(spots, default=None) or min(
        _spots(problem, tour, index.jobs[job_id], tolerant=True, best_only=True)
    )
    before = time_route(problem, technician, tour.ids)
    after = _timed(problem, tour, job_id, spot.position)
    short = parts_short(problem, technician, job, tour.ids)
    broken = [*broken_rules(problem, technician, job), *_new_reasons(before, after, job_id)]
    if short and all(reason.rule != "part" for reason in broken):
        broken.append(short)
    stop = after.route.stops[spot.position]
    return Candidate(
        technician=technician.id,
        feasible=not broken,
        position=spot.position,
        added=after.objective.total - before.objective.total,
        added_travel=after.objective.travel - before.objective.travel,
        arrival=stop.arrival,
        start=stop.start,
        lateness=0 if job.due is None else max(0, stop.end - job.due),
        broken=tuple(broken),
    )


class _Bid:
    """A job that waits for a place, with the best spot of each technician-day as last looked up."""

    def __init__(self, problem: Problem, job: JobTiming, plan: dict[str, Tour]) -> None:
        self.problem, self.job = problem, job
        self.penalty = index_of(problem).job[job.id].penalty
        self.offers: dict[str, tuple[Tour, Spot]] = {}
        for tour in plan.values():
            self._offer(tour)
        self.rank = self._rank()

    def _offer(self, tour: Tour) -> None:
        self.offers.pop(tour.day.id, None)
        spot = (
            best_spot(self.problem, tour, self.job.id) if allowed(self.problem, tour, self.job.id) else None
        )
        if spot is not None and spot.added < self.penalty:
            self.offers[tour.day.id] = (tour, spot)

    def refresh(self, plan: dict[str, Tour]) -> bool:
        """Looks again at the two best offers until neither is of a tour that has changed since.

        The others can wait: a tour that has taken a job seldom gets cheaper. False when none had.
        """
        looked = False
        while changed := [name for name in self._leaders() if self.offers[name][0] is not plan[name]]:
            looked = True
            for name in changed:
                self._offer(plan[name])
        self.rank = self._rank()
        return looked

    def _leaders(self) -> list[str]:
        return heapq.nsmallest(2, self.offers, key=lambda name: self.offers[name][1])

    @property
    def best(self) -> tuple[str, Spot]:
        return min(((name, spot) for name, (_, spot) in self.offers.items()), key=lambda offer: offer[1])

    def _rank(self) -> tuple[int, int, int, str]:
        costs = sorted(spot.added for _, spot in self.offers.values())
        regret = (costs[1] if len(costs) > 1 else self.penalty) - costs[0] if costs else 0
        return -self.penalty.bit_length(), -regret, costs[0] if costs else 0, self.job.id

    def __lt__(self, other: _Bid) -> bool:
        return self.rank < other.rank


def _new_reasons(before: TimedRoute, after: TimedRoute, job_id: str) -> list[Reason]:
    """The rules of time that a change breaks and that were not broken before it."""
    known = {(violation.rule, violation.job) for violation in before.broken}
    fresh = [violation for violation in after.broken if (violation.rule, violation.job) not in known]
    return [_reason(violation, job_id) for violation in fresh]


def _reason(violation: Violation, job_id: str) -> Reason:
    """`values` names the job whose rule would break, when that is another one."""
    other = violation.job is not None and violation.job != job_id
    detail = f"{violation.job}: {violation.detail}" if other else violation.detail
    values = {**violation.values, "job": violation.job} if other else violation.values
    return Reason(violation.technician or "", violation.rule, detail, values)


def _timed(problem: Problem, tour: Tour, job_id: str, position: int) -> TimedRoute:
    technician = index_of(problem).technician[tour.day.id]
    return time_route(problem, technician, [*tour.ids[:position], job_id, *tour.ids[position:]])


def _spots(problem: Problem, tour: Tour, job: JobTiming, tolerant: bool = False,
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


def _distance(timed: TimedRoute, job_id: str, start: int | None) -> int:
    if start is None:
        return 0
    return abs(next(stop.start for stop in timed.route.stops if stop.job == job_id) - start)


def _sequences(routes: Iterable[Route]) -> dict[str, list[str]]:
    return {route.technician: [stop.job for stop in route.stops] for route in routes}
