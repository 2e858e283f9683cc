"""From the feed of events to the notices that they are for the people concerned: each once, whoever dies meanwhile,
because the notices and how far the feed was read are written together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.push import PushCursor, PushNotice, PushSubscription
from dispatch.models.technician import Technician
from dispatch.planning.apply import TELL_MINUTES

AT_ONCE = 500
# a worker that was down for longer wakes nobody up with old news
FRESH = timedelta(hours=12)


def is_behind() -> bool:
    """Whether something happened that was not looked at yet."""
    newest = select(func.max(Event.id)).scalar_subquery()
    return bool(db.session.scalar(select(newest > PushCursor.event_id)))


def gather() -> None:
    """Read on in the feed; the caller commits."""
    cursor = db.session.scalars(select(PushCursor).with_for_update()).one()
    query = select(Event, Technician.user_id).outerjoin(Technician, Technician.id == Event.technician_id)
    rows: Sequence[Any] = db.session.execute(
        query.where(Event.id > cursor.event_id).order_by(Event.id).limit(AT_ONCE)
    ).all()
    if not rows:
        return
    told: list[tuple[Event, int]] = [(event, user_id) for event, user_id in rows if _tells(event, user_id)]
    where = _subscriptions({user_id for _event, user_id in told})
    for event, user_id in told:
        for subscription_id in where[user_id]:
            db.session.add(
                PushNotice(subscription_id=subscription_id, event_id=event.id, kind=_kind(event), job_id=event.job_id,
                           made_at=event.at, due_at=now())
            )  # fmt: skip
    cursor.event_id = rows[-1][0].id


def _tells(event: Event, user_id: int | None) -> bool:
    """Whether it reaches a technician's phone, and is not his own doing."""
    if user_id is None or event.actor_id == user_id or event.at < now() - FRESH or event.job_id is None:
        return False
    known = {
        "job.assigned": True, "job.withdrawn": True,
        "job.state": event.data.get("target") == "dispatched",
        "job.retimed": abs(event.data.get("minutes") or 0) >= TELL_MINUTES,
        "job.answered": event.data.get("answer") != "seen",  # nothing to look at: he said he is late, they have read it
    }  # fmt: skip
    return known.get(event.kind, False)


def _kind(event: Event) -> str:
    """assigned, withdrawn, retimed, answered, or dispatched."""
    return "dispatched" if event.kind == "job.state" else event.kind.removeprefix("job.")


def _subscriptions(users: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    query = select(PushSubscription.user_id, PushSubscription.id).where(
        PushSubscription.user_id.in_(users), PushSubscription.gone_at.is_(None)
    )  # fmt: skip
    rows: Any = db.session.execute(query) if users else ()
    for user_id, subscription_id in rows:
        found[user_id].append(subscription_id)
    return found
