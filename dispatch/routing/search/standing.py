"""Kernels: one more job in a plan that stands. Labels are kept along every day, so that a trial goes on from there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dispatch.routing.search.compiled import compiled
from dispatch.routing.search.exact import (
    BROKEN,
    COST,
    FULL,
    MARK_ARRIVAL,
    MARK_START,
    MARKED,
    NEVER,
    POSTS,
    STANDS,
    STAY,
    TIME,
    TODO,
    TOLERANT,
    TRIPS,
    WAY,
    ZERO,
    Desk,
    copied,
    end_of_day,
    run_through,
    settled,
    step,
    story,
)
from dispatch.routing.search.tables import IDLE_PRICE, IDLE_TRIPS, NOWHERE, Tables

# Columns of `sums` and of what `scan` tells of a day. ADDED is what its labels cost more at SPOT; the price and
# the trips are of the whole day with the job; WHOLE says whether it breaks no rule of time.
SIZE, LEGAL, PRICE, TOTAL, ROUND = range(5)
FITS, SPOT, ADDED, THEN, TRIPS_THEN, ARRIVES, STARTS_AT, WHOLE = range(8)


class Stand(NamedTuple):
    """Every day's jobs in order, the labels before each of them, and what the day costs."""

    order: np.ndarray
    sums: np.ndarray
    counts: np.ndarray
    labels: np.ndarray
    told: np.ndarray


def stand(days: int, positions: int, wide: int) -> Stand:
    """Room for so many jobs on each day and so many labels at each position."""
    return Stand(
        np.zeros((days, positions + 1), dtype=np.int64),
        np.zeros((days, 5), dtype=np.int64),
        np.zeros((days, positions + 2), dtype=np.int64),
        np.zeros((days, positions + 2, wide, WAY + 1), dtype=np.int64),
        np.zeros((days, WHOLE + 1), dtype=np.int64),
    )


@compiled
def lay(t: Tables, d: Desk, s: Stand, day: int) -> None:
    """Times one day as it stands; where that breaks rules, with as few broken as possible."""
    size = s.sums[day, SIZE]
    for n in range(size):
        d.order[n] = s.order[day, n]
    price = run_through(t, d, day, size, ZERO)
    s.sums[day, LEGAL] = size == 0 or price < NEVER
    if size > 0 and price == NEVER:
        price = run_through(t, d, day, size, ZERO + 1)
    s.sums[day, PRICE] = price if size > 0 else t.days[day, IDLE_PRICE]
    s.sums[day, TOTAL] = s.sums[day, PRICE] % BROKEN
    s.sums[day, ROUND] = d.end[0, TRIPS] if size > 0 else t.days[day, IDLE_TRIPS]
    for n in range(size + 1):
        s.counts[day, n] = d.counts[n]
        for label in range(d.counts[n]):
            copied(d.labels[n], label, s.labels[day, n], label)


@compiled
def try_at(t: Tables, d: Desk, day: int, labels: np.ndarray, counts: np.ndarray, order: np.ndarray, size: int, price: int,
           job: int, spot: int, most: int) -> int:  # fmt: skip
    """What a day with these labels and of this price costs with the job there; NEVER if illegal or above `most`."""
    count = step(t, d, day, labels[spot], counts[spot], job, d.trial[0])
    side = 0
    for n in range(spot, size):
        if count == 0 or _cheapest(d.trial[side], count) > most:
            return NEVER
        count = step(t, d, day, d.trial[side], count, order[n], d.trial[1 - side])
        side = 1 - side
        if count == counts[n + 1]:
            shift = _shift(d.trial[side], labels[n + 1], count)
            if shift != NEVER:
                return price + shift
    if count == 0:
        return NEVER
    return end_of_day(t, d, day, d.trial[side], count, order[size - 1] if spot < size else job)


@compiled
def _cheapest(labels: np.ndarray, count: int) -> int:
    least = labels[0, COST]
    for n in range(1, count):
        least = min(least, labels[n, COST])
    return least


@compiled
def _shift(labels: np.ndarray, before: np.ndarray, count: int) -> int:
    """The change of cost when all else is as it was, so that the rest of the day is too; NEVER when it is not."""
    if count == 0:
        return NEVER
    shift = labels[0, COST] - before[0, COST]
    for n in range(count):
        for column in (TIME, STANDS, STAY, TODO, POSTS):
            if labels[n, column] != before[n, column]:
                return NEVER
        if labels[n, COST] - before[n, COST] != shift:
            return NEVER
    return shift


@compiled
def best(t: Tables, d: Desk, day: int, labels: np.ndarray, counts: np.ndarray, order: np.ndarray, size: int, price: int,
         job: int, enough: int) -> tuple[int, int]:  # fmt: skip
    """What the job adds where it adds least, and that position; the first one below `enough` will do."""
    least, at = ZERO + NEVER, ZERO + NOWHERE
    for spot in range(size + 1):
        most = ZERO + NEVER if least == NEVER else price + least
        cost = try_at(t, d, day, labels, counts, order, size, price, job, spot, most)
        if cost < NEVER and cost - price < least:
            least, at = cost - price, spot
            if least < enough:
                break
    return least, at


@compiled
def scan(t: Tables, d: Desk, s: Stand, job: int, days: np.ndarray, least_bad: bool, tell: bool) -> None:
    """Looks for the job's best place on these days, as `s.told`; where there is no legal one, the least bad if asked.

    With `tell` the day is timed with the job there.
    """
    for day in days:
        size, price = s.sums[day, SIZE], s.sums[day, PRICE]
        labels, counts, order = s.labels[day], s.counts[day], s.order[day]
        least, spot = NEVER, NOWHERE
        if s.sums[day, LEGAL]:
            d.state[TOLERANT] = False
            least, spot = best(t, d, day, labels, counts, order, size, price, job, ZERO - NEVER)
        s.told[day, FITS] = spot != NOWHERE
        if spot == NOWHERE and least_bad:
            d.state[TOLERANT] = True
            least, spot = best(t, d, day, labels, counts, order, size, price, job, ZERO - NEVER)
        s.told[day, ADDED], s.told[day, SPOT] = least, spot
        if tell and spot != NOWHERE:
            tell_of(t, d, s, day, job, spot)
        if d.state[FULL]:
            return


@compiled
def tell_of(t: Tables, d: Desk, s: Stand, day: int, job: int, spot: int) -> None:
    """Times the day with the job there, as `s.told`."""
    price = with_job(t, d, s, day, job, spot)
    told = s.told
    told[day, SPOT] = spot
    told[day, THEN], told[day, TRIPS_THEN] = price % BROKEN, d.end[0, TRIPS]
    told[day, ARRIVES], told[day, STARTS_AT] = d.end[0, MARK_ARRIVAL], d.end[0, MARK_START]
    told[day, WHOLE] = price < BROKEN


@compiled
def with_job(t: Tables, d: Desk, s: Stand, day: int, job: int, spot: int) -> int:
    """The cost of the day with the job there, as legal as can be; `d.end` is its end, the job is marked."""
    size = s.sums[day, SIZE]
    for n in range(size):
        d.order[n if n < spot else n + 1] = s.order[day, n]
    d.order[spot] = job
    d.state[MARKED] = job
    return settled(t, d, day, size + 1)


@compiled
def lost_with(t: Tables, d: Desk, s: Stand, day: int, job: int, spot: int) -> int:
    """How many labels of `d.story` tell what the day breaks with the job there."""
    price = with_job(t, d, s, day, job, spot)
    return story(d, s.sums[day, SIZE] + 1) if price >= BROKEN else 0


@compiled
def lost_alone(t: Tables, d: Desk, day: int, job: int) -> int:
    """As `lost_with`, with nothing else on the day."""
    d.order[0] = job
    return story(d, ZERO + 1) if settled(t, d, day, ZERO + 1) >= BROKEN else 0


@compiled
def lost_now(t: Tables, d: Desk, s: Stand, day: int) -> int:
    """As `lost_with`, of the day as it stands."""
    size = s.sums[day, SIZE]
    for n in range(size):
        d.order[n] = s.order[day, n]
    return story(d, size) if size > 0 and settled(t, d, day, size) >= BROKEN else 0


@compiled
def alone(t: Tables, d: Desk, job: int, days: np.ndarray, out: np.ndarray) -> None:
    """Whether each of these days could hold the job with nothing else on it, by the rules of time."""
    d.order[0] = job
    for n in range(len(days)):
        out[n] = run_through(t, d, days[n], ZERO + 1, ZERO) < NEVER


@compiled
def beside(t: Tables, d: Desk, day: int, size: int, job: int, enough: int) -> tuple[int, int]:
    """What the job adds to a day with the first `size` jobs of `d.order`, and where; NEVER if either is illegal."""
    price = _lighter(t, d, day, size)
    if price == NEVER:
        return NEVER, NOWHERE
    return best(t, d, day, d.labels, d.counts, d.order, size, price, job, enough)


@compiled
def _lighter(t: Tables, d: Desk, day: int, size: int) -> int:
    """What a day with the first `size` jobs of `d.order` costs; a day without jobs is never illegal."""
    price = run_through(t, d, day, size, ZERO)
    return price if size > 0 else t.days[day, IDLE_PRICE]


@compiled
def first_room(t: Tables, d: Desk, s: Stand, job: int, removals: np.ndarray, enough: np.ndarray) -> int:
    """The first removal (day, position) after which the job adds less than `enough` of that day; -1 without any."""
    for n in range(len(removals)):
        day, gone = removals[n, 0], removals[n, 1]
        size = s.sums[day, SIZE]
        for place in range(size - 1):
            d.order[place] = s.order[day, place if place < gone else place + 1]
        least, _spot = beside(t, d, day, size - 1, job, enough[day])
        if d.state[FULL]:
            return -1
        if least < enough[day]:
            return n
    return -1


@compiled
def runs(
    t: Tables,
    d: Desk,
    s: Stand,
    job: int,
    days: np.ndarray,
    movable: np.ndarray,
    longest: int,
    out: np.ndarray,
) -> int:
    """Every short run of movable jobs that would leave room for the job: day, first position, length, added cost."""
    count = 0
    for day in days:
        size = s.sums[day, SIZE]
        for start in range(size if s.sums[day, LEGAL] else 0):
            for length in range(1, min(longest, size - start) + 1):
                if not movable[s.order[day, start + length - 1]] or count == len(out):
                    break
                for place in range(size - length):
                    d.order[place] = s.order[day, place if place < start else place + length]
                price = _lighter(t, d, day, size - length)
                if price == NEVER:
                    continue
                least, _spot = best(
                    t, d, day, d.labels, d.counts, d.order, size - length, price, job, ZERO - NEVER
                )
                if least < NEVER:
                    out[count, 0], out[count, 1], out[count, 2] = day, start, length
                    out[count, 3] = price + least - s.sums[day, PRICE]
                    count += 1
    return count
