"""Why a job is on nobody's route, and why another one is on somebody's: by rules, not by the search."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from dispatch.routing.index import index_of
from dispatch.routing.insertion import Candidate, candidate, candidates
from dispatch.routing.problem import NEVER_WAIVED, RULES, Job, Lock, Problem, replace
from dispatch.routing.relax import cheapest_fix
from dispatch.routing.rules import broken_rules, parts_short
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Reason, Route, Unassigned
from dispatch.routing.tour import Tour, allowed, best_spot, sequences, tour_of, tours

# 120 orders take some ten milliseconds.
MOST_ORDERED = 5


@dataclass(frozen=True, slots=True)
class Why:
    """Why a job is with `technician`.

    `runner_up` is the best of the others who may and can, `difference` what the plan would cost more
    with him (seconds of travel, negative when it would cost less); without one, `others` has the first
    broken rule of each. `locked` says that the lock leaves no choice, `waived` what was overridden for
    `technician`: neither counts for the others, who are looked at as if the job was still to be given.
    """

    job: str
    technician: str
    runner_up: str | None
    difference: int | None
    detail: str
    others: tuple[Reason, ...] = ()
    locked: bool = False
    waived: frozenset[str] = frozenset()


def explain(problem: Problem, routes: Sequence[Route], unassigned_ids: Sequence[str],
            time_spent_ok: bool = True) -> tuple[Unassigned, ...]:  # fmt: skip
    """The reasons of every job left out of `routes`.

    impossible: no technician-day could do it, even with nothing else to do but what is locked beside
    it. not_found: somebody could take it now, and it would pay. outbid: the rest; `outbid_by` are the
    cheapest jobs that would have to go. Each technician who cannot has the first rule that fails, with
    numbers. With `time_spent_ok` false the numbers on busy routes and the fix, which take some
    milliseconds per job, are left out; the kinds are the same.
    """
    plan = tours(problem, routes)
    return tuple(_explained(problem, plan, job_id, time_spent_ok) for job_id in unassigned_ids)


def why(problem: Problem, routes: Sequence[Route], job_id: str) -> Why:
    """Why an assigned job is where it is. Raises ValueError for a job on no route.

    The price of moving it is left aside: it says who has the job, not who suits it.
    """
    holder = next((r.technician for r in routes for stop in r.stops if stop.job == job_id), None)
    if holder is None:
        raise ValueError(f"{job_id} is on no route")
    job = index_of(problem).job[job_id]
    free = _free(problem, job)
    person = index_of(problem).days[holder].person
    others = [
        one
        for one in candidates(free, routes, job_id)
        if index_of(problem).days[one.technician].person != person
    ]
    locked, waived = bool(job.lock and job.lock.technician), job.waived - NEVER_WAIVED
    other = next((one for one in others if one.feasible), None)
    if other is None:
        reasons = tuple(min(one.broken, key=lambda reason: RULES.index(reason.rule)) for one in others)
        detail = f"nobody but {holder} can take it as things stand"
        return Why(job_id, holder, None, None, detail, reasons, locked, waived)
    difference = other.added - _added_by(problem, routes, holder, job)
    detail = (
        f"{other.technician} could do it too, for {abs(difference)} s {'more' if difference >= 0 else 'less'}"
    )
    return Why(job_id, holder, other.technician, difference, detail, (), locked, waived)


def _free(problem: Problem, job: Job) -> Problem:
    """The same problem with this job as anybody could get it; a locked start stays."""
    start = job.lock.start if job.lock else None
    lock = Lock(start=start) if start is not None else None
    free = dataclasses.replace(job, lock=lock, waived=frozenset(), current=None)
    return replace(problem, jobs=tuple(free if one.id == job.id else one for one in problem.jobs))


def _added_by(problem: Problem, routes: Sequence[Route], holder: str, job: Job) -> int:
    """What the job adds to the route it is on, where it is now."""
    settled = dataclasses.replace(job, current=None)
    problem = replace(problem, jobs=tuple(settled if one.id == job.id else one for one in problem.jobs))
    order, technician = sequences(routes)[holder], index_of(problem).technician[holder]
    orders = (order, [one for one in order if one != job.id])
    with_it, without = (time_route(problem, technician, one).objective.total for one in orders)
    return with_it - without


def _explained(problem: Problem, plan: Sequence[Tour], job_id: str, thorough: bool) -> Unassigned:
    job = index_of(problem).job[job_id]
    fitting = [
        tour for tour in plan if not _person_rules(problem, tour, job) and allowed(problem, tour, job_id)
    ]
    added = {tour.day.id: spot.added for tour in fitting if (spot := best_spot(problem, tour, job_id))}
    # Where times are not metric a job may fit between two others and nowhere alone: who fits it is able.
    others = [tour for tour in plan if tour.day.id not in added]
    never = {tour.day.id: reason for tour in others if (reason := _never(problem, tour, job))}
    able = [tour for tour in plan if tour.day.id not in never]
    paying = {name: cost for name, cost in added.items() if cost < job.penalty}
    full = [tour for tour in plan if tour.day.id not in added and not _person_rules(problem, tour, job)]
    trials = {tour.day.id: candidate(problem, tour, job_id) for tour in full} if thorough else {}
    reasons = tuple(
        never.get(tour.day.id) or _busy(problem, tour, job, added.get(tour.day.id), trials.get(tour.day.id))
        for tour in plan if tour.day.id not in paying
    )  # fmt: skip
    if paying:
        best = min(paying, key=lambda name: (paying[name], name))
        return Unassigned(job_id, "not_found", reasons, f"{best} can take it as things stand")
    remedy = cheapest_fix(problem, plan, trials, job) if thorough else None
    kind = "outbid" if able else "impossible"
    rivals = _outbid_by(problem, able, job)
    return Unassigned(job_id, kind, reasons, remedy.detail if remedy else "", rivals, remedy)


def _never(problem: Problem, tour: Tour, job: Job) -> Reason | None:
    """Why this technician-day could not do the job even without the work that can still be moved."""
    if broken := _person_rules(problem, tour, job):
        return broken[0]
    name = tour.day.id
    alone = time_route(problem, index_of(problem).technician[name], [job.id]).broken
    if alone:
        first = min(alone, key=lambda violation: RULES.index(violation.rule))
        if job.lock and first.rule in NEVER_WAIVED:
            return Reason(
                name,
                "lock",
                f"its lock cannot be kept: {first.detail}",
                {**first.values, "because": first.rule},
            )
        return Reason(name, first.rule, first.detail, first.values)
    beside = _locked(problem, tour) if job.lock else []
    if not beside or _fits_beside(problem, name, beside, job):
        return None
    detail = f"its lock leaves no room beside the locked {', '.join(beside)}"
    return Reason(name, "lock", detail, {"because": "overlap", "jobs": beside})


def _fits_beside(problem: Problem, technician_id: str, locked: Sequence[str], job: Job) -> bool:
    """Whether some order of the locked jobs leaves room; when they are many, it is taken to be so."""
    if len(locked) > MOST_ORDERED:
        return True
    orders = (tour_of(problem, technician_id, order) for order in permutations(locked))
    return any(best_spot(problem, tour, job.id) for tour in orders)


def _busy(problem: Problem, tour: Tour, job: Job, added: int | None, trial: Candidate | None) -> Reason:
    """Why somebody who could do the job alone does not fit it in as his route stands."""
    name = tour.day.id
    if short := parts_short(problem, index_of(problem).technician[name], job, tour.ids):
        return short
    if added is not None:
        detail = f"doing it would cost {added} s, more than leaving it ({job.penalty} s)"
        return Reason(name, "overlap", detail, {"added": added, "penalty": job.penalty})
    if trial is not None and trial.broken:
        return min(trial.broken, key=lambda reason: RULES.index(reason.rule))
    return Reason(
        name, "overlap", f"his {len(tour.jobs)} other jobs leave no room", {"count": len(tour.jobs)}
    )


def _outbid_by(problem: Problem, able: Sequence[Tour], job: Job) -> tuple[str, ...]:
    """The cheapest jobs (by penalty) that would have to leave one route for this one to pay there."""
    singles = ((tour, [other]) for tour in able for other in tour.ids)
    removals = sorted(singles, key=lambda removal: _worth(problem, removal[1]))
    found = next((gone for tour, gone in removals if _makes_room(problem, tour, gone, job)), None)
    if found is not None:
        return tuple(found)
    larger = [gone for tour in able if (gone := _several(problem, tour, job))]
    return tuple(min(larger, key=lambda gone: _worth(problem, gone), default=()))


def _several(problem: Problem, tour: Tour, job: Job) -> list[str]:
    """Takes the cheapest jobs away until the job fits, then puts back what need not have gone."""
    gone: list[str] = []
    for other in sorted(tour.ids, key=lambda other: _worth(problem, [other])):
        gone.append(other)
        if _makes_room(problem, tour, gone, job):
            break
    else:
        return []
    for other in reversed(gone[:-1]):
        fewer = [one for one in gone if one != other]
        if _makes_room(problem, tour, fewer, job):
            gone = fewer
    return gone


def _worth(problem: Problem, job_ids: Iterable[str]) -> tuple[bool, int]:
    """What leaving these jobs would cost; a locked one goes last."""
    jobs = [index_of(problem).job[job_id] for job_id in job_ids]
    return any(job.lock for job in jobs), sum(job.penalty for job in jobs)


def _makes_room(problem: Problem, tour: Tour, gone: Sequence[str], job: Job) -> bool:
    known: dict[tuple[str, ...], Tour] = problem.memo.setdefault("lighter", {})
    key = (tour.day.id, *(other for other in tour.ids if other not in gone))
    lighter = known.get(key) or known.setdefault(key, tour_of(problem, tour.day.id, key[1:]))
    if not allowed(problem, lighter, job.id):
        return False
    spot = best_spot(problem, lighter, job.id)
    return spot is not None and spot.added < job.penalty


def _locked(problem: Problem, tour: Tour) -> list[str]:
    return [job_id for job_id in tour.ids if index_of(problem).job[job_id].lock]


def _person_rules(problem: Problem, tour: Tour, job: Job) -> tuple[Reason, ...]:
    return broken_rules(problem, index_of(problem).technician[tour.day.id], job)
