"""Several jobs held at once: the plans first, then the jobs, each looked at again as it was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.exc import StaleDataError

from dispatch.extensions import db
from dispatch.models.job import IllegalMove, Job
from dispatch.models.place import Building, Territory
from dispatch.models.plan import Plan
from dispatch.models.ticket import Ticket
from dispatch.models.user import User
from dispatch.planning.placement import NotPlaceable, RulesBroken
from dispatch.planning.retime import retime

MOST = 100
"""Jobs that one act may change: a day of a large territory, and still an answer within seconds."""

NOT_BEGUN = ("unplanned", "planned", "dispatched", "accepted")


class TooMany(Exception):
    """More than MOST jobs were selected."""


class AtStake(Exception):
    """Putting the job off would miss what was promised, or its time limit: to be said before it is done."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.number)
        self.promised = (job.promised_from, job.promised_to)
        self.due = job.ticket.due_at


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one job: done, or what stands against it."""

    job: Job
    refusal: Exception | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer per job, in the order they were asked for, and whose routes have changed or are to be looked at."""

    answers: list[Answer]
    technician_ids: set[int]

    @property
    def done(self) -> list[Job]:
        return [one.job for one in self.answers if one.refusal is None]

    @property
    def refused(self) -> list[Answer]:
        return [one for one in self.answers if one.refusal is not None]


@dataclass(slots=True)
class Held:
    """The jobs asked for, in that order, and the plans of the days concerned; nobody else changes any of it now."""

    territory: Territory
    by: User
    jobs: list[Job]
    plans: dict[date, Plan]
    refusals: dict[int, Exception]
    technician_ids: set[int]
    # whose route lost work on which day
    left: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))

    def each(self, act: Callable[[Job], None]) -> None:
        """Do it to every job that nothing stands against; what it raises is the answer for that job alone."""
        for job in self.free:
            try:
                act(job)
            except (NotPlaceable, RulesBroken, IllegalMove, AtStake) as refusal:
                self.refusals[job.id] = refusal

    @property
    def free(self) -> list[Job]:
        return [job for job in self.jobs if job.id not in self.refusals]

    def leave(self, job: Job) -> None:
        """Remember whose route the job is about to leave."""
        if job.day is not None and job.technician_id is not None:
            self.left[job.day].add(job.technician_id)

    def follow(self, but: date | None = None) -> None:
        """Time again, once per day, the routes that lost work; `but` names a day that is timed already."""
        for day, ids in sorted(self.left.items()):
            if day != but:
                retime(self.territory.id, day, ids, self.by, never_later=True)

    def outcome(self) -> Outcome:
        answers = [Answer(job, self.refusals.get(job.id)) for job in self.jobs]
        now_with = {job.technician_id for job in self.jobs if job.technician_id is not None}
        return Outcome(answers, self.technician_ids | now_with)


def hold(territory: Territory, seen: Mapping[int, int], by: User, *, days: Iterable[date] = (),
         technician_ids: Collection[int] = ()) -> Held:  # fmt: skip
    """Hold what these jobs (id -> version seen) concern; raises TooMany.

    In the order of planning/move.py, so that nobody waits for somebody who waits for him: the plans by day, then the
    routes concerned and the jobs by id: also for what changes no time, since a tap holds its plan and its route.
    """
    if len(seen) > MOST:
        raise TooMany(len(seen))
    found = db.session.execute(select(Job.day, Job.technician_id).where(Job.id.in_(seen))).all()
    people = {row.technician_id for row in found if row.technician_id is not None} | set(technician_ids)
    concerned = {row.day for row in found if row.day is not None} | set(days)
    held = {day: Plan.lock(territory.id, day) for day in sorted(concerned)}
    rows = _rows(territory, seen, people, held)
    jobs = [rows[one] for one in seen if one in rows]
    stale: dict[int, Exception] = {
        job.id: StaleDataError(f"{job.number} has changed")
        for job in jobs
        if _has_changed(job, seen[job.id], held)
    }
    return Held(territory, by, jobs, held, stale, people)


def _rows(
    territory: Territory, ids: Iterable[int], people: Collection[int], days: Iterable[date]
) -> dict[int, Job]:
    """The jobs, and those of the routes concerned, with what a change of them reads: a constant number of queries."""
    mine = Job.id.in_(list(ids)) & (Job.territory_id == territory.id)
    routes = Job.technician_id.in_(people) & Job.day.in_(list(days))
    query = select(Job).where(mine | routes).order_by(Job.id).with_for_update(of=Job).options(
        selectinload(Job.ticket), selectinload(Job.technician), selectinload(Job.client),
        selectinload(Job.building).joinedload(Building.site), selectinload(Job.admin_right),
    )  # fmt: skip
    db.session.flush()
    found = {job.id: job for job in db.session.scalars(query.execution_options(populate_existing=True))}
    begun = select(Ticket).where(Ticket.id.in_({job.ticket_id for job in found.values()}))
    begun = begun.where(
        Ticket.state == "in_progress"
    )  # these look at all their jobs when one of them changes
    db.session.scalars(begun.options(selectinload(Ticket.jobs))).all()
    return found


def _has_changed(job: Job, version: int, days: Collection[date]) -> bool:
    """Since it was seen; or since its plan was held, so that its day is not one of ours."""
    return job.version != version or (job.day is not None and job.day not in days)


def require_not_begun(job: Job, move: str, by: User) -> None:
    """Raises IllegalMove for what is under way or has ended: that is decided job by job."""
    if job.state not in NOT_BEGUN:
        raise IllegalMove(move, job.state, job.legal_moves(by))
