"""A territory and its days to a problem that the solver understands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.night import nights
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.models.transitions import BEGUN, ON_PHONE, OPEN
from dispatch.planning.crew import Crew, crew_of
from dispatch.planning.draft import Draft, Slot
from dispatch.planning.glance import jobs_seen, technicians_seen
from dispatch.planning.horizon import Horizon, Places
from dispatch.planning.hours import Hours
from dispatch.planning.rows import (
    jobs_of,
    open_work,
    preferences_of,
    technicians_of,
    visits_of,
)
from dispatch.planning.trips import times
from dispatch.planning.work import Work
from dispatch.routing import problem as routing
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute, time_route


def horizon_of(territory: Territory, first: date, days: int = 1, ahead: timedelta = timedelta(0)) -> Horizon:
    """The days of a run, from now on or a little later: one of today looks at the night shifts still going on."""
    day = Horizon(territory.zone, first, days, now() + ahead)
    return replace(day, nights=nights(territory, day.now, overtime=False)) if first == day.today else day


def build(territory: Territory, first: date, days: int = 1, *, technician_ids: Collection[int] | None = None,
          planned_only: bool = False, extra: Job | None = None, client_ids: Collection[int] | None = None) -> Draft:  # fmt: skip
    """The problem of the routes of exactly these local days of a territory from now on; see build_in()."""
    return build_in(territory, Horizon(territory.zone, first, days, now()), technician_ids=technician_ids,
                    planned_only=planned_only, extra=extra, client_ids=client_ids)  # fmt: skip


def build_in(territory: Territory, horizon: Horizon, *, technician_ids: Collection[int] | None = None,
             planned_only: bool = False, extra: Job | None = None, client_ids: Collection[int] | None = None,
             thawed: Collection[int] = ()) -> Draft:  # fmt: skip
    """The problem of a territory inside a horizon.

    `technician_ids` keeps to some technicians and their planned jobs, `planned_only` leaves the
    unplanned out, `extra` is in whatever its day. `client_ids` are the clients whose work may move:
    that of others stays where it is, and their unplanned work is left aside. The freeze does not hold
    `thawed` jobs.
    """
    jobs = jobs_of(territory, horizon, technician_ids, planned_only, extra)
    technicians = technicians_of(territory, technician_ids, horizon)
    return assemble(territory, horizon, technicians, jobs, client_ids=client_ids, free=extra, thawed=thawed)


def routes(
    territory: Territory, day: date, technician_ids: Collection[int], extra: Job | None = None
) -> Draft:
    """As build() of the planned work of these technicians, read as look() does; its rows are those of the session."""
    horizon = Horizon(territory.zone, day, 1, now())
    jobs = _seen(open_work(territory, horizon, technician_ids), extra)
    people = technicians_seen(territory, horizon, technician_ids)
    draft = assemble(territory, horizon, people, jobs, free=extra)
    rows = db.session.scalars(select(Job).where(Job.id.in_([int(name) for name in draft.jobs])))
    own = {
        one.id: one for one in db.session.scalars(select(Technician).where(Technician.id.in_(technician_ids)))
    }
    slots = {name: Slot(own[slot.technician.id], slot.day) for name, slot in draft.slots.items()}
    return replace(draft, jobs={str(row.id): row for row in rows}, slots=slots)


def look(territory: Territory, horizon: Horizon, extra: Job) -> Draft:
    """As build_in() of what is planned with `extra` free to move, to be looked at only: see glance.py."""
    jobs = _seen(open_work(territory, horizon), extra)
    return assemble(territory, horizon, technicians_seen(territory, horizon), jobs, free=extra)


def _seen(which: ColumnElement[bool], extra: Job | None) -> list[Job]:
    """These jobs, and this one last unless it has ended, as in build_in()."""
    if extra is None:
        return jobs_seen(which)
    jobs = jobs_seen(which | ((Job.id == extra.id) & Job.state.in_(OPEN)))
    return sorted(jobs, key=lambda job: job.id == extra.id)


def assemble(territory: Territory, horizon: Horizon, technicians: Sequence[Technician], jobs: Sequence[Job], *,
             client_ids: Collection[int] | None = None, released: dict[int, datetime] | None = None,
             free: Job | None = None, thawed: Collection[int] = ()) -> Draft:  # fmt: skip
    """The problem of these technicians and jobs; nothing is read beyond what hangs on them.

    `released` says when a job became known (a study of a past day); before that it cannot start.
    `free` is a job that may move even when it is under way.
    """
    places = Places()
    begun = [job for job in jobs if job.state in BEGUN and (free is None or job.id != free.id)]
    under_way = {job.id for job in begun}
    todo = [job for job in jobs if job.id not in under_way and job.mode != "kiosk"]
    if client_ids is not None:
        todo = [job for job in todo if job.client_id in client_ids or job.technician_id is not None]
    sites = list({job.building.site.id: job.building.site for job in todo if job.building}.values())
    held = {
        job.lock_technician_id
        for job in todo
        if job.lock in ("technician", "both") and job.lock_technician_id
    }
    visits = visits_of(technicians, horizon, places)
    crew = crew_of(technicians, begun, visits, sites, held, horizon, places)
    foreign = {job.id for job in todo if client_ids is not None and job.client_id not in client_ids}
    fixed = foreign | _next_jobs(todo, territory, horizon).difference(thawed)
    hours = Hours(horizon, _until(crew, territory, horizon), released or {})
    work = Work(horizon, hours, places, crew.slots, preferences_of(todo), frozenset(fixed))
    solver_jobs = [(job, translated) for job in todo if (translated := work.translate(job)) is not None]
    profiles = {t.profile for t in crew.days} or {"walk"}
    travel, remarks = times(territory.id, places.locations, profiles)
    problem = routing.Problem(
        locations=tuple(places.locations),
        technicians=tuple(crew.days),
        jobs=tuple(translated for _job, translated in solver_jobs),
        travel=travel,
        costs=_costs(territory),
        frozen=tuple(crew.frozen),
    )
    rows = {str(job.id): job for job, _translated in solver_jobs}
    left_out = [*crew.left_out, *work.left_out]
    return _keep_what_holds(Draft(horizon, problem, crew.slots, rows, left_out, remarks), fixed, foreign)


def _until(crew: Crew, territory: Territory, horizon: Horizon) -> datetime:
    """When the last day has ended for everybody: at midnight, or with its longest night."""
    longest = max((day.shift[1] for day in crew.days), default=0) + territory.max_overtime_minutes * 60
    return max(horizon.end, horizon.instant(longest))


def _costs(territory: Territory) -> routing.Costs:
    return routing.Costs(
        overtime=territory.overtime_price,
        max_overtime=territory.max_overtime_minutes * 60,
        move=territory.move_minutes * 60,
        promise=territory.promise_minutes * 60,
    )


def _next_jobs(jobs: Sequence[Job], territory: Territory, horizon: Horizon) -> set[int]:
    """Each technician's next job, when it begins inside the territory's freeze."""
    freeze = horizon.now.timestamp() + territory.freeze_minutes * 60
    soon: dict[int, tuple[datetime, int]] = {}
    for job in jobs:
        if job.technician_id is None or job.planned_start is None or job.state not in ON_PHONE:
            continue
        known = soon.get(job.technician_id)
        if known is None or job.planned_start < known[0]:
            soon[job.technician_id] = (job.planned_start, job.id)
    return {job_id for start, job_id in soon.values() if start.timestamp() <= freeze}


def _keep_what_holds(draft: Draft, fixed: Collection[int], foreign: Collection[int]) -> Draft:
    """What is locked to a technician keeps him although a rule that a person may override would break.

    The freeze keeps a technician's next job with him, and its minute while that can be held, else the first
    possible one. Work of other clients that cannot be held where it is stays outside: it is not ours to move.
    """
    technicians = {technician.id: technician for technician in draft.problem.technicians}
    before: dict[str, list[routing.Job]] = {name: [] for name in technicians}
    kept: dict[str, routing.Job] = {}
    for one in sorted(draft.problem.jobs, key=draft.order):
        job = one
        if one.lock is not None and one.lock.technician is not None:
            technician = technicians[one.lock.technician]
            others = [other.id for other in before[technician.id]]
            broken = {reason.rule for reason in broken_rules(draft.problem, technician, one, others)}
            job = replace(one, waived=one.waived | (broken - routing.NEVER_WAIVED))
            if int(one.id) in fixed:
                job = _loosened(draft.problem, technician, before[technician.id], job)
            if job.lock != one.lock and int(one.id) not in foreign:
                job = replace(job, lock=_own_lock(draft, one) or job.lock)
            before[technician.id].append(job)
        holder = job.lock.technician if job.lock else None
        if int(one.id) not in foreign or holder is not None:
            kept[one.id] = job
    jobs = tuple(kept[one.id] for one in draft.problem.jobs if one.id in kept)
    rows = {job.id: draft.jobs[job.id] for job in jobs}
    return replace(draft, jobs=rows, problem=routing.replace(draft.problem, jobs=jobs))


def _own_lock(draft: Draft, job: routing.Job) -> routing.Lock | None:
    """What a person has fixed of a job that the freeze held too: nothing loosens that."""
    row = draft.jobs[job.id]
    technician = job.lock.technician if job.lock and row.lock in ("technician", "both") else None
    ahead = row.lock_start is not None and row.lock_start >= draft.horizon.begin
    start = draft.horizon.seconds(row.lock_start) if row.lock_start is not None and ahead else None
    return routing.Lock(technician, start) if technician is not None or start is not None else None


def _loosened(problem: routing.Problem, technician: routing.Technician, before: Sequence[routing.Job],
              job: routing.Job) -> routing.Job:  # fmt: skip
    """The job with as much of its lock as the technician can keep after the work `before`."""
    for lock in dict.fromkeys((job.lock, routing.Lock(technician=technician.id))):
        held = replace(job, lock=lock)
        timed = _alone(problem, technician, (*before, held))
        if not timed.broken:
            at_once = routing.Lock(technician.id, timed.route.stops[-1].start)
            return held if lock == job.lock else replace(job, lock=at_once)
    return replace(job, lock=None)


def _alone(
    problem: routing.Problem, technician: routing.Technician, jobs: Sequence[routing.Job]
) -> TimedRoute:
    """The day of a technician with these jobs and nobody else."""
    mine = tuple(replace(one, excluded=frozenset(), preferred={}) for one in jobs)
    frozen = tuple(one for one in problem.frozen if one.technician == technician.id)
    day = routing.replace(problem, technicians=(technician,), jobs=mine, frozen=frozen)
    return time_route(day, technician, [one.id for one in mine])
