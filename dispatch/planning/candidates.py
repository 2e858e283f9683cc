"""The technicians for one job, ranked, with what each would cost and break."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dispatch.clock import now
from dispatch.models.job import Job
from dispatch.models.night import nights
from dispatch.models.technician import Technician
from dispatch.planning.draft import Draft
from dispatch.planning.placement import Broken, broken_of, draft_with, job_territory, with_job
from dispatch.routing import insertion, instant
from dispatch.routing import problem as routing
from dispatch.routing.problem import Lock
from dispatch.routing.standing import Standing


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
    # what it costs beside travel, in minutes of it: everybody's lateness, promises and overtime
    strain_minutes: int
    broken: list[Broken]


def candidates(job: Job, day: date | None = None, start: datetime | None = None) -> list[Candidate]:
    """Every technician who works on that day (None: the job's own) or is still in the night before, best first.

    With `start` for exactly then, each on the route to which that moment belongs. Raises NotPlaceable when the
    job lacks something.
    """
    if start:
        return _at(job, start)
    draft = draft_with(job, day or day_of(job))
    return _told(draft, job)


def _at(job: Job, start: datetime) -> list[Candidate]:
    """After midnight that is the night's route of whoever has one then, and the day's of the others."""
    night, day = nights(job_territory(job), start), start.astimezone(zone_of(job)).date()
    first = min([day, *night.values()])
    draft = draft_with(job, first, days=(day - first).days + 1)
    draft = with_job(draft, job, lock=Lock(start=draft.horizon.seconds(start)))
    return [one for one in _told(draft, job) if one.day == night.get(one.technician.id, day)]


def _told(draft: Draft, job: Job) -> list[Candidate]:
    wanted = next(one for one in draft.problem.jobs if one.id == str(job.id))
    standing = Standing(draft.problem, draft.sequences())
    return [told(draft, one, standing, wanted) for one in instant.candidates(standing, wanted)]


def day_of(job: Job) -> date:
    """The day on which the job is looked at: that of the plan, or today."""
    today = now().astimezone(zone_of(job)).date()
    return job.day if job.day and job.day >= today else today


def zone_of(job: Job) -> ZoneInfo:
    return ZoneInfo(job_territory(job).zone)


def told(draft: Draft, one: insertion.Candidate, standing: Standing, wanted: routing.Job) -> Candidate:
    """What the engine says of a technician-day for that job, with its rows and instants."""
    slot, horizon = draft.slots[one.technician], draft.horizon
    beside = one.added - one.added_travel - standing.standing_cost(standing.rows[one.technician], wanted)
    return Candidate(
        technician=slot.technician,
        day=slot.day,
        feasible=one.feasible,
        added_minutes=round(one.added_travel / 60),
        arrival=horizon.instant(one.arrival),
        start=horizon.instant(one.start),
        lateness_minutes=round(one.lateness / 60),
        strain_minutes=max(0, round(beside / 60)),
        broken=[broken_of(reason, horizon) for reason in one.broken],
    )
