"""A plan at once, without the solver: what a run leaves behind when there is no time to search."""

from __future__ import annotations

from datetime import date

from dispatch.clock import now
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.user import User
from dispatch.planning.accept import accept
from dispatch.planning.build import build_in, horizon_of
from dispatch.planning.proposal import basis_of
from dispatch.planning.run import publish, request
from dispatch.planning.solver import fallback


def plan_greedily(territory: Territory, day: date, by: User) -> PlanRun:
    """Run, propose and accept a greedy plan of one day in the caller's transaction; the same on each run."""
    run = request(territory, day, 1, 0, by)
    draft = build_in(territory, horizon_of(territory, day))
    basis = basis_of(draft)
    run.set_state("running", by)
    run.started_at = now()
    publish(run, draft, basis, fallback(draft.problem))
    accept(run, by)
    return run
