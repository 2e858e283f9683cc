"""What a dispatcher does to one job: candidates first, then the move, checked like every plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import follow_up
from dispatch.models.event import record
from dispatch.models.job import LOCKS, IllegalMove, Job
from dispatch.models.place import Territory
from dispatch.models.plan import Plan
from dispatch.models.technician import Technician
from dispatch.models.transitions import ENDED
from dispatch.models.user import User
from dispatch.planning.apply import apply, unseat
from dispatch.planning.build import build
from dispatch.planning.draft import Draft
from dispatch.planning.retime import retime
from dispatch.routing import insertion
from dispatch.routing.check import failures, price
from dispatch.routing.problem import NEVER_WAIVED, Lock
from dispatch.routing.problem import replace as replace_problem
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute
from dispatch.routing.solution import Reason, Route, Solution, Unassigned, Violation


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a placement would break, with its numbers; some a person may override with a reason."""

    rule: str
    detail: str
    values: dict[str, Any]
    waivable: bool
    # the job whose rule it is, when that is another one on the route
    job_id: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What giving the job to a technician would mean, in minutes and instants."""

    technician: Technician
    day: date
    feasible: bool
    added_minutes: int
    arrival: datetime
    start: datetime
    lateness_minutes: int
    broken: list[Broken]


class RulesBroken(Exception):
    """The placement breaks rules; with a reason the waivable ones may be overridden."""

    def __init__(self, broken: Sequence[Broken]) -> None:
        super().__init__(", ".join(rule.rule for rule in broken))
        self.broken = list(broken)


class NotPlaceable(Exception):
    """The job cannot be placed at all that day; `reason` is one of those of LeftOut."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def candidates(job: Job, by: User, day: date | None = None) -> list[Candidate]:
    """Every technician who works on the job's day, best first; raises NotPlaceable when the job lacks something."""
    draft = _draft(job, day or _day_of(job))
    found = insertion.candidates(draft.problem, draft.live_routes(), str(job.id))
    return [_candidate(draft, one) for one in found]


def assign(job: Job, technician: Technician, by: User, *, start: datetime | None = None, lock: str | None = None,
           override_reason: str | None = None, version: int | None = None) -> None:  # fmt: skip
    """Give the job to a technician, at the best moment or near `start` (with a time lock: exactly then); the routes concerned are timed again.

    Raises StaleDataError (somebody was faster), NotPlaceable, IllegalMove (it has ended), or RulesBroken when
    a rule is broken and no reason is given, or one that nobody can override.
    """
    day = start.astimezone(_zone(job)).date() if start else _day_of(job)
    plans = _hold(job, day, version)
    if job.state in ENDED:
        raise IllegalMove("reassigned", job.state, job.legal_moves(by))
    old_id = job.technician_id
    if job.has_begun and old_id == technician.id:
        raise IllegalMove("reassigned", job.state, job.legal_moves(by))
    draft = _draft(job, day, {technician.id, old_id} - {None})
    if start and lock in ("time", "both"):
        draft = _with_job(draft, job, lock=Lock(start=draft.horizon.seconds(start)))
    slot = draft.slot_id(technician.id, day)
    if slot is None:
        raise NotPlaceable("not_working")
    placed = _place(draft, job, slot, start, override_reason)
    job.placed_at = now()
    others = [timed.route for timed in _without(draft, job) if timed.route.technician != slot]
    apply(draft, [placed.route, *others], job_territory(job), by, plans)
    _set_lock(job, lock or ("technician" if override_reason and job.waived else job.lock))
    record("job.moved", by=by, job=job, lock=job.lock, reason=override_reason, source=old_id)


def take_back(job: Job, by: User, version: int | None = None) -> None:
    """Take a job out of the plan; the rest of that day is timed again."""
    _leave(job, by, version, lambda: unseat(job, by))


def cancel(job: Job, by: User, version: int | None = None, note: str | None = None) -> None:
    _leave(job, by, version, lambda: _cancel(job, by, note))


def reopen(job: Job, by: User, version: int | None = None) -> None:
    """The same job again, unplanned."""
    _fresh(job, version)
    job.move("reopened", by)
    job.lock, job.lock_technician_id, job.lock_start, job.waived = "none", None, None, {}


def confirm(
    job: Job, by: User, window: tuple[datetime, datetime] | None = None, version: int | None = None
) -> None:
    """What the job waited for is there; see follow_up.confirm."""
    _fresh(job, version)
    follow_up.confirm(job, by, window)


def set_lock(job: Job, lock: str, by: User, version: int | None = None) -> None:
    """Fix the technician, the time or both as they are in the plan now."""
    _fresh(job, version)
    if lock not in LOCKS or (lock != "none" and job.technician_id is None):
        raise NotPlaceable("not_planned")
    _set_lock(job, lock)
    job.placed_at = now()
    record("job.locked", by=by, job=job, lock=lock)


def job_territory(job: Job) -> Territory:
    """Where the job is planned; raises NotPlaceable when it has no place to say so."""
    if job.territory_id is None:
        raise NotPlaceable("no_place")
    return db.session.get_one(Territory, job.territory_id)


def _hold(job: Job, day: date, version: int | None) -> dict[date, Plan]:
    """Hold the plans of both days in order, then look at the job again: nobody can change it from here on."""
    if job.territory_id is None:
        raise NotPlaceable("no_place")
    days = sorted({day, job.day} - {None}, key=str)
    plans = {one: Plan.lock(job.territory_id, one) for one in days if one is not None}
    _fresh(job, version)
    return plans


def _fresh(job: Job, version: int | None) -> None:
    db.session.refresh(job, with_for_update=True)
    if version is not None and job.version != version:
        raise StaleDataError(f"{job.number} is at version {job.version}, not {version}")


def _draft(job: Job, day: date, technician_ids: Iterable[int | None] | None = None) -> Draft:
    """The planned day with this job free to move; raises NotPlaceable when it lacks something."""
    ids = None if technician_ids is None else {one for one in technician_ids if one is not None}
    draft = build(job_territory(job), day, technician_ids=ids, planned_only=True, extra=job)
    if str(job.id) not in draft.jobs:
        raise NotPlaceable(next(e.reason for e in draft.left_out if (e.what, e.id) == ("job", job.id)))
    return _with_job(draft, job, lock=None, waived=frozenset())  # what was overridden held for that placement


def _with_job(draft: Draft, job: Job, **changes: Any) -> Draft:
    """The draft with some fields of the solver's job changed."""
    jobs = tuple(replace(one, **changes) if one.id == str(job.id) else one for one in draft.problem.jobs)
    return replace(draft, problem=replace_problem(draft.problem, jobs=jobs))


def _place(draft: Draft, job: Job, slot: str, start: datetime | None, reason: str | None) -> TimedRoute:
    """The technician's route with the job; rules overridden with a reason are kept as waived."""
    name, at = str(job.id), draft.horizon.seconds(start) if start else None
    technician = next(one for one in draft.problem.technicians if one.id == slot)
    solver_job = next(one for one in draft.problem.jobs if one.id == name)
    placed = insertion.place(draft.problem, draft.live_routes(), name, slot, at)
    before = next(timed for timed in _without(draft, job) if timed.route.technician == slot)
    known = {(one.rule, one.job) for one in before.broken}
    new = [one for one in placed.broken if (one.rule, one.job) not in known]
    broken = [_broken(rule) for rule in broken_rules(draft.problem, technician, solver_job)]
    broken += [_broken(violation) for violation in new]
    if broken and not (reason and all(one.waivable for one in broken)):
        raise RulesBroken(broken)
    job.waived = {}
    for one in broken:
        row = draft.jobs[str(one.job_id or job.id)]
        row.waived = {**row.waived, one.rule: reason}
    _referee(draft, job, placed.route, broken, known)
    return placed


def _referee(
    draft: Draft, job: Job, route: Route, overridden: list[Broken], known: set[tuple[str, str | None]]
) -> None:
    """The independent checker has the last word on a move by hand too."""
    allowed = known | {(one.rule, str(one.job_id or job.id)) for one in overridden}
    others = tuple(Unassigned(one.id, "not_found") for one in draft.problem.jobs if one.id not in _ids(route))
    found = failures(draft.problem, Solution((route,), others, price(draft.problem, [route])))
    left = [one for one in found if (one.rule, one.job) not in allowed and not _excused(one, allowed)]
    if left:
        raise RulesBroken([_broken(one) for one in left])


def _excused(violation: Violation, allowed: set[tuple[str, str | None]]) -> bool:
    """The checker may lay a technician's rule (his shift, his break) on no job in particular."""
    return violation.job is None and violation.rule in {rule for rule, _job in allowed}


def _ids(route: Route) -> set[str]:
    return {stop.job for stop in route.stops}


def _broken(rule: Reason | Violation) -> Broken:
    other = int(rule.job) if isinstance(rule, Violation) and rule.job else None
    return Broken(rule.rule, rule.detail, dict(rule.values), rule.rule not in NEVER_WAIVED, other)


def _without(draft: Draft, job: Job) -> list[TimedRoute]:
    """The routes of the draft, timed again without this job."""
    names = draft.sequences()
    return draft.timed({slot: [one for one in ids if one != str(job.id)] for slot, ids in names.items()})


def _leave(job: Job, by: User, version: int | None, go: Any) -> None:
    day, technician_id = job.day, job.technician_id
    if day is not None:
        _hold(job, day, version)
    else:
        _fresh(job, version)
    go()
    job.lock, job.lock_technician_id, job.lock_start, job.waived = "none", None, None, {}
    job.placed_at = now()
    if day is not None and technician_id is not None:
        retime(job_territory(job).id, day, {technician_id}, by)


def _cancel(job: Job, by: User, note: str | None) -> None:
    if job.technician_id is not None:
        record("job.withdrawn", by=by, job=job)
    job.move("cancelled", by, note=note)


def _set_lock(job: Job, lock: str) -> None:
    """Fix the job as it is in the plan now."""
    job.lock = lock
    job.lock_technician_id = job.technician_id if lock in ("technician", "both") else None
    job.lock_start = job.planned_start if lock in ("time", "both") else None


def _candidate(draft: Draft, one: insertion.Candidate) -> Candidate:
    slot, horizon = draft.slots[one.technician], draft.horizon
    return Candidate(
        technician=slot.technician,
        day=slot.day,
        feasible=one.feasible,
        added_minutes=round(one.added_travel / 60),
        arrival=horizon.instant(one.arrival),
        start=horizon.instant(one.start),
        lateness_minutes=round(one.lateness / 60),
        broken=[_broken(reason) for reason in one.broken],
    )


def _day_of(job: Job) -> date:
    today = now().astimezone(_zone(job)).date()
    return job.day if job.day and job.day >= today else today


def _zone(job: Job) -> ZoneInfo:
    return ZoneInfo(job_territory(job).zone)
