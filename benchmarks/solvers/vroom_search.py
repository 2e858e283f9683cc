"""VROOM at its deepest exploration: skills, parts as amounts, breaks, and priorities in proportion to penalties.

It serves the greatest sum of priorities first and then travels least, which here is the common objective
almost to the letter: no detour costs as much as the smallest penalty. It is deterministic, and may end early.
"""

from __future__ import annotations

import time
from datetime import timedelta

import vroom
from vroom.solution.solution import Solution

from benchmarks.solvers.found import Found, Sequences, able, parts_of
from dispatch.routing.problem import Job, Problem, Technician

EXPLORATION = 5
HIGHEST = 100
"""VROOM's greatest priority."""


def run(problem: Problem, seconds: float, seed: int) -> Found:
    """One search; the seed changes nothing."""
    model = _model(problem)
    began = time.perf_counter()
    # Its `solve` cannot be given a timeout: in 1.15 the check of that argument raises a TypeError.
    answer = Solution(model._solve(EXPLORATION, 1, timedelta(seconds=seconds)))
    return Found(_sequences(problem, answer), time.perf_counter() - began)


def _model(problem: Problem) -> vroom.Input:
    ((profile, matrix),) = problem.travel.items()
    model = vroom.Input()
    model.set_durations_matrix(profile, matrix)
    groups = able(problem)
    skills = {who: number for number, who in enumerate(dict.fromkeys(groups), 1)}
    parts = parts_of(problem)
    for number, technician in enumerate(problem.technicians):
        held = {skill for who, skill in skills.items() if number in who}
        model.add_vehicle(_vehicle(number, technician, profile, held, parts))
    most = max(job.penalty for job in problem.jobs)
    for number, (job, who) in enumerate(zip(problem.jobs, groups, strict=True)):
        priority = max(1, round(HIGHEST * job.penalty / most))
        model.add_job(_job(number, job, skills[who], parts, priority))
    return model


def _vehicle(
    number: int, technician: Technician, profile: str, held: set[int], parts: list[str]
) -> vroom.Vehicle:
    return vroom.Vehicle(
        number,
        start=technician.start,
        end=technician.end,
        profile=profile,
        capacity=[technician.parts.get(part, 0) for part in parts],
        skills=held,
        time_window=technician.shift,
        breaks=[
            vroom.Break(spot, time_windows=[rest.window], service=rest.duration)
            for spot, rest in enumerate(technician.breaks)
        ],
    )


def _job(number: int, job: Job, skill: int, parts: list[str], priority: int) -> vroom.Job:
    windows = [(max(opens, job.release or 0), closes) for opens, closes in job.windows]
    return vroom.Job(
        number,
        location=job.location,
        default_service=job.duration,
        delivery=[job.parts.get(part, 0) for part in parts],
        skills={skill},
        priority=priority,
        **({"time_windows": windows} if windows else {}),
    )


def _sequences(problem: Problem, answer: Solution) -> Sequences:
    answer._geometry = answer._distances = False
    steps = answer.routes
    jobs = steps[steps["type"] == "job"]
    found: Sequences = {}
    for vehicle, job in zip(jobs["vehicle_id"], jobs["id"], strict=True):
        found.setdefault(problem.technicians[int(vehicle)].id, []).append(problem.jobs[int(job)].id)
    return found
