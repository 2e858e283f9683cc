"""Business calendars: which real minutes are working minutes.

A week is written in local wall time and turned into UTC day by day, so that what is counted are
real elapsed minutes: a 24/7 calendar has 1,500 of them on the long day of autumn, 1,380 on the short
one of spring. Two rules settle the local times that a clock change makes odd:

- a time that does not exist moves forward by the length of the gap (in Paris, 02:30 on 28 March 2027
  becomes 03:30), which is the reading of RFC 5545, section 3.3.5;
- a time that occurs twice means its first occurrence, unless `fold` is 1 (PEP 495).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]
Interval = tuple[datetime, datetime]

DAY_MINUTES = 24 * 60
MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """The calendar cannot be understood or never opens; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours of a place or a contract.

    `zone` is an IANA name. `week` holds seven tuples, Monday first, of `(start, end)` in minutes since
    local midnight; an end beyond 1440 lies on the next day, so a night from 22:00 to 06:00 is
    `(1320, 1800)`. On a date of `holidays` nothing begins; a night that began the day before runs on.
    Raises CalendarError when spans are malformed or overlap, ZoneInfoNotFoundError for an unknown zone.
    """

    zone: str
    week: Week
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if len(self.week) != 7:
            raise CalendarError(f"week: seven days are needed, Monday first; got {len(self.week)}")
        for weekday, spans in enumerate(self.week):
            _check_spans(weekday, spans)
        for weekday in range(7):
            _check_night(weekday, self.week[weekday], self.week[(weekday + 1) % 7])


@functools.lru_cache(maxsize=4096)
def local_instant(day: date, minute: int, zone: str, fold: int = 0) -> datetime:
    """The UTC instant at `minute` minutes past midnight on a wall clock of `zone`.

    Minutes of 1440 and more fall on the following days. Times that do not exist or occur twice follow
    the two rules of this module. (Kept: a plan asks for the same midnights thousands of times.)
    """
    days, rest = divmod(minute, DAY_MINUTES)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), ZoneInfo(zone))
    first = wall.astimezone(UTC)
    # Only a repeated time is later in its second reading; one inside a gap would move backward.
    return max(first, wall.replace(fold=fold).astimezone(UTC))


def open_intervals(calendar: Calendar, day: date) -> list[Interval]:
    """What opens on `day`: `(begin, end)` UTC instants in order, never overlapping, none empty."""
    if day in calendar.holidays:
        return []
    intervals: list[Interval] = []
    for start, end in calendar.week[day.weekday()]:
        begin, finish = (local_instant(day, minute, calendar.zone) for minute in (start, end))
        # A start moved out of the gap of spring may come to lie behind the end that follows it.
        if intervals:
            begin = max(begin, intervals[-1][1])
        if begin < finish:
            intervals.append((begin, finish))
    return intervals


def add_working(calendar: Calendar, start: datetime, minutes: int) -> datetime:
    """The earliest UTC instant by which `minutes` working minutes have passed since `start`.

    Work that fills a day ends at that day's closing, not at the next opening; zero minutes end at
    `start` itself. `start` must be aware. Raises CalendarError when the calendar never opens,
    ValueError for a naive `start` or negative `minutes`.
    """
    if minutes < 0:
        raise ValueError(f"minutes must not be negative: {minutes}")
    start = _utc(start)
    if minutes == 0:
        return start
    left = minutes * MINUTE
    for begin, end in _intervals_from(calendar, start):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    raise CalendarError("the calendar has no opening hours: give at least one day some")


def working_minutes(calendar: Calendar, a: datetime, b: datetime) -> int:
    """Whole working minutes from `a` to `b`, rounded towards zero; negative when `b` comes first.

    Both must be aware, in any zone; a naive one raises ValueError.
    """
    a, b = _utc(a), _utc(b)
    if b < a:
        return -working_minutes(calendar, b, a)
    total = timedelta()
    for begin, end in _intervals_from(calendar, a):
        if begin >= b:
            break
        total += min(end, b) - begin
    return total // MINUTE


def _intervals_from(calendar: Calendar, start: datetime) -> Iterator[Interval]:
    """Open intervals in order from `start` on, the first one cut at it; none if nothing ever opens."""
    if not any(calendar.week):
        return
    # The day before may have opened a night that is still running.
    day = start.astimezone(ZoneInfo(calendar.zone)).date() - ONE_DAY
    done = start
    while True:
        for begin, end in open_intervals(calendar, day):
            if end > done:
                yield max(begin, done), end
                done = end
        day += ONE_DAY


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"an instant needs its offset from UTC: {instant.isoformat()}")
    return instant.astimezone(UTC)


def _check_spans(weekday: int, spans: tuple[Span, ...]) -> None:
    closed = 0
    for start, end in spans:
        if not 0 <= start < DAY_MINUTES or not start < end <= start + DAY_MINUTES:
            raise CalendarError(f"week, day {weekday}: {start}-{end} is no span of minutes within a day")
        if start < closed:
            raise CalendarError(f"week, day {weekday}: {start}-{end} begins before {closed}, where one ends")
        closed = end


def _check_night(weekday: int, spans: tuple[Span, ...], following: tuple[Span, ...]) -> None:
    if spans and following and spans[-1][1] - DAY_MINUTES > following[0][0]:
        raise CalendarError(f"week, day {weekday}: the night runs into the opening of the day after")
