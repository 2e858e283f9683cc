from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.sla.calendar import Calendar, add_working, open_intervals, working_minutes
from tests.sla.calendars import ALWAYS, GUADELOUPE, NIGHTS, OFFICE

EPOCH = datetime(2026, 10, 20, tzinfo=UTC)

calendars = st.sampled_from([OFFICE, ALWAYS, NIGHTS, GUADELOUPE])
# Both changes of the clock, Christmas and Easter lie in this half year.
instants = st.integers(0, 180 * 24 * 60).map(lambda minutes: EPOCH + timedelta(minutes=minutes))
work = st.integers(0, 5000)


@given(calendars, instants, work)
def test_what_was_added_is_what_is_measured(calendar: Calendar, start: datetime, minutes: int) -> None:
    assert working_minutes(calendar, start, add_working(calendar, start, minutes)) == minutes


@given(calendars, instants, st.integers(1, 5000))
def test_the_end_is_the_earliest_one(calendar: Calendar, start: datetime, minutes: int) -> None:
    a_minute_before = add_working(calendar, start, minutes) - timedelta(minutes=1)
    assert working_minutes(calendar, start, a_minute_before) == minutes - 1


@given(calendars, instants, work, work)
def test_adding_twice_is_adding_the_sum(calendar: Calendar, start: datetime, first: int, second: int) -> None:
    halfway = add_working(calendar, start, first)
    assert add_working(calendar, halfway, second) == add_working(calendar, start, first + second)


@given(calendars, instants, instants, instants)
def test_measuring_in_two_parts_is_measuring_once(
    calendar: Calendar, a: datetime, b: datetime, c: datetime
) -> None:
    parts = working_minutes(calendar, a, b) + working_minutes(calendar, b, c)
    assert parts == working_minutes(calendar, a, c)


@given(calendars, instants, instants, work)
def test_who_begins_later_never_ends_earlier(
    calendar: Calendar, a: datetime, b: datetime, minutes: int
) -> None:
    early, late = sorted((a, b))
    assert add_working(calendar, early, minutes) <= add_working(calendar, late, minutes)


@given(instants, instants)
def test_round_the_clock_every_real_minute_counts(a: datetime, b: datetime) -> None:
    early, late = sorted((a, b))
    assert working_minutes(ALWAYS, early, late) == (late - early) // timedelta(minutes=1)


@given(calendars, instants)
def test_the_intervals_of_a_day_come_in_order(calendar: Calendar, instant: datetime) -> None:
    edges = [edge for interval in open_intervals(calendar, instant.date()) for edge in interval]
    assert edges == sorted(edges)
    assert all(edge.tzinfo is UTC for edge in edges)
