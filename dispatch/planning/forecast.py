"""When work will really be under way, from what has been tapped so far: an overrun pushes what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def forecast(stops: Iterable[Timed], now: datetime, away: Iterable[Span] = ()) -> Iterator[Span]:
    """Begin and end to be expected of one technician's open jobs, in order; each has planned times.

    Work under way ends now at the earliest, and everything after it begins when the technician is free and
    there. Nothing is expected earlier than planned, and nothing begins while he is `away`.
    """
    free: datetime | None = None
    gone = sorted(away)
    for stop in stops:
        begin, free = _expected(stop, free, now, gone)
        yield begin, free


def later(planned: datetime | None, expected: datetime) -> datetime | None:
    """The beginning to be expected, when it is worth telling beside the planned one."""
    return expected if planned is not None and expected - planned >= WORTH_TELLING else None


def _expected(stop: Timed, free: datetime | None, now: datetime, away: Sequence[Span]) -> Span:
    assert stop.start is not None
    assert stop.end is not None
    if stop.state in ("working", "paused"):
        return stop.start, max(stop.end, now)
    begin = stop.start
    # who is on the way has left already, whatever else of his is still open
    if free is not None and stop.state != "travelling":
        begin = max(begin, free + timedelta(seconds=stop.travel))
    begin = max(begin, now) if stop.state in WAITING else begin
    for gone, back in away:
        begin = back if gone <= begin < back else begin
    return begin, begin + (stop.end - stop.start)
