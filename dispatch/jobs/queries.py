"""What the phone shows: a technician's day, and one job with its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from dispatch import sentences
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.jobs.day import Day, Pause, Withdrawn, begins
from dispatch.labels import skill_label
from dispatch.models.client import AdminRight, Category, Equipment, Skill
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.night import working_day
from dispatch.models.place import Building
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.technician import KioskDuty, RightGrant, Shift, Technician
from dispatch.models.ticket import Requester, Ticket
from dispatch.models.transitions import BEGUN, ENDED, ON_PHONE
from dispatch.models.user import User
from dispatch.replay.moments import TOLERANCE
from dispatch.sla.calendar import local_instant

DAYS_AHEAD = 6
LONGEST_HISTORY = 50
# of an asset: how much is looked through for all jobs at hand, and shown of each
MOST_EARLIER, EARLIER_SHOWN = 200, 3
# how long it is told that a job was taken away
TOLD_HOURS = 72
_SHOWN = ("planned", *ON_PHONE, *ENDED)


def day_of(user: User, wanted: date | None = None) -> Day:
    """The day as it stands; when none is wanted that of the shift going on, else today.

    Raises ValueError for somebody without a calendar.
    """
    technician = user.technician
    if technician is None:
        raise ValueError(f"{user.email} is no technician")
    zone = technician.territory.zone
    today = working_day(technician, now())
    day = wanted or today
    return Day(
        day=day, today=today, zone=zone, profile=technician.profile, jobs=_jobs(user, day, today),
        pauses=[*_breaks(technician, day), *_duties(technician, day, zone)],
        rights=_rights(technician, day), counts=_counts(user, today),
        withdrawn=_withdrawn(technician, today) if day == today else [],
    )  # fmt: skip


def whole(query: Select[Job]) -> Select[Job]:
    """The query with all that a card or a line shows, so that their number costs no further queries."""
    ticket = joinedload(Job.ticket)
    return query.options(
        ticket.joinedload(Ticket.requester),
        ticket.joinedload(Ticket.contact),
        ticket.joinedload(Ticket.category),
        ticket.selectinload(Ticket.handovers),
        joinedload(Job.client),
        joinedload(Job.building).joinedload(Building.site),
        joinedload(Job.admin_right),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, when, and who did it; `sent`: when it came here, where that is noticeably later."""

    at: datetime
    told: str
    who: str | None
    sent: datetime | None = None


def history(job: Job) -> list[Entry]:
    """The log of one job in words, newest first."""
    return _told(db.session.execute(_log([job.id]).limit(LONGEST_HISTORY)).all())


def histories(jobs: list[Job]) -> dict[int | None, list[Entry]]:
    """The logs of many jobs, by id; one query."""
    rows: dict[int | None, list[Any]] = {job.id: [] for job in jobs}
    for row in db.session.execute(_log([job.id for job in jobs])):
        rows[row[0].job_id].append(row)
    return {job_id: _told(mine[:LONGEST_HISTORY]) for job_id, mine in rows.items()}


def _log(job_ids: list[int]) -> Select[Event, str, str]:
    log = select(Event, User.name, Technician.name).where(Event.job_id.in_(job_ids))
    log = log.outerjoin(User, User.id == Event.actor_id)
    log = log.outerjoin(Technician, Technician.id == Event.technician_id)
    return log.order_by(Event.id.desc())


def _told(rows: Sequence[Any]) -> list[Entry]:
    told = ((event, sentences.event(event.kind, event.data, whose or ""), who) for event, who, whose in rows)
    return [_entry(event, words, who) for event, words, who in told if words]


def _entry(event: Event, words: str, who: str | None) -> Entry:
    """At the time of the tap: as it was counted where it was, else as the phone's clock had it."""
    happened = event.data.get("happened")
    said = datetime.fromisoformat(happened) if happened else event.claimed_at
    at = min(said, event.at) if said else event.at
    return Entry(at, words, who, event.at if event.at - at > TOLERANCE else None)


def earlier(jobs: list[Job]) -> dict[int, list[Job]]:
    """By job id, what was done before on the same asset of the same client, newest first; one query."""
    assets = {(job.client_id, job.ticket.asset) for job in jobs if job.ticket.asset}
    query = (
        select(Job)
        .join(Ticket)
        .where(Ticket.asset.in_([asset for _client, asset in assets]), Job.state.in_(ENDED))
    )
    ended = (
        query.options(contains_eager(Job.ticket))
        .order_by(Job.ended_at.desc(), Job.id.desc())
        .limit(MOST_EARLIER)
    )
    found = list(db.session.scalars(ended)) if assets else []
    return {
        job.id: [old for old in found if old.id != job.id and _same_asset(old, job)][:EARLIER_SHOWN] for job in jobs
    }  # fmt: skip


def _same_asset(one: Job, other: Job) -> bool:
    return one.client_id == other.client_id and one.ticket.asset == other.ticket.asset


def news_since(event_id: int, user: User) -> bool:
    """Whether something happened after that event that concerns the technician."""
    whose = user.technician.id if user.technician else 0
    newer = select(Event.id).where(Event.id > event_id, Event.technician_id == whose)
    return db.session.scalar(newer.limit(1)) is not None


def parent_of(job: Job) -> Job | None:
    """The job that this one follows up: its outcome and note are where the work stands."""
    return db.session.get(Job, job.parent_id) if job.parent_id else None


def parents_of(jobs: list[Job]) -> dict[int, Job]:
    """By id, the jobs that these follow up."""
    wanted = {job.parent_id for job in jobs if job.parent_id}
    return (
        {job.id: job for job in db.session.scalars(select(Job).where(Job.id.in_(wanted)))} if wanted else {}
    )


def skills() -> list[Skill]:
    return list(db.session.scalars(select(Skill).order_by(Skill.label_fr)))


def parts() -> dict[str, str]:
    """The names of all parts, by code."""
    query = select(Equipment).where(Equipment.kind == "part")
    return {part.code: skill_label(part) for part in db.session.scalars(query)}


def rights_of(jobs: list[Job]) -> dict[int, list[AdminRight]]:
    """The admin rights that the clients of these jobs know, by client; one query."""
    rights: dict[int, list[AdminRight]] = {job.client_id: [] for job in jobs}
    known = select(AdminRight).where(AdminRight.client_id.in_(rights)).order_by(AdminRight.label)
    for right in db.session.scalars(known):
        rights[right.client_id].append(right)
    return rights


def categories_of(jobs: list[Job]) -> dict[int, list[Category]]:
    """The kinds of work that the clients of these jobs know, by client; one query."""
    known: dict[int, list[Category]] = {job.client_id: [] for job in jobs}
    for one in db.session.scalars(
        select(Category).where(Category.client_id.in_(known)).order_by(Category.label_fr)
    ):
        known[one.client_id].append(one)
    return known


def whom_to_call(job: Job) -> tuple[str | None, str | None]:
    """Name and number: of the contact on site, else of who needs help."""
    ticket = job.ticket
    people: Iterable[Requester] = [person for person in (ticket.contact, ticket.requester) if person]
    name = next((person.name for person in people), None)
    numbers = [
        ticket.contact and ticket.contact.phone,
        ticket.phone,
        ticket.requester and ticket.requester.phone,
    ]
    return name, next((number for number in numbers if number), None)


def _jobs(user: User, day: date, today: date) -> list[Job]:
    """The jobs of a day; today also what was begun on an earlier one and still waits."""
    when = Job.day == day
    if day == today:
        when = or_(when, (Job.day < day) & Job.state.in_(BEGUN))
    mine = whole(Job.visible_to(user)).where(when, Job.state.in_(_SHOWN))
    return sorted(db.session.scalars(mine).unique(), key=begins)


def _breaks(technician: Technician, day: date) -> list[Pause]:
    query = (
        select(PlannedBreak).join(Plan).where(Plan.day == day, PlannedBreak.technician_id == technician.id)
    )
    return [Pause(row.starts_at, row.ends_at) for row in db.session.scalars(query)]


def _duties(technician: Technician, day: date, zone: str) -> list[Pause]:
    """Those of the day, and of the night that begins on it."""
    begin, end = local_instant(day, 0, zone), local_instant(day, 1440, zone)
    night = select(Shift.id).where(
        Shift.technician_id == technician.id, Shift.kind == "work", Shift.starts_at >= begin, Shift.starts_at < end,
        Shift.ends_at > KioskDuty.starts_at,
    )  # fmt: skip
    mine = (KioskDuty.technician_id == technician.id) & (KioskDuty.ends_at > begin)
    query = select(KioskDuty).where(mine, or_(KioskDuty.starts_at < end, night.exists()))
    duties = db.session.scalars(query.options(joinedload(KioskDuty.kiosk)))
    return [Pause(row.starts_at, row.ends_at, row.kiosk) for row in duties]


def _rights(technician: Technician, day: date) -> frozenset[int]:
    grants = db.session.scalars(select(RightGrant).where(RightGrant.technician_id == technician.id))
    return frozenset(grant.admin_right_id for grant in grants if grant.holds_on(day))


def _counts(user: User, today: date) -> dict[date, int]:
    """How many jobs each day from today on holds, ended and cancelled ones apart."""
    mine = Job.visible_to(user).where(
        Job.state.in_(("planned", *ON_PHONE)), Job.day.between(today, today + timedelta(days=DAYS_AHEAD))
    )
    rows = mine.with_only_columns(Job.day, func.count()).group_by(Job.day).order_by(Job.day)
    return {today: 0, **{day: count for day, count in db.session.execute(rows) if day}}


def _withdrawn(technician: Technician, today: date) -> list[Withdrawn]:
    """Work taken away, or put off to another day, and not given back, as far as he has not said that he saw it; one query."""
    told = (
        select(Event.id).where(Event.at >= now() - timedelta(hours=TOLD_HOURS)).order_by(Event.at, Event.id)
    )
    his = Job.technician_id.is_not_distinct_from(technician.id) & (Job.day == today)
    gone = or_(not_(his), Job.state == "cancelled")
    log = select(Event, User.name, Ticket.summary, gone, Job.state == "cancelled")
    log = log.outerjoin(User, User.id == Event.actor_id).outerjoin(Job, Job.id == Event.job_id)
    log = log.outerjoin(Ticket, Ticket.id == Job.ticket_id).where(
        Event.technician_id == technician.id,
        Event.id >= told.limit(1).scalar_subquery(),
        Event.kind.in_(("job.withdrawn", "day.seen")),
    )
    rows = db.session.execute(log.order_by(Event.id)).all()
    seen = max((row[0].data["until"] for row in rows if row[0].kind == "day.seen"), default=0)
    latest = {
        event.job_id: Withdrawn(event.id, event.at, who, summary, cancelled, event.data.get("note", ""))
        for event, who, summary, is_gone, cancelled in rows
        if event.kind == "job.withdrawn"
        and event.id > seen
        and is_gone
        and event.actor_id != technician.user_id
    }
    return list(latest.values())
