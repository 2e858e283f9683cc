"""What a dispatcher does to several jobs at once: each is done or answered with what stands against it.

One transaction, which the caller ends; those that can be done are done. Routes are timed again once per
technician-day, and the number of statements does not grow with the number of jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import LOCKS, IllegalMove, Job
from dispatch.models.place import Territory
from dispatch.models.plan import Explanation
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning import fill
from dispatch.planning.apply import unseat
from dispatch.planning.journal import kept
from dispatch.planning.move import fix_as_planned, unfix
from dispatch.planning.placement import NotPlaceable, RulesBroken
from dispatch.planning.several import AtStake, Held, Outcome, hold, require_not_begun
from dispatch.planning.unlocked import lock_against
from dispatch.sla.calendar import local_instant

Seen = Mapping[int, int]
"""Ids of the jobs, in the order asked for, with the version that was seen of each."""


def move(territory: Territory, seen: Seen, technician: Technician, day: date, by: User,
         reason: str | None = None) -> Outcome:  # fmt: skip
    """Give all of them to one technician on one day, the most urgent first; what he has already stays as it is.

    Each is put where it fits best beside those before it. One that breaks a rule is refused, unless a `reason` is
    given and a person may override the rule: that is logged with the job. A time that is locked is kept.
    So is the lock to somebody else such a rule.
    """
    with kept(territory.id, by, "bulk", {*seen}):
        held = hold(territory, seen, by, days=[day], technician_ids=[technician.id])
        held.each(lambda job: require_not_begun(job, "reassigned", by))
        held.each(lambda job: _require_time(job, day))
        held.each(lambda job: _require_lock(job, technician, reason))
        fill.fill(held, technician, day, reason)
        held.follow(but=day)
    return held.outcome()


def lock(territory: Territory, seen: Seen, kind: str, by: User) -> Outcome:
    """Fix the technician, the time or both of each as they are in the plan now, or free them."""
    if kind not in LOCKS:
        raise NotPlaceable("not_planned")
    with kept(territory.id, by, "bulk", {*seen}):
        held = hold(territory, seen, by)
        held.each(lambda job: _lock(job, kind, by))
    return held.outcome()


def postpone(
    territory: Territory, seen: Seen, day: date, by: User, reason: str, insist: bool = False
) -> Outcome:
    """Take them out of the plan, not to be planned before that day begins where the work is.

    Of one that would miss a promised window or its time limit the answer is AtStake, unless somebody insists.
    """
    with kept(territory.id, by, "bulk", {*seen}):
        held = hold(territory, seen, by)
        held.each(lambda job: require_not_begun(job, "unplanned", by))
        held.each(lambda job: _postpone(held, job, day, reason, insist))
        ids = [job.id for job in held.free]  # what a run found out was about the days before
        db.session.execute(delete(Explanation).where(Explanation.job_id.in_(ids)))
        held.follow()
    return held.outcome()


def hand_over(territory: Territory, seen: Seen, by: User) -> Outcome:
    """Leave them to the engine: out of the plan, nothing of them fixed, for the next run to place.

    A caller that wants a run at once asks for one when this has been committed.
    """
    with kept(territory.id, by, "bulk", {*seen}):
        held = hold(territory, seen, by)
        held.each(lambda job: require_not_begun(job, "unplanned", by))
        held.each(lambda job: _release(held, job))
        held.follow()
    return held.outcome()


def _require_time(job: Job, day: date) -> None:
    if job.lock in ("time", "both") and job.day not in (None, day):
        raise NotPlaceable("time_locked")


def _require_lock(job: Job, technician: Technician, reason: str | None) -> None:
    """Locked to somebody else: a broken rule, which a reason overrides."""
    broken = lock_against(job, technician)
    if broken and not reason:
        raise RulesBroken(broken)


def _lock(job: Job, kind: str, by: User) -> None:
    if not job.is_open:
        raise IllegalMove("locked", job.state, job.legal_moves(by))
    if kind != "none" and job.technician_id is None:
        raise NotPlaceable("not_planned")
    if job.lock == kind:
        return
    before = job.lock
    fix_as_planned(job, kind)
    job.placed_at = now()
    record("job.locked", by=by, job=job, lock=kind, before=before)


def _postpone(held: Held, job: Job, day: date, reason: str, insist: bool) -> None:
    opens = local_instant(day, 0, _zone(job, held.territory))
    if not insist and any(at is not None and at < opens for at in (job.promised_from, job.ticket.due_at)):
        raise AtStake(job)
    _release(held, job)
    job.not_before = opens
    record("job.postponed", by=held.by, job=job, until=day.isoformat(), reason=reason)


def _release(held: Held, job: Job) -> None:
    held.leave(job)
    if job.state != "unplanned":
        unseat(job, held.by)
    unfix(job)
    job.placed_at = now()


def _zone(job: Job, territory: Territory) -> str:
    return job.building.site.zone if job.building is not None else territory.zone
