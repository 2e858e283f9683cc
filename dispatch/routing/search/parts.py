"""A large problem is searched in parts: waves of divisions with ever other borders, each cooler than the last.

The price of a move grows with the days it looks at, so a part of some thirty is many times quicker than the whole.
Within a wave the parts have nothing in common and may be searched side by side. What lay at a border lies inside
a part in another wave. A plan never gets worse from one wave to the next.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dispatch.routing.limits import Clock
from dispatch.routing.search.cooling import ROUND
from dispatch.routing.search.crew import news_of
from dispatch.routing.search.facts import BEGIN, Facts
from dispatch.routing.search.partition import Map, divided
from dispatch.routing.search.tasks import Task

SIZE = 30
"""Technician-days of one part."""

WHOLE = 60
"""Technician-days up to which a problem is searched whole."""

WAVES = 32
"""Divisions of one solve at most."""

LEAST, LEAST_MOVES = 0.4, 5000
"""Seconds, or moves, of one part in one wave before there are more waves."""

ENOUGH = 4000
"""Moves per job after which a problem has been searched through."""

SEPARATE = 43_200
"""Seconds between the beginnings of two days that are not the same day of the calendar."""


class Known(NamedTuple):
    """The best plan of the search: what it has gained, and the days that were searched for it.

    `settled` says that nothing else is under way, so that it is the same each time.
    """

    gain: int
    orders: Mapping[int, Sequence[int]]
    settled: bool


def is_large(facts: Facts) -> bool:
    """Whether it is better searched in parts."""
    return len(facts.days) > WHOLE


def moves_of(clock: Clock, facts: Facts) -> int:
    """The moves of a whole solve: as asked for, else until it has been searched through."""
    if clock.limits.iterations is not None:
        return max(1, clock.limits.iterations * ROUND)
    return ENOUGH * len(facts.allowed)


def search(
    facts: Facts, orders: Sequence[Sequence[int]], clock: Clock, seed: int, reserve: float, heat: float = 1.0
) -> Iterator[Known]:
    """Better and better plans until all but `reserve` seconds or the moves are spent; `heat` as in a `Task`."""
    dice, area = random.Random(seed), Map(facts)
    processes = clock.limits.processes
    several_dates = int(facts.days[:, BEGIN].max() - facts.days[:, BEGIN].min()) >= SEPARATE
    known, gain = [list(stops) for stops in orders], 0
    parts = round(len(known) / SIZE)
    if clock.limits.seconds is not None:
        parts = -(-parts // processes) * processes  # nobody idle at the end of a wave
    moves = moves_of(clock, facts) // parts
    waves = _waves(clock, reserve, parts, moves)
    moves = max(1, moves // waves)
    for wave in range(waves):
        by_time = several_dates and wave % 2 == 1
        tasks = [
            Task(known, part, dice.randrange(2**31), moves, heat=heat * (1 - wave / waves))
            for part in divided(area, known, parts, dice, by_time)
        ]
        gained: dict[int, int] = {}
        changed: dict[int, list[int]] = {}
        for news in news_of(facts, tasks, clock, _until(clock, reserve, waves - wave), processes):
            gained[news.task] = news.gain
            changed.update(news.orders)
            if clock.limits.seconds is not None:
                yield Known(gain + sum(gained.values()), {**dict(enumerate(known)), **changed}, settled=False)
        gain += sum(gained.values())
        for day, stops in changed.items():
            known[day] = stops
        yield Known(gain, dict(enumerate(known)), settled=clock.limits.seconds is None)
        if clock.over(reserve):
            break
    yield Known(gain, dict(enumerate(known)), settled=True)


def _waves(clock: Clock, reserve: float, parts: int, moves: int) -> int:
    """As many as leave every part its least time, and its least moves."""
    until = clock.deadline(reserve=reserve)
    many = min(WAVES, moves // LEAST_MOVES)
    if until is not None:
        seconds = (until - time.monotonic()) * clock.limits.processes / parts
        many = min(many, int(seconds / LEAST))
    return max(1, many)


def _until(clock: Clock, reserve: float, waves: int) -> float | None:
    """When this wave ends, with so many still to come."""
    until = clock.deadline(reserve=reserve)
    now = time.monotonic()
    return None if until is None else now + (until - now) / waves
