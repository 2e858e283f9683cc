"""Kernels: the routes of a plan while it is searched, with what makes a trial insertion quick.

Each day has two rows; `slot[day]` is the one that counts. A change is made in the other row, so that it is
undone by turning the slot back. Along a row lie the labels before each stop, where he stands, the place of
the stay under way and the next place ahead. Two bounds decide quickly whether a job can be there at all: the
EARLY times, when he is free at the earliest with some pauses still to do, and the LATEST, when the stop must
begin for the rest of the day to hold with them. Both are kept for the four ways in which up to two pauses can
still be to do; a day with more has one bound for all, as if none were.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dispatch.routing.index import FOREVER
from dispatch.routing.search.compiled import compiled, inlined
from dispatch.routing.search.facts import (
    BASE,
    BEGIN,
    CROOKED,
    DUE,
    DURATION,
    EARLIEST,
    HOME,
    IDLE,
    LAST_CLOSE,
    LATE_PRICE,
    LATEST,
    LENGTH,
    LIMIT,
    NOWHERE,
    OVER,
    PAUSE,
    PAUSES_END,
    PLACE,
    POST,
    POSTS_END,
    PROFILE,
    SETUP,
    TRAVEL,
    UNBOUND,
    Facts,
)
from dispatch.routing.search.timing import COST, TIME, TODO, WIDE, Scratch, advance, homeward, opening

# Columns of `spots`, one line per position of a row and one for its end; columns of `rows`.
STOP, COUNT, HERE, STAY, ONWARD, FREE, EARLY, LATEST_START = 0, 1, 2, 3, 4, 5, 6, 10
COLUMNS = 14
MOST_MASKS = 4
SIZE, PRICE, TRIPS = range(3)


class Routes(NamedTuple):
    """By row (two a day) and position; `where` by job and `slot` by day. `labels` lie before each stop."""

    slot: np.ndarray
    where: np.ndarray
    rows: np.ndarray
    spots: np.ndarray
    labels: np.ndarray
    used: np.ndarray


def routes_of(facts: Facts, longest: int) -> Routes:
    """Room for routes of at most `longest` stops; `clear` lays the posts in."""
    days, size = len(facts.days), longest + 1
    return Routes(
        slot=np.arange(days, dtype=np.int64) * 2,
        where=np.full(len(facts.allowed), NOWHERE, dtype=np.int64),
        rows=np.zeros((2 * days, 3), dtype=np.int64),
        spots=np.zeros((2 * days, size, COLUMNS), dtype=np.int64),
        labels=np.zeros((2 * days, size, WIDE, 3), dtype=np.int64),
        used=np.zeros((2 * days, facts.stock.shape[1]), dtype=np.int64),
    )


@compiled
def clear(facts: Facts, routes: Routes, room: Scratch) -> None:
    """Takes all jobs off; the posts stay, in their order."""
    routes.where[:] = NOWHERE
    for day in range(len(facts.days)):
        row = routes.slot[day]
        first = facts.days[day, POST]
        posts = facts.days[day, POSTS_END] - first
        for n in range(posts):
            routes.spots[row, n, STOP] = first + n
        routes.rows[row, SIZE] = posts
        routes.used[row, :] = 0
        retrace(facts, routes, room, day, 0)


@compiled
def retrace(facts: Facts, routes: Routes, room: Scratch, day: int, since: int) -> bool:
    """Labels, places, bounds and cost of a row anew from a position on; whether the day can be worked so."""
    row = routes.slot[day]
    spots, labels = routes.spots[row], routes.labels[row]
    size = routes.rows[row, SIZE]
    masks = masks_of(facts, day)
    if since == 0:
        labels[0, 0, TIME], labels[0, 0, COST] = facts.days[day, BEGIN], 0
        labels[0, 0, TODO] = (1 << (facts.days[day, PAUSES_END] - facts.days[day, PAUSE])) - 1
        spots[0, COUNT], spots[0, HERE], spots[0, STAY] = 1, facts.days[day, BASE], NOWHERE
        _note_early(spots, labels, 0, masks)
    for n in range(since, size):
        stop, here, stay = spots[n, STOP], spots[n, HERE], spots[n, STAY]
        count = advance(facts, room, day, labels[n], spots[n, COUNT], here, stay, stop, 0)
        for label in range(count):
            labels[n + 1, label, TIME] = room.labels[0, label, TIME]
            labels[n + 1, label, COST] = room.labels[0, label, COST]
            labels[n + 1, label, TODO] = room.labels[0, label, TODO]
        spots[n + 1, COUNT] = count
        spots[n + 1, HERE] = place_after(facts, stop, here)
        spots[n + 1, STAY] = stay_after(facts, stop, stay)
        _note_early(spots, labels, n + 1, masks)
    _look_ahead(facts, routes, row, day, masks)
    return _settle(facts, routes, room, row, day)


@inlined
def place_after(facts: Facts, stop: int, place: int) -> int:
    """Where he stands after a stop."""
    target = facts.stops[stop, PLACE]
    return place if target == NOWHERE else target


@inlined
def stay_after(facts: Facts, stop: int, stay: int) -> int:
    """The place of the stay under way after a stop: a post elsewhere ends one and begins none."""
    target = facts.stops[stop, PLACE]
    if target == NOWHERE:
        return stay
    if stop >= len(facts.allowed) and stay != target:
        return NOWHERE
    return target


@inlined
def masks_of(facts: Facts, day: int) -> int:
    """How many sets of pauses bounds are kept for: all of up to two pauses, else one."""
    masks = 1 << (facts.days[day, PAUSES_END] - facts.days[day, PAUSE])
    return masks if masks <= MOST_MASKS else 1


@inlined
def _note_early(spots: np.ndarray, labels: np.ndarray, n: int, masks: int) -> None:
    spots[n, FREE] = labels[n, 0, TIME] if spots[n, COUNT] else FOREVER
    for mask in range(masks):
        spots[n, EARLY + mask] = FOREVER
    for label in range(spots[n, COUNT]):
        mask = labels[n, label, TODO] if masks > 1 else 0
        spots[n, EARLY + mask] = min(spots[n, EARLY + mask], labels[n, label, TIME])


@compiled
def _look_ahead(facts: Facts, routes: Routes, row: int, day: int, masks: int) -> None:
    """Backwards: the next place, when each stop must begin for the rest to hold, and the seconds of travel."""
    size = routes.rows[row, SIZE]
    spots = routes.spots[row]
    profile, home = facts.days[day, PROFILE], facts.days[day, HOME]
    spots[size, ONWARD] = home
    for mask in range(masks):
        spots[size, LATEST_START + mask] = _last_end(facts, day, mask)
    seconds = 0
    if size and home != NOWHERE:
        seconds = max(0, facts.travel[profile, spots[size, HERE], home])
    for n in range(size - 1, -1, -1):
        stop = spots[n, STOP]
        place = facts.stops[stop, PLACE]
        spots[n, ONWARD] = spots[n + 1, ONWARD] if place == NOWHERE else place
        if place != NOWHERE:
            seconds += max(0, facts.travel[profile, spots[n, HERE], place])
        gap = gap_to(facts, profile, place, spots[n + 1, STOP]) if n + 1 < size else 0
        closes = facts.stops[stop, LAST_CLOSE]
        if not facts.stops[stop, UNBOUND]:
            closes = min(closes, facts.days[day, LIMIT] - facts.stops[stop, DURATION])
        for mask in range(masks):
            bound = _latest_end(facts, spots[n + 1], day, mask, gap)
            spots[n, LATEST_START + mask] = min(closes, bound - facts.stops[stop, DURATION])
    routes.rows[row, TRIPS] = seconds


@inlined
def gap_to(facts: Facts, profile: int, place: int, stop: int) -> int:
    """Seconds between the end of work at a place and the earliest start of the stop after it, at least."""
    target = facts.stops[stop, PLACE]
    apart = place != NOWHERE and target != NOWHERE and place != target
    if not apart:
        return 0
    return max(0, facts.travel[profile, place, target]) + facts.stops[stop, SETUP]


@inlined
def _last_end(facts: Facts, day: int, mask: int) -> int:
    bound = FOREVER
    first = facts.days[day, PAUSE]
    for bit in range(2):
        if mask >> bit & 1:
            pause = first + bit
            bound = min(
                bound, facts.pauses[pause, LATEST], facts.pauses[pause, OVER] - facts.pauses[pause, LENGTH]
            )
    return bound


@inlined
def _latest_end(facts: Facts, following: np.ndarray, day: int, mask: int, gap: int) -> int:
    """When work must end for the next stop to be reached in time, with any of the pauses on the way."""
    bound = following[LATEST_START + mask] - gap
    for rest in range(mask):
        if rest & mask == rest:
            length, latest, ready = _taken(facts, day, mask ^ rest)
            then = following[LATEST_START + rest]
            if then >= ready:
                bound = max(bound, min(latest, then - gap - length))
    return bound


@inlined
def _taken(facts: Facts, day: int, pauses: int) -> tuple[int, int, int]:
    """How long these pauses last, when the first of them must begin, when the last can be over at the earliest."""
    length, latest, ready = 0, 0, 0
    for bit in range(2):
        if pauses >> bit & 1:
            pause = facts.days[day, PAUSE] + bit
            length += facts.pauses[pause, LENGTH]
            latest = max(latest, facts.pauses[pause, LATEST])
            ready = max(ready, facts.pauses[pause, EARLIEST] + facts.pauses[pause, LENGTH])
    return length, latest, ready


@compiled
def _settle(facts: Facts, routes: Routes, room: Scratch, row: int, day: int) -> bool:
    size = routes.rows[row, SIZE]
    if size == facts.days[day, POSTS_END] - facts.days[day, POST]:
        routes.rows[row, PRICE] = facts.days[day, IDLE]
        return True
    spots = routes.spots[row]
    price = FOREVER
    if spots[size, COUNT]:
        price = homeward(facts, room, day, routes.labels[row, size], spots[size, COUNT], spots[size, HERE],
                         spots[size - 1, STOP])  # fmt: skip
    routes.rows[row, PRICE] = price
    return price < FOREVER


@inlined
def detour(facts: Facts, routes: Routes, row: int, day: int, spot: int, job: int) -> int:
    """Seconds of travel that a job adds at a spot; FOREVER when no way leads there."""
    place = facts.stops[job, PLACE]
    if place == NOWHERE:
        return 0
    profile = facts.days[day, PROFILE]
    here, onward = routes.spots[row, spot, HERE], routes.spots[row, spot, ONWARD]
    seconds = facts.travel[profile, here, place]
    if seconds < 0:
        return FOREVER
    if onward != NOWHERE:
        seconds += max(0, facts.travel[profile, place, onward])
        if routes.rows[row, SIZE]:
            seconds -= max(0, facts.travel[profile, here, onward])
    return seconds


@inlined
def may_save(facts: Facts, routes: Routes, row: int, day: int) -> int:
    """What a job on the way may save others at most: nothing, unless travel times are crooked (not metric)."""
    if facts.days[day, CROOKED]:
        return routes.rows[row, PRICE] - routes.rows[row, TRIPS] * facts.prices[TRAVEL]
    return 0


@inlined
def least_late(facts: Facts, routes: Routes, row: int, day: int, spot: int, job: int, masks: int) -> int:
    """The least price of lateness of the job itself at a spot; FOREVER when time leaves no room for it there."""
    place, profile = facts.stops[job, PLACE], facts.days[day, PROFILE]
    spots = routes.spots[row]
    there = 0
    if place != NOWHERE:
        there = facts.travel[profile, spots[spot, HERE], place]
        if place != spots[spot, STAY]:
            there += facts.stops[job, SETUP]
    gap = gap_to(facts, profile, place, spots[spot, STOP]) if spot < routes.rows[row, SIZE] else 0
    start = _earliest_start(facts, spots[spot], day, job, there, gap, masks)
    if start == FOREVER:
        return FOREVER
    return max(0, start + facts.stops[job, DURATION] - facts.stops[job, DUE]) * facts.stops[job, LATE_PRICE]


@inlined
def _earliest_start(
    facts: Facts, spot: np.ndarray, day: int, job: int, there: int, gap: int, masks: int
) -> int:
    """When the job may begin between two stops so that the bounds of the next one can hold; else FOREVER."""
    duration = facts.stops[job, DURATION]
    last = FOREVER if facts.stops[job, UNBOUND] else facts.days[day, LIMIT] - duration
    best = FOREVER
    for mask in range(masks):
        if spot[EARLY + mask] == FOREVER:
            continue
        start = opening(facts, job, spot[EARLY + mask] + there)
        if start > last:
            continue
        quick = start + duration + gap <= spot[LATEST_START + mask]
        if quick or start + duration <= _latest_end(facts, spot, day, mask, gap):
            best = min(best, start)
            continue
        for rest in range(mask):
            if rest & mask == rest:
                length, _, _ = _taken(facts, day, mask ^ rest)
                then = opening(facts, job, spot[EARLY + mask] + there + length)
                if then <= last and then + duration <= _latest_end(facts, spot, day, rest, gap):
                    best = min(best, start)
    return best


@compiled
def cost_with(facts: Facts, routes: Routes, room: Scratch, day: int, spot: int, job: int, most: int) -> int:
    """What the day costs with the job at a spot; FOREVER when that is not legal, or more than `most`."""
    row = routes.slot[day]
    spots, labels = routes.spots[row], routes.labels[row]
    size = routes.rows[row, SIZE]
    worked = size > facts.days[day, POSTS_END] - facts.days[day, POST]
    place, stay = spots[spot, HERE], spots[spot, STAY]
    count = advance(facts, room, day, labels[spot], spots[spot, COUNT], place, stay, job, 0)
    place, stay = place_after(facts, job, place), stay_after(facts, job, stay)
    last, side = job, 0
    for n in range(spot, size):
        stop = spots[n, STOP]
        if count == 0 or cheapest(room.labels[side], count) > most:
            return FOREVER
        count = advance(facts, room, day, room.labels[side], count, place, stay, stop, 1 - side)
        side = 1 - side
        place, stay = place_after(facts, stop, place), stay_after(facts, stop, stay)
        last = stop
        if place == spots[n + 1, HERE] and stay == spots[n + 1, STAY] and count == spots[n + 1, COUNT]:
            shift = _shift(room.labels[side], labels[n + 1], count)
            # The price of a day without jobs says nothing of whether it can be worked.
            if shift != FOREVER and routes.rows[row, PRICE] < FOREVER and worked:
                return routes.rows[row, PRICE] + shift
    if count == 0:
        return FOREVER
    return homeward(facts, room, day, room.labels[side], count, place, last)


@inlined
def cheapest(labels: np.ndarray, count: int) -> int:
    """The least cost among labels."""
    least = labels[0, COST]
    for n in range(1, count):
        least = min(least, labels[n, COST])
    return least


@inlined
def _shift(labels: np.ndarray, before: np.ndarray, count: int) -> int:
    """The change of cost when all else is as it was; FOREVER when it is not."""
    if count == 0:
        return FOREVER
    shift = labels[0, COST] - before[0, COST]
    for n in range(count):
        if labels[n, TIME] != before[n, TIME] or labels[n, TODO] != before[n, TODO]:
            return FOREVER
        if labels[n, COST] - before[n, COST] != shift:
            return FOREVER
    return shift


@compiled
def insert(facts: Facts, routes: Routes, room: Scratch, day: int, spot: int, job: int, since: int) -> bool:
    """Puts the job there, on a row whose labels hold up to `since`; whether the day can be worked so."""
    row = routes.slot[day]
    spots = routes.spots[row]
    for n in range(routes.rows[row, SIZE], spot, -1):
        spots[n, STOP] = spots[n - 1, STOP]
    spots[spot, STOP] = job
    routes.rows[row, SIZE] += 1
    routes.where[job] = day
    for part in range(facts.need.shape[1]):
        routes.used[row, part] += facts.need[job, part]
    return retrace(facts, routes, room, day, min(spot, since))


@compiled
def turn(routes: Routes, day: int) -> None:
    """Goes on in the other row of the day, on a copy of its stops; the labels are made by `retrace`."""
    old = routes.slot[day]
    new = old ^ 1
    for n in range(routes.rows[old, SIZE]):
        routes.spots[new, n, STOP] = routes.spots[old, n, STOP]
    routes.rows[new, SIZE] = routes.rows[old, SIZE]
    for part in range(routes.used.shape[1]):
        routes.used[new, part] = routes.used[old, part]
    routes.slot[day] = new
