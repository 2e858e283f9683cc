"""Locked jobs to which no direct way leads: they fit only behind or before another job.

One job at a time is never put in there, so neither insertion nor ruin and recreate finds such a place unless the other
job happens to be on that day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dispatch.routing.plan import Plan, revised, unserved
from dispatch.routing.problem import Job, Problem
from dispatch.routing.standing import Standing


def escorted(problem: Problem, plan: Plan, over: Callable[[], bool]) -> Plan:
    """The plan (legal) with the locked jobs that it leaves out wherever another job opens the way, until `over`."""
    if not plan.locked_out or not _has_gaps(problem):
        return plan
    left = {*unserved(problem, plan.routes)}
    for job in problem.jobs:
        if job.lock is not None and job.id in left and not over():
            plan = min(_ways(problem, plan, job, over), default=plan)
    return plan


def _has_gaps(problem: Problem) -> bool:
    return any(bool((np.asarray(matrix) < 0).any()) for matrix in problem.travel.values())


def _ways(problem: Problem, plan: Plan, job: Job, over: Callable[[], bool]) -> Iterator[Plan]:
    """Better plans in which a job of somebody else, or of nobody, leads to this one."""
    standing = Standing.of(problem, plan.routes)
    for row, technician in enumerate(standing.crew):
        if not standing.may(row, job):
            continue
        for other in problem.jobs:
            if over():
                return
            if other.lock is None and other.id not in standing.orders[row] and standing.may(row, other):
                yield from _led(problem, plan, standing, row, other, job, technician.id)


def _led(
    problem: Problem, plan: Plan, standing: Standing, row: int, other: Job, job: Job, name: str
) -> Iterator[Plan]:
    order, before = standing.orders[row], standing.day_of(other.id)
    for at in range(len(order) + 1):
        longer = [*order[:at], other.id, *order[at:]]
        spot = standing.fits_beside(row, longer, job)
        if spot is None:
            continue
        changed = {name: [*longer[: spot.position], job.id, *longer[spot.position :]]}
        if before is not None:
            rest = [one for one in standing.orders[before] if one != other.id]
            changed[standing.crew[before].id] = rest
        found = revised(problem, plan, changed)
        if found < plan:
            yield found
