"""What every solver answers, and what several of them ask of a problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dispatch.routing.problem import Problem
from dispatch.routing.rules import broken_rules

Sequences = dict[str, list[str]]
"""Job ids in order, per technician."""

Curve = list[tuple[float, int]]
"""Seconds since the search began, and the cost of the best plan so far by the solver's own account."""


@dataclass(frozen=True, slots=True)
class Found:
    """A plan as the solver sees it, and how it got there; `seconds` is the length of the search."""

    sequences: Sequences
    seconds: float
    curve: Curve = field(default_factory=list)


Solver = Callable[[Problem, float, int], Found]
"""From a problem, seconds and a seed."""


def able(problem: Problem) -> list[tuple[int, ...]]:
    """Per job, the indexes of the technicians who may do it: skills, rights, tools and parts for it alone."""
    crew = list(enumerate(problem.technicians))
    return [
        tuple(number for number, technician in crew if not broken_rules(problem, technician, job))
        for job in problem.jobs
    ]


def parts_of(problem: Problem) -> list[str]:
    """The parts that jobs use, in order."""
    return sorted({part for job in problem.jobs for part in job.parts})


def improving(curve: Curve) -> Curve:
    """The points of a curve at which it falls."""
    falling: Curve = []
    for seconds, cost in curve:
        if not falling or cost < falling[-1][1]:
            falling.append((round(seconds, 3), cost))
    return falling
