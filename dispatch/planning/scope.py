"""What of a plan a run may touch: everything, some technicians, what nobody has, or what begins after an instant.

A built draft is narrowed before it is solved, and narrowed the same way when its proposal is accepted. What is
outside is in no problem and in no proposal, so that nothing can move it; what stays although it is inside is locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dispatch.models.job import Job
from dispatch.planning.draft import Draft, LeftOut
from dispatch.routing import problem as routing
from dispatch.routing.plan import legal_route
from dispatch.routing.problem import part_of
from dispatch.routing.schedule import time_route

KINDS = ("all", "from", "technicians", "unassigned", "repair")
# a repair is searched so long, and a job that leaves the person who has it costs at least so much
REPAIR_SECONDS = 5
REPAIR_MOVE = 3600
# causes that name the jobs to be mended; where a user was not there, whatever waits may use the time
ABOUT_ITS_JOBS = ("absent", "late", "urgent")


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a run; `since` goes with `from`, `technician_ids` with `technicians`, `cause` with `repair`."""

    kind: str = "all"
    technician_ids: frozenset[int] = frozenset()
    since: datetime | None = None
    cause: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Scope:
        """The scope that a run was asked with."""
        since = datetime.fromisoformat(told["from"]) if told.get("from") else None
        people = frozenset(told.get("technician_ids", ()))
        return cls(told.get("kind", "all"), people, since, told.get("cause", {}))

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"kind": self.kind}
        if self.technician_ids:
            told["technician_ids"] = sorted(self.technician_ids)
        if self.since is not None:
            told["from"] = self.since.isoformat()
        return told | ({"cause": dict(self.cause)} if self.cause else {})

    @property
    def is_whole(self) -> bool:
        """Whether all work is looked at, so that what is said of a job that nobody gets is said of everybody."""
        return self.kind in ("all", "repair")

    def keeps(self, job: Job) -> bool:
        """Whether a job stays with whoever has it."""
        if self.kind == "unassigned":
            return job.technician_id is not None
        if self.kind == "from" and self.since is not None:
            return job.planned_start is not None and job.planned_start < self.since
        return False


def scoped(draft: Draft, scope: Scope) -> Draft:
    """The part of a draft that a run of this scope looks at.

    A technician-day on which something stays, and whose times can no longer be kept, stays as it is as a whole.
    """
    if scope.is_whole:
        return _calm(draft, scope.cause) if scope.kind == "repair" else draft
    outside = [name for name, slot in draft.slots.items() if not _is_inside(scope, slot.technician.id)]
    chosen = _told(_fastened(_without(draft, outside, _aside(draft, scope, outside)), scope), scope)
    broken = [] if scope.kind == "technicians" else _broken(chosen)
    return replace(_without(chosen, broken, ()), left_out=[*chosen.left_out, *_stand(chosen, broken)])


def rejoined(draft: Draft, scope: Scope, basis: Mapping[str, Any]) -> Draft:
    """The part of the draft of now that a run had looked at, and what has come onto its technician-days since."""
    if scope.is_whole:
        return draft
    seen, days = basis["jobs"], {*basis["days"]}
    outside = [one.id for one in draft.problem.technicians if one.id not in days]
    strange = [job.id for job in draft.problem.jobs if job.id not in seen and job.current not in days]
    return _fastened(_without(draft, outside, [*strange, *_aside(draft, scope, outside)]), scope)


def days_of(draft: Draft) -> list[str]:
    """The technician-days that a run looks at: rejoined() finds them again."""
    return [one.id for one in draft.problem.technicians]


def _is_inside(scope: Scope, technician_id: int) -> bool:
    return scope.kind != "technicians" or technician_id in scope.technician_ids


def _calm(draft: Draft, cause: Mapping[str, Any]) -> Draft:
    """Few people are to be disturbed: a job that changes persons costs more than in a plan for a day, and work that
    nobody has waits for such a plan, unless it is what is to be repaired.
    """
    if cause.get("kind") in ABOUT_ITS_JOBS:
        waiting = [job.id for job in draft.problem.jobs if draft.jobs[job.id].technician_id is None]
        draft = _without(draft, (), [name for name in waiting if int(name) not in cause["jobs"]])
    costs = draft.problem.costs
    dear = replace(costs, move=max(2 * costs.move, REPAIR_MOVE))
    return replace(draft, problem=routing.replace(draft.problem, costs=dear))


def _aside(draft: Draft, scope: Scope, outside: Collection[str]) -> list[str]:
    """Jobs that the run does not look at: on days outside, staying with somebody who is not there, or too early."""
    return [job.id for job in draft.problem.jobs if _is_aside(draft.jobs[job.id], job, scope, outside, draft)]


def _is_aside(row: Job, job: routing.Job, scope: Scope, outside: Collection[str], draft: Draft) -> bool:
    if job.current in outside:
        return True
    if row.technician_id is not None and job.current is None:
        return scope.keeps(row) or not _is_inside(scope, row.technician_id)
    if scope.since is None or job.current is not None:
        return False
    since = draft.horizon.seconds(scope.since)
    locked = job.lock is not None and job.lock.start is not None and job.lock.start < since
    return locked or bool(job.windows and all(closes < since for _opens, closes in job.windows))


def _without(draft: Draft, days: Collection[str], jobs: Collection[str]) -> Draft:
    there = {one.id for one in draft.problem.technicians}
    gone = [name for name in days if name in there]
    staying = {*jobs, *(job.id for job in draft.problem.jobs if job.current in gone)}
    return draft.without(gone, staying) if gone or staying else draft


def _fastened(draft: Draft, scope: Scope) -> Draft:
    """What stays is locked: to its technician, and where an instant divides the day, at its time if that can be kept."""
    kept = [
        job.id for job in draft.problem.jobs if scope.keeps(draft.jobs[job.id]) and job.current is not None
    ]
    since = None if scope.since is None else draft.horizon.seconds(scope.since)
    locked = _locked(draft, {*kept}) if since is None else _timed(draft, {*kept})
    jobs = tuple(locked.get(job.id) or _after(job, since) for job in draft.problem.jobs)
    return replace(draft, problem=routing.replace(draft.problem, jobs=jobs))


def _locked(draft: Draft, kept: Collection[str]) -> dict[str, routing.Job]:
    return {job.id: _lock(job, None) for job in draft.problem.jobs if job.id in kept}


def _timed(draft: Draft, kept: Collection[str]) -> dict[str, routing.Job]:
    """Each at its planned time; where somebody is too late for that, at the first possible one."""
    known = {job.id: job for job in draft.problem.jobs}
    locked: dict[str, routing.Job] = {}
    for technician in draft.problem.technicians:
        before: list[routing.Job] = []
        for name in draft.sequences()[technician.id]:
            if name in kept:
                before.append(_next(draft, technician, before, known[name]))
        locked |= {job.id: job for job in before}
    return locked


def _next(draft: Draft, technician: routing.Technician, before: Sequence[routing.Job],
          job: routing.Job) -> routing.Job:  # fmt: skip
    planned = draft.jobs[job.id].planned_start
    start = draft.horizon.seconds(planned) if planned and planned >= draft.horizon.begin else None
    for asked in (start, None):
        held = _lock(job, asked)
        part = part_of(draft.problem, [technician], [*before, held])
        timed = time_route(part, technician, [one.id for one in (*before, held)])
        if not timed.broken:
            return _lock(job, timed.route.stops[-1].start)
    return _lock(job, start)


def _lock(job: routing.Job, start: int | None) -> routing.Job:
    """Locked to whoever has it; a start that was locked before stays locked."""
    own = job.lock.start if job.lock is not None else None
    return replace(job, lock=routing.Lock(job.current, start if own is None else own))


def _after(job: routing.Job, since: int | None) -> routing.Job:
    return job if since is None else replace(job, release=max(since, job.release or since))


def _broken(draft: Draft) -> list[str]:
    """The technician-days whose live route no longer holds."""
    return [
        name for name, order in draft.sequences().items()
        if len(legal_route(draft.problem, name, order).stops) < len(order)
    ]  # fmt: skip


def _stand(draft: Draft, days: Iterable[str]) -> list[LeftOut]:
    slots = [draft.slots[name] for name in days]
    return [
        LeftOut("technician", one.technician.id, one.technician.name, "stands", days=(one.day,))
        for one in slots
    ]


def _told(draft: Draft, scope: Scope) -> Draft:
    """Of those that no run would consider, only whom this one was asked to look at."""
    people = [one for one in draft.left_out if one.what == "job" or _is_inside(scope, one.id)]
    return replace(draft, left_out=people)
