"""Accepting a proposal: what changed meanwhile wins, and the merged plan is checked again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from dispatch.extensions import db
from dispatch.models.plan import Plan, PlanRun
from dispatch.models.transitions import OPEN
from dispatch.models.user import User
from dispatch.planning.apply import apply, explain_in_tables, unseat
from dispatch.planning.build import build
from dispatch.planning.draft import Draft
from dispatch.planning.proposal import fingerprint
from dispatch.routing.check import failures, price
from dispatch.routing.codec import solution_from_json
from dispatch.routing.plan import grown, legal_route
from dispatch.routing.solution import Route, Solution, Unassigned


class Superseded(Exception):
    """The plan has moved on so far that the proposal no longer fits; a new run is needed."""


def accept(run: PlanRun, by: User | None) -> int:
    """Put a proposal into the live plan and return how many jobs changed; raises Superseded.

    Jobs that somebody moved, locked or worked on since the run began stay where they are; the rest goes
    where the proposal has it, timed again from now on.
    """
    plans = {day: Plan.lock(run.territory_id, day) for day in _days(run)}
    db.session.refresh(run, with_for_update=True)
    if run.state != "proposed":
        raise Superseded
    draft = build(run.territory, run.day, run.days, client_ids=run.client_ids)
    sequences = _merged(draft, run)
    routes = tuple(legal_route(draft.problem, name, sequence) for name, sequence in sequences.items())
    wanted = {job for sequence in sequences.values() for job in sequence}
    if wanted - _served(routes):
        routes = grown(
            draft.problem, routes
        ).routes  # the clock has moved on: who is squeezed out goes elsewhere
    if wanted - _served(routes) or _gone(draft, run) or _refused(draft, routes):
        run.set_state("superseded", by)
        raise Superseded
    _unseat_the_rest(draft, routes, by)
    changed = apply(draft, routes, run.territory, by, plans)
    explain_in_tables(_still_unassigned(run, draft), run.id)
    run.set_state("accepted", by, changed=changed)
    return changed


def reject(run: PlanRun, by: User) -> None:
    if run.state != "proposed":
        raise Superseded
    run.set_state("rejected", by)


def _days(run: PlanRun) -> list[date]:
    return [run.day + timedelta(days=number) for number in range(run.days)]


def _merged(draft: Draft, run: PlanRun) -> dict[str, list[str]]:
    """Job ids per technician-day: the proposal's, but live places for what changed since."""
    seen = run.basis["jobs"]
    untouched = {name for name, job in draft.jobs.items() if seen.get(name) == fingerprint(job)}
    keyed: dict[str, list[tuple[datetime, str]]] = {
        technician.id: [] for technician in draft.problem.technicians
    }
    for route in _proposed(run):
        for stop in route.stops:
            if stop.job in untouched and route.technician in keyed:
                keyed[route.technician].append((draft.horizon.instant(stop.start), stop.job))
    for job in draft.problem.jobs:
        row = draft.jobs[job.id]
        if job.id not in untouched and job.current in keyed and row.planned_start is not None:
            keyed[job.current].append((row.planned_start, job.id))
    return {name: [job for _at, job in sorted(stops)] for name, stops in keyed.items()}


def _proposed(run: PlanRun) -> tuple[Route, ...]:
    return solution_from_json(run.proposal).routes


def _gone(draft: Draft, run: PlanRun) -> bool:
    """Whether a job of the proposal can no longer be done at all, because its hours have passed."""
    left_out = {str(entry.id) for entry in draft.left_out if entry.what == "job"}
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
