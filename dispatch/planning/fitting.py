"""What giving several jobs to each technician of a day would mean: as bulk.move does it, for everybody, nothing written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.planning.build import assemble
from dispatch.planning.draft import Draft, Slot
from dispatch.planning.fill import freed, urgency
from dispatch.planning.glance import jobs_seen, technicians_seen
from dispatch.planning.horizon import Horizon
from dispatch.planning.placement import Broken, broken_of
from dispatch.planning.rows import loaded, open_work
from dispatch.planning.several import NOT_BEGUN
from dispatch.planning.unlocked import lock_against
from dispatch.routing.rules import broken_rules
from dispatch.routing.solution import Reason, Violation
from dispatch.routing.standing import Standing, Trial


@dataclass(slots=True)
class Fit:
    """One technician's day: how many of the jobs it would take, one after the other, and what that costs, in minutes.

    `his` are on it already; `against` is the first rule that keeps one out, with the id of that job.
    """

    technician: Technician
    his: int = 0
    fits: int = 0
    added_minutes: float = 0
    strain_minutes: float = 0
    against: tuple[int, Broken] | None = None

    def take(self, trial: Trial) -> None:
        self.fits += 1
        self.added_minutes += trial.added_travel / 60
        self.strain_minutes += max(0, trial.added - trial.added_travel) / 60

    def rank(self) -> tuple[int, int, float, str]:
        return -self.fits, -self.his, self.added_minutes + self.strain_minutes, self.technician.name


@dataclass(frozen=True, slots=True)
class Fits:
    """Who works that day, best first, and the jobs that nobody could be given, with one of LeftOut's reasons."""

    people: list[Fit]
    outside: dict[int, str]


def fits(territory: Territory, job_ids: Collection[int], day: date) -> Fits:
    """The number of statements does not grow with the jobs or the technicians."""
    jobs = list(db.session.scalars(loaded(select(Job)).where(Job.id.in_(job_ids)).order_by(Job.id)).unique())
    outside = {job.id: reason for job in jobs if (reason := _never(job, day))}
    coming = [job for job in jobs if job.id not in outside]
    draft = _draft(territory, coming, day)
    unfit = {entry.id: entry.reason for entry in draft.left_out if entry.what == "job"}
    outside |= {job.id: unfit.get(job.id, "kiosk") for job in coming if str(job.id) not in draft.jobs}
    coming = [job for job in coming if job.id not in outside]
    return Fits(_tried(freed(draft, coming), sorted(coming, key=urgency)), outside)


def _never(job: Job, day: date) -> str | None:
    """What keeps the job where it is, whoever is asked for."""
    if job.state not in NOT_BEGUN:
        return "begun"
    return "time_locked" if job.lock in ("time", "both") and job.day not in (None, day) else None


def _draft(territory: Territory, coming: Sequence[Job], day: date) -> Draft:
    horizon = Horizon(territory.zone, day, 1, now())
    others = jobs_seen(open_work(territory, horizon) & Job.id.not_in([job.id for job in coming]))
    return assemble(territory, horizon, technicians_seen(territory, horizon), [*others, *coming])


def _tried(draft: Draft, coming: Sequence[Job]) -> list[Fit]:
    """Each job on every day beside those before it that went there."""
    standing, slots = Standing(draft.problem, draft.sequences()), draft.slots
    found = {row: Fit(slots[one.id].technician) for row, one in enumerate(standing.crew)}
    for job in coming:
        holder = standing.rows.get(next((name for name, slot in slots.items() if _has(slot, job)), ""))
        if holder is not None:
            found[holder].his += 1
        rows = [row for row in found if row != holder]
        for row, trial in standing.trials(standing.index.job[str(job.id)], rows).items():
            broken = _broken(draft, standing, row, job, trial)
            if broken is not None:
                found[row].against = found[row].against or (job.id, broken)
                continue
            found[row].take(trial)
            order = list(standing.orders[row])
            standing.put(row, [*order[: trial.position], str(job.id), *order[trial.position :]])
    return sorted(found.values(), key=Fit.rank)


def _has(slot: Slot, job: Job) -> bool:
    return (slot.technician.id, slot.day) == (job.technician_id, job.day)


def _broken(draft: Draft, standing: Standing, row: int, job: Job, trial: Trial) -> Broken | None:
    """The first rule that keeps the job off that day."""
    technician = standing.crew[row]
    if locks := lock_against(job, draft.slots[technician.id].technician):
        return locks[0]
    wanted = standing.index.job[str(job.id)]
    forbidden = broken_rules(draft.problem, technician, wanted, standing.orders[row])
    against: list[Reason | Violation] = [*forbidden, *trial.broken]
    return broken_of(against[0], draft.horizon) if against else None
