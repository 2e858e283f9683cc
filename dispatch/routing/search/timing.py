"""Kernels: the times of one technician-day, by the same labels as `dispatch.routing.timing`, on arrays.

A label is one way to stand after the stops so far: free at a TIME, having paid a COST, with some pauses still
TO DO (a bit mask). The labels of a position are sorted by time; at most WIDE of them are kept, which the exact
timing afterwards makes good.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dispatch.routing.index import FOREVER
from dispatch.routing.search.compiled import compiled, inlined
from dispatch.routing.search.facts import (
    AFTER,
    BUSY,
    DUE,
    DURATION,
    EARLIEST,
    FIRST,
    HOME,
    LATE_PRICE,
    LATEST,
    LENGTH,
    LIMIT,
    NOWHERE,
    OVER,
    OVERTIME,
    PAUSE,
    PAUSES_END,
    PLACE,
    PROFILE,
    PROMISE,
    PROMISE_FROM,
    PROMISE_TO,
    SETUP,
    SHIFT_END,
    TRAVEL,
    UNBOUND,
    Facts,
)

WIDE = 12
"""Labels kept per position."""

LEGS = 96
"""Ways to spread pauses over one trip; four pauses in one trip have 65, doubled at most by a setup."""

TIME, COST, TODO = range(3)
READY, LEFT_TODO, ARRIVAL = range(3)


class Scratch(NamedTuple):
    """Room to work in: the ways of one trip, a stack of those not looked at yet, labels of two positions."""

    legs: np.ndarray
    stack: np.ndarray
    labels: np.ndarray


def scratch() -> Scratch:
    """New room to work in, for one thread."""
    return Scratch(
        np.zeros((LEGS, 3), dtype=np.int64),
        np.zeros((LEGS, 5), dtype=np.int64),
        np.zeros((2, WIDE, 3), dtype=np.int64),
    )


@compiled
def spread(
    facts: Facts, room: Scratch, day: int, time: int, seconds: int, setup: int, todo: int, home: bool
) -> int:
    """The ways to spread pauses over a trip and the setup after it, as `room.legs`; how many there are.

    A pause that could cut the trip may wait until it ends when that leads `home`: his day is over sooner then.
    """
    first = facts.days[day, PAUSE]
    pauses = facts.days[day, PAUSES_END] - first
    stack = room.stack
    top = _push(stack, 0, time, seconds, setup, todo, -1)
    count = 0
    while top > 0 and count < LEGS:
        top -= 1
        now, trip, left, mask, arrived = (
            stack[top, 0],
            stack[top, 1],
            stack[top, 2],
            stack[top, 3],
            stack[top, 4],
        )
        there = now + trip
        ready = there + left
        room.legs[count, READY] = ready
        room.legs[count, LEFT_TODO] = mask
        room.legs[count, ARRIVAL] = there if arrived < 0 else arrived
        count += 1
        for bit in range(pauses):
            if not mask >> bit & 1 or top > LEGS - 3:
                continue
            pause = first + bit
            length = facts.pauses[pause, LENGTH]
            start = max(now, facts.pauses[pause, EARLIEST])
            latest = facts.pauses[pause, LATEST]
            over = facts.pauses[pause, OVER]
            if start > latest or start + length > over:
                continue
            came = there if arrived < 0 else arrived
            since = came if start >= there else arrived
            rest = mask & ~(1 << bit)
            if start >= ready:
                top = _push(stack, top, start + length, 0, 0, rest, since)
                continue
            top = _push(stack, top, start + length, max(0, there - start), left, rest, since)
            if (home or (left > 0 and start > there)) and ready <= latest and ready + length <= over:
                top = _push(stack, top, ready + length, 0, 0, rest, came)
    return count


@inlined
def _push(stack: np.ndarray, top: int, time: int, seconds: int, setup: int, todo: int, arrived: int) -> int:
    stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3], stack[top, 4] = (
        time,
        seconds,
        setup,
        todo,
        arrived,
    )
    return top + 1


@inlined
def ways(
    facts: Facts, room: Scratch, day: int, time: int, seconds: int, setup: int, todo: int, home: bool
) -> int:
    """As `spread`, without its cost where at most one pause is left."""
    if todo & (todo - 1):
        return spread(facts, room, day, time, seconds, setup, todo, home)
    there = time + seconds
    ready = there + setup
    count = _way(room.legs, 0, ready, todo, there)
    if todo:
        pause = facts.days[day, PAUSE]
        while not todo & 1:
            todo >>= 1
            pause += 1
        length = facts.pauses[pause, LENGTH]
        start = max(time, facts.pauses[pause, EARLIEST])
        over = facts.pauses[pause, OVER]
        if start <= facts.pauses[pause, LATEST] and start + length <= over:
            if start >= ready:
                return _way(room.legs, count, start + length, 0, there)
            arrival = there if start >= there else there + length
            count = _way(room.legs, count, max(there, start) + length + setup, 0, arrival)
            later = home or (setup > 0 and start > there)
            if later and ready <= facts.pauses[pause, LATEST] and ready + length <= over:
                count = _way(room.legs, count, ready + length, 0, there)
    return count


@inlined
def _way(legs: np.ndarray, count: int, ready: int, todo: int, arrival: int) -> int:
    legs[count, READY], legs[count, LEFT_TODO], legs[count, ARRIVAL] = ready, todo, arrival
    return count + 1


@inlined
def keep(labels: np.ndarray, count: int, time: int, cost: int, todo: int) -> int:
    """Puts a label among others unless one is as good in all; drops those it beats. The new count."""
    for n in range(count):
        if labels[n, TIME] <= time and labels[n, COST] <= cost and labels[n, TODO] & ~todo == 0:
            return count
    kept = 0
    for n in range(count):
        if not (time <= labels[n, TIME] and cost <= labels[n, COST] and todo & ~labels[n, TODO] == 0):
            if kept < n:
                labels[kept, TIME], labels[kept, COST], labels[kept, TODO] = (
                    labels[n, TIME],
                    labels[n, COST],
                    labels[n, TODO],
                )
            kept += 1
    if kept == WIDE:
        return kept
    spot = kept
    while spot > 0 and _later(labels, spot - 1, time, cost, todo):
        labels[spot, TIME], labels[spot, COST], labels[spot, TODO] = (
            labels[spot - 1, TIME], labels[spot - 1, COST], labels[spot - 1, TODO])  # fmt: skip
        spot -= 1
    labels[spot, TIME], labels[spot, COST], labels[spot, TODO] = time, cost, todo
    return kept + 1


@inlined
def _later(labels: np.ndarray, n: int, time: int, cost: int, todo: int) -> bool:
    if labels[n, TIME] != time:
        return labels[n, TIME] > time
    return labels[n, COST] > cost or (labels[n, COST] == cost and labels[n, TODO] > todo)


@inlined
def missed(facts: Facts, day: int, todo: int, time: int) -> bool:
    """Whether a pause still to do can no longer begin."""
    first = facts.days[day, PAUSE]
    for bit in range(facts.days[day, PAUSES_END] - first):
        if todo >> bit & 1 and facts.pauses[first + bit, LATEST] < time:
            return True
    return False


@inlined
def opening(facts: Facts, stop: int, time: int) -> int:
    """The first instant from `time` on at which the stop may start, or FOREVER."""
    for window in range(facts.stops[stop, FIRST], facts.stops[stop, AFTER]):
        if time <= facts.windows[window, 1]:
            return max(time, facts.windows[window, 0])
    return FOREVER


@inlined
def begun(
    facts: Facts, labels: np.ndarray, count: int, day: int, stop: int, start: int, cost: int, todo: int
) -> int:
    """Adds the label of starting the stop at `start`, unless that ends too late. The new count."""
    end = start + facts.stops[stop, DURATION]
    if end > facts.days[day, LIMIT] and not facts.stops[stop, UNBOUND]:
        return count
    if todo and missed(facts, day, todo, end):
        return count
    if end > facts.stops[stop, DUE]:
        cost += (end - facts.stops[stop, DUE]) * facts.stops[stop, LATE_PRICE]
    if facts.stops[stop, PROMISE_FROM] >= 0:
        until = facts.stops[stop, PROMISE_TO]
        if not facts.stops[stop, PROMISE_FROM] <= start <= until:
            cost += facts.prices[PROMISE] + max(0, start - until)
    return keep(labels, count, end, cost, todo)


@compiled
def advance(facts: Facts, room: Scratch, day: int, labels: np.ndarray, count: int, place: int, stay: int, stop: int,
            side: int) -> int:  # fmt: skip
    """The labels after a stop, in `room` on that side, from `count` labels at a place; 0 when there are none."""
    target = facts.stops[stop, PLACE]
    seconds, setup = 0, 0
    if target != NOWHERE:
        seconds = facts.travel[facts.days[day, PROFILE], place, target]
        if seconds < 0:
            return 0
        if target != stay:
            setup = facts.stops[stop, SETUP]
    added = 0
    into = room.labels[side]
    for n in range(count):
        cost = labels[n, COST] + seconds * facts.prices[TRAVEL]
        for way in range(ways(facts, room, day, labels[n, TIME], seconds, setup, labels[n, TODO], False)):
            todo = room.legs[way, LEFT_TODO]
            start = opening(facts, stop, room.legs[way, READY])
            if start == FOREVER:
                continue
            added = begun(facts, into, added, day, stop, start, cost, todo)
            if start < facts.stops[stop, PROMISE_FROM]:
                start = opening(facts, stop, facts.stops[stop, PROMISE_FROM])
                if start <= facts.stops[stop, PROMISE_TO]:
                    added = begun(facts, into, added, day, stop, start, cost, todo)
    return added


@compiled
def homeward(
    facts: Facts, room: Scratch, day: int, labels: np.ndarray, count: int, place: int, last: int
) -> int:
    """The least cost of the day from the labels after its last stop, or FOREVER when it cannot end legally."""
    seconds = 0
    if facts.days[day, HOME] != NOWHERE:
        seconds = facts.travel[facts.days[day, PROFILE], place, facts.days[day, HOME]]
        if seconds < 0:
            return FOREVER
    bound = seconds > 0 and not facts.stops[last, UNBOUND]
    best = FOREVER
    for n in range(count):
        cost = labels[n, COST] + seconds * facts.prices[TRAVEL]
        for way in range(ways(facts, room, day, labels[n, TIME], seconds, 0, labels[n, TODO], True)):
            arrival = room.legs[way, ARRIVAL]
            if room.legs[way, LEFT_TODO] or (bound and arrival > facts.days[day, LIMIT]):
                continue
            over = max(0, max(arrival, facts.days[day, BUSY]) - facts.days[day, SHIFT_END])
            best = min(best, cost + over * facts.prices[OVERTIME])
    return best
