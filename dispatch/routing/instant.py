"""Answers at once about a plan that stands: who could take a job, one urgent job put in, a plan mended after a change.

`candidates` and `insert` work on a `Standing`, made once per problem and plan (`Standing.of`) and asked as often as
one likes; `repair` takes the changed problem and the plan as it was. All of them leave people with the work they
have: a job that changes persons costs `costs.move`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatch.routing.check import failures, price
from dispatch.routing.insertion import Candidate, as_it_is, others_broken, ranked
from dispatch.routing.limits import Clock, Limits
from dispatch.routing.plan import Plan, taken_up
from dispatch.routing.problem import Job, Problem, part_of, replace
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route
from dispatch.routing.search import engine as search
from dispatch.routing.solution import Route, Solution, Violation, sequences
from dispatch.routing.standing import Standing

LONGEST_RUN = 3
"""Jobs in a row that may have to leave a day for an urgent one."""

LOOKED_INTO = 20
"""Ways to make room that are followed to their end, the most promising first: more found nothing cheaper."""


@dataclass(frozen=True, slots=True)
class Move:
    """A job that is with another technician-day than before; None is nobody's."""

    job: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Inserted:
    """What putting a job in changes: the routes that are not as before, who had to move, what it costs (seconds).

    `technician` is None when the job does not fit anywhere for less than it is worth; then nothing changes.
    """

    technician: str | None
    routes: tuple[Route, ...] = ()
    moved: tuple[Move, ...] = ()
    added: int = 0


@dataclass(frozen=True, slots=True)
class Repaired:
    """A checked plan for the changed problem, and what is with another technician-day than in the old one."""

    plan: Plan
    moved: tuple[Move, ...]


def candidates(standing: Standing, job: Job) -> list[Candidate]:
    """Every technician-day for this job, best first, each with its cost and times or every rule that forbids it.

    The job need not be in the problem; one that is on a day is looked at as if it was not, but what that day breaks
    already with it is not told again.
    """
    row = standing.day_of(job.id)
    if row is None:
        return ranked(standing, job)
    order = standing.orders[row]
    known: tuple[Violation, ...] = ()
    if standing.broken(row):
        known = others_broken(as_it_is(standing.problem, standing.crew[row].id, order, job.id), job.id)
    standing.put(row, [one for one in order if one != job.id], known)
    try:
        return ranked(standing, job)
    finally:
        standing.put(row, order)


def insert(standing: Standing, job: Job) -> Inserted:
    """The cheapest way to put one job in, which is on no day yet; the standing plan stays as it is.

    Beside what is there if that pays. Otherwise up to LONGEST_RUN jobs in a row that nobody locked leave a day;
    each goes where it costs least, to another person at the price of a move, or stays out at its penalty. What is
    found is legal by the checker.
    """
    able = [row for row in range(len(standing.crew)) if standing.may(row, job)]
    beside = standing.best(job, able) if able else {}
    row = min(beside, key=lambda row: (beside[row], row), default=None)
    if row is not None and beside[row].added < job.penalty:
        order = list(standing.orders[row])
        order.insert(beside[row].position, job.id)
        found = _inserted(standing, job, {row: order}, (), beside[row].added)
        if found is not None:
            return found
    standing = standing.knowing(job)
    willing = [row for row, one in enumerate(standing.crew) if not broken_rules(standing.problem, one, job)]
    ways = standing.runs(job, willing, LONGEST_RUN)
    best: Inserted | None = None
    for way in sorted(ways, key=lambda way: _promise(standing, way))[:LOOKED_INTO]:
        most = job.penalty if best is None else best.added
        found = _followed(standing, job, way, most) if way[3] < most else None
        best = found or best
    return best or Inserted(None)


def repair(problem: Problem, routes: Sequence[Route], limits: Limits, seed: int = 0) -> Repaired:
    """The old plan mended for a problem that has changed: somebody is ill, work takes longer, a right has expired …

    What is legal stays where it is; what is not, and what is new, is put where it costs least; then ruin and
    recreate looks for something better until the limits, with the price of a move for every job that leaves the
    person who has it in `routes`. With nothing but a number of iterations the same seed gives the same plan.
    """
    clock = Clock(limits)
    held = holders(problem, routes)
    plan = taken_up(held, routes)
    for better in search.improve(held, plan, clock, seed, 0.0, True):
        plan = better
    return Repaired(plan, moves(routes, plan.routes))


def holders(problem: Problem, routes: Sequence[Route]) -> Problem:
    """The problem in which every job that is on one of the routes has its technician-day for `current`."""
    holder = {stop.job: route.technician for route in routes for stop in route.stops}
    jobs = tuple(
        job
        if holder.get(job.id, job.current) == job.current
        else dataclasses.replace(job, current=holder[job.id])
        for job in problem.jobs
    )
    return replace(problem, jobs=jobs)


def moves(before: Sequence[Route], after: Sequence[Route]) -> tuple[Move, ...]:
    """The jobs that are with another technician-day than before, those that left a route or came to one included."""
    old, new = _holder(before), _holder(after)
    jobs = dict.fromkeys([*old, *new])
    return tuple(Move(job, old.get(job), new.get(job)) for job in jobs if old.get(job) != new.get(job))


def _holder(routes: Sequence[Route]) -> dict[str, str]:
    return {job: name for name, order in sequences(routes).items() for job in order}


def _promise(standing: Standing, way: tuple[int, int, int, int]) -> int:
    """What a way to make room costs, or nearly: what leaves finds another place, or is not worth one."""
    row, start, length, added = way
    jobs, move = standing.index.job, standing.problem.costs.move
    return added + sum(min(jobs[one].penalty, move) for one in standing.orders[row][start : start + length])


def _followed(standing: Standing, job: Job, way: tuple[int, int, int, int], most: int) -> Inserted | None:
    """The job put in that way, and every one that leaves where it costs least; None at `most` or above."""
    row, start, length, added = way
    order = standing.orders[row]
    leaving = [standing.index.job[one] for one in order[start : start + length]]
    lighter = order[:start] + order[start + length :]
    spot = standing.fits_beside(row, lighter, job) if standing.may(row, job, lighter) else None
    if spot is None:
        return None
    before = {row: order}
    standing.put(row, [*lighter[: spot.position], job.id, *lighter[spot.position :]])
    try:
        moved = []
        for one in sorted(leaving, key=lambda one: -one.penalty):
            cost, move = _elsewhere(standing, one, row, before)
            added += cost
            moved.append(move)
            if added >= most:
                return None
        changed = {at: list(standing.orders[at]) for at in before}
    finally:
        for at, old in before.items():
            standing.put(at, old)
    return _inserted(
        standing, job, changed, tuple(move for move in moved if move.after != move.before), added
    )


def _elsewhere(standing: Standing, job: Job, row: int, before: dict[int, list[str]]) -> tuple[int, Move]:
    """Puts a job that has left a day where it costs least, or nowhere; notes what that day was `before`."""
    name, left = standing.crew[row].id, standing.standing_cost(row, job)
    able = [at for at in range(len(standing.crew)) if standing.may(at, job)]
    costs = {
        at: (spot.added + _move(standing, job, row, at), spot)
        for at, spot in (standing.best(job, able) if able else {}).items()
    }
    at = min(costs, key=lambda at: (costs[at], at), default=None)
    if at is None or costs[at][0] >= job.penalty:
        return job.penalty - left, Move(job.id, name, None)
    before.setdefault(at, standing.orders[at])
    order = list(standing.orders[at])
    order.insert(costs[at][1].position, job.id)
    standing.put(at, order)
    return costs[at][0] - left, Move(job.id, name, standing.crew[at].id)


def _move(standing: Standing, job: Job, old: int, new: int) -> int:
    """The price of leaving a person, where the job does not say itself who has it."""
    stays = job.current is not None or standing.crew[old].person == standing.crew[new].person
    return 0 if stays else standing.problem.costs.move


def _inserted(
    standing: Standing, job: Job, orders: Mapping[int, Sequence[str]], moved: tuple[Move, ...], added: int
) -> Inserted | None:
    """The days that change, timed exactly; None where the checker refuses them: what stood there was not legal."""
    known = standing.index.job
    jobs = [job if one == job.id else known[one] for order in orders.values() for one in order]
    part = part_of(standing.problem, [standing.crew[row] for row in orders], jobs)
    routes = tuple(time_route(part, standing.crew[row], order).route for row, order in orders.items())
    if failures(part, Solution(routes, (), price(part, routes))):
        return None
    technician = next(standing.crew[row].id for row, order in orders.items() if job.id in order)
    return Inserted(technician, routes, moved, added)
