"""Kernels: exact times of one technician-day, label for label as in `dispatch.routing.timing`, which explains them.

Unlike the labels of `search.timing` these know duties at a place, waived windows and, when they are *tolerant*,
the price of every broken rule; they carry with them what a screen wants to know of one job (the *marked* one), and
the way back. Nothing is cut off: where there are more labels or ways than there is room, `FULL` is raised and
the caller comes again with more room.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np

from dispatch.routing.search.compiled import compiled
from dispatch.routing.search.tables import (
    AT,
    BASE,
    BEGIN,
    BOUND,
    BUSY,
    CLOSED,
    DUE,
    DURATION,
    EARLIEST,
    FIXED,
    HOME,
    IS_DUTY,
    LATE_PRICE,
    LATEST,
    LENGTH,
    LIMIT,
    LOCKED,
    NOWHERE,
    OPENS,
    OVERTIME,
    PAUSE,
    PAUSES_END,
    PLACE,
    POST,
    POSTS_END,
    PROFILE,
    PROMISE,
    PROMISE_FROM,
    PROMISE_TO,
    PROMISED,
    RELEASE,
    SETUP,
    SHIFT_END,
    SINCE,
    TRAVEL,
    UNLIMITED,
    UNTIL,
    Tables,
)

BROKEN = 10**12
NEVER = 2**61
"""Later than any time and dearer than any number of broken rules."""

# What may be broken on the way to a label, as bits, and how many times BROKEN each of them costs.
NO_WAY, TOO_LATE_FOR_LOCK, OUTSIDE, UNRELEASED, PAST_LIMIT, MISSED_POST = 1, 2, 4, 8, 16, 32
HEAVY, LIGHT = 3, 1

# Columns of a label. TRIPS are all seconds of travel so far, UNWISHED counts starts outside a waived window, PARENT the
# label before; the others say how it was reached.
(
    TIME, COST, STANDS, STAY, TODO, POSTS, TRIPS, UNWISHED, MARK_ARRIVAL, MARK_START, KIND, PARENT, JOB, READY,
    ARRIVAL, START, BREACHES, WAY,
) = range(18)  # fmt: skip
FIRST, STOP, HELD, RETURN = range(4)
READY_AT, LEFT, ARRIVED = range(3)

# Places in `state`: whether room has run out, how many starts were found, whether rules may be broken, and the job
# that is marked. (As arguments constants would have everything compiled once for each of them.)
FULL, STARTS, TOLERANT, MARKED = range(4)
ZERO, NONE = cast(int, np.int64(0)), cast(int, np.int64(-1))
"""Numbers that numba takes for variables: from constants it would compile what they are handed to once more."""


class Desk(NamedTuple):
    """Room to work in, for one thread: ways of one trip, starts of one job, a day's labels by position, those of
    a trial, the end of a day and its story."""

    ways: np.ndarray
    stack: np.ndarray
    starts: np.ndarray
    labels: np.ndarray
    counts: np.ndarray
    order: np.ndarray
    trial: np.ndarray
    end: np.ndarray
    story: np.ndarray
    state: np.ndarray


def desk(positions: int, wide: int) -> Desk:
    """Room for so many jobs on a day and so many labels at each position."""
    return Desk(
        np.zeros((8 * wide, 3), dtype=np.int64),
        np.zeros((8 * wide, 5), dtype=np.int64),
        np.zeros((3, 3), dtype=np.int64),
        np.zeros((positions + 2, wide, WAY + 1), dtype=np.int64),
        np.zeros(positions + 2, dtype=np.int64),
        np.zeros(positions + 2, dtype=np.int64),
        np.zeros((2, wide, WAY + 1), dtype=np.int64),
        np.zeros((1, WAY + 1), dtype=np.int64),
        np.zeros((8 * positions + wide, WAY + 1), dtype=np.int64),
        np.zeros(4, dtype=np.int64),
    )


@compiled
def spread(t: Tables, d: Desk, day: int, time: int, seconds: int, setup: int, todo: int) -> int:
    """Every useful way to spread the pauses `todo` over a trip and the setup after it, as `d.ways`; how many."""
    if not todo:
        d.ways[0, READY_AT], d.ways[0, LEFT], d.ways[0, ARRIVED] = time + seconds + setup, 0, time + seconds
        return 1
    return _spread_on(t, d, day, ZERO, time, seconds, setup, todo, NONE)


@compiled
def _spread_on(t: Tables, d: Desk, day: int, count: int, time: int, seconds: int, setup: int, todo: int,
               arrived_at: int) -> int:  # fmt: skip
    """The same behind the first `count` of `d.ways`, of somebody who has arrived already (-1: who has not)."""
    top = _put(d, ZERO, time, seconds, setup, todo, arrived_at)
    while top > 0:
        top -= 1
        now, trip, left = d.stack[top, 0], d.stack[top, 1], d.stack[top, 2]
        mask, arrived = d.stack[top, 3], d.stack[top, 4]
        there = now + trip
        ready = there + left
        if count == len(d.ways):
            d.state[FULL] = 1
            return count
        d.ways[count, READY_AT], d.ways[count, LEFT] = ready, mask
        d.ways[count, ARRIVED] = there if arrived < 0 else arrived
        count += 1
        first = t.days[day, PAUSE]
        for bit in range(
            t.days[day, PAUSES_END] - first - 1, -1, -1
        ):  # last first: the stack turns them round
            if not mask >> bit & 1:
                continue
            length, latest = t.pauses[first + bit, LENGTH], t.pauses[first + bit, LATEST]
            over = NEVER if t.pauses[first + bit, IS_DUTY] else t.days[day, LIMIT]
            start = max(now, t.pauses[first + bit, EARLIEST])
            if start > latest or start + length > over:
                continue
            rest = mask & ~(1 << bit)
            since = there if arrived < 0 and start >= there else arrived
            if left > 0 and there < start < ready <= latest and ready + length <= over:
                top = _put(d, top, ready + length, ZERO, ZERO, rest, since)
            left_then = left if start < ready else ZERO
            top = _put(d, top, start + length, max(0, there - start), left_then, rest, since)
    return count


@compiled
def _put(d: Desk, top: int, time: int, seconds: int, setup: int, todo: int, arrived: int) -> int:
    if top >= len(d.stack):
        d.state[FULL] = 1
        return top
    d.stack[top, 0], d.stack[top, 1], d.stack[top, 2] = time, seconds, setup
    d.stack[top, 3], d.stack[top, 4] = todo, arrived
    return top + 1


@compiled
def _opening(t: Tables, job: int, time: int) -> int:
    """The first instant from `time` on that lies in a window of the job, or NEVER."""
    for window in range(t.jobs[job, OPENS], t.jobs[job, CLOSED]):
        if time <= t.windows[window, 1]:
            return max(time, t.windows[window, 0])
    return NEVER


@compiled
def _inside(t: Tables, job: int, time: int) -> bool:
    for window in range(t.jobs[job, OPENS], t.jobs[job, CLOSED]):
        if t.windows[window, 0] <= time <= t.windows[window, 1]:
            return True
    return False


@compiled
def _note(d: Desk, start: int, unwished: int, breaches: int) -> None:
    n = d.state[STARTS]
    d.starts[n, 0], d.starts[n, 1], d.starts[n, 2] = start, unwished, breaches
    d.state[STARTS] += 1


@compiled
def _begin_when_locked(t: Tables, d: Desk, job: int, ready: int) -> None:
    fixed = t.jobs[job, FIXED]
    lost = TOO_LATE_FOR_LOCK if ready > fixed else ZERO
    if t.jobs[job, BOUND] and not _inside(t, job, fixed):
        lost |= OUTSIDE
    if fixed < t.jobs[job, RELEASE]:
        lost |= UNRELEASED
    if d.state[TOLERANT] or not lost:
        _note(d, max(fixed, ready), ZERO, lost)


@compiled
def _begin(t: Tables, d: Desk, job: int, ready: int) -> None:
    """The starts worth trying once ready, as `d.starts`: start, whether it is outside a waived window, broken rules."""
    d.state[STARTS] = 0
    bound = t.jobs[job, BOUND]
    if t.jobs[job, LOCKED]:
        _begin_when_locked(t, d, job, ready)
        return
    start = max(ready, t.jobs[job, RELEASE])
    opening = _opening(t, job, start) if bound else start
    if opening == NEVER:
        if d.state[TOLERANT]:
            _note(d, start, ZERO, ZERO + OUTSIDE)
        return
    wished, kept = opening, opening
    if not bound:
        wished = _opening(t, job, opening)
        if wished == NEVER:
            wished = opening
    if t.jobs[job, PROMISED]:
        since = t.jobs[job, PROMISE_FROM]
        later = _opening(t, job, since) if bound else since
        if opening < later <= t.jobs[job, PROMISE_TO]:
            kept = later
    _note(d, opening, ZERO if bound or _inside(t, job, opening) else ZERO + 1, ZERO)
    for at in (min(wished, kept), max(wished, kept)):
        if at != d.starts[d.state[STARTS] - 1, 0]:
            _note(d, at, ZERO if bound or _inside(t, job, at) else ZERO + 1, ZERO)


@compiled
def _missed(t: Tables, day: int, todo: int, time: int) -> bool:
    first = t.days[day, PAUSE]
    for bit in range(t.days[day, PAUSES_END] - first):
        if todo >> bit & 1 and t.pauses[first + bit, LATEST] < time:
            return True
    return False


@compiled
def _fine(breaches: int) -> int:
    """What broken rules cost."""
    if not breaches:
        return 0
    times = 0
    for bit in range(6):
        if breaches >> bit & 1:
            times += HEAVY if (1 << bit) & (NO_WAY | TOO_LATE_FOR_LOCK | MISSED_POST) else LIGHT
    return times * BROKEN


@compiled
def _time_cost(t: Tables, job: int, start: int, end: int) -> int:
    cost = 0
    if end > t.jobs[job, DUE]:
        cost = (end - t.jobs[job, DUE]) * t.jobs[job, LATE_PRICE]
    if t.jobs[job, PROMISED] and not t.jobs[job, PROMISE_FROM] <= start <= t.jobs[job, PROMISE_TO]:
        cost += t.prices[PROMISE] + max(0, start - t.jobs[job, PROMISE_TO])
    return cost


@compiled
def copied(source: np.ndarray, n: int, target: np.ndarray, at: int) -> None:
    """Copies one label; an assignment of rows would take numba seconds to compile at each place."""
    for column in range(WAY + 1):
        target[at, column] = source[n, column]


@compiled
def first_label(t: Tables, labels: np.ndarray, day: int) -> int:
    """Free at the start of the shift, or after the work already begun."""
    for column in range(WAY + 1):
        labels[0, column] = 0
    labels[0, TIME], labels[0, STANDS], labels[0, STAY] = t.days[day, BEGIN], t.days[day, BASE], NOWHERE
    labels[0, TODO] = (1 << (t.days[day, PAUSES_END] - t.days[day, PAUSE])) - 1
    return 1


@compiled
def _keep(d: Desk, labels: np.ndarray, count: int) -> int:
    """Sorts the label in `d.end` in among the others unless one of them is as good; drops those that it beats."""
    time = d.end[0, TIME]
    for n in range(count):
        if labels[n, TIME] > time:
            break
        if not _dearer(labels, n, d.end, ZERO) and _alike(labels, n, d.end, ZERO):
            return count
    spot = count
    while spot > 0 and (
        labels[spot - 1, TIME] > time
        or (labels[spot - 1, TIME] == time and _dearer(labels, spot - 1, d.end, ZERO))
    ):
        spot -= 1
    kept = spot
    for n in range(spot, count):
        if _dearer(d.end, ZERO, labels, n) or not _alike(labels, n, d.end, ZERO):
            if kept < n:
                copied(labels, n, labels, kept)
            kept += 1
    if kept == len(labels):
        d.state[FULL] = 1
        return kept
    for n in range(kept, spot, -1):
        copied(labels, n - 1, labels, n)
    copied(d.end, ZERO, labels, spot)
    return kept + 1


@compiled
def _alike(labels: np.ndarray, n: int, others: np.ndarray, m: int) -> bool:
    """Whether both stand at one place with the same still to do."""
    if labels[n, TODO] != others[m, TODO] or labels[n, POSTS] != others[m, POSTS]:
        return False
    return labels[n, STANDS] == others[m, STANDS] and labels[n, STAY] == others[m, STAY]


@compiled
def _dearer(labels: np.ndarray, n: int, others: np.ndarray, m: int) -> bool:
    """Whether the one costs more than the other, or the same and has more starts that nobody wished."""
    if labels[n, COST] != others[m, COST]:
        return labels[n, COST] > others[m, COST]
    return labels[n, UNWISHED] > others[m, UNWISHED]


@compiled
def with_posts(t: Tables, d: Desk, day: int, labels: np.ndarray, count: int) -> int:
    """Adds behind the labels those after a duty at a place that comes next; how many there are then."""
    posts = t.days[day, POSTS_END] - t.days[day, POST]
    if not posts:
        return count
    n = ZERO
    while n < count:
        if labels[n, POSTS] < posts:
            count = _hold(t, d, day, labels, n, count)
        n += 1
    return count


@compiled
def _hold(t: Tables, d: Desk, day: int, labels: np.ndarray, n: int, count: int) -> int:
    post = t.days[day, POST] + labels[n, POSTS]
    start, end, at = t.posts[post, SINCE], t.posts[post, UNTIL], t.posts[post, AT]
    seconds = t.travel[t.days[day, PROFILE], labels[n, STANDS], at]
    lost = ZERO
    if seconds < 0:
        if not d.state[TOLERANT]:
            return count
        seconds, lost = ZERO, ZERO + MISSED_POST
    free = max(end, labels[n, TIME])
    for way in range(spread(t, d, day, labels[n, TIME], seconds, ZERO, labels[n, TODO])):
        todo, ready = d.ways[way, LEFT], d.ways[way, READY_AT]
        breaches = MISSED_POST if ready > start else lost
        if not d.state[TOLERANT] and (breaches or (todo and _missed(t, day, todo, free))):
            continue
        if count == len(labels):
            d.state[FULL] = 1
            return count
        copied(labels, n, labels, count)
        labels[count, TIME], labels[count, STANDS] = free, at
        labels[count, COST] += seconds * t.prices[TRAVEL] + _fine(breaches)
        labels[count, STAY] = at if labels[n, STAY] == at else NOWHERE
        labels[count, TODO], labels[count, POSTS] = todo, labels[n, POSTS] + 1
        labels[count, TRIPS] += seconds
        _reached(labels, count, ZERO + HELD, n, post, ready, d.ways[way, ARRIVED], start, breaches, way)
        count += 1
    return count


@compiled
def _reached(
    labels: np.ndarray, at: int, kind: int, parent: int, job: int, ready: int, arrival: int, start: int, breaches: int, way: int
) -> None:  # fmt: skip
    labels[at, KIND], labels[at, PARENT], labels[at, JOB], labels[at, READY] = kind, parent, job, ready
    labels[at, ARRIVAL], labels[at, START], labels[at, BREACHES], labels[at, WAY] = (
        arrival,
        start,
        breaches,
        way,
    )


@compiled
def step(t: Tables, d: Desk, day: int, labels: np.ndarray, count: int, job: int, into: np.ndarray) -> int:
    """The labels after a job, written to `into`, reached from `count` labels with or without a duty in between."""
    added = ZERO
    total = with_posts(t, d, day, labels, count)
    remote = t.jobs[job, PLACE] == NOWHERE
    for n in range(total):
        place = labels[n, STANDS] if remote else t.jobs[job, PLACE]
        stay = labels[n, STAY] if remote else place
        seconds = t.travel[t.days[day, PROFILE], labels[n, STANDS], place]
        lost = ZERO
        if seconds < 0:
            if not d.state[TOLERANT]:
                continue
            seconds, lost = ZERO, ZERO + NO_WAY
        setup = t.jobs[job, SETUP] if stay != labels[n, STAY] else ZERO
        for way in range(spread(t, d, day, labels[n, TIME], seconds, setup, labels[n, TODO])):
            todo = d.ways[way, LEFT]
            _begin(t, d, job, d.ways[way, READY_AT])
            for choice in range(d.state[STARTS]):
                start, breaches = d.starts[choice, 0], lost | d.starts[choice, 2]
                end = start + t.jobs[job, DURATION]
                if end > t.days[day, LIMIT] and not t.jobs[job, UNLIMITED]:
                    breaches |= PAST_LIMIT
                if not d.state[TOLERANT] and (breaches or (todo and _missed(t, day, todo, end))):
                    continue
                new = d.end
                copied(labels, n, new, ZERO)
                new[0, TIME], new[0, STANDS], new[0, STAY], new[0, TODO] = end, place, stay, todo
                new[0, COST] += seconds * t.prices[TRAVEL] + _fine(breaches)
                new[0, COST] += _time_cost(t, job, start, end)
                new[0, TRIPS] += seconds
                new[0, UNWISHED] += d.starts[choice, 1]
                if job == d.state[MARKED]:
                    new[0, MARK_ARRIVAL], new[0, MARK_START] = d.ways[way, ARRIVED], start
                _reached(
                    new,
                    ZERO,
                    ZERO + STOP,
                    n,
                    job,
                    d.ways[way, READY_AT],
                    d.ways[way, ARRIVED],
                    start,
                    breaches,
                    way,
                )
                added = _keep(d, into, added)
    return added


@compiled
def end_of_day(t: Tables, d: Desk, day: int, labels: np.ndarray, count: int, last: int) -> int:
    """The cost of the cheapest way home, whose label is then `d.end`; NEVER when there is no legal one.

    `last` is the job before it, NOWHERE without any. A pause may also wait until he is home.
    """
    d.end[0, COST] = NEVER
    total = with_posts(t, d, day, labels, count)
    posts = t.days[day, POSTS_END] - t.days[day, POST]
    for n in range(total):
        if labels[n, POSTS] < posts:
            continue
        _used, seconds, _lost = _homeward(t, day, labels, n)
        ways = spread(t, d, day, labels[n, TIME], seconds, ZERO, labels[n, TODO])
        for way in range(ways):
            _arrive(t, d, day, labels, n, way, last)
            todo, ready = d.ways[way, LEFT], d.ways[way, READY_AT]
            if todo and seconds:
                rested = _spread_on(t, d, day, ways, ready, ZERO, ZERO, todo, d.ways[way, ARRIVED])
                for later in range(ways, rested):
                    _arrive(t, d, day, labels, n, later, last)
    return d.end[0, COST]


@compiled
def _arrive(t: Tables, d: Desk, day: int, labels: np.ndarray, n: int, way: int, last: int) -> None:
    """Writes the label of that way home to `d.end` when it is better than the one there."""
    used, seconds, lost = _homeward(t, day, labels, n)
    arrival, todo = d.ways[way, ARRIVED], d.ways[way, LEFT]
    late = labels[n, KIND] == STOP and not t.jobs[last, UNLIMITED] and seconds > 0
    breaches = lost | (PAST_LIMIT if late and arrival > t.days[day, LIMIT] else ZERO)
    if (breaches or todo) and not d.state[TOLERANT]:
        return
    time = max(arrival, t.days[day, BUSY])
    cost = labels[n, COST] + seconds * t.prices[TRAVEL] + _fine(breaches) + _bits(todo) * HEAVY * BROKEN
    if used:
        cost += max(0, time - t.days[day, SHIFT_END]) * t.prices[OVERTIME]
    known, unwished = d.end[0, COST], labels[n, UNWISHED]
    if cost > known or (cost == known and unwished > d.end[0, UNWISHED]):
        return
    if cost == known and unwished == d.end[0, UNWISHED] and time >= d.end[0, TIME]:
        return
    copied(labels, n, d.end, ZERO)
    d.end[0, TIME], d.end[0, COST], d.end[0, TODO] = time, cost, todo
    d.end[0, TRIPS] += seconds
    _reached(d.end, ZERO, ZERO + RETURN, n, last, d.ways[way, READY_AT], arrival, time, breaches, way)


@compiled
def _homeward(t: Tables, day: int, labels: np.ndarray, n: int) -> tuple[bool, int, int]:
    """Whether the day was worked at all, the seconds of the way home, and whether there is none."""
    used = labels[n, KIND] != FIRST
    home = t.days[day, HOME]
    if not used or home == NOWHERE:
        home = labels[n, STANDS]
    seconds = t.travel[t.days[day, PROFILE], labels[n, STANDS], home]
    if seconds < 0:
        return used, ZERO, ZERO + NO_WAY
    return used, seconds, ZERO


@compiled
def _bits(mask: int) -> int:
    count = 0
    while mask:
        count += mask & 1
        mask >>= 1
    return count


@compiled
def run_through(t: Tables, d: Desk, day: int, size: int, tolerant: int) -> int:
    """The cost of the day with the first `size` jobs of `d.order`, its last label in `d.end`; NEVER if illegal."""
    d.state[TOLERANT] = tolerant
    d.counts[0] = first_label(t, d.labels[0], day)
    last = ZERO + NOWHERE
    for n in range(size):
        last = d.order[n]
        d.counts[n + 1] = step(t, d, day, d.labels[n], d.counts[n], last, d.labels[n + 1])
        if d.counts[n + 1] == 0:
            return NEVER
    return end_of_day(t, d, day, d.labels[size], d.counts[size], last)


@compiled
def settled(t: Tables, d: Desk, day: int, size: int) -> int:
    """As `run_through`: legal where that is possible, else with as few broken rules as possible."""
    cost = run_through(t, d, day, size, ZERO)
    return run_through(t, d, day, size, ZERO + 1) if cost == NEVER else cost


@compiled
def story(d: Desk, size: int) -> int:
    """What was broken on the way to `d.end`, as labels, the last one first; how many there are.

    Their PARENT is the place from which they were reached.
    """
    position, told = size, ZERO
    copied(d.end, ZERO, d.story, told)
    while d.story[told, KIND] != FIRST:
        kind, parent = d.story[told, KIND], d.story[told, PARENT]
        position -= kind == STOP
        worth_telling = d.story[told, BREACHES] or (kind == RETURN and d.story[told, TODO])
        d.story[told, PARENT] = d.labels[position, parent, STANDS]
        told += 1 if worth_telling else 0
        copied(d.labels[position], parent, d.story, told)
    return told
