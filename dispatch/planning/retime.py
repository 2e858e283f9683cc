"""Times the rest of a day again after something on it has changed or dropped out.

Whoever holds a plan and a job takes the plan first, so that nobody waits for somebody who waits for him.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.night import working_day
from dispatch.models.place import Territory
from dispatch.models.plan import Plan
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import BEGUN, ON_PHONE, OPEN
from dispatch.models.user import User
from dispatch.planning import build
from dispatch.planning.apply import apply
from dispatch.planning.draft import Draft
from dispatch.routing import problem as routing
from dispatch.routing.solution import Route, Stop

# what a technician taps that frees his time, or takes it again
FREEING = frozenset({"declined", "not_completed", "solved_remotely", "to_visit", "undone"})


def retime(territory_id: int, day: date, technician_ids: Collection[int], by: User | None, *,
           later_only: bool = False, never_later: bool = False) -> int:  # fmt: skip
    """Time what is left of these technicians' day again, from now on; returns how many jobs changed.

    Their jobs keep their order; with `later_only` none begins before the time that it has, with `never_later` a route
    on which one would begin after it stays as it is. So does a route that cannot be timed without breaking a rule, and
    one whose shift is over. The caller commits.
    """
    plans = {day: Plan.lock(territory_id, day)}
    territory = db.session.get_one(Territory, territory_id)
    db.session.flush()
    draft = build.routes(territory, day, technician_ids)
    draft = _not_earlier(draft) if later_only else draft
    routes = _legal(draft)
    return apply(draft, not_later(draft, routes) if never_later else routes, territory, by, plans)


def not_later(draft: Draft, routes: Iterable[Route]) -> list[Route]:
    """The routes on which nothing begins after the time that it has.

    What leaves a route makes nobody late. Where the clock has overtaken a route, timing it again says what its lateness
    has come to, which is not what somebody asked for who took work off it.
    """
    return [route for route in routes if not any(_is_later(draft, stop) for stop in route.stops)]


def _is_later(draft: Draft, stop: Stop) -> bool:
    planned = draft.jobs[stop.job].planned_start
    return planned is not None and draft.horizon.instant(stop.start) > planned


@contextmanager
def freeing(job: Job, name: str, by: User) -> Iterator[None]:
    """Around a technician's move called `name`: his route takes the time that becomes free, or makes way.

    It makes way for a job that he begins before its time while another one is planned. The plan is held before
    the block holds the job. The caller commits.
    """
    place = place_of(job) if name in FREEING or _is_early(job, name) else None
    if place is not None:
        Plan.lock(place[0], place[1])
    yield
    if place is not None and (name in FREEING or _is_in_the_way(job)):
        retime(*place, by)


def _is_early(job: Job, name: str) -> bool:
    return name in BEGUN and job.planned_start is not None and now() < job.planned_start


def _is_in_the_way(job: Job) -> bool:
    """Whether something that its technician has not begun is planned while this one is done."""
    ahead = Job.state.in_(OPEN) & Job.state.not_in(BEGUN) & (Job.technician_id == job.technician_id)
    meanwhile = (Job.planned_start < job.planned_end) & (Job.planned_end > job.planned_start)
    return job.has_begun and db.session.scalar(select(Job.id).where(ahead, meanwhile).limit(1)) is not None


def follow(ticket: Ticket, since: datetime, by: User | None) -> None:
    """Time the routes again on which jobs of the ticket have changed since then: their length, or their place.

    A job whose new place is in another territory leaves the plan. The caller commits.
    """
    with db.session.no_autoflush:  # the plans are held before the jobs are written
        changed = [
            (job, place) for job in ticket.open_jobs if (place := place_of(job)) and _differs(job, since)
        ]
        for territory_id, day in sorted({place[:2] for _job, place in changed}):
            Plan.lock(territory_id, day)
    for job, place in changed:
        if job.territory_id != place[0]:
            _send_back(job, by)
        retime(*place, by)


def _differs(job: Job, since: datetime) -> bool:
    return job.change.get("what") == "details" and job.changed_at is not None and job.changed_at >= since


def _send_back(job: Job, by: User | None) -> None:
    """Out of the plan by the engine's hand: whoever changed the place may not plan."""
    if job.state in ON_PHONE:
        record("job.withdrawn", by=by, job=job)
    job.move("unplanned", None)


def place_of(job: Job) -> tuple[int, date, set[int]] | None:
    """Whose route the job is on: territory, the day on which it matters now, and the technician."""
    if job.technician is None or job.day is None:
        return None
    going_on = working_day(job.technician, now(), overtime=False)
    return job.technician.territory_id, max(job.day, going_on), {job.technician.id}


def _not_earlier(draft: Draft) -> Draft:
    """The draft in which nothing begins before the time that it has."""
    jobs = tuple(replace(one, release=_release(draft, one)) for one in draft.problem.jobs)
    return replace(draft, problem=routing.replace(draft.problem, jobs=jobs))


def _release(draft: Draft, job: routing.Job) -> int | None:
    planned = draft.jobs[job.id].planned_start
    return job.release if planned is None else max(job.release or 0, draft.horizon.seconds(planned))


def _legal(draft: Draft) -> list[Route]:
    """The routes that can be timed as they are; one with work that cannot be done any more is not one of them."""
    broken = {job.technician_id for job in _left_out(draft)}
    return [
        timed.route
        for timed in draft.live()
        if not timed.broken and draft.slots[timed.route.technician].technician.id not in broken
    ]


def _left_out(draft: Draft) -> list[Job]:
    return [db.session.get_one(Job, entry.id) for entry in draft.left_out if entry.what == "job"]
