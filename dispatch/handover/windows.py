"""When a requester is there: the few answers that callers give, as instants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from dispatch.models.calendar import calendar_of
from dispatch.models.client import Client
from dispatch.sla.calendar import local_instant, open_intervals
from dispatch.web import local_time, long_day

NOON = 12 * 60
AFTERNOON = 13 * 60
SHORTEST = timedelta(minutes=15)
FARTHEST_DAYS = 14
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """One answer; `value` carries the instants, so that it means the same however late it is sent."""

    label: str
    span: Span
    zone: str

    @property
    def value(self) -> str:
        return "/".join(instant.isoformat() for instant in self.span)

    @property
    def hours(self) -> str:
        return " – ".join(local_time(instant, self.zone) for instant in self.span)


def choices(client: Client, at: datetime) -> list[Window]:
    """Today's rest and its halves, then the halves of the next day the client works."""
    today = at.astimezone(ZoneInfo(client.zone)).date()
    windows = [*_today(client, today, at), *_halves(client, _next_day(client, today), today)]
    return [window for window in windows if window.span[1] - window.span[0] >= SHORTEST]


def parse(value: str) -> Span | None:
    """The instants of an answer that a form sent back."""
    try:
        start, end = (datetime.fromisoformat(part) for part in value.split("/"))
    except ValueError:
        return None
    return (start, end) if start.tzinfo and end.tzinfo and start < end else None


def _today(client: Client, today: date, at: datetime) -> Iterator[Window]:
    hours = _opening(client, today)
    if hours is None or hours[1] <= at:
        return
    begin = max(at.replace(second=0, microsecond=0), hours[0])
    yield Window(_("From now on"), (begin, hours[1]), client.zone)
    for half in _halves(client, today, today):
        rest = (max(begin, half.span[0]), half.span[1])
        if rest[0] < rest[1] and rest != (begin, hours[1]):
            yield Window(half.label, rest, client.zone)


def _halves(client: Client, day: date | None, today: date) -> Iterator[Window]:
    hours = _opening(client, day) if day else None
    if day is None or hours is None:
        return
    noon, afternoon = (local_instant(day, minute, client.zone) for minute in (NOON, AFTERNOON))
    for span, morning in (
        ((hours[0], min(noon, hours[1])), True),
        ((max(afternoon, hours[0]), hours[1]), False),
    ):
        if span[0] < span[1]:
            yield Window(_name(day, today, morning), span, client.zone)


def _name(day: date, today: date, morning: bool) -> str:
    if day == today:
        return _("This morning") if morning else _("This afternoon")
    if day == today + timedelta(days=1):
        return _("Tomorrow morning") if morning else _("Tomorrow afternoon")
    named = long_day(day)
    return (
        _("%(day)s, morning", day=named).capitalize()
        if morning
        else _("%(day)s, afternoon", day=named).capitalize()
    )


def _next_day(client: Client, today: date) -> date | None:
    days = (today + timedelta(days=ahead) for ahead in range(1, FARTHEST_DAYS))
    return next((day for day in days if _opening(client, day)), None)


def _opening(client: Client, day: date) -> Span | None:
    """From when to when the client works that day."""
    intervals = open_intervals(calendar_of(client, day.year), day)
    return (intervals[0][0], intervals[-1][1]) if intervals else None
