"""Where one more job fits best: ranked technicians for a job, one placement, a greedy first plan."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.routing.index import index_of
from dispatch.routing.problem import Job, Problem, part_of
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Reason, Route, Violation, sequences
from dispatch.routing.standing import Spot, Standing, Trial


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


def ranked(standing: Standing, job: Job) -> list[Candidate]:
    """Every technician-day for a job that is on none: the feasible ones by cost, then the others.

    Nothing is refused: a technician who may not do the job is listed with every broken rule and with the spot it
    would go to.
    """
    found = standing.trials(job, range(len(standing.crew)))
    return sorted(
        (candidate(standing, row, job, trial) for row, trial in found.items()),
        key=lambda one: (not one.feasible, len(one.broken), one.added, one.technician),
    )


def candidate(standing: Standing, row: int, job: Job, trial: Trial) -> Candidate:
    """The candidate of that day, which does not hold the job, as it was tried there."""
    problem, technician = standing.problem, standing.crew[row]
    person = broken_rules(problem, technician, job, standing.orders[row])
    broken = [*person, *(_reason(one, job.id) for one in trial.broken)]
    return Candidate(
        technician=technician.id,
        feasible=not broken,
        position=trial.position,
        added=trial.added + standing.standing_cost(row, job),
        added_travel=trial.added_travel,
        arrival=trial.arrival,
        start=trial.start,
        lateness=0 if job.due is None else max(0, trial.start + job.duration - job.due),
        broken=tuple(broken),
    )


def as_it_is(problem: Problem, technician_id: str, order: Sequence[str], job_id: str) -> TimedRoute:
    """His route with the job where it is in `order`, at any time that suits the route."""
    technician, known = index_of(problem).technician[technician_id], index_of(problem).job
    jobs = [dataclasses.replace(known[one], lock=None) if one == job_id else known[one] for one in order]
    return time_route(part_of(problem, [technician], jobs), technician, order)


def others_broken(timed: TimedRoute, job_id: str) -> tuple[Violation, ...]:
    """What the route breaks beside the rules of the job itself: it is no news when the job moves along the route."""
    return tuple(one for one in timed.broken if one.job != job_id)


def place(problem: Problem, routes: Sequence[Route], job_id: str, technician_id: str,
          start: int | None = None) -> TimedRoute:  # fmt: skip
    """His route with the job at its best position, or where it would start nearest to `start`.

    The position is legal where there is a legal one; otherwise `broken` of the answer says what fails, as little as
    can be beside what his route breaks already, with the job or without it. Raises KeyError for an unknown job or
    technician.
    """
    job, technician = index_of(problem).job[job_id], index_of(problem).technician[technician_id]
    now = sequences(routes).get(technician_id, [])
    order = [other for other in now if other != job_id]
    standing = Standing(problem, {technician_id: order})
    row = standing.rows[technician_id]
    if job_id in now:
        standing.put(row, order, others_broken(as_it_is(problem, technician_id, now, job_id), job_id))

    def timed(position: int) -> TimedRoute:
        return time_route(problem, technician, [*order[:position], job_id, *order[position:]])

    if start is None:
        return timed(standing.trials(job, [row])[row].position)
    trials = ((spot, timed(spot.position)) for spot in standing.spots(job, row))
    return min(trials, key=lambda trial: (_distance(trial[1], job_id, start), trial[0]))[1]


def greedy(problem: Problem, routes: Sequence[Route] = ()) -> list[Route]:
    """A legal plan: jobs are added to `routes` (legal ones) while that costs less than leaving them.

    Dear jobs come first (in classes of a factor of two in penalty), and among equals those that lose
    most if their best technician is taken (regret). One route per technician-day, in their order.
    """
    standing = Standing.of(problem, routes)
    served = {job for order in standing.orders for job in order}
    waiting = [_Bid(standing, job) for job in problem.jobs if job.id not in served]
    heap = [bid for bid in waiting if bid.offers]
    heapq.heapify(heap)
    while heap:
        bid = heapq.heappop(heap)
        if bid.refresh():
            if bid.offers:
                heapq.heappush(heap, bid)
            continue
        row, spot = bid.best
        order = standing.orders[row]
        standing.put(row, [*order[: spot.position], bid.job.id, *order[spot.position :]])
    return [
        time_route(problem, technician, order).route
        for technician, order in zip(problem.technicians, standing.orders, strict=True)
    ]


class _Bid:
    """A job that waits for a place, with the best spot of each technician-day as last looked up."""

    def __init__(self, standing: Standing, job: Job) -> None:
        self.standing, self.job = standing, job
        self.offers: dict[int, tuple[int, Spot]] = {}
        self._offer(range(len(standing.crew)))
        self.rank = self._rank()

    def _offer(self, rows: Sequence[int]) -> None:
        for row in rows:
            self.offers.pop(row, None)
        able = [row for row in rows if self.standing.may(row, self.job)]
        for row, spot in self.standing.best(self.job, able).items() if able else ():
            if spot.added < self.job.penalty:
                self.offers[row] = (self.standing.versions[row], spot)

    def refresh(self) -> bool:
        """Looks again at the two best offers until neither is of a day that has changed since.

        The others can wait: a day that has taken a job seldom gets cheaper. False when none had.
        """
        looked = False
        while changed := [
            row for row in self._leaders() if self.offers[row][0] != self.standing.versions[row]
        ]:
            looked = True
            self._offer(changed)
        self.rank = self._rank()
        return looked

    def _leaders(self) -> list[int]:
        return heapq.nsmallest(2, self.offers, key=lambda row: self.offers[row][1])

    @property
    def best(self) -> tuple[int, Spot]:
        return min(((row, spot) for row, (_, spot) in self.offers.items()), key=lambda offer: offer[1])

    def _rank(self) -> tuple[int, int, int, str]:
        costs = sorted(spot.added for _, spot in self.offers.values())
        regret = (costs[1] if len(costs) > 1 else self.job.penalty) - costs[0] if costs else 0
        return -self.job.penalty.bit_length(), -regret, costs[0] if costs else 0, self.job.id

    def __lt__(self, other: _Bid) -> bool:
        return self.rank < other.rank


def _reason(violation: Violation, job_id: str) -> Reason:
    """`values` names the job whose rule would break, when that is another one."""
    other = violation.job is not None and violation.job != job_id
    detail = f"{violation.job}: {violation.detail}" if other else violation.detail
    values = {**violation.values, "job": violation.job} if other else violation.values
    return Reason(violation.technician or "", violation.rule, detail, values)


def _distance(timed: TimedRoute, job_id: str, start: int) -> int:
    return abs(next(stop.start for stop in timed.route.stops if stop.job == job_id) - start)
