"""No reason is ever false: each is tried out with CP-SAT's times and the checker's word, not with what explains."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.check import price
from dispatch.routing.explain import explain
from dispatch.routing.insertion import greedy
from dispatch.routing.problem import Job, Lock, Problem, Technician, replace
from dispatch.routing.referee import ruling
from dispatch.routing.solution import Fix, Reason, Route, Unassigned
from tests.routing.generate import random_problem as metric_problem
from tests.routing.orders import broken, orders
from tests.routing.strategies import random_problem

PERSONAL = {"skill", "right", "clearance", "tool", "excluded"}

Orders = dict[str, list[str]]

explained = st.integers(0, 2**32).map(
    lambda seed: random_problem(Random(seed), 5) if seed % 2 else metric_problem(seed, 2, 7)
)


def timings(problem: Problem, name: str, jobs: Sequence[str]) -> Iterator[Route]:
    """The routes with these jobs in this order that the checker passes, one per place of his duties."""
    technician = next(one for one in problem.technicians if one.id == name)
    for order in orders(problem, technician, jobs):
        found = ruling(problem, name, order)
        if found is not None and not broken(problem, found.route):
            yield found.route


def with_it(problem: Problem, name: str, jobs: Sequence[str], job: str) -> Iterator[Route]:
    """As `timings`, with one more job at any place."""
    for spot in range(len(jobs) + 1):
        yield from timings(problem, name, [*jobs[:spot], job, *jobs[spot:]])


def saved(problem: Problem, routes: Iterator[Route], before: Sequence[Route]) -> int:
    """What the plan saves at most when one of the routes takes the place of those before; negative if it costs."""
    now = price(problem, before).total
    return max((now - price(problem, (route,)).total for route in routes), default=-(10**9))


@settings(max_examples=40, deadline=None)
@given(explained)
def test_kinds_reasons_and_fixes_hold_by_the_checker(problem: Problem) -> None:
    routes = [route for route in greedy(problem) if len(route.stops) != 1]
    plan = {one.id: [] for one in problem.technicians} | {
        route.technician: [stop.job for stop in route.stops] for route in routes
    }
    served = {job for jobs in plan.values() for job in jobs}
    left = [job.id for job in problem.jobs if job.id not in served]
    for entry in explain(problem, routes, left):
        job = next(job for job in problem.jobs if job.id == entry.job)
        the_kind_holds(problem, plan, job, entry)
        for reason in entry.reasons:
            the_reason_holds(problem, plan, job, reason)
        if entry.outbid_by:
            assert room_is_made(problem, plan, job, entry.outbid_by)
        if entry.remedy is not None:
            assert the_fix_works(problem, plan, job, entry.remedy)


def the_kind_holds(problem: Problem, plan: Orders, job: Job, entry: Unassigned) -> None:
    now = [any(with_it(problem, name, jobs, job.id)) for name, jobs in plan.items()]
    could = [any(able(problem, name, jobs, job)) for name, jobs in plan.items()]
    assert (entry.kind == "impossible") == (not any(now) and not any(could))
    gains = [saved(problem, with_it(problem, name, jobs, job.id), as_they_are(problem, name, jobs))
             for name, jobs in plan.items()]  # fmt: skip
    assert (entry.kind == "not_found") == (max(gains) > 0)


def able(problem: Problem, name: str, jobs: Sequence[str], job: Job) -> Iterator[Route]:
    """His day with nothing else to do; for a locked job, beside what is locked there too."""
    if not any(timings(problem, name, [job.id])):
        return
    locked = [one.id for one in problem.jobs if one.id in jobs and one.lock] if job.lock else []
    for order in permutations(locked):
        yield from with_it(problem, name, order, job.id)


def as_they_are(problem: Problem, name: str, jobs: Sequence[str]) -> list[Route]:
    routes = list(timings(problem, name, jobs)) if jobs else []
    return [min(routes, key=lambda route: price(problem, (route,)).total)] if routes else []


def the_reason_holds(problem: Problem, plan: Orders, job: Job, reason: Reason) -> None:
    """Whom a reason names cannot take the job at a gain, and a rule of the person is one the checker knows of."""
    name, jobs = reason.technician, plan[reason.technician]
    before = as_they_are(problem, name, jobs)
    assert saved(problem, with_it(problem, name, jobs, job.id), before) <= 0
    if reason.rule in PERSONAL:
        for route in alone(problem, name, job):
            assert reason.rule in {found.rule for found in broken(problem, route)}
    if "added" in reason.values:
        gained = job.penalty - reason.values["added"]
        assert saved(problem, with_it(problem, name, jobs, job.id), before) == gained


def alone(problem: Problem, name: str, job: Job) -> Iterator[Route]:
    """The job alone with him at whatever time CP-SAT gives it, whoever may do it."""
    technician = next(one for one in problem.technicians if one.id == name)
    for order in orders(problem, technician, [job.id]):
        if found := ruling(problem, name, order):
            yield found.route


def room_is_made(problem: Problem, plan: Orders, job: Job, gone: Sequence[str]) -> bool:
    """Without these jobs, all of one route, the job fits there and pays."""
    [(name, jobs)] = [(name, jobs) for name, jobs in plan.items() if set(gone) <= set(jobs)]
    rest = [one for one in jobs if one not in gone]
    return saved(problem, with_it(problem, name, rest, job.id), as_they_are(problem, name, rest)) > 0


def the_fix_works(problem: Problem, plan: Orders, job: Job, fix: Fix) -> bool:
    """With it the checker passes a plan with the job, beside the others or in place of up to four cheaper ones."""
    changed = fixed(problem, job, fix)
    assert fix.technician is not None
    jobs = plan[fix.technician]
    for count in range(5):
        for gone in combinations(jobs, count):
            known = [one for one in problem.jobs if one.id in gone]
            if any(one.lock for one in known) or (known and sum(one.penalty for one in known) >= job.penalty):
                continue
            rest = [one for one in jobs if one not in gone]
            if any(with_it(changed, fix.technician, rest, job.id)):
                return True
    return False


def fixed(problem: Problem, job: Job, fix: Fix) -> Problem:
    """The problem after what the fix says has been done, read from its numbers alone."""
    technician = next(one for one in problem.technicians if one.id == fix.technician)
    changed_technician, changed_job = apply(technician, job, fix)
    return replace(
        problem,
        technicians=tuple(changed_technician if one is technician else one for one in problem.technicians),
        jobs=tuple(changed_job if one is job else one for one in problem.jobs),
    )


def apply(technician: Technician, job: Job, fix: Fix) -> tuple[Technician, Job]:
    values = fix.values
    missing = frozenset(values.get("missing", ()))
    match fix.rule:
        case "skill":
            levels = {**technician.skills, values["skill"]: values["needs"]}
            return dataclasses.replace(technician, skills=levels), job
        case "right":
            return dataclasses.replace(technician, rights=technician.rights | missing), job
        case "clearance":
            return dataclasses.replace(technician, clearances=technician.clearances | missing), job
        case "tool":
            return dataclasses.replace(technician, tools=technician.tools | missing), job
        case "part":
            more = technician.parts.get(values["part"], 0) + values["needs"]
            return dataclasses.replace(technician, parts={**technician.parts, values["part"]: more}), job
        case "visits":
            return dataclasses.replace(technician, max_visits=values["visits"]), job
        case "excluded":
            return technician, dataclasses.replace(
                job, excluded=job.excluded - {technician.person, technician.id}
            )
        case "window":
            wider = (*job.windows, (values["start"] - values["seconds"], values["start"]))
            return technician, dataclasses.replace(job, windows=wider)
        case "shift" | "overtime":
            longer = (technician.shift[0], technician.shift[1] + values["seconds"])
            return dataclasses.replace(technician, shift=longer), job
        case "lock":
            assert job.lock is not None
            kept = Lock(start=job.lock.start) if job.lock.start is not None else None
            if values["lock"] == "start":
                kept = Lock(job.lock.technician) if job.lock.technician is not None else None
            return technician, dataclasses.replace(job, lock=kept)
    raise AssertionError(f"no such fix: {fix}")
