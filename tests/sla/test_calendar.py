"""A table worked by hand: what a wall clock and a paper calendar say, kept apart from the code's way."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from dispatch.sla.calendar import (
    Calendar,
    CalendarError,
    add_working,
    local_instant,
    open_intervals,
    working_minutes,
)
from tests.sla.calendars import ALWAYS, ATLANTIC, GUADELOUPE, NIGHTS, NIGHTS_FULL_DAY, OFFICE, PARIS


def paris(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PARIS), fold=fold)


def guadeloupe(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ATLANTIC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# OFFICE is open 08:00-12:00 and 14:00-18:00, Monday to Friday: 480 minutes a day.
MEASURED = [
    # Ordinary days. 23 November 2026 is a Monday.
    ("one morning hour", OFFICE, paris("2026-11-23T09:00"), paris("2026-11-23T10:00"), 60),
    ("lunch counts for nothing", OFFICE, paris("2026-11-23T11:30"), paris("2026-11-23T14:30"), 60),
    ("inside lunch", OFFICE, paris("2026-11-23T12:15"), paris("2026-11-23T13:45"), 0),
    ("a whole day", OFFICE, paris("2026-11-23T00:00"), paris("2026-11-24T00:00"), 480),
    ("overnight", OFFICE, paris("2026-11-23T17:00"), paris("2026-11-24T09:00"), 120),
    ("before opening", OFFICE, paris("2026-11-23T05:00"), paris("2026-11-23T08:00"), 0),
    ("a working week", OFFICE, paris("2026-11-23T08:00"), paris("2026-11-27T18:00"), 2400),
    ("seconds are cut off", OFFICE, paris("2026-11-23T09:00:30"), paris("2026-11-23T09:02:00"), 1),
    ("backwards is negative", OFFICE, paris("2026-11-23T10:00"), paris("2026-11-23T09:00"), -60),
    # Weekends.
    ("over a weekend", OFFICE, paris("2026-11-20T17:00"), paris("2026-11-23T09:00"), 120),
    ("a weekend alone", OFFICE, paris("2026-11-21T00:00"), paris("2026-11-23T08:00"), 0),
    # French holidays.
    ("Easter Monday 2026", OFFICE, paris("2026-04-06T08:00"), paris("2026-04-06T18:00"), 0),
    ("across Easter 2026", OFFICE, paris("2026-04-03T17:00"), paris("2026-04-07T09:00"), 120),
    ("across 1 May 2026, a Friday", OFFICE, paris("2026-04-30T17:00"), paris("2026-05-04T09:00"), 120),
    ("the week of 8 May 2026, a Friday", OFFICE, paris("2026-05-04T00:00"), paris("2026-05-11T00:00"), 1920),
    ("the bridge of Ascension 2026", OFFICE, paris("2026-05-13T17:00"), paris("2026-05-15T09:00"), 120),
    ("31 December 2026 is worked", OFFICE, paris("2026-12-31T00:00"), paris("2027-01-01T00:00"), 480),
    ("over New Year's Day 2027", OFFICE, paris("2026-12-31T16:00"), paris("2027-01-04T10:00"), 240),
    ("Christmas week 2026", OFFICE, paris("2026-12-21T00:00"), paris("2026-12-28T00:00"), 1920),
    ("May 2026, 17 working days", OFFICE, paris("2026-05-01T00:00"), paris("2026-06-01T00:00"), 8160),
    # Leap year: 29 February 2028 is a Tuesday.
    ("29 February 2028", OFFICE, paris("2028-02-29T00:00"), paris("2028-03-01T00:00"), 480),
    ("across 29 February 2028", OFFICE, paris("2028-02-28T17:00"), paris("2028-03-01T09:00"), 600),
    ("February 2028, 21 working days", OFFICE, paris("2028-02-01T00:00"), paris("2028-03-01T00:00"), 10080),
    ("29 February round the clock", ALWAYS, paris("2028-02-28T12:00"), paris("2028-03-01T12:00"), 2880),
    # Autumn: on 25 October 2026 the hour from 02:00 occurs twice.
    ("the long day has 25 hours", ALWAYS, paris("2026-10-25T00:00"), paris("2026-10-26T00:00"), 1500),
    ("from 01:00 to 04:00, four hours", ALWAYS, paris("2026-10-25T01:00"), paris("2026-10-25T04:00"), 240),
    ("from 02:30 to 02:30 again", ALWAYS, paris("2026-10-25T02:30"), paris("2026-10-25T02:30", fold=1), 60),
    ("second 02:30 to 03:00", ALWAYS, paris("2026-10-25T02:30", fold=1), paris("2026-10-25T03:00"), 30),
    ("this night has nine hours", NIGHTS, paris("2026-10-24T22:00"), paris("2026-10-25T06:00"), 540),
    ("the office does not notice", OFFICE, paris("2026-10-23T17:00"), paris("2026-10-26T09:00"), 120),
    # Spring: on 28 March 2027, Easter Sunday, the hour from 02:00 does not exist.
    ("the short day has 23 hours", ALWAYS, paris("2027-03-28T00:00"), paris("2027-03-29T00:00"), 1380),
    ("from 01:00 to 04:00, two hours", ALWAYS, paris("2027-03-28T01:00"), paris("2027-03-28T04:00"), 120),
    ("the night has seven hours", NIGHTS, paris("2027-03-27T22:00"), paris("2027-03-28T06:00"), 420),
    ("over Easter 2027", OFFICE, paris("2027-03-26T17:00"), paris("2027-03-30T09:00"), 120),
    ("a week of nights over spring", NIGHTS, paris("2027-03-22T12:00"), paris("2027-03-29T12:00"), 3300),
    # Nights across midnight, and a holiday on which no night begins.
    ("a plain night", NIGHTS, paris("2026-11-23T20:00"), paris("2026-11-24T08:00"), 480),
    ("from midnight within a night", NIGHTS, paris("2026-11-24T00:00"), paris("2026-11-24T08:00"), 360),
    ("a night runs on into a holiday", NIGHTS, paris("2026-12-24T20:00"), paris("2026-12-26T12:00"), 480),
    ("nights end to end", NIGHTS_FULL_DAY, paris("2026-11-23T08:00"), paris("2026-11-24T08:00"), 1440),
    # Guadeloupe is at UTC-4 the year round, with a holiday of its own on 27 May.
    ("a day in Guadeloupe", GUADELOUPE, guadeloupe("2026-11-23T00:00"), guadeloupe("2026-11-24T00:00"), 480),
    ("the same day in UTC", GUADELOUPE, utc("2026-11-23T04:00"), utc("2026-11-24T04:00"), 480),
    ("no clock change", GUADELOUPE, guadeloupe("2026-10-23T17:00"), guadeloupe("2026-10-26T09:00"), 120),
    ("27 May", GUADELOUPE, guadeloupe("2026-05-26T17:00"), guadeloupe("2026-05-28T09:00"), 120),
    ("morning in Paris only", GUADELOUPE, paris("2026-11-23T08:00"), paris("2026-11-23T13:00"), 0),
]

ADDED = [
    ("within a morning", OFFICE, paris("2026-11-23T09:00"), 60, utc("2026-11-23T09:00")),
    ("over lunch", OFFICE, paris("2026-11-23T11:30"), 60, utc("2026-11-23T13:30")),
    ("ends at closing, not at opening", OFFICE, paris("2026-11-20T16:00"), 120, utc("2026-11-20T17:00")),
    ("one minute more is Monday", OFFICE, paris("2026-11-20T16:00"), 121, utc("2026-11-23T07:01")),
    ("opened at night", OFFICE, paris("2026-11-22T23:50"), 240, utc("2026-11-23T11:00")),
    ("nothing to add", OFFICE, paris("2026-11-22T23:50"), 0, utc("2026-11-22T22:50")),
    ("over Easter 2026, into summer time", OFFICE, paris("2026-04-03T17:00"), 120, utc("2026-04-07T07:00")),
    ("over 1 May", OFFICE, paris("2026-04-30T16:00"), 240, utc("2026-05-04T08:00")),
    ("over 8 May", OFFICE, paris("2026-05-07T17:30"), 60, utc("2026-05-11T06:30")),
    ("over New Year", OFFICE, paris("2026-12-31T17:00"), 120, utc("2027-01-04T08:00")),
    ("a week of work", OFFICE, paris("2026-11-23T08:00"), 2400, utc("2026-11-27T17:00")),
    ("over 29 February 2028", OFFICE, paris("2028-02-28T17:00"), 600, utc("2028-03-01T08:00")),
    ("over the autumn change", OFFICE, paris("2026-10-23T17:00"), 120, utc("2026-10-26T08:00")),
    ("over the spring change", OFFICE, paris("2027-03-26T17:00"), 120, utc("2027-03-30T07:00")),
    ("into the repeated hour", ALWAYS, paris("2026-10-25T01:30"), 120, utc("2026-10-25T01:30")),
    ("over the missing hour", ALWAYS, paris("2027-03-28T01:30"), 60, utc("2027-03-28T01:30")),
    ("a day round the clock in autumn", ALWAYS, paris("2026-10-24T12:00"), 1440, utc("2026-10-25T10:00")),
    ("from the small hours of a night", NIGHTS, paris("2026-11-24T05:00"), 120, utc("2026-11-24T22:00")),
    ("in Guadeloupe", GUADELOUPE, guadeloupe("2026-11-23T17:00"), 120, utc("2026-11-24T13:00")),
    ("Guadeloupe called from Paris", GUADELOUPE, paris("2026-11-23T08:00"), 60, utc("2026-11-23T13:00")),
]


@pytest.mark.parametrize(
    ("case", "calendar", "a", "b", "minutes"), MEASURED, ids=[row[0] for row in MEASURED]
)
def test_working_minutes_are_those_counted_by_hand(
    case: str, calendar: Calendar, a: datetime, b: datetime, minutes: int
) -> None:
    assert working_minutes(calendar, a, b) == minutes


@pytest.mark.parametrize(
    ("case", "calendar", "start", "minutes", "end"), ADDED, ids=[row[0] for row in ADDED]
)
def test_working_time_added_ends_where_the_paper_calendar_says(
    case: str, calendar: Calendar, start: datetime, minutes: int, end: datetime
) -> None:
    assert add_working(calendar, start, minutes) == end


def test_results_are_in_utc() -> None:
    assert add_working(OFFICE, paris("2026-11-23T09:00"), 30).tzinfo is UTC


def test_a_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    instant = local_instant(date(2027, 3, 28), 150, PARIS)
    assert instant.astimezone(ZoneInfo(PARIS)).isoformat() == "2027-03-28T03:30:00+02:00"
    assert local_instant(date(2027, 3, 28), 150, PARIS, fold=1) == instant


def test_a_time_that_occurs_twice_means_the_first_unless_told_otherwise() -> None:
    assert local_instant(date(2026, 10, 25), 150, PARIS) == utc("2026-10-25T00:30")
    assert local_instant(date(2026, 10, 25), 150, PARIS, fold=1) == utc("2026-10-25T01:30")


def test_minutes_past_midnight_fall_on_the_next_day() -> None:
    assert local_instant(date(2026, 11, 23), 1440 + 90, PARIS) == utc("2026-11-24T00:30")


def test_a_day_opens_with_its_intervals_in_utc() -> None:
    assert open_intervals(OFFICE, date(2026, 7, 15)) == [
        (utc("2026-07-15T06:00"), utc("2026-07-15T10:00")),
        (utc("2026-07-15T12:00"), utc("2026-07-15T16:00")),
    ]


def test_a_holiday_does_not_open() -> None:
    assert open_intervals(OFFICE, date(2026, 7, 14)) == []


def test_openings_in_the_missing_hour_neither_overlap_nor_run_backwards() -> None:
    night = ((0, 160), (165, 195), (200, 240))
    calendar = Calendar(PARIS, (night,) * 7)
    assert open_intervals(calendar, date(2027, 3, 28)) == [
        (utc("2027-03-27T23:00"), utc("2027-03-28T01:40")),
        (utc("2027-03-28T01:40"), utc("2027-03-28T02:00")),
    ]


def test_a_calendar_that_never_opens_measures_nothing_and_refuses_to_add() -> None:
    never = Calendar(PARIS, ((),) * 7)
    assert working_minutes(never, paris("2026-11-23T09:00"), paris("2026-11-24T09:00")) == 0
    with pytest.raises(CalendarError, match="no opening hours"):
        add_working(never, paris("2026-11-23T09:00"), 1)


@pytest.mark.parametrize(
    ("week", "message"),
    [
        (((480, 720),) * 5, "seven days"),
        ((((480, 480),),) * 7, "no span"),
        ((((-1, 480),),) * 7, "no span"),
        ((((1440, 1500),),) * 7, "no span"),
        ((((480, 2000),),) * 7, "no span"),
        ((((480, 720), (700, 900)),) * 7, "begins before 720"),
        ((((400, 720), (1320, 1860)),) * 7, "night runs into"),
    ],
)
def test_a_week_that_makes_no_sense_is_refused_with_its_reason(week: object, message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        Calendar(PARIS, week)  # type: ignore[arg-type]


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        Calendar("Europe/Rennes", OFFICE.week)


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        working_minutes(OFFICE, datetime.fromisoformat("2026-11-23T09:00"), paris("2026-11-23T10:00"))


def test_negative_work_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working(OFFICE, paris("2026-11-23T09:00"), -1)
