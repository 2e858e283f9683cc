"""The end of a day: what was not begun goes back to the unplanned, with a higher claim for tomorrow."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.night import in_nights, nights
from dispatch.models.place import Territory

NOT_BEGUN = ("planned", "dispatched", "accepted")


def due() -> list[int]:
    """Territories in which a day has ended with work on it that nobody began."""
    with reading():
        territories = list(db.session.scalars(select(Territory)))
        found = [one.id for one in territories if db.session.scalar(_left(one).limit(1))]
        db.session.rollback()
    return found


def roll_over(territory_id: int) -> int:
    """Take what was left of past days out of the plan; paused work keeps its technician."""
    query = _left(db.session.get_one(Territory, territory_id))
    jobs = list(db.session.scalars(query.order_by(Job.id).with_for_update()))
    for job in jobs:
        record("job.carried_over", job=job, day=job.day.isoformat() if job.day else None)
        job.move("unplanned", None)
        job.carried_over += 1
        forget_time(job)
    return len(jobs)


def forget_time(job: Job) -> None:
    """The minute that was fixed has passed; whoever was fixed stays."""
    job.lock = {"both": "technician", "time": "none"}.get(job.lock, job.lock)
    job.lock_start = None


def _left(territory: Territory) -> Select[Job]:
    """What nobody began on a day that is over; a night shift's day is over when the shift is."""
    moment = now()
    today = moment.astimezone(ZoneInfo(territory.zone)).date()
    query = select(Job).where(Job.territory_id == territory.id, Job.day < today, Job.state.in_(NOT_BEGUN))
    return query.where(~in_nights(nights(territory, moment)))
