"""A technician says that he is late: his route takes the time, and it is noted whom that concerns.

No message is sent: the phone opens the technician's own call, text message or letter, and he says when he has told them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.duration import SAID
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job, number_of
from dispatch.models.plan import Plan
from dispatch.models.technician import Technician
from dispatch.models.transitions import BEGUN, ENDED, ON_PHONE, Incomplete
from dispatch.models.user import User
from dispatch.models.word import LATE_MINUTES, Word, open_word
from dispatch.planning.forecast import WORTH_TELLING, forecast
from dispatch.planning.retime import place_of, retime


class _Timed(NamedTuple):
    state: str
    start: datetime | None
    end: datetime | None
    travel: int


def announce(job: Job, technician: Technician, minutes: int, by: User, at: datetime) -> Word:
    """He will be done, or there, so much later than planned; the later jobs of his day are timed again where rules allow.

    Only of what he has begun: what he has not left for is not late by itself. Raises IllegalMove or Incomplete. The
    caller holds the plan (`hold_route`) before it holds the job, and commits.
    """
    place = place_of(job)
    if job.state not in BEGUN or place is None:
        raise IllegalMove("late", job.state, job.legal_moves(by))
    if minutes not in LATE_MINUTES:
        raise Incomplete("minutes")
    word = open_word("late", job, technician, by, at)
    before = _begins(technician, place[1])
    _put_off(job, timedelta(minutes=minutes))
    db.session.flush()
    retime(*place, by, later_only=True)
    word.minutes = (word.minutes or 0) + minutes
    word.due = {**word.due, **_later(before, _begins(technician, place[1]))}
    record("job.late", by=by, job=job, technician_id=technician.id, minutes=minutes, due=word.due)
    return word


def hold_route(job: Job) -> None:
    """Hold the plan of the route that the job is on."""
    if (place := place_of(job)) is not None:
        Plan.lock(place[0], place[1])


def _put_off(job: Job, by: timedelta) -> None:
    """On the way it is the road that takes longer, there the work."""
    if job.state == "travelling":
        job.travel_seconds += int(by.total_seconds())
        job.planned_arrival = job.planned_arrival and job.planned_arrival + by
        job.planned_start = job.planned_start and job.planned_start + by
    else:
        job.duration_minutes = (job.duration_minutes or 30) + int(by.total_seconds() // 60)
        job.duration_source, job.duration_basis = SAID, {}
    job.planned_end = job.planned_end and job.planned_end + by


def _begins(technician: Technician, day: date) -> dict[str, datetime]:
    """By number, when each of his open jobs that is not at work is likely to begin."""
    his = select(Job).where(Job.technician_id == technician.id, Job.day == day, Job.state.not_in(ENDED))
    jobs = [job for job in db.session.scalars(his) if job.planned_start and job.planned_end]
    jobs.sort(key=lambda job: (job.state not in BEGUN, job.planned_start))
    stops = [_Timed(job.state, job.planned_start, job.planned_end, job.travel_seconds) for job in jobs]
    spans = zip(jobs, forecast(stops, now()), strict=True)
    return {number_of(job.id): begin for job, (begin, _end) in spans if _is_awaited(job)}


def _is_awaited(job: Job) -> bool:
    return job.state in ON_PHONE and job.state not in ("working", "paused")


def _later(before: Mapping[str, datetime], after: Mapping[str, datetime]) -> dict[str, str]:
    """Whom it concerns: those whose beginning is later by so much that it is worth telling."""
    known = ((number, begin) for number, begin in after.items() if number in before)
    return {number: begin.isoformat() for number, begin in known if begin - before[number] >= WORTH_TELLING}
