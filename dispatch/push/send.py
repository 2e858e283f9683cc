"""Notices that are due become messages: folded by job, held back in quiet hours, few in a minute, and tried again.

A message is claimed (and that committed) before the push service is asked, and settled after it. Who dies between
the two leaves a claim; when it is old the same notices are taken up again, under the same id if nothing was added.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.night import working_day
from dispatch.models.place import Building
from dispatch.models.push import PushNotice, PushOff, PushSubscription
from dispatch.models.technician import Technician
from dispatch.models.transitions import ON_PHONE
from dispatch.push import crypt, door, words
from dispatch.push.door import Answer
from dispatch.push.hours import hours_of

AT_ONCE = 200
MINUTE = timedelta(minutes=1)
FIRST_WAIT, LONGEST_WAIT, MOST_TRIES = 15, 3600, 8
SECONDS_KEPT = 6 * 3600


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to the push service for some notices that were claimed at that instant."""

    subscription_id: int
    notices: tuple[int, ...]
    claimed_at: datetime
    endpoint: str
    p256dh: str
    auth: str
    text: dict[str, Any]
    urgent: bool

    def post(self) -> Answer:
        try:
            sealed = crypt.encrypt(json.dumps(self.text).encode(), self.p256dh, self.auth)
        except ValueError:
            return Answer("refused")
        return door.post(self.endpoint, sealed, self.text["tag"], self.urgent, SECONDS_KEPT)


def due() -> Sequence[int]:
    """The subscriptions for which something is to be looked at."""
    query = select(PushNotice.subscription_id).where(PushNotice.is_due()).distinct()
    return db.session.scalars(query.limit(AT_ONCE)).all()


def claim(subscription_id: int) -> list[Message]:
    """What is to be sent there now; the caller commits, sends and settles."""
    held = select(PushSubscription).where(PushSubscription.id == subscription_id)
    subscription = db.session.scalars(held.with_for_update(of=PushSubscription)).unique().one()
    mine = select(PushNotice).where(PushNotice.subscription_id == subscription_id, PushNotice.is_due())
    notices = list(db.session.scalars(mine.order_by(PushNotice.id)))
    technician = subscription.user.technician
    if not subscription.is_live or technician is None:
        return _end(notices, "gone")
    if PushOff.holds_for(subscription.user):
        return _end(notices, "off")
    with force_locale(subscription.user.language):
        return _messages(subscription, technician, notices)


def settle(message: Message, answer: Answer) -> None:
    """Write down what became of it; the caller commits. What another worker has taken over is his."""
    mine = PushNotice.id.in_(message.notices) & (PushNotice.claimed_at == message.claimed_at)
    notices = list(db.session.scalars(select(PushNotice).where(mine)))
    subscription = db.session.get_one(PushSubscription, message.subscription_id)
    if answer.said == "later":
        return _try_later(notices, answer)
    if answer.said == "sent":
        subscription.last_ok = now()
    if answer.said == "gone":
        subscription.gone_at = now()
    _end(notices, answer.said)
    return None


def _messages(
    subscription: PushSubscription, technician: Technician, notices: list[PushNotice]
) -> list[Message]:
    jobs = _jobs([notice.job_id for notice in notices if notice.job_id])
    awake = _awake(technician, notices, jobs)
    groups = _groups(technician, awake, jobs)
    left = current_app.config["SETTINGS"].push_per_minute - _sent_lately(subscription)
    if groups and left <= 0:
        for notice in awake:
            notice.due_at = now() + MINUTE
        return []
    if groups and (len(groups) > left or any(notice.waited for told, _text in groups for notice in told)):
        whole = [notice for told, _text in groups for notice in told]
        urgent = _is_urgent(whole, jobs)
        return [_message(subscription, whole, _day(technician, len(groups)), urgent, technician)]
    return [
        _message(subscription, told, text, _is_urgent(told, jobs), technician) for told, text in groups
    ]  # fmt: skip


def _awake(technician: Technician, notices: list[PushNotice], jobs: dict[int, Job]) -> list[PushNotice]:
    """Those that he may be told of now; the others wait."""
    hours = hours_of(technician, now())
    awake = [notice for notice in notices if hours.admit(_is_urgent([notice], jobs))]
    for notice in notices:
        if notice not in awake:
            notice.waited, notice.due_at = True, hours.look_at
    return awake


def _groups(technician: Technician, notices: list[PushNotice], jobs: dict[int, Job]) -> list[Any]:
    """By job, an answer for itself, the notices and what they come to; those that come to nothing end."""
    by_job: dict[tuple[int | None, bool], list[PushNotice]] = {}
    for notice in notices:
        by_job.setdefault((notice.job_id, notice.kind == "answered"), []).append(notice)
    found = []
    for (job_id, _is_answer), told in by_job.items():
        job = jobs.get(job_id or 0)
        kinds = {notice.kind for notice in told}
        zone = technician.territory.zone
        text = job and words.of_job(job, kinds, job.technician_id == technician.id, zone)
        if text:
            found.append((told, text))
        else:
            _end(told, "outdated")
    return found


def _message(subscription: PushSubscription, notices: list[PushNotice], text: dict[str, Any], urgent: bool,
             technician: Technician) -> Message:  # fmt: skip
    lead, moment = max(notice.id for notice in notices), now()
    for notice in notices:
        notice.claimed_at, notice.lead_id, notice.tries = moment, lead, notice.tries + 1
    about = {"id": lead, "person": subscription.user_id, "lang": subscription.user.language}
    text = {**text, **about, "badge": _unanswered(technician)}
    ids = tuple(notice.id for notice in notices)
    return Message(subscription.id, ids, moment, subscription.endpoint, subscription.p256dh, subscription.auth,
                   text, urgent)  # fmt: skip


def _day(technician: Technician, changed: int) -> dict[str, Any]:
    today = working_day(technician, now())
    query = select(Job).where(Job.technician_id == technician.id, Job.day == today, Job.state.in_(ON_PHONE))
    return words.of_day(db.session.scalars(query).all(), changed, technician.territory.zone)


def _jobs(ids: list[int]) -> dict[int, Job]:
    query = select(Job).where(Job.id.in_(ids)).options(
        joinedload(Job.ticket), joinedload(Job.building).joinedload(Building.site)
    )  # fmt: skip
    return {job.id: job for job in db.session.scalars(query)} if ids else {}


def _is_urgent(notices: list[PushNotice], jobs: dict[int, Job]) -> bool:
    known = (jobs.get(notice.job_id or 0) for notice in notices)
    return any(job is not None and job.ticket.priority == 1 for job in known)


def _sent_lately(subscription: PushSubscription) -> int:
    sent = select(func.count(PushNotice.lead_id.distinct())).where(
        PushNotice.subscription_id == subscription.id, PushNotice.outcome == "sent", PushNotice.done_at > now() - MINUTE
    )  # fmt: skip
    return db.session.scalar(sent) or 0


def _unanswered(technician: Technician) -> int:
    """How many jobs wait for him to accept them: the number on the app's icon."""
    query = select(func.count()).where(Job.technician_id == technician.id, Job.state == "dispatched")
    return db.session.scalar(query) or 0


def _try_later(notices: list[PushNotice], answer: Answer) -> None:
    for notice in notices:
        if notice.tries >= MOST_TRIES:
            notice.end("given_up")
            continue
        wait = answer.seconds if answer.seconds is not None else FIRST_WAIT * 2**notice.tries
        notice.claimed_at, notice.due_at = None, now() + timedelta(seconds=min(wait, LONGEST_WAIT))


def _end(notices: list[PushNotice], outcome: str) -> list[Message]:
    for notice in notices:
        notice.end(outcome)
    return []
