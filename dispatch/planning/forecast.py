"""When work will really be under way, from what has been tapped so far: an overrun pushes what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

WAITING = ("planned", "dispatched", "accepted", "travelling")
# a later beginning by less than this is not worth telling
WORTH_TELLING = timedelta(minutes=5)
Span = tuple[datetime, datetime]


class Timed(Protocol):
    """A job on a route: its state, its planned times, and the seconds of travel before it."""

    @property
    def state(self) -> str: ...
    @property
    def start(self) -> datetime | None: ...
    @property
    def end(self) -> datetime | None: ...
    @property
    def travel(self) -> int: ...


def forecast(stops: Iterable[Timed], now: datetime) -> Iterator[Span]:
    """Begin and end to be expected of one technician's open jobs, in order; each has planned times.

    Work under way ends now at the earliest, and everything after it begins when the technician is free and
    there. Nothing is expected earlier than planned.
    """
    free: datetime | None = None
    for stop in stops:
        begin, free = _expected(stop, free, now)
        yield begin, free


def later(planned: datetime | None, expected: datetime) -> datetime | None:
    """The beginning to be expected, when it is worth telling beside the planned one."""
    return expected if planned is not None and expected - planned >= WORTH_TELLING else None


def _expected(stop: Timed, free: datetime | None, now: datetime) -> Span:
    assert stop.start is not None
    assert stop.end is not None
    if stop.state in ("working", "paused"):
        return stop.start, max(stop.end, now)
    begin = stop.start if free is None else max(stop.start, free + timedelta(seconds=stop.travel))
    begin = max(begin, now) if stop.state in WAITING else begin
    return begin, begin + (stop.end - stop.start)
