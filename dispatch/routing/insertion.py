"""Where one more job fits best: ranked technicians for a job, one placement, a greedy first plan."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.routing.index import JobTiming, index_of
from dispatch.routing.problem import Problem
from dispatch.routing.rules import broken_rules, parts_short
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Reason, Route, Violation
from dispatch.routing.tour import Spot, Tour, allowed, best_spot, sequences, spots, tour_of, tours


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
    others = [job for job in sequences(routes).get(technician_id, []) if job != job_id]
    tour = tour_of(problem, technician_id, others)
    job = index.jobs[job_id]
    found = list(spots(problem, tour, job)) or list(spots(problem, tour, job, tolerant=True))
    wanted = [min(found)] if start is None else found
    trials = {spot: _timed(problem, tour, job_id, spot.position) for spot in wanted}
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


def candidate(problem: Problem, tour: Tour, job_id: str) -> Candidate:
    """The candidate of one tour, which does not hold the job."""
    index = index_of(problem)
    job, technician = index.job[job_id], index.technician[tour.day.id]
    found = spots(problem, tour, index.jobs[job_id], best_only=True)
    spot = min(found, default=None) or min(
        spots(problem, tour, index.jobs[job_id], tolerant=True, best_only=True)
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


def _distance(timed: TimedRoute, job_id: str, start: int | None) -> int:
    if start is None:
        return 0
    return abs(next(stop.start for stop in timed.route.stops if stop.job == job_id) - start)
