"""The slow way to try one more job everywhere: every position timed from scratch by `timing`, without any table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from dispatch.routing.index import index_of, leaves_person, preference
from dispatch.routing.insertion import Candidate
from dispatch.routing.problem import Job, Problem, Technician, replace
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Reason, Route, Violation, sequences
from dispatch.routing.timing import WEIGHT, best_end, end_of_day, first_label, step


def candidates(problem: Problem, routes: Sequence[Route], job_id: str) -> list[Candidate]:
    """What `insertion.candidates` has to answer."""
    job = index_of(problem).job[job_id]
    orders = sequences(routes)
    found = [_candidate(problem, one, orders.get(one.id, []), job) for one in problem.technicians]
    return sorted(found, key=lambda one: (not one.feasible, len(one.broken), one.added, one.technician))


def best_spot(problem: Problem, technician: Technician, order: list[str], job: Job) -> tuple[int, int] | None:
    """What the job adds to this route at its cheapest legal position, and that position."""
    day, jobs = index_of(problem).days[technician.id], index_of(problem).jobs
    before = best_end(problem.costs, day, [jobs[one] for one in order])
    if before is None and order:
        return None
    price = (
        before.cost if before is not None and order else time_route(problem, technician, []).objective.total
    )
    ends = [
        (best_end(problem.costs, day, [jobs[one] for one in _with(order, job, at)]), at)
        for at in range(len(order) + 1)
    ]
    return min(((end.cost - price, at) for end, at in ends if end is not None), default=None)


def least_bad(
    problem: Problem, technician: Technician, order: list[str], job: Job, known: list[Violation]
) -> int:
    """The position at which the fewest rules are broken, or broken further, the route before it being as it was."""
    index = index_of(problem)
    day, costs = index.days[technician.id], problem.costs
    tolerant = bool(order) and best_end(costs, day, [index.jobs[one] for one in order]) is None
    prices = []
    for at in range(len(order) + 1):
        labels = [first_label(day)]
        for one in order[:at]:
            labels = step(costs, day, labels, index.jobs[one], tolerant)
        for one in [job.id, *order[at:]]:
            labels = step(costs, day, labels, index.jobs[one], tolerant=True)
        end = end_of_day(costs, day, labels, index.jobs[_with(order, job, at)[-1]], tolerant=True)
        assert end is not None
        worse = _worse(problem, technician, _with(order, job, at), known) if known else []
        prices.append((sum(WEIGHT.get(one.rule, 1) for one in worse), end.cost, at))
    return min(prices)[-1]


def _worse(
    problem: Problem, technician: Technician, order: list[str], known: list[Violation]
) -> list[Violation]:
    """The rules that the order breaks, without those that are known to be broken as badly."""
    after = time_route(problem, technician, order).broken
    return [one for one in after if not any(_covers(other, one) for other in known)]


def _covers(known: Violation, one: Violation) -> bool:
    if (known.rule, known.job) != (one.rule, one.job):
        return False
    if one.rule in ("duty", "break") and known.values["from"] != one.values["from"]:
        return False
    never = 10**12 if one.rule == "duty" else 0
    return all(one.values.get(key, never) <= known.values.get(key, never) for key in ("earliest", "over"))


def _candidate(problem: Problem, technician: Technician, now: list[str], job: Job) -> Candidate:
    """With `now` his jobs, this one perhaps among them."""
    order = [other for other in now if other != job.id]
    before = time_route(problem, technician, order)
    known = [*before.broken, *_broken_with(problem, technician, now, job)]
    spot = best_spot(problem, technician, order, job)
    at = spot[1] if spot else least_bad(problem, technician, order, job, known)
    after = time_route(problem, technician, _with(order, job, at))
    broken = [*broken_rules(problem, technician, job, order)]
    for one in _worse(problem, technician, _with(order, job, at), known):
        other = {} if one.job in (None, job.id) else {"job": one.job}
        detail = f"{one.job}: {one.detail}" if other else one.detail
        broken.append(Reason(technician.id, one.rule, detail, {**one.values, **other}))
    stop = after.route.stops[at]
    return Candidate(
        technician.id, not broken, at, after.objective.total - before.objective.total,
        after.objective.travel - before.objective.travel, stop.arrival, stop.start,
        0 if job.due is None else max(0, stop.end - job.due), tuple(broken),
    )  # fmt: skip


def _broken_with(problem: Problem, technician: Technician, now: list[str], job: Job) -> list[Violation]:
    """What others on the route with the job suffer as things are, at whatever time that suits it."""
    if job.id not in now:
        return []
    free = replace(
        problem,
        jobs=tuple(dataclasses.replace(one, lock=None) if one.id == job.id else one for one in problem.jobs),
    )
    return [one for one in time_route(free, technician, now).broken if one.job != job.id]


def cost_of_broken(
    problem: Problem, technician: Technician, routes: Sequence[Route], job: Job, placed: TimedRoute
) -> int:
    """What is broken with the job placed so, beside what is broken without it and as it is."""
    now = sequences(routes)[technician.id]
    before = time_route(problem, technician, [other for other in now if other != job.id])
    known = [*before.broken, *_broken_with(problem, technician, now, job)]
    worse = [one for one in placed.broken if not any(_covers(other, one) for other in known)]
    return sum(WEIGHT.get(one.rule, 1) for one in worse)


def standing_cost(problem: Problem, technician: Technician, job: Job) -> int:
    index = index_of(problem)
    day = index.days[technician.id]
    return problem.costs.move * leaves_person(index, job, day) - preference(job, day)


def _with(order: list[str], job: Job, at: int) -> list[str]:
    return [*order[:at], job.id, *order[at:]]
