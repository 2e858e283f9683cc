"""A technician's calendar as iCalendar (RFC 5545), for programs that fetch it by its address.

All times are in UTC, so that the repeated hour of autumn is not to be misread; the zone is named for display only.
What says the same is the same, byte for byte: nothing in it depends on when it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from icalendar import Calendar, Event

from dispatch.alerts.entries import Entry

CONTENT_TYPE = "text/calendar; charset=utf-8"
_REFRESH = timedelta(minutes=15)


def calendar_of(
    name: str, zone: str, host: str, entries: Iterable[Entry], url_of: Callable[[str], str]
) -> bytes:
    """The calendar; `url_of` gives the address of a job's page by its number."""
    calendar = Calendar()
    calendar.add("prodid", "-//Dispatch//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", _("Dispatch: %(name)s", name=name))
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for entry in entries:
        calendar.add_component(_event(entry, host, url_of))
    return calendar.to_ical()


def _event(entry: Entry, host: str, url_of: Callable[[str], str]) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{host}")
    event.add("dtstamp", _utc(entry.changed_at))
    event.add("last-modified", _utc(entry.changed_at))
    event.add("sequence", entry.sequence)
    event.add("dtstart", _utc(entry.starts_at))
    event.add("dtend", _utc(entry.ends_at))
    event.add("summary", _clean(entry.title))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED" if entry.is_sure else "TENTATIVE")
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    if entry.place:
        event.add("location", _clean(entry.place))
    if entry.position:
        event.add("geo", entry.position)
    if entry.told:
        event.add("description", _clean(entry.told))
    if entry.number:
        event.add("url", url_of(entry.number))
    return event


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)


def _clean(text: str) -> str:
    """Control characters have no place in a calendar (RFC 5545, section 3.1), and strict programs refuse them."""
    return "".join(sign for sign in text if sign == "\n" or (ord(sign) >= 32 and ord(sign) != 127))
