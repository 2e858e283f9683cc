"""Why a job is with its technician: what the next best would cost, or what keeps everybody else out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.planning.draft import Draft
from dispatch.planning.placement import NotPlaceable, broken_of, draft_with, job_territory, with_job
from dispatch.routing import explain
from dispatch.routing.problem import RULES, Lock


@dataclass(frozen=True, slots=True)
class Comparison:
    """`minutes` is what the plan would cost more with the `runner_up` than as it is, in minutes of travel.

    Without a runner-up `others` has the first broken rule of each of the others. `locked` and `waived`
    hold for `technician` alone; `move_minutes` is what a run has to save before it changes technicians.
    """

    technician: Technician
    runner_up: Technician | None
    minutes: int
    others: list[Mapping[str, Any]]
    locked: bool
    waived: frozenset[str]
    move_minutes: int


def why(job: Job) -> Comparison:
    """Compare the technician of a planned job with the others of its day.

    Raises NotPlaceable when there is nothing to compare: in no route, or its technician works no more then.
    """
    if job.day is None or job.technician is None:
        raise NotPlaceable("not_planned")
    draft = draft_with(job, job.day)
    slot = draft.slot_id(job.technician.id, job.day)
    if slot is None:
        raise NotPlaceable("not_working")
    waived = frozenset(job.waived) & frozenset(RULES)
    draft = with_job(draft, job, lock=_lock(draft, job, slot), waived=waived)
    found = explain.why(draft.problem, draft.live_routes(), str(job.id))
    broken = [broken_of(reason, draft.horizon) for reason in found.others]
    return Comparison(
        job.technician, draft.slots[found.runner_up].technician if found.runner_up else None,
        round((found.difference or 0) / 60), [{"rule": one.rule, "values": one.values} for one in broken],
        found.locked, found.waived, job_territory(job).move_minutes,
    )  # fmt: skip


def _lock(draft: Draft, job: Job, slot: str) -> Lock | None:
    """What a person has fixed; a time that has passed binds no more."""
    technician = slot if job.lock in ("technician", "both") else None
    fixed = job.lock_start if job.lock in ("time", "both") else None
    start = draft.horizon.seconds(fixed) if fixed and fixed >= draft.horizon.begin else None
    return Lock(technician, start) if technician is not None or start is not None else None
