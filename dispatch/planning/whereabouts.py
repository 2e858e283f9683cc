"""What follows in the plan from a technician's pause, his way to a kiosk, or the end of his shift.

Later times follow when they are in the way; what he has not begun when he goes comes to the dispatcher. The plan is
held before the jobs, as everywhere. The caller commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import whereabouts
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.night import working_day
from dispatch.models.place import Kiosk
from dispatch.models.plan import Plan
from dispatch.models.tap import take
from dispatch.models.technician import Absence, Technician
from dispatch.models.transitions import BEGUN, OPEN, Incomplete
from dispatch.models.user import User
from dispatch.planning.apply import explain_in_tables
from dispatch.planning.presence import is_meal
from dispatch.planning.retime import retime
from dispatch.planning.rollover import NOT_BEGUN, forget_time
from dispatch.planning.seats import seat_of


class UnderWay(Exception):
    """Something that he has begun keeps him from it; `job` is the first of it."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.number)
        self.job = job


def pause(technician: Technician, minutes: int, by: User, at: datetime) -> None:
    """He pauses: what he works on pauses with him, and what would have begun meanwhile begins later. Raises Incomplete."""
    if minutes not in whereabouts.PAUSE_MINUTES:
        raise Incomplete("minutes")
    day = _hold(technician, at)
    away = whereabouts.begin_pause(technician, minutes, by, at)
    for job in _his(technician, ("working",)):
        take(job, "paused", by, happened=max(at, job.state_at))
    _follow(technician, day, by, away.ends_at, always=_counts_as_meal(technician, away))


def resume(technician: Technician, by: User, at: datetime) -> None:
    """He is back, from a pause or although he had gone; what paused with him goes on. Who is back early begins earlier."""
    day = _hold(technician, at)
    ended = whereabouts.come_back(technician, ("pause", "off"), by, at)
    for stay in ended:
        for job in _his(technician, ("paused",)):
            if job.state_at == stay.starts_at:
                take(job, "working", by, happened=stay.ends_at)
    _follow(technician, day, by, now(), always=bool(ended))  # a meal cut short is still to be had


def go_to_kiosk(technician: Technician, kiosk: Kiosk | None, minutes: int, by: User, at: datetime) -> None:
    """He is at a kiosk, and not available for visits. Raises Incomplete, or UnderWay with the visit that he is on."""
    if kiosk is None:
        raise Incomplete("kiosk")
    is_planned = any(one.kiosk_id == kiosk.id for one in whereabouts.planned(technician, at))
    if not is_planned and minutes not in whereabouts.KIOSK_MINUTES:
        raise Incomplete("minutes")
    day = _hold(technician, at)
    _require_free(technician, ("travelling", "working"))
    duty = whereabouts.begin_kiosk(technician, kiosk, minutes, by, at)
    _follow(technician, day, by, duty.ends_at)


def leave_kiosk(technician: Technician, by: User, at: datetime) -> None:
    """He has left the kiosk."""
    day = _hold(technician, at)
    whereabouts.come_back(technician, ("kiosk",), by, at)
    _follow(technician, day, by, now())


def end_shift(technician: Technician, by: User, at: datetime) -> list[Job]:
    """He has gone: what he has not begun of that day is left over, for a dispatcher to decide. Raises UnderWay."""
    day = _hold(technician, at)
    _require_free(technician, BEGUN)
    left = [job for job in _his(technician, NOT_BEGUN) if job.day == day]
    for job in left:
        _leave_over(job, by)
    db.session.flush()
    explain_in_tables(
        [{"job": one.id, "kind": "shift_ended", "reasons": [], "outbid_by": [], "fix": None} for one in left],
        None,
    )
    whereabouts.end_shift(technician, by, at)
    return left


def left_of(technician: Technician) -> Sequence[Job]:
    """What he has before him of the day that is going on, in order."""
    day = working_day(technician, now(), overtime=False)
    mine = select(Job).where(Job.technician_id == technician.id, Job.day == day, Job.state.in_(NOT_BEGUN))
    return db.session.scalars(mine.order_by(Job.planned_start, Job.id)).all()


def _hold(technician: Technician, at: datetime) -> date:
    """The day to which it belongs: its plan held, then his open work, so that a tap on it waits until this is done."""
    day = working_day(technician, at, overtime=False)
    Plan.lock(technician.territory_id, day)
    _his(technician, OPEN)
    return day


def _his(technician: Technician, states: Sequence[str]) -> list[Job]:
    db.session.flush()  # what is read again forgets what was not written
    mine = select(Job).where(Job.technician_id == technician.id, Job.state.in_(states)).order_by(Job.id)
    return list(
        db.session.scalars(mine.with_for_update(of=Job).execution_options(populate_existing=True)).unique()
    )


def _require_free(technician: Technician, states: Sequence[str]) -> None:
    for job in _his(technician, states):
        raise UnderWay(job)


def _leave_over(job: Job, by: User) -> None:
    record("job.left_over", by=by, job=job, was=seat_of(job))
    job.move("unplanned", None)
    forget_time(job)


def _counts_as_meal(technician: Technician, away: Absence) -> bool:
    """Whether a meal break that is still planned is had with it."""
    meals = (meal for shift in technician.shifts for meal in shift.breaks if shift.ends_at > now())
    return any(is_meal(away, meal) for meal in meals)


def _follow(technician: Technician, day: date, by: User, until: datetime, always: bool = False) -> None:
    """Time the rest of the day again, later where it has to be, when something on it would begin before then."""
    db.session.flush()
    if day == working_day(technician, now(), overtime=False) and (
        always or _is_in_the_way(technician, day, until)
    ):
        retime(technician.territory_id, day, {technician.id}, by, later_only=True)


def _is_in_the_way(technician: Technician, day: date, until: datetime) -> bool:
    ahead = select(Job.planned_start, Job.travel_seconds).where(
        Job.technician_id == technician.id, Job.day == day, Job.state.in_(OPEN), Job.state.not_in(BEGUN)
    )  # fmt: skip
    return any(
        start is not None and start - timedelta(seconds=travel) < until
        for start, travel in db.session.execute(ahead)
    )
