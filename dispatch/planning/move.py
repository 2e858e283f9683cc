"""What a dispatcher does to one job: each move is checked, and what follows on the route takes its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import follow_up
from dispatch.models.event import record
from dispatch.models.job import LOCKS, IllegalMove, Job
from dispatch.models.night import working_day
from dispatch.models.plan import Plan
from dispatch.models.technician import Technician
from dispatch.models.transitions import ENDED
from dispatch.models.user import User
from dispatch.planning.apply import apply, unseat
from dispatch.planning.candidates import day_of
from dispatch.planning.journal import keeps
from dispatch.planning.placement import (
    Broken,
    NotPlaceable,
    draft_with,
    job_territory,
    place,
    routes_without,
    with_job,
)
from dispatch.planning.retime import not_later, retime
from dispatch.planning.seats import seat_of
from dispatch.planning.unlocked import held_by_lock
from dispatch.routing.problem import Lock


@keeps("move")
def assign(job: Job, technician: Technician, by: User, *, day: date | None = None, start: datetime | None = None,
           lock: str | None = None, override_reason: str | None = None, version: int | None = None,
           lock_binds: bool = False, told: Mapping[str, str | None] | None = None) -> None:  # fmt: skip
    """Give the job to a technician, at the best moment of `day` or near `start` (with a time lock: exactly then).

    The routes concerned are timed again. Raises StaleDataError (somebody was faster), NotPlaceable,
    IllegalMove (it has ended, or is under way with him), or RulesBroken when a rule is broken and no reason
    is given, or one that nobody can override. With `lock_binds` the job's own lock is such a rule (unlocked.py).
    `told` is what else the log is to say of it.
    """
    day = _route_day(job, technician, day, start)
    plans = _hold(job, day, version, technician)
    old_day, old_id, was = job.day, job.technician_id, seat_of(job)
    if job.state in ENDED or (job.has_begun and old_id == technician.id):
        raise IllegalMove("reassigned", job.state, job.legal_moves(by))
    draft = draft_with(job, day, {technician.id, old_id})
    if start and lock in ("time", "both"):
        draft = with_job(draft, job, lock=Lock(start=draft.horizon.seconds(start)))
    slot = draft.slot_id(technician.id, day)
    if slot is None:
        raise NotPlaceable("not_working")
    locks: list[Broken] = []
    if lock_binds:
        draft, start, locks = held_by_lock(draft, job, technician, slot, start)
    placed = place(draft, job, slot, start, override_reason, locks)
    job.placed_at = now()
    others = [timed.route for timed in routes_without(draft, job) if timed.route.technician != slot]
    apply(draft, [placed.route, *not_later(draft, others)], job_territory(job), by, plans)
    fix_as_planned(
        job, with_technician(lock or job.lock) if override_reason and job.waived else lock or job.lock
    )
    waived = sorted({*job.waived, *(one.rule for one in locks)}) if override_reason else []
    record("job.moved", by=by, job=job, lock=job.lock, reason=override_reason, source=old_id, waived=waived,
           was=was, to=seat_of(job), **(told or {}))  # fmt: skip
    if old_day not in (None, day) and old_id is not None:
        retime(job_territory(job).id, old_day, {old_id}, by, never_later=True)


def _route_day(job: Job, technician: Technician, day: date | None, start: datetime | None) -> date:
    """The day of the technician's route: at that start, as asked, as planned, or of the shift going on."""
    if start is not None:
        return working_day(technician, start)
    own = job.day if job.day == day_of(job) else None
    return day or own or working_day(technician, now(), overtime=False)


@keeps("take_back")
def take_back(job: Job, by: User, version: int | None = None) -> None:
    """Take a job out of the plan; the rest of that day is timed again."""
    _leave(job, by, version, lambda: unseat(job, by))


@keeps("cancel")
def cancel(job: Job, by: User, version: int | None = None, note: str | None = None) -> None:
    """End a job that nobody needs any more; the rest of that day is timed again."""
    _leave(job, by, version, lambda: _cancel(job, by, note))


def reopen(job: Job, by: User, version: int | None = None) -> None:
    """The same job again, unplanned."""
    _fresh(job, version)
    job.move("reopened", by)
    unfix(job)


def confirm(
    job: Job, by: User, window: tuple[datetime, datetime] | None = None, version: int | None = None
) -> None:
    """What the job waited for is there; see follow_up.confirm."""
    _fresh(job, version)
    follow_up.confirm(job, by, window)


@keeps("lock")
def set_lock(job: Job, lock: str, by: User, version: int | None = None) -> None:
    """Fix the technician, the time or both as they are in the plan now; raises NotPlaceable outside it."""
    _fresh(job, version)
    before = job.lock
    if lock not in LOCKS or (lock != "none" and job.technician_id is None):
        raise NotPlaceable("not_planned")
    fix_as_planned(job, lock)
    job.placed_at = now()
    record("job.locked", by=by, job=job, lock=lock, before=before)


def _hold(job: Job, day: date, version: int | None, technician: Technician | None = None) -> dict[date, Plan]:
    """Hold the plans of both days, then the routes concerned, and look at the job again.

    Nobody can change any of it from here on: a tap on a phone waits until its route is timed.
    """
    if job.territory_id is None:
        raise NotPlaceable("no_place")
    plans = {one: Plan.lock(job.territory_id, one) for one in sorted({day, job.day or day})}
    people = {job.technician_id, technician.id if technician else None} - {None}
    routes = Job.technician_id.in_(people) & Job.day.in_(plans)
    query = select(Job).where(routes | (Job.id == job.id)).order_by(Job.id).with_for_update(of=Job)
    db.session.flush()
    db.session.scalars(query.execution_options(populate_existing=True)).all()
    _require_version(job, version)
    if job.day is not None and job.day not in plans:
        raise StaleDataError(f"{job.number} was moved to another day meanwhile")
    return plans


def _fresh(job: Job, version: int | None) -> None:
    db.session.refresh(job, with_for_update={"of": Job})
    _require_version(job, version)


def _require_version(job: Job, version: int | None) -> None:
    if version is not None and job.version != version:
        raise StaleDataError(f"{job.number} is at version {job.version}, not {version}")


def with_technician(lock: str) -> str:
    """What was overridden holds for that technician, so he is locked too."""
    return "both" if lock in ("time", "both") else "technician"


def _leave(job: Job, by: User, version: int | None, go: Callable[[], None]) -> None:
    day, technician_id = job.day, job.technician_id
    if day is not None:
        _hold(job, day, version)
    else:
        _fresh(job, version)
    go()
    unfix(job)
    job.placed_at = now()
    if day is not None and technician_id is not None:
        retime(job_territory(job).id, day, {technician_id}, by, never_later=True)


def _cancel(job: Job, by: User, note: str | None) -> None:
    if job.technician_id is not None:
        record("job.withdrawn", by=by, job=job, **({"note": note} if note else {}))
    job.move("cancelled", by, note=note)


def fix_as_planned(job: Job, lock: str) -> None:
    """Fix the job as it is in the plan now."""
    job.lock = lock
    job.lock_technician_id = job.technician_id if lock in ("technician", "both") else None
    job.lock_start = job.planned_start if lock in ("time", "both") else None


def unfix(job: Job) -> None:
    """Nothing of the job is fixed any more, and nothing of it overridden."""
    job.lock, job.lock_technician_id, job.lock_start, job.waived = "none", None, None, {}
