"""The same day with fewer people, other priorities or a lunch; and without what nobody could ever do."""

from __future__ import annotations

import dataclasses
import random

from dispatch.routing.problem import Break, Problem, Technician, replace
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route

PENALTIES = (2000 * 60, 1000 * 60, 500 * 60, 250 * 60)
"""Seconds of travel for P1 to P4."""

SHARES = (10, 20, 40, 30)
"""Percent of the jobs, P1 to P4."""


def crew_of(problem: Problem, size: int) -> Problem:
    """The first `size` technicians with all the work."""
    return replace(problem, technicians=problem.technicians[:size])


def prioritised(problem: Problem, seed: int) -> Problem:
    """Priorities drawn for every job."""
    dice = random.Random(seed)
    drawn = dice.choices(PENALTIES, SHARES, k=len(problem.jobs))
    jobs = zip(problem.jobs, drawn, strict=True)
    return replace(problem, jobs=tuple(dataclasses.replace(job, penalty=penalty) for job, penalty in jobs))


def with_lunch(problem: Problem) -> Problem:
    """A break of a twelfth of the shift for everybody, begun in its middle fifth (40 minutes of 8 hours)."""
    return replace(problem, technicians=tuple(_fed(technician) for technician in problem.technicians))


def _fed(technician: Technician) -> Technician:
    begin, end = technician.shift
    length = end - begin
    window = (begin + 2 * length // 5, begin + 3 * length // 5)
    return dataclasses.replace(technician, breaks=(Break(max(1, length // 12), window),))


def possible(problem: Problem) -> Problem:
    """Without the jobs that nobody of the crew could do: they would cost every solver the same."""
    jobs = tuple(
        job
        for job in problem.jobs
        if any(
            not broken_rules(problem, technician, job)
            and not time_route(problem, technician, [job.id]).broken
            for technician in problem.technicians
        )
    )
    return replace(problem, jobs=jobs)
