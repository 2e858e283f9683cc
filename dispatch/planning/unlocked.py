"""A locked job that a dispatcher moves by hand: the lock is kept where it can be.

Where it cannot, that is a broken rule like another, which a person may override with a reason: the lock then follows
the job to its new place. A start that somebody typed is a new time for it already.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from dispatch.clock import now
from dispatch.models.job import Job
from dispatch.models.night import working_day
from dispatch.models.technician import Technician
from dispatch.planning.candidates import Candidate, candidates
from dispatch.planning.draft import Draft
from dispatch.planning.placement import Broken, tried, with_job
from dispatch.routing.problem import Lock


def locked_candidates(job: Job, day: date | None, start: datetime | None = None) -> list[Candidate]:
    """As `candidates`, with what the lock says of each: at the locked time who can be there, the others as they can."""
    fixed = None if start else _fixed(job)
    at_that_time = candidates(job, start=fixed) if fixed else []
    kept = {(one.technician.id, one.day): one for one in at_that_time if _is_kept(one.broken)}
    found = [
        _told(job, kept.get((one.technician.id, one.day), one), typed=start is not None)
        for one in candidates(job, day, start)
    ]
    return sorted(found, key=lambda one: (not one.feasible, len(one.broken)))


def held_by_lock(draft: Draft, job: Job, technician: Technician, slot: str, start: datetime | None
                 ) -> tuple[Draft, datetime | None, list[Broken]]:  # fmt: skip
    """The draft and the start with which the job keeps its locked time there, and what of its lock breaks."""
    fixed = None if start else _fixed(job)
    if fixed is not None and working_day(technician, fixed) == draft.slots[slot].day:
        exact = with_job(draft, job, lock=Lock(start=draft.horizon.seconds(fixed)))
        if _is_kept(tried(exact, job, slot, fixed).broken):
            return exact, fixed, _broken(job, technician, fixed)
    if start is not None or fixed is None:
        return draft, start, _broken(job, technician, None)
    route = tried(draft, job, slot, None).placed.route
    begins = next(stop.start for stop in route.stops if stop.job == str(job.id))
    return draft, None, _broken(job, technician, draft.horizon.instant(begins))


def lock_against(job: Job, technician: Technician) -> list[Broken]:
    """The lock to somebody else, where there is one; the time is not in question."""
    return _broken(job, technician, None)


def _fixed(job: Job) -> datetime | None:
    """The start to which the job is locked; one that has passed binds no more."""
    bound = job.lock in ("time", "both") and job.lock_start is not None and job.lock_start > now()
    return job.lock_start if bound else None


def _is_kept(broken: list[Broken]) -> bool:
    """Whether the locked time is possible, if need be with a reason for another rule."""
    return all(one.waivable for one in broken)


def _told(job: Job, one: Candidate, typed: bool) -> Candidate:
    locks = _broken(job, one.technician, None if typed else one.start)
    return replace(one, feasible=one.feasible and not locks, broken=[*locks, *one.broken])


def _broken(job: Job, technician: Technician, begins: datetime | None) -> list[Broken]:
    """What the lock says against this technician and this start; None: the start is not in question."""
    found, fixed = [], _fixed(job)
    if job.lock in ("technician", "both") and job.lock_technician_id not in (None, technician.id):
        found.append(Broken("lock", "locked to somebody else", {}, waivable=True))
    if begins is not None and fixed is not None and begins != fixed:
        values = {"fixed": fixed.isoformat(), "begins": begins.isoformat()}
        found.append(Broken("lock", "locked to another time", values, waivable=True))
    return found
