"""Why a job is on nobody's route, and why another one is on somebody's: by rules, not by the search."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from dispatch.routing.index import index_of
from dispatch.routing.insertion import candidate, ranked
from dispatch.routing.problem import NEVER_WAIVED, RULES, Job, Lock, Problem
from dispatch.routing.relax import cheapest_fix
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Reason, Route, Unassigned
from dispatch.routing.standing import Standing

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


def explain(
    problem: Problem, routes: Sequence[Route], unassigned_ids: Sequence[str]
) -> tuple[Unassigned, ...]:
    """The reasons of every job left out of `routes`, as `explanations` has them."""
    return tuple(explanations(problem, routes, unassigned_ids))


def explanations(
    problem: Problem, routes: Sequence[Route], unassigned_ids: Sequence[str]
) -> Iterator[Unassigned]:
    """The reasons of every job left out of `routes`, one after the other.

    impossible: no technician-day could do it, even with nothing else to do but what is locked beside
    it. not_found: somebody could take it now, and it would pay. outbid: the rest; `outbid_by` are the
    cheapest jobs that would have to go. Each technician who cannot has the first rule that fails, with
    numbers.
    """
    standing = Standing.of(problem, routes)
    ranks = _ranks(standing)
    for job_id in unassigned_ids:
        yield _Case(standing, ranks, index_of(problem).job[job_id]).told()


def _ranks(standing: Standing) -> list[tuple[int, int]]:
    """Every stop (row, position), the one that is cheapest to leave out first; locked ones last."""
    stops = [(row, at) for row, order in enumerate(standing.orders) for at in range(len(order))]
    return sorted(stops, key=lambda stop: _worth(standing, [standing.orders[stop[0]][stop[1]]]))


def _worth(standing: Standing, job_ids: Iterable[str]) -> tuple[bool, int]:
    """What leaving these jobs would cost; a locked one goes last."""
    jobs = [standing.index.job[job_id] for job_id in job_ids]
    return any(job.lock for job in jobs), sum(job.penalty for job in jobs)


def why(problem: Problem, routes: Sequence[Route], job_id: str) -> Why:
    """Why an assigned job is where it is. Raises ValueError for a job on no route.

    The price of moving it is left aside: it says who has the job, not who suits it.
    """
    standing = Standing.of(problem, routes)
    row = standing.day_of(job_id)
    if row is None:
        raise ValueError(f"{job_id} is on no route")
    job = index_of(problem).job[job_id]
    with_it = standing.orders[row]
    standing.put(row, [one for one in with_it if one != job_id])
    holder = standing.crew[row]
    person = {one.id: one.person for one in standing.crew}
    others = [one for one in ranked(standing, _free(job)) if person[one.technician] != holder.person]
    locked, waived = bool(job.lock and job.lock.technician), job.waived - NEVER_WAIVED
    other = next((one for one in others if one.feasible), None)
    if other is None:
        reasons = tuple(min(one.broken, key=lambda reason: RULES.index(reason.rule)) for one in others)
        detail = f"nobody but {holder.id} can take it as things stand"
        return Why(job_id, holder.id, None, None, detail, reasons, locked, waived)
    difference = other.added - _added_by(standing, row, with_it, job)
    detail = (
        f"{other.technician} could do it too, for {abs(difference)} s {'more' if difference >= 0 else 'less'}"
    )
    return Why(job_id, holder.id, other.technician, difference, detail, (), locked, waived)


def _free(job: Job) -> Job:
    """The job as anybody could get it; a locked start stays."""
    start = job.lock.start if job.lock else None
    lock = Lock(start=start) if start is not None else None
    return dataclasses.replace(job, lock=lock, waived=frozenset(), current=None)


def _added_by(standing: Standing, row: int, with_it: Sequence[str], job: Job) -> int:
    """What the job adds to the route it is on, where it is now, its move left aside."""
    problem, technician = standing.problem, standing.crew[row]
    now, before = (
        time_route(problem, technician, order).objective for order in (with_it, standing.orders[row])
    )
    settled = dataclasses.replace(job, current=None)
    move = standing.standing_cost(row, job) - standing.standing_cost(row, settled)
    return now.total - before.total - move


class _Case:
    """One job that is out, and what became of it on every day of the plan."""

    def __init__(self, standing: Standing, ranks: Sequence[tuple[int, int]], job: Job) -> None:
        self.ranks = ranks
        self.standing, self.problem, self.job = standing, standing.problem, job
        everybody = range(len(standing.crew))
        self.person = {row: broken_rules(self.problem, standing.crew[row], job) for row in everybody}
        self.beside = {
            row: broken_rules(self.problem, standing.crew[row], job, standing.orders[row])
            for row in everybody
        }
        self.willing = [row for row in everybody if not self.person[row]]
        self.added = standing.best(job, [row for row in self.willing if not self.beside[row]])
        full = [row for row in self.willing if row not in self.added]
        trials = standing.trials(job, full)
        self.trials = {row: candidate(standing, row, job, trial) for row, trial in trials.items()}
        self.never = self._never(full)

    def told(self) -> Unassigned:
        job, crew = self.job, self.standing.crew
        paying = {row: spot for row, spot in self.added.items() if spot.added < job.penalty}
        reasons = tuple(
            self.never.get(row) or self._busy(row) for row in range(len(crew)) if row not in paying
        )
        if paying:
            best = min(paying, key=lambda row: (paying[row].added, crew[row].id))
            return Unassigned(job.id, "not_found", reasons, f"{crew[best].id} can take it as things stand")
        able = [row for row in range(len(crew)) if row not in self.never]
        remedy = cheapest_fix(self.standing, self.trials, job)
        kind = "outbid" if able else "impossible"
        return Unassigned(
            job.id, kind, reasons, remedy.detail if remedy else "", self._outbid_by(able), remedy
        )

    def _never(self, full: Sequence[int]) -> dict[int, Reason]:
        """Why some days could not hold the job even without the work that can still be moved.

        Where times are not metric a job may fit between two others and nowhere alone: who fits it is able.
        """
        never = {row: broken[0] for row, broken in self.person.items() if broken}
        alone = self.standing.alone(self.job, full)
        for row in full:
            if not alone[row]:
                never[row] = self._not_even_alone(row)
            elif reason := self._not_beside(row):
                never[row] = reason
        return never

    def _not_even_alone(self, row: int) -> Reason:
        name = self.standing.crew[row].id
        broken = self.standing.broken_alone(row, self.job)
        first = min(broken, key=lambda violation: RULES.index(violation.rule))
        if self.job.lock and first.rule in NEVER_WAIVED:
            detail = f"its lock cannot be kept: {first.detail}"
            return Reason(name, "lock", detail, {**first.values, "because": first.rule})
        return Reason(name, first.rule, first.detail, first.values)

    def _not_beside(self, row: int) -> Reason | None:
        """Whether no order of what is locked there leaves room; when that is much, some order is taken to."""
        beside = self._locked(row) if self.job.lock else []
        if broken := broken_rules(self.problem, self.standing.crew[row], self.job, beside):
            return broken[0]
        if not beside or len(beside) > MOST_ORDERED:
            return None
        if any(self.standing.fits_beside(row, order, self.job) for order in permutations(beside)):
            return None
        detail = f"its lock leaves no room beside the locked {', '.join(beside)}"
        return Reason(self.standing.crew[row].id, "lock", detail, {"because": "overlap", "jobs": beside})

    def _busy(self, row: int) -> Reason:
        """Why somebody who could do the job alone does not fit it in as his route stands."""
        name, count = self.standing.crew[row].id, len(self.standing.orders[row])
        if beside := self.beside[row]:
            return beside[0]
        if row in self.added:
            added, penalty = self.added[row].added, self.job.penalty
            detail = f"doing it would cost {added} s, more than leaving it ({penalty} s)"
            return Reason(name, "overlap", detail, {"added": added, "penalty": penalty})
        trial = self.trials[row]
        if trial.broken:
            return min(trial.broken, key=lambda reason: RULES.index(reason.rule))
        return Reason(name, "overlap", f"his {count} other jobs leave no room", {"count": count})

    def _outbid_by(self, able: Sequence[int]) -> tuple[str, ...]:
        """The cheapest jobs (by penalty) that would have to leave one route for this one to pay there."""
        those = set(able)
        found = self._first_room([stop for stop in self.ranks if stop[0] in those])
        if found is not None:
            return (self.standing.orders[found[0]][found[1]],)
        larger = [gone for row in able if (gone := self._several(row))]
        return tuple(min(larger, key=lambda gone: _worth(self.standing, gone), default=()))

    def _first_room(self, removals: list[tuple[int, int]]) -> tuple[int, int] | None:
        removals = [(row, at) for row, at in removals if not self.beside[row] or self._may_without(row, at)]
        found = self.standing.first_room(self.job, removals)
        return None if found is None else removals[found]

    def _may_without(self, row: int, gone: int) -> bool:
        order = self.standing.orders[row]
        return self.standing.may(row, self.job, [*order[:gone], *order[gone + 1 :]])

    def _several(self, row: int) -> list[str]:
        """Takes the cheapest jobs away until the job fits, then puts back what need not have gone."""
        gone: list[str] = []
        for other in sorted(self.standing.orders[row], key=lambda other: _worth(self.standing, [other])):
            gone.append(other)
            if self._makes_room(row, gone):
                break
        else:
            return []
        for other in reversed(gone[:-1]):
            fewer = [one for one in gone if one != other]
            if self._makes_room(row, fewer):
                gone = fewer
        return gone

    def _makes_room(self, row: int, gone: Sequence[str]) -> bool:
        lighter = [other for other in self.standing.orders[row] if other not in gone]
        if not self.standing.may(row, self.job, lighter):
            return False
        spot = self.standing.fits_beside(row, lighter, self.job)
        return spot is not None and spot.added < self.job.penalty

    def _locked(self, row: int) -> list[str]:
        return [job_id for job_id in self.standing.orders[row] if self.standing.index.job[job_id].lock]
