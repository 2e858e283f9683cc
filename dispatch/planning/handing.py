"""What technicians give each other and take: the dispatcher's move, inside the rules, of one's own work or of nobody's.

Nothing is searched for here: candidates are asked of the plan as it stands, and the verb is planning.move.assign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import IllegalMove, Job
from dispatch.models.night import working_day
from dispatch.models.technician import Technician
from dispatch.models.ticket import Ticket
from dispatch.models.user import User
from dispatch.planning import candidates as ranking
from dispatch.planning.build import assemble
from dispatch.planning.candidates import Candidate
from dispatch.planning.horizon import Horizon
from dispatch.planning.move import assign
from dispatch.planning.rows import jobs_of, loaded, technicians_of
from dispatch.routing import instant
from dispatch.routing.standing import Standing

NOT_BEGUN = ("planned", "dispatched", "accepted")
# of what nobody has: the most urgent are looked at, which a thumb can still look through
MOST_OFFERED = 40


class Locked(Exception):
    """A dispatcher has fixed that this technician does it."""


class PromiseMissed(Exception):
    """The requester was promised another time: that is a dispatcher's to give up, not a technician's."""


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Who could take a job, best first, and those who could not, each with the rules that he would break."""

    fit: Sequence[Candidate]
    unfit: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Offer:
    """A job that nobody has, and what it would mean for whoever is asked."""

    job: Job
    candidate: Candidate


def colleagues(job: Job) -> Colleagues:
    """Everybody else of the territory who works then; raises IllegalMove (it was begun or has ended), Locked, NotPlaceable."""
    _check(job, None)
    found = ranking.candidates(job, start=_fixed_start(job))
    others = [one for one in found if one.technician.id != job.technician_id]
    fit = [one for one in others if _fits(job, one)]
    return Colleagues(fit, [one for one in others if one not in fit])


def hand_over(job: Job, to: Technician, by: User, version: int | None, why: str | None = None) -> None:
    """Give one's own job to a colleague, within the rules. Raises what `colleagues` and `move.assign` raise,
    PromiseMissed, and StaleDataError when it is not as it was seen; the caller commits."""
    _require_seen(job, version)
    _check(job, by)
    if to.id == job.technician_id:
        raise IllegalMove("handed", job.state, job.legal_moves(by))
    _assign(job, to, by, version, handed="given", why=why)


def take_up(job: Job, by: User, version: int | None) -> None:
    """Take work that nobody has; who takes it has accepted it. Raises IllegalMove, StaleDataError, RulesBroken,
    NotPlaceable, PromiseMissed; the caller commits."""
    _require_seen(job, version)
    if by.technician is None or job.state != "unplanned":
        raise IllegalMove("taken", job.state, [])
    _assign(job, by.technician, by, version, handed="taken")
    if job.state == "dispatched":
        job.move("accepted", by)
    job.see(by)


def takeable(user: User) -> Select[Job]:
    """The work in no route of the technician's territory, of his clients where he acts for some only."""
    technician = user.technician
    query = select(Job).where(
        Job.territory_id == (technician.territory_id if technician else 0), Job.state == "unplanned",
        Job.awaits.is_(None), or_(Job.not_before.is_(None), Job.not_before <= now()),
    )  # fmt: skip
    return query.where(user.may_see(Job.client_id)) if user.client_links else query


def on_offer(user: User) -> list[Offer]:
    """What nobody has and fits in his day as it stands, the most urgent first: one problem, whatever the number."""
    technician = user.technician
    assert technician is not None  # only a technician is asked
    territory, day = technician.territory, working_day(technician, now(), overtime=False)
    horizon = Horizon(territory.zone, day, 1, now())
    urgent = (
        takeable(user)
        .join(Ticket, Ticket.id == Job.ticket_id)
        .order_by(Ticket.priority, Ticket.due_at, Job.id)
    )
    free = list(db.session.scalars(loaded(urgent).limit(MOST_OFFERED)).unique())
    mine = jobs_of(territory, horizon, {technician.id}, planned_only=True, extra=None)
    draft = assemble(territory, horizon, technicians_of(territory, {technician.id}, horizon), [*mine, *free])
    standing, wanted = Standing(draft.problem, draft.sequences()), {one.id: one for one in draft.problem.jobs}
    found = [
        Offer(job, ranking.told(draft, one, standing, wanted[str(job.id)]))
        for job in free if str(job.id) in wanted
        for one in instant.candidates(standing, wanted[str(job.id)])
    ]  # fmt: skip
    return [one for one in found if _fits(one.job, one.candidate)]


def _fits(job: Job, one: Candidate) -> bool:
    return one.feasible and _keeps_promise(job, one.start)


def _keeps_promise(job: Job, start: datetime | None) -> bool:
    """Whether what was promised is kept, as long as that can still be."""
    if job.promised_from is None or job.promised_to is None or job.promised_to <= now() or start is None:
        return True
    return job.promised_from <= start <= job.promised_to


def _require_seen(job: Job, version: int | None) -> None:
    if job.version != version:
        raise StaleDataError(f"{job.number} is at version {job.version}, not {version}")


def _check(job: Job, by: User | None) -> None:
    if job.state not in NOT_BEGUN:
        raise IllegalMove("handed", job.state, job.legal_moves(by) if by else [])
    if job.lock in ("technician", "both"):
        raise Locked(job.number)


def _assign(job: Job, to: Technician, by: User, version: int | None, **told: str | None) -> None:
    start = _fixed_start(job)
    assign(job, to, by, start=start, lock=job.lock if start else None, version=version, told=told)
    if not _keeps_promise(job, job.planned_start):
        raise PromiseMissed(job.number)


def _fixed_start(job: Job) -> datetime | None:
    """The minute that a dispatcher has fixed stays, whoever does it."""
    return job.lock_start if job.lock == "time" and job.lock_start and job.lock_start > now() else None
