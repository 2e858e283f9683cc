"""The same judge for every solver: exact times for its sequences, the independent checker, the common price."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.solvers.found import Sequences
from dispatch.routing.check import failures, price
from dispatch.routing.plan import legal_route, unserved
from dispatch.routing.problem import Problem
from dispatch.routing.solution import Solution, Unassigned


@dataclass(frozen=True, slots=True)
class Verdict:
    """`dropped` jobs broke a rule and count as left out; `broken` is what the checker still finds (never any)."""

    cost: int
    served: int
    dropped: int
    broken: int
    solution: Solution


def judged(problem: Problem, sequences: Sequences) -> Verdict:
    """The plan of these sequences, timed at least cost, without the jobs that are illegal there."""
    routes = tuple(
        legal_route(problem, technician.id, sequences.get(technician.id, []))
        for technician in problem.technicians
    )
    left = tuple(Unassigned(job, "not_found") for job in unserved(problem, routes))
    solution = Solution(routes, left, price(problem, routes))
    served = sum(len(route.stops) for route in routes)
    planned = sum(len(sequence) for sequence in sequences.values())
    broken = len(failures(problem, solution))
    return Verdict(solution.objective.total, served, planned - served, broken, solution)
