"""The cheapest way to get a job done that nobody has: tried on the plan as it is now, shown, then done as shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job
from dispatch.models.plan import Plan
from dispatch.models.technician import Shift, Technician
from dispatch.models.user import User
from dispatch.planning import move
from dispatch.planning.apply import explain_in_tables
from dispatch.planning.build import build_in, horizon_of
from dispatch.planning.candidates import candidates, day_of
from dispatch.planning.draft import Draft
from dispatch.planning.journal import kept
from dispatch.planning.placement import (
    Broken,
    NotPlaceable,
    Tried,
    draft_with,
    job_territory,
    tried,
    with_job,
)
from dispatch.planning.proposal import differences, reasons
from dispatch.planning.rows import hold_jobs
from dispatch.routing import problem as routing
from dispatch.routing.explain import explain
from dispatch.routing.problem import Lock
from dispatch.routing.solution import Solution
from dispatch.sla.calendar import local_instant

FREE = "free"
LONGER = frozenset({"shift", "overtime"})
OVERRIDDEN = frozenset({"skill", "right", "clearance", "tool", "part", "visits", "excluded", "window"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would be done, and what it would mean: when, how far, how late, and every job whose time changes.

    `broken` are the rules that somebody overrides by it, with a reason. `shift_ends` is the longer shift's end.
    """

    fix: Mapping[str, Any]
    technician: Technician
    day: date
    start: datetime
    end: datetime
    added_minutes: int
    late_minutes: int
    broken: list[Broken]
    changes: list[dict[str, Any]]
    # when his day ends, if that is after his shift and later than without the job
    day_ends: datetime | None = None
    at: datetime | None = None
    shift_ends: datetime | None = None

    @property
    def rule(self) -> str:
        return str(self.fix["rule"])

    @property
    def seen(self) -> str:
        """What somebody has agreed to: which change, for whom, on which day."""
        what = self.at or self.shift_ends
        return f"{self.rule}:{self.technician.id}:{self.day}:{what.isoformat() if what else ''}"


@dataclass(frozen=True, slots=True)
class Offer:
    """The remedy on offer now, if there is one; `afresh` when what a run has found does not do it any more.

    `entry` is why nobody has the job, as a run would say it now, where that had to be found out.
    """

    remedy: Remedy | None
    afresh: bool = False
    entry: Mapping[str, Any] | None = None


def offer_for(job: Job, day: date | None = None) -> Offer:
    """What the last run named, when that still does it; else the cheapest change of `day` (None: its own, or today).

    Where somebody can simply take it as things stand, that is the remedy; its rule is FREE.
    """
    if job.state != "unplanned":
        return Offer(None, afresh=True)
    named = job.explanation.fix if job.explanation is not None else None
    found = remedy_for(job, named) if named else None
    if found is not None:
        return Offer(found)
    try:
        entry = _explained_now(job, _not_over(job, day))
    except NotPlaceable:
        entry = None
    fix = (
        (_free(job, _not_over(job, day)) if entry["kind"] == "not_found" else entry["fix"]) if entry else None
    )
    return Offer(remedy_for(job, fix) if fix else None, bool(named), entry)


def remedy_for(job: Job, fix: Mapping[str, Any]) -> Remedy | None:
    """The change tried on that technician's day; None when it alone does not let the job in now."""
    technician = db.session.get(Technician, fix["technician_id"]) if fix.get("technician_id") else None
    day = date.fromisoformat(fix["day"]) if fix.get("day") else day_of(job)
    if technician is None or day < day_of(job):
        return None
    try:
        draft = draft_with(job, day, {technician.id, job.lock_technician_id})
    except NotPlaceable:
        return None
    slot = draft.slot_id(technician.id, day)
    return _tried(job, fix, draft, slot) if slot is not None else None


def mend(job: Job, by: User, seen: str, *, version: int, reason: str | None = None,
         day: date | None = None) -> Remedy:  # fmt: skip
    """Do what `offer_for` has shown.

    Raises StaleDataError when it would be something else by now, IllegalMove when somebody has the job, RulesBroken
    when a rule would be overridden without a reason.
    """
    _hold_unplanned(job, by, version, day)
    remedy = offer_for(job, day).remedy
    if remedy is None or remedy.seen != seen:
        raise StaleDataError(f"the way to get {job.number} done has changed")
    with kept(job.territory_id, by, "extension" if remedy.shift_ends else "move", {job.id}):
        _prepare(remedy, job, by)
        db.session.flush()  # the version that the move has to find
        lock = "time" if remedy.at else None
        move.assign(job, remedy.technician, by, day=remedy.day, start=remedy.at, lock=lock,
                    override_reason=reason if remedy.broken else None, version=job.version)  # fmt: skip
    return remedy


def explain_again(job: Job, by: User, *, version: int, day: date | None = None) -> None:
    """Keep why nobody has it as it is now, in the place of what a run has found; raises as `mend` does, and NotPlaceable."""
    _hold_unplanned(job, by, version, day)
    explain_in_tables([_explained_now(job, _not_over(job, day))], None)
    record("job.explained", by=by, job=job)


def _hold_unplanned(job: Job, by: User, version: int, day: date | None) -> None:
    _hold(job, day)
    if job.version != version:
        raise StaleDataError(f"{job.number} is at version {job.version}, not {version}")
    if job.state != "unplanned":
        raise IllegalMove("planned", job.state, job.legal_moves(by))


def _hold(job: Job, day: date | None) -> None:
    """The plans on which the remedy may be found, then the open work: nobody changes either from here on."""
    territory = job_territory(job)
    named = (job.explanation.fix if job.explanation is not None else {}).get("day")
    days = {_not_over(job, day), *([date.fromisoformat(named)] if named else [])}
    horizons = [horizon_of(territory, one) for one in sorted(days)]
    for one in sorted({route for horizon in horizons for route in horizon.route_dates}):
        Plan.lock(territory.id, one)
    hold_jobs(territory.id, *horizons)
    db.session.refresh(job)


def _tried(job: Job, fix: Mapping[str, Any], draft: Draft, slot: str) -> Remedy | None:
    rule, at, shift_ends = fix["rule"], None, None
    if rule in LONGER:
        draft, shift_ends = _with_longer_shift(draft, slot, fix["values"]["seconds"])
    elif rule == "window":
        at = datetime.fromisoformat(fix["values"]["start"])
        if at < now():
            return None
        draft = with_job(draft, job, lock=Lock(start=draft.horizon.seconds(at)))
    found = tried(draft, job, slot, at)
    allowed = {rule} if rule in OVERRIDDEN else set()
    if any(one.rule not in allowed or not one.waivable for one in found.broken):
        return None
    return _remedy(job, fix, draft, slot, found, at, shift_ends)


def _remedy(job: Job, fix: Mapping[str, Any], draft: Draft, slot: str, found: Tried,
            at: datetime | None, shift_ends: datetime | None) -> Remedy:  # fmt: skip
    stop = next(one for one in found.placed.route.stops if one.job == str(job.id))
    start, end = draft.horizon.instant(stop.start), draft.horizon.instant(stop.end)
    due = job.ticket.due_at
    late = max(0, round((end - due).total_seconds() / 60)) if due else 0
    added = found.placed.objective.travel - found.before.objective.travel
    names = {one.job for one in found.placed.route.stops}
    mine = replace(
        draft, jobs={name: row for name, row in draft.jobs.items() if name in names - {str(job.id)}}
    )
    changes = differences(mine, Solution((found.placed.route,)))
    whose = draft.slots[slot]
    shift = next(one.shift[1] for one in draft.problem.technicians if one.id == slot)
    last, before = (
        max((one.end for one in timed.route.stops), default=0) for timed in (found.placed, found.before)
    )
    ends = draft.horizon.instant(last) if last > max(shift, before) else None
    return Remedy(fix, whose.technician, whose.day, start, end, round(added / 60), late, found.broken,
                  changes, ends, at, shift_ends)  # fmt: skip


def _with_longer_shift(draft: Draft, slot: str, seconds: int) -> tuple[Draft, datetime]:
    """To the next whole five minutes: nobody is asked to stay until 17:02."""
    technician = next(one for one in draft.problem.technicians if one.id == slot)
    end = -(-(technician.shift[1] + seconds) // 300) * 300
    longer = replace(technician, shift=(technician.shift[0], end))
    crew = tuple(longer if one.id == slot else one for one in draft.problem.technicians)
    problem = routing.replace(draft.problem, technicians=crew)
    return replace(draft, problem=problem), draft.horizon.instant(end)


def _not_over(job: Job, day: date | None) -> date:
    return max(day, day_of(job)) if day else day_of(job)


def _free(job: Job, day: date) -> dict[str, Any] | None:
    """Whoever can take it at least cost, said like any other change."""
    best = next((one for one in candidates(job, day) if one.feasible), None)
    if best is None:
        return None
    return {"rule": FREE, "technician_id": best.technician.id, "technician": best.technician.name,
            "day": best.day.isoformat(), "values": {}}  # fmt: skip


def _explained_now(job: Job, day: date) -> dict[str, Any]:
    """Why nobody has it, on the live plan of that day; raises NotPlaceable when it cannot be planned then at all."""
    territory = job_territory(job)
    draft = build_in(territory, horizon_of(territory, day), planned_only=True, extra=job)
    if str(job.id) not in draft.jobs:
        outside = (one.reason for one in draft.left_out if (one.what, one.id) == ("job", job.id))
        raise NotPlaceable(next(outside, "kiosk"))
    told = explain(draft.problem, draft.live_routes(), [str(job.id)])
    return reasons(draft, Solution((), told))[0]


def _prepare(remedy: Remedy, job: Job, by: User) -> None:
    if remedy.rule == "lock" and job.lock != "none":
        before = job.lock
        move.unfix(job)
        record("job.locked", by=by, job=job, lock="none", before=before)
    if remedy.shift_ends is None:
        return
    shift = _last_shift(remedy)
    if shift is None or shift.ends_at >= remedy.shift_ends:
        raise StaleDataError(f"the shift of {remedy.technician.name} has changed")
    minutes = round((remedy.shift_ends - shift.ends_at).total_seconds() / 60)
    shift.ends_at = remedy.shift_ends
    record("shift.extended", by=by, job=job, technician_id=remedy.technician.id, day=remedy.day.isoformat(),
           minutes=minutes)  # fmt: skip
    db.session.flush()


def _last_shift(remedy: Remedy) -> Shift | None:
    zone = remedy.technician.territory.zone
    begins, ends = local_instant(remedy.day, 0, zone), local_instant(remedy.day + timedelta(days=1), 0, zone)
    query = select(Shift).where(
        Shift.technician_id == remedy.technician.id, Shift.kind == "work",
        Shift.starts_at >= begins, Shift.starts_at < ends,
    )  # fmt: skip
    return db.session.scalars(query.order_by(Shift.ends_at.desc()).with_for_update()).first()
