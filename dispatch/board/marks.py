"""What makes a job late or at risk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatch.board.rows import Away, Mark, Stop
from dispatch.planning.forecast import WAITING, forecast, later

RISK = timedelta(minutes=30)
GRACE = timedelta(minutes=5)
# when nothing begins; a meal moves with the work before it
GONE = ("absence", "off", "pause")


def marked(items: Sequence[Stop | Away], now: datetime) -> tuple[Stop | Away, ...]:
    """The items of one technician, each open stop with the beginning to be expected, late or at risk where it is."""
    ahead = [item for item in items if isinstance(item, Stop) and item.is_open and item.start and item.end]
    away = [(item.start, item.end) for item in items if isinstance(item, Away) and item.kind in GONE]
    spans = dict(zip((stop.id for stop in ahead), forecast(ahead, now, away), strict=True))
    return tuple(
        _told(item, *spans[item.id], now) if isinstance(item, Stop) and item.id in spans else item
        for item in items
    )


def overdue(stop: Stop, now: datetime) -> Stop:
    """A job in no route is late once its due time has passed, or what was promised."""
    if stop.due and stop.due < now:
        return stop._replace(mark=Mark("late", "due", stop.due))
    if stop.promised_to and stop.promised_to < now:
        return stop._replace(mark=Mark("late", "promise", stop.promised_to))
    return stop


def _told(stop: Stop, begin: datetime, end: datetime, now: datetime) -> Stop:
    told = (_mark(stop, begin, end, now), later(stop.start, begin))
    return stop if told == (stop.mark, stop.expected) else stop._replace(mark=told[0], expected=told[1])


def _mark(stop: Stop, begin: datetime, end: datetime, now: datetime) -> Mark | None:
    assert stop.start is not None
    assert stop.end is not None
    if stop.due and (stop.end > stop.due or now > stop.due):
        return Mark("late", "due", stop.due)
    if stop.state in WAITING and now > stop.start + GRACE:
        return Mark("late", "start", stop.start)
    if stop.due and end > stop.due - RISK:
        return Mark("at_risk", "due", stop.due)
    if stop.promised_to and begin > stop.promised_to:
        return Mark("at_risk", "promise", stop.promised_to)
    if stop.promised_from and begin < stop.promised_from and stop.state in WAITING:
        return Mark("at_risk", "too_early", stop.promised_from)
    if stop.locked_at and begin > stop.locked_at + GRACE and stop.state in WAITING:
        return Mark("at_risk", "lock", stop.locked_at)
    if stop.state == "working" and now > stop.end + GRACE:
        return Mark("at_risk", "overrun", stop.end)
    return None
