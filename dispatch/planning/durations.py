"""Every night: what a client's history says of how long work takes, for what is handed over from now on."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select

from dispatch.clock import now
from dispatch.durations.estimate import Learned
from dispatch.durations.estimate import learn as learn_from
from dispatch.durations.history import Group
from dispatch.extensions import db, reading
from dispatch.models import duration
from dispatch.models.client import Category, Client
from dispatch.models.duration import CATALOGUE, LEARNED, DurationEstimate
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.planning.worked import history

# what was done longer ago was done in another way
REMEMBERED = timedelta(days=365)
# with fewer jobs of a category the catalogue is the better guess
ENOUGH_JOBS = 20
NIGHT_HOUR = 2


class Report(NamedTuple):
    """How many groups of work were learned of, and how many jobs that wait have another duration now."""

    groups: int
    jobs: int


def due() -> list[int]:
    """Clients whose night has come since they were last looked at."""
    with reading():
        clients = list(db.session.scalars(select(Client).where(Client.duration_quantile.is_not(None))))
        found = [client.id for client in clients if client.durations_learned_on != _night(client)]
        db.session.rollback()
    return found


def claim(client_id: int) -> bool:
    """Take this night's look at a client; False when somebody else has. The caller commits."""
    client = db.session.get_one(Client, client_id, with_for_update=True, populate_existing=True)
    if client.durations_learned_on == _night(client):
        return False
    client.durations_learned_on = _night(client)
    return True


def learn(client: Client) -> Report:
    """Replace what is known of a client's durations, and tell the jobs that nobody has planned yet.

    A client who wants none has none afterwards. The caller commits.
    """
    db.session.execute(delete(DurationEstimate).where(DurationEstimate.client_id == client.id))
    rows = list(_estimates(client)) if client.duration_quantile is not None else []
    db.session.add_all(rows)
    db.session.flush()
    changed = sum(duration.renew(job) for job in _waiting(client))
    if rows or changed:
        record("durations.learned", client_id=client.id, groups=len(rows), jobs=changed)
    return Report(len(rows), changed)


def _estimates(client: Client) -> Iterator[DurationEstimate]:
    present = now()
    mine = select(Category.id, Category.duration_minutes).where(Category.client_id == client.id)
    usual: dict[Hashable, float] = {
        category: minutes for category, minutes in db.session.execute(mine) if minutes
    }
    learned = learn_from(history(client, present - REMEMBERED), usual)
    for group in learned.groups:
        if learned.jobs(group[:1]) >= ENOUGH_JOBS:
            yield _estimate(client, learned, group, present)


def _estimate(client: Client, learned: Learned, group: Group, present: datetime) -> DurationEstimate:
    assert client.duration_quantile is not None
    told = learned.estimate(group, client.duration_quantile / 100)
    narrower = dict(zip(("category_id", "mode", "level", "building_id"), group, strict=False))
    return DurationEstimate(
        client_id=client.id, **narrower,
        minutes=math.ceil(told.minutes - 1e-6), quantile=client.duration_quantile, jobs=told.jobs, near=told.near,
        learned_at=present,
    )  # fmt: skip


def _waiting(client: Client) -> list[Job]:
    """Jobs that nobody has planned; not those of which nobody knows who said how long they take."""
    mine = (Job.client_id == client.id, Job.state == "unplanned")
    open_to = or_(Job.duration_source.in_((LEARNED, CATALOGUE)), Job.duration_minutes.is_(None))
    query = select(Job).where(*mine, open_to).order_by(Job.id)
    return list(db.session.scalars(query.with_for_update(of=Job)))


def _night(client: Client) -> date:
    """The day that the latest night began, where the client is."""
    return (now().astimezone(ZoneInfo(client.zone)) - timedelta(hours=NIGHT_HOUR)).date()
