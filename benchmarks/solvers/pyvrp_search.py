"""PyVRP with prizes for penalties and one vehicle type per technician. It knows no breaks.

Who may do what is said by a profile per kind of technician, in which trips to the jobs of others are longer than
any day and dearer than any penalty. Tried and worse: far in time alone, dear alone, and one matrix with a load per
kind of job (which served 164 of 198 where this way served 190). Of the settings, lower penalty terms, fewer
perturbations and fewer neighbours were worse; on days of 200 jobs and more, 100 neighbours and a history of 50
instead of 50 and 300 halved the cost. On smaller days the defaults were best.
"""

from __future__ import annotations

import time

import numpy as np
import pyvrp
from pyvrp.IteratedLocalSearch import IteratedLocalSearchParams
from pyvrp.search import NeighbourhoodParams
from pyvrp.stop import MaxRuntime

from benchmarks.days import REQUIRED
from benchmarks.solvers.found import Curve, Found, Sequences, able, improving, parts_of
from dispatch.routing.problem import Job, Problem, Technician

FAR = 10_000_000
"""Seconds: longer than any day, dearer than any penalty."""

LARGE = 150
"""Jobs from which on the settings for large days are better."""


def run(problem: Problem, seconds: float, seed: int) -> Found:
    """Iterated local search for so many seconds."""
    data = _data(problem)
    began = time.perf_counter()
    result = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, display=False, params=_settings(problem))
    spent = time.perf_counter() - began
    return Found(_sequences(problem, result.best), spent, _curve(result))


def _settings(problem: Problem) -> pyvrp.SolveParams:
    if len(problem.jobs) < LARGE:
        return pyvrp.SolveParams()
    return pyvrp.SolveParams(
        ils=IteratedLocalSearchParams(history_length=50),
        neighbourhood=NeighbourhoodParams(num_neighbours=100),
    )


def _data(problem: Problem) -> pyvrp.ProblemData:
    """Locations are the homes, then one per job."""
    crew, jobs, groups = problem.technicians, problem.jobs, able(problem)
    kinds = [frozenset(n for n, who in enumerate(groups) if number in who) for number in range(len(crew))]
    profiles = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    parts = parts_of(problem)
    far = [_far(problem, kind) for kind in profiles]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(crew) + len(jobs))],
        clients=[_client(problem, job, len(crew) + number, parts) for number, job in enumerate(jobs)],
        depots=[pyvrp.Depot(number) for number in range(len(crew))],
        vehicle_types=[
            _vehicle(number, technician, profiles[kinds[number]], parts)
            for number, technician in enumerate(crew)
        ],
        distance_matrices=far,
        duration_matrices=far,
    )


def _far(problem: Problem, kind: frozenset[int]) -> np.ndarray:
    """Seconds between locations, with the jobs that are not of this kind far away."""
    ((_, rows),) = problem.travel.items()
    places = [technician.start for technician in problem.technicians] + [job.location for job in problem.jobs]
    trips = np.asarray(rows, dtype=np.int64)[np.ix_(places, places)]
    barred = [len(problem.technicians) + n for n in range(len(problem.jobs)) if n not in kind]
    trips[:, barred] = FAR
    np.fill_diagonal(trips, 0)
    return trips


def _vehicle(number: int, technician: Technician, profile: int, parts: list[str]) -> pyvrp.VehicleType:
    return pyvrp.VehicleType(
        capacity=[technician.parts.get(part, 0) for part in parts],
        start_depot=number,
        end_depot=number,
        tw_early=technician.shift[0],
        tw_late=technician.shift[1],
        profile=profile,
    )


def _client(problem: Problem, job: Job, location: int, parts: list[str]) -> pyvrp.Client:
    ((opens, closes),) = job.windows or ((0, problem.horizon),)
    required = job.penalty >= REQUIRED
    return pyvrp.Client(
        location,
        delivery=[job.parts.get(part, 0) for part in parts],
        service_duration=job.duration,
        tw_early=max(opens, job.release or 0),
        tw_late=closes,
        prize=0 if required else job.penalty,
        required=required,
    )


def _sequences(problem: Problem, best: pyvrp.Solution) -> Sequences:
    return {
        problem.technicians[route.vehicle_type()].id: [
            problem.jobs[visit.idx].id for visit in route if visit.is_client()
        ]
        for route in best.routes()
    }


def _curve(result: pyvrp.Result) -> Curve:
    """The cost of the best plan over the iterations."""
    at = np.cumsum(result.stats.runtimes)
    return improving(
        [
            (float(second), datum.best_cost)
            for second, datum in zip(at, result.stats, strict=True)
            if datum.best_feas
        ]
    )
