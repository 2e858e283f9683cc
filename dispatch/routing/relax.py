"""The cheapest single change that would let a job in, tried out and checked before it is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dispatch.routing.check import failures, price
from dispatch.routing.index import index_of
from dispatch.routing.insertion import Candidate
from dispatch.routing.problem import Job, Lock, Problem, Technician, part_of
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Fix, Reason, Solution
from dispatch.routing.standing import Standing

# What a change is worth to somebody who has to arrange it, in seconds of travel: an hour of overtime
# costs three, a call to the requester ten minutes, and so on. Only the order matters.
EFFORT = {
    "window": 600, "right": 1800, "clearance": 1800, "tool": 1200, "part": 1200,
    "lock": 3600, "excluded": 5400, "skill": 7200, "visits": 9000,
}  # fmt: skip
TRIES = 12
MOST_GIVING_WAY = 4

Change = tuple[Technician, Job]


class Option(NamedTuple):
    """A change that might do, not tried yet."""

    effort: int
    fix: Fix
    change: Change


def cheapest_fix(standing: Standing, trials: Mapping[int, Candidate], job: Job) -> Fix | None:
    """The cheapest change after which the job fits a route; None when none of TRIES does.

    It fits beside what is there or, being worth more, in place of a few cheaper jobs that nobody locked.
    `trials` are the candidates of those technician-days that only time keeps from the job. The answer
    is always one whose plan the checker passes.
    """
    options = [
        option
        for row in range(len(standing.crew))
        for option in _options(standing, row, trials.get(row), job)
    ]
    for option in sorted(options, key=lambda option: (option.effort, option.fix.technician or ""))[:TRIES]:
        if _works(standing, standing.orders[standing.rows[option.change[0].id]], option.change):
            return option.fix
    return None


def _options(standing: Standing, row: int, trial: Candidate | None, job: Job) -> Iterator[Option]:
    problem, technician = standing.problem, standing.crew[row]
    reasons = broken_rules(problem, technician, job, standing.orders[row])
    reasons = reasons or (trial.broken if trial else ())
    if len(reasons) == 1 and _can_be_relaxed(technician, reasons[0]):
        yield RELAX[reasons[0].rule](problem, technician, job, reasons[0])


def _can_be_relaxed(technician: Technician, reason: Reason) -> bool:
    """Not what somebody else was told, nor the day of somebody who has gone, nor a skill that he has not at all."""
    if reason.rule in ("shift", "overtime"):
        return technician.may_stay
    others = "job" in reason.values
    return reason.rule in RELAX and not others and reason.values.get("has", 1) > 0


def _works(standing: Standing, order: Sequence[str], change: Change) -> bool:
    """Whether the changed job fits the changed technician's route, cheaper jobs giving way to it."""
    kept = list(order)
    if _fits(standing, kept, change):
        return True
    for cheaper in _giving_way(standing.problem, kept, change[1]):
        kept.remove(cheaper)
        if _fits(standing, kept, change):
            return True
    return False


def _giving_way(problem: Problem, job_ids: Sequence[str], job: Job) -> list[str]:
    """The cheapest jobs of a route that together are worth less than `job`, none of them locked."""
    known, worth = index_of(problem).job, 0
    found: list[str] = []
    for other in sorted(
        (known[one] for one in job_ids if known[one].lock is None), key=lambda one: one.penalty
    ):
        worth += other.penalty
        if worth >= job.penalty or len(found) == MOST_GIVING_WAY:
            break
        found.append(other.id)
    return found


def _fits(standing: Standing, job_ids: Sequence[str], change: Change) -> bool:
    """Whether the changed job fits among these of the changed technician, by the checker."""
    technician, job = change
    if broken_rules(standing.problem, technician, job, job_ids):
        return False
    spot = standing.fits_with(technician, job_ids, job)
    if spot is None:
        return False
    others = (standing.index.job[other] for other in job_ids)
    changed = part_of(standing.problem, (technician,), (*others, job))
    order = [*job_ids[: spot.position], job.id, *job_ids[spot.position :]]
    routes = (time_route(changed, technician, order).route,)
    return not failures(changed, Solution(routes, (), price(changed, routes)))


def _waive(sentence: str) -> Callable[[Problem, Technician, Job, Reason], Option]:
    def relax(problem: Problem, technician: Technician, job: Job, reason: Reason) -> Option:
        names = ", ".join(reason.values.get("missing", ()))
        detail = sentence.format(who=technician.id, names=names, **reason.values)
        waived = dataclasses.replace(job, waived=job.waived | {reason.rule})
        return Option(
            EFFORT[reason.rule], Fix(reason.rule, technician.id, detail, reason.values), (technician, waived)
        )

    return relax


def _extend_shift(problem: Problem, technician: Technician, job: Job, reason: Reason) -> Option:
    over: int = reason.values["over"]
    longer = dataclasses.replace(technician, shift=(technician.shift[0], technician.shift[1] + over))
    detail = f"extend the shift of {technician.id} by {-(-over // 60)} min"
    fix = Fix(reason.rule, technician.id, detail, {"seconds": over})
    return Option(over * max(1, problem.costs.overtime), fix, (longer, job))


def _widen_window(problem: Problem, technician: Technician, job: Job, reason: Reason) -> Option:
    start: int = reason.values.get("fixed", reason.values.get("earliest"))
    closes: int = reason.values.get("closes", start)
    wider = dataclasses.replace(job, windows=(*job.windows, (min(closes, start), start)))
    detail = f"let it begin at {start} with {technician.id}, {max(0, start - closes)} s after its last window closes"
    fix = Fix("window", technician.id, detail, {"start": start, "seconds": max(0, start - closes)})
    return Option(EFFORT["window"] + max(0, start - closes), fix, (technician, wider))


def _drop_lock(problem: Problem, technician: Technician, job: Job, reason: Reason) -> Option:
    """Of a job locked to somebody else only that is dropped; otherwise the locked start is."""
    assert job.lock is not None
    held = job.lock.technician not in (None, technician.id)
    person, start = (None, job.lock.start) if held else (job.lock.technician, None)
    free = dataclasses.replace(
        job, lock=Lock(person, start) if person is not None or start is not None else None
    )
    detail = f"drop the lock {f'on {job.lock.technician}' if held else 'on its start'}: {technician.id} could do it"
    fix = Fix(
        "lock",
        technician.id,
        detail,
        {"lock": "technician" if held else "start", "holder": job.lock.technician},
    )
    return Option(EFFORT["lock"], fix, (technician, free))


RELAX: dict[str, Callable[[Problem, Technician, Job, Reason], Option]] = {
    "skill": _waive("accept that {who} has {skill} at level {has} only"),
    "right": _waive("grant {who} the admin right {names}"),
    "clearance": _waive("get {who} site access to {names}"),
    "tool": _waive("give {who} the tool {names}"),
    "part": _waive("give {who} {needs} x {part}"),
    "visits": _waive("ask whether {who} may make one more visit"),
    "excluded": _waive("ask whether {who} may come after all"),
    "window": _widen_window,
    "shift": _extend_shift,
    "overtime": _extend_shift,
    "lock": _drop_lock,
}
