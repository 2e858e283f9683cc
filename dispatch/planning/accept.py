"""Accepting a proposal: what changed meanwhile wins, and the merged plan is checked again."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dispatch.extensions import db
from dispatch.models.event import because
from dispatch.models.job import Job
from dispatch.models.plan import Plan, PlanRun
from dispatch.models.technician import Technician
from dispatch.models.transitions import OPEN
from dispatch.models.user import User
from dispatch.planning.apply import apply, explain_in_tables, unseat
from dispatch.planning.build import build_in, horizon_of
from dispatch.planning.draft import Draft
from dispatch.planning.journal import kept
from dispatch.planning.made_real import with_assumptions
from dispatch.planning.proposal import fingerprint
from dispatch.planning.retime import not_later
from dispatch.planning.rows import hold_jobs
from dispatch.planning.scope import Scope, rejoined
from dispatch.routing import problem as routing
from dispatch.routing.check import failures, price
from dispatch.routing.codec import solution_from_json
from dispatch.routing.plan import grown, legal_route
from dispatch.routing.solution import Route, Solution, Unassigned

# how long to look for other places, while taps on phones wait for the plan
GROW_SECONDS = 5


class Superseded(Exception):
    """The plan has moved on so far that the proposal no longer fits; a new run is needed."""


class OutOfScope(Exception):
    """The run moves work of clients that this user does not act for."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting has done: how many jobs changed, and whose routes keep their times because none fit now.

    `unfit` are the jobs whose change was accepted but has no place, `refused` how many changes were not accepted.
    """

    changed: int
    standing: tuple[Technician, ...] = ()
    unfit: tuple[Job, ...] = ()
    refused: int = 0


@with_assumptions
def accept(run: PlanRun, by: User | None, only: Collection[int] | None = None) -> Accepted:
    """Put a proposal into the live plan; raises Superseded or OutOfScope.

    `only` are the jobs whose changes are accepted (of those that `by` may see); the others stay where they live
    now, at the times they have where nothing comes to their route, and what does not fit beside them is not done either. None: the whole proposal.

    Jobs that somebody moved, locked or worked on since the run began stay where they are; the rest goes
    where the proposal has it, timed again from now on: the freeze does not hold what is accepted. A route that is too late by now, even
    without what the proposal adds, keeps the times it has. A job squeezed out of its route goes elsewhere; one
    that was in no route before may stay so, but one that had its place makes the proposal superseded.
    """
    require_scope(run, by)
    horizon = horizon_of(run.territory, run.day, run.days)
    plans = {day: Plan.lock(run.territory_id, day) for day in horizon.route_dates}
    _hold(run)
    hold_jobs(run.territory_id, horizon)
    scope = Scope.of(run.scope)
    refused = frozenset() if only is None else refused_of(run, by, only)
    wanted = [item["job"] for item in run.diff if str(item["job"]) not in refused]
    live = build_in(run.territory, horizon, client_ids=run.client_ids, thawed=wanted)
    live = rejoined(live, scope, run.basis)
    found = _fitted(live, run, refused) if refused else _tried(live, run)
    draft, routes = found.draft, found.routes
    lost = [draft.jobs[name] for name in found.lost]
    if (
        any(job.technician_id is not None for job in lost)
        or _gone(draft, run, refused)
        or _refused(draft, routes)
    ):
        run.set_state("superseded", by)
        raise Superseded
    with kept(run.territory_id, by, "run", run_id=run.id), because(run={"id": run.id, "why": run.why}):
        _unseat_the_rest(draft, routes, by)
        changed = apply(draft, routes, run.territory, by, plans)
    if scope.is_whole:
        explain_in_tables(_still_unassigned(run, draft), run.id)
    people = tuple(dict.fromkeys(draft.slots[name].technician for name in found.standing))
    unfit = tuple(live.jobs[name] for name in sorted(found.unfit | found.lost, key=int))
    part = {"part": True, "refused": len(refused), "unfit": [job.number for job in unfit]} if refused else {}
    run.set_state("accepted", by, changed=changed, standing=[one.id for one in people], **part)
    return Accepted(changed, people, unfit, len(refused))


def refused_of(run: PlanRun, by: User | None, only: Collection[int]) -> frozenset[str]:
    """The changes that are not accepted, by job: of what the user cannot see there is nothing to refuse."""
    shown = (item for item in run.diff if by is None or by.sees(item["client_id"]))
    return frozenset(str(item["job"]) for item in shown if item["job"] not in only)


@dataclass(frozen=True, slots=True)
class _Merged:
    """The proposal in the live plan: its routes, those that keep their times, and what has no place on any.

    `unfit` are changes that were given up, so that their jobs stay where they are.
    """

    draft: Draft
    routes: tuple[Route, ...]
    standing: Collection[str]
    lost: frozenset[str]
    unfit: frozenset[str] = frozenset()


def _fitted(live: Draft, run: PlanRun, refused: frozenset[str]) -> _Merged:
    """A part of the proposal: whatever does not fit without the rest stays where it is, until all of it holds."""
    unfit: frozenset[str] = frozenset()
    changes = {str(item["job"]) for item in run.diff}
    while True:
        found = _tried(live, run, refused | unfit, part=True)
        new = (found.lost & changes) - refused - unfit
        if not new:
            return replace(found, unfit=unfit)
        unfit |= new


def _tried(live: Draft, run: PlanRun, refused: frozenset[str] = frozenset(), part: bool = False) -> _Merged:
    """The proposal without the refused changes, as far as it fits; of a part nothing goes elsewhere."""
    draft, sequences = _merged(live, run, refused, part)
    standing = _standing(draft, sequences)
    still = {**standing, **(_left_alone(draft, sequences) if part else {})}
    draft = draft.without(still, {job for kept in still.values() for job in kept})
    wanted = {job for sequence in sequences.values() for job in sequence if job in draft.jobs}
    routes = tuple(
        _route(draft.problem, name, sequence) for name, sequence in sequences.items() if name not in still
    )
    if wanted - _served(routes) and not part:
        routes = _grown(draft.problem, routes, wanted)
    return _Merged(draft, routes, standing, frozenset(wanted - _served(routes)))


def reject(run: PlanRun, by: User) -> None:
    """Leave the plan as it is; raises Superseded or OutOfScope."""
    require_scope(run, by)
    _hold(run)
    run.set_state("rejected", by)


def _hold(run: PlanRun) -> None:
    """Nobody else can answer the run from here on."""
    db.session.refresh(run, with_for_update={"of": PlanRun})
    if run.state != "proposed":
        raise Superseded


def require_scope(run: PlanRun, by: User | None) -> None:
    """A run that moves the work of clients whom somebody may not see is not his to answer."""
    if by is not None and not run.is_for(by):
        raise OutOfScope


def _merged(
    draft: Draft, run: PlanRun, refused: Collection[str], part: bool
) -> tuple[Draft, dict[str, list[str]]]:
    """Job ids per technician-day: the proposal's, but live places for what changed since or was refused.

    That is held with its technician in the returned draft, so that nothing squeezes it out; of a `part`, so is
    all that does not change.
    """
    seen, changes = run.basis["jobs"], {str(item["job"]) for item in run.diff}
    untouched = {
        name for name, job in draft.jobs.items() if seen.get(name) == fingerprint(job) and name not in refused
    }
    keyed: dict[str, list[tuple[datetime, str]]] = {one.id: [] for one in draft.problem.technicians}
    for route in _proposed(run):
        for stop in route.stops:
            if stop.job in untouched and route.technician in keyed:
                keyed[route.technician].append((draft.horizon.instant(stop.start), stop.job))
    held = {job.id for job in draft.problem.jobs if job.id not in untouched and job.current in keyed}
    for job in draft.problem.jobs:
        at = draft.jobs[job.id].planned_start
        if job.id in held and job.current is not None and at is not None:
            keyed[job.current].append((at, job.id))
    if part:
        held |= {job.id for job in draft.problem.jobs if job.id not in changes and job.current in keyed}
    jobs = tuple(_held(job) if job.id in held else job for job in draft.problem.jobs)
    problem = routing.replace(draft.problem, jobs=jobs)
    return replace(draft, problem=problem), {
        name: [job for _at, job in sorted(stops)] for name, stops in keyed.items()
    }


def _standing(draft: Draft, sequences: dict[str, list[str]]) -> dict[str, list[str]]:
    """The technician-days for which it is too late even without what the proposal adds, and what stays on them."""
    live = draft.sequences()
    kept = {name: [job for job in live[name] if job in {*sequences[name]}] for name in sequences}
    late = _late(draft, sequences) & _late(draft, kept)
    return {name: kept[name] for name in late if draft.slots[name].day <= draft.horizon.today}


def _left_alone(draft: Draft, sequences: dict[str, list[str]]) -> dict[str, list[str]]:
    """The technician-days to which a part of the proposal brings nothing, and which gain nothing by being timed again."""
    live = draft.sequences()
    alone = {name: jobs for name, jobs in sequences.items() if {*jobs} <= {*live[name]}}
    earlier = {route.technician for route in not_later(draft, (timed.route for timed in draft.timed(alone)))}
    return {name: jobs for name, jobs in alone.items() if jobs == live[name] or name not in earlier}


def _late(draft: Draft, sequences: dict[str, list[str]]) -> set[str]:
    return {timed.route.technician for timed in draft.timed(sequences) if timed.broken}


def _held(job: routing.Job) -> routing.Job:
    return replace(job, lock=job.lock or routing.Lock(technician=job.current))


def _route(problem: routing.Problem, name: str, sequence: list[str]) -> Route:
    """The sequence timed; where it does not fit as a whole, what people fixed first, then one by one."""
    whole = legal_route(problem, name, sequence)
    if len(whole.stops) == len(sequence):
        return whole
    locked = {job.id for job in problem.jobs if job.lock is not None}
    best, kept = legal_route(problem, name, [job for job in sequence if job in locked]), locked & {*sequence}
    for job in sequence:
        trial = legal_route(problem, name, [other for other in sequence if other in kept | {job}])
        if job not in kept and len(trial.stops) == len(kept) + 1:
            best, kept = trial, kept | {job}
    return best


def _grown(problem: routing.Problem, routes: tuple[Route, ...], wanted: set[str]) -> tuple[Route, ...]:
    """The routes with the wanted jobs that still pay their way; nobody accepted any other job."""
    only = routing.replace(problem, jobs=tuple(job for job in problem.jobs if job.id in wanted))
    until = time.monotonic() + GROW_SECONDS
    return grown(only, routes, over=lambda: time.monotonic() > until).routes


def _proposed(run: PlanRun) -> tuple[Route, ...]:
    return solution_from_json(run.proposal).routes


def _gone(draft: Draft, run: PlanRun, refused: Collection[str]) -> bool:
    """Whether a job of the proposal can no longer be done at all, because its hours have passed."""
    left_out = {str(entry.id) for entry in draft.left_out if entry.what == "job"} - {*refused}
    return any(stop.job in left_out for route in _proposed(run) for stop in route.stops)


def _refused(draft: Draft, routes: tuple[Route, ...]) -> bool:
    served = _served(routes)
    left = tuple(Unassigned(job.id, "not_found") for job in draft.problem.jobs if job.id not in served)
    return bool(failures(draft.problem, Solution(routes, left, price(draft.problem, routes))))


def _served(routes: tuple[Route, ...]) -> set[str]:
    return {stop.job for route in routes for stop in route.stops}


def _unseat_the_rest(draft: Draft, routes: tuple[Route, ...], by: User | None) -> None:
    served = _served(routes)
    for name, job in draft.jobs.items():
        if name not in served and job.technician_id is not None and job.state in OPEN:
            unseat(job, by)


def _still_unassigned(run: PlanRun, draft: Draft) -> list[dict[str, Any]]:
    open_ids = {job.id for job in draft.jobs.values() if job.technician_id is None}
    return [entry for entry in run.unassigned if entry["job"] in open_ids]
