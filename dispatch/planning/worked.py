"""What the log says of the time that jobs were really in hand: working without pauses and planned meals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from dispatch.durations.history import Group, Worked
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.duration import level_of
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.plan import PlannedBreak
from dispatch.models.ticket import Ticket

# the work went on as another job
UNFINISHED = "not_enough_time"
AT_ONCE = 2_000
Span = tuple[datetime, datetime]


class Step(NamedTuple):
    """One entry of a job's log: it went from a state to another by a move, while somebody had it."""

    at: datetime
    source: str
    target: str
    move: str
    technician_id: int | None


@dataclass(frozen=True, slots=True)
class _Hand:
    """A job in hand: the spans of work so far, and since when the present one runs."""

    spans: list[tuple[int | None, Span]] = field(default_factory=list)
    since: datetime | None = None

    def then(self, step: Step) -> _Hand:
        spans = list(self.spans)
        if step.source == "working" and self.since is not None and step.at > self.since:
            spans.append((step.technician_id, (self.since, step.at)))
        return _Hand(spans, step.at if step.target == "working" else None)


def history(client: Client, since: datetime) -> Iterator[Worked]:
    """The work of a client's jobs that were done since then, as the log has it; undone taps never happened.

    Work that a follow-up went on with, because time was short, counts as one piece with it. A job that was
    solved by telephone before the visit was no visit and says nothing of one.
    """
    done = _done(client, since)
    minutes = dict(_minutes(client, since, _meals(since)))
    for job_id, (_parent, outcome, group) in done.items():
        if outcome == "solved":
            yield Worked(sum(minutes.get(one, 0.0) for one in _with_parents(job_id, done)), group)


def group_of(category_id: int, mode: str, skills: Mapping[str, Any], building_id: int | None) -> Group:
    """The group of a job from the wide to the narrow; a call is made from anywhere."""
    group: Group = (category_id, mode, level_of(skills))
    return (*group, building_id) if mode == "on_site" and building_id is not None else group


def spans_of(steps: Iterable[Step]) -> list[tuple[int | None, Span]]:
    """When the job was in hand, and in whose."""
    before, hand = _Hand(), _Hand()
    for step in steps:
        if step.move != "undone":
            before, hand = hand, hand.then(step)
        else:  # as if the last tap had not been made
            hand = _Hand(before.spans, (before.since or step.at) if step.target == "working" else None)
    return hand.spans


def _with_parents(job_id: int, done: Mapping[int, tuple[int | None, str, Group]]) -> Iterator[int]:
    yield job_id
    parent = done[job_id][0]
    while parent is not None and parent in done and done[parent][1] == UNFINISHED:
        yield parent
        parent = done[parent][0]


def _done(client: Client, since: datetime) -> dict[int, tuple[int | None, str, Group]]:
    query = select(
        Job.id, Job.parent_id, Job.outcome, Job.mode, Job.skills, Job.building_id, Ticket.category_id
    )
    rows = db.session.execute(query.join(Job.ticket).where(*_wanted(client, since)))
    return {
        row.id: (row.parent_id, row.outcome, group_of(row.category_id, row.mode, row.skills, row.building_id))
        for row in rows
    }


def _wanted(client: Client, since: datetime) -> tuple[ColumnElement[bool], ...]:
    solved = and_(Job.state == "completed", Job.outcome == "solved")
    unfinished = and_(Job.state == "not_completed", Job.outcome == UNFINISHED)
    mine = (Job.client_id == client.id, Ticket.category_id.is_not(None), Job.ended_at >= since)
    return (*mine, or_(solved, unfinished))


def _minutes(
    client: Client, since: datetime, meals: Mapping[int | None, list[Span]]
) -> Iterator[tuple[int, float]]:
    query = select(Event.job_id, Event.at, Event.data, Event.technician_id).where(Event.kind == "job.state")
    query = query.join(Job, Job.id == Event.job_id).join(Job.ticket).where(*_wanted(client, since))
    rows = db.session.execute(query.order_by(Event.job_id, Event.id).execution_options(yield_per=AT_ONCE))
    for job_id, told in groupby(rows, key=lambda row: row.job_id):
        spans = spans_of(
            Step(
                _happened(row.at, row.data),
                row.data["source"],
                row.data["target"],
                row.data.get("move", ""),
                row.technician_id,
            )
            for row in told
        )
        worked = sum((_without(span, meals.get(who, [])) for who, span in spans), timedelta())
        yield job_id, worked.total_seconds() / 60


def _happened(noted: datetime, data: Mapping[str, Any]) -> datetime:
    """When a move was made: what a phone sent later counts from when it was tapped."""
    return datetime.fromisoformat(data["happened"]) if data.get("happened") else noted


def _meals(since: datetime) -> dict[int | None, list[Span]]:
    query = select(PlannedBreak.technician_id, PlannedBreak.starts_at, PlannedBreak.ends_at)
    meals: dict[int | None, list[Span]] = {}
    for who, start, end in db.session.execute(query.where(PlannedBreak.ends_at >= since)):
        meals.setdefault(who, []).append((start, end))
    return meals


def _without(span: Span, meals: Iterable[Span]) -> timedelta:
    """The length of a span of work without the meals that lie inside it: the job was left open over lunch."""
    start, end = span
    eaten = [stop - begin for begin, stop in meals if start < begin and stop < end]
    return end - start - sum(eaten, timedelta())
