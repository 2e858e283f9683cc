"""Kernels: ruin and recreate with simulated annealing.

Ruin takes strings of stops off a few neighbouring routes; recreate puts the jobs back one by one, each where
it costs least, now and then looking away (a blink): slack induction by string removals, after Christiaens &
Vanden Berghe, *A Fresh Ruin & Recreate Implementation for the Capacitated Vehicle Routing Problem*,
Transportation Science 54 (2020), sections 4 and 5. Ours besides: jobs may stay out at a price, and some of
those that are out are tried again each time; orders of insertion look at that price and at how few may come.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dispatch.routing.index import FOREVER
from dispatch.routing.search.compiled import compiled, inlined
from dispatch.routing.search.facts import LAST_CLOSE, NOWHERE, PENALTY, POST, POSTS_END, TRAVEL, Facts
from dispatch.routing.search.routes import (
    FREE,
    PRICE,
    SIZE,
    STOP,
    Routes,
    cost_with,
    detour,
    insert,
    least_late,
    masks_of,
    may_save,
    retrace,
    turn,
)
from dispatch.routing.search.timing import Scratch

REMOVED = 10.0
"""Jobs taken off on average in one move."""

LONGEST_STRING = 10
SPLIT = 0.5
DEEPER = 0.01
BLINK = 0.01
RETRIED = 12
"""Jobs that are out and tried again in one move."""

SEED_OUT = 0.3
"""How often a move begins around a job that is out."""

ORDERS = 8
"""Ways to sort jobs before they are put back; rows of `keys`, the first one random."""


class Walk(NamedTuple):
    """The state of one search. `tally`: cost now, best cost, touched days, jobs in the pool, jobs out."""

    dice: np.ndarray
    tally: np.ndarray
    keys: np.ndarray
    odds: np.ndarray
    touched: np.ndarray
    is_touched: np.ndarray
    stale: np.ndarray
    pool: np.ndarray
    origin: np.ndarray
    in_pool: np.ndarray
    rank: np.ndarray
    hopes: np.ndarray
    found: np.ndarray
    out: np.ndarray
    out_at: np.ndarray
    best_stops: np.ndarray
    best_length: np.ndarray


NOW, BEST, TOUCHED, POOL, OUT = range(5)


@inlined
def draw(dice: np.ndarray) -> float:
    """A number between 0 and 1, both excluded (Lehmer's generator, Park & Miller's constants of 1993)."""
    dice[0] = dice[0] * 48271 % 2147483647
    return dice[0] / 2147483647.0


@compiled
def total(facts: Facts, routes: Routes) -> int:
    """The price of the routes as they stand, in seconds of travel."""
    cost = 0
    for day in range(len(facts.days)):
        cost += routes.rows[routes.slot[day], PRICE]
    for job in range(len(facts.allowed)):
        day = routes.where[job]
        cost += facts.stops[job, PENALTY] if day == NOWHERE else facts.standing[job, day]
    return cost


@compiled
def begin(facts: Facts, routes: Routes, walk: Walk) -> None:
    """Takes the routes as they stand for the best known."""
    walk.tally[OUT] = 0
    for job in range(len(facts.allowed)):
        if routes.where[job] == NOWHERE:
            _goes_out(walk, job)
    walk.tally[NOW] = total(facts, routes)
    walk.stale[:] = True
    _remember(facts, routes, walk)


@compiled
def anneal(
    facts: Facts, routes: Routes, room: Scratch, walk: Walk, moves: int, hot: float, cold: float
) -> None:
    """So many moves while the temperature falls from `hot` to `cold` (seconds of travel)."""
    heat = hot
    cooling = (cold / hot) ** (1.0 / moves)
    for _ in range(moves):
        _ruin(facts, routes, room, walk)
        _sort(walk)
        recreate(facts, routes, room, walk, BLINK)
        change = _change(facts, routes, walk)
        if change < -heat * math.log(draw(walk.dice)):
            _accept(facts, routes, walk, change)
        else:
            _reject(routes, walk)
        heat *= cooling


@compiled
def construct(facts: Facts, routes: Routes, room: Scratch, walk: Walk) -> None:
    """Puts every job that is out where it costs least, in one of the orders, and keeps the result."""
    for n in range(walk.tally[OUT]):
        _into_pool(walk, walk.out[n], NOWHERE)
    _sort(walk)
    recreate(facts, routes, room, walk, 0.0)
    _accept(facts, routes, walk, _change(facts, routes, walk))


@compiled
def recreate(facts: Facts, routes: Routes, room: Scratch, walk: Walk, blink: float) -> None:
    """Puts the jobs of the pool back in their order, those that pay their way."""
    for n in range(walk.tally[POOL]):
        job = walk.pool[n]
        day, spot = best_spot(facts, routes, room, walk, job, blink)
        if day == NOWHERE:
            continue
        since = FOREVER
        if not walk.is_touched[day]:
            _touch(routes, walk, day)
            since = 0
        insert(facts, routes, room, day, spot, job, since)


@compiled
def best_spot(
    facts: Facts, routes: Routes, room: Scratch, walk: Walk, job: int, blink: float
) -> tuple[int, int]:
    """The day and position where the job costs least, below the price of leaving it out; NOWHERE if there is none.

    The day with the shortest detour is looked at first, so that most others need no look.
    """
    found = walk.found
    found[0], found[1], found[2] = facts.stops[job, PENALTY], NOWHERE, 0
    first = _shortest_detour(facts, routes, walk, job)
    if first == NOWHERE:
        return NOWHERE, 0
    _look(facts, routes, room, walk, first, job, blink)
    for day in range(len(facts.days)):
        if day != first and walk.hopes[day] < found[0]:
            _look(facts, routes, room, walk, day, job, blink)
    return found[1], found[2]


@compiled
def _shortest_detour(facts: Facts, routes: Routes, walk: Walk, job: int) -> int:
    """Notes per day the least that the job can add there; the day with the least of all."""
    best, nearest = FOREVER, NOWHERE
    for day in range(len(facts.days)):
        walk.hopes[day] = FOREVER
        row = routes.slot[day]
        if not facts.allowed[job, day] or not _room(facts, routes, row, day, job):
            continue
        least = FOREVER
        for spot in range(routes.rows[row, SIZE] + 1):
            if routes.spots[row, spot, FREE] > facts.stops[job, LAST_CLOSE]:
                break
            least = min(least, detour(facts, routes, row, day, spot, job))
        if least < FOREVER:
            least = (
                least * facts.prices[TRAVEL] + facts.standing[job, day] - may_save(facts, routes, row, day)
            )
            walk.hopes[day] = least
            if least < best:
                best, nearest = least, day
    return nearest


@compiled
def _look(facts: Facts, routes: Routes, room: Scratch, walk: Walk, day: int, job: int, blink: float) -> None:
    """Notes the best spot of one day when it is better than the one found so far."""
    row = routes.slot[day]
    standing, masks = facts.standing[job, day], masks_of(facts, day)
    price, found = routes.rows[row, PRICE], walk.found
    saved = may_save(facts, routes, row, day)
    for spot in range(routes.rows[row, SIZE] + 1):
        if routes.spots[row, spot, FREE] > facts.stops[job, LAST_CLOSE]:
            break
        seconds = detour(facts, routes, row, day, spot, job)
        least = seconds * facts.prices[TRAVEL] + standing - saved
        if seconds == FOREVER or least >= found[0] or (blink > 0.0 and draw(walk.dice) < blink):
            continue
        least += least_late(facts, routes, row, day, spot, job, masks)
        if least >= found[0]:
            continue
        added = cost_with(facts, routes, room, day, spot, job, price + found[0] - standing) - price + standing
        if added < found[0]:
            found[0], found[1], found[2] = added, day, spot


@inlined
def _room(facts: Facts, routes: Routes, row: int, day: int, job: int) -> bool:
    """Whether the day can be worked as it stands, is not full, and has the parts."""
    if routes.rows[row, PRICE] >= FOREVER or routes.rows[row, SIZE] + 1 >= routes.spots.shape[1]:
        return False
    for part in range(facts.need.shape[1]):
        if facts.need[job, part] and routes.used[row, part] + facts.need[job, part] > facts.stock[day, part]:
            return False
    return True


@compiled
def _ruin(facts: Facts, routes: Routes, room: Scratch, walk: Walk) -> None:
    seed = _seed(facts, walk)
    out = walk.out_at[seed] >= 0  # room is made for it where it may go
    served = len(facts.allowed) - walk.tally[OUT]
    working = 0
    for day in range(len(facts.days)):
        if routes.rows[routes.slot[day], SIZE] > facts.days[day, POSTS_END] - facts.days[day, POST]:
            working += 1
    string = max(1.0, min(float(LONGEST_STRING), served / max(1, working)))
    strings = int(1.0 + draw(walk.dice) * max(1.0, 4.0 * REMOVED / (1.0 + string) - 1.0))
    for n in range(facts.near.shape[1]):
        if strings <= 0:
            break
        job = facts.near[seed, n]
        day = routes.where[job]
        if day != NOWHERE and not walk.is_touched[day] and (not out or facts.allowed[seed, day]):
            _cut(facts, routes, room, walk, day, job, string)
            strings -= 1
    _retry(facts, walk, seed)


@compiled
def _seed(facts: Facts, walk: Walk) -> int:
    if walk.tally[OUT] and draw(walk.dice) < SEED_OUT:
        return walk.out[int(draw(walk.dice) * walk.tally[OUT])]
    return int(draw(walk.dice) * len(facts.allowed))


@compiled
def _cut(facts: Facts, routes: Routes, room: Scratch, walk: Walk, day: int, job: int, string: float) -> None:
    """Takes a string of stops around the job off its day; one in two keeps a piece of its middle."""
    _touch(routes, walk, day)
    row = routes.slot[day]
    length = routes.rows[row, SIZE]
    most = min(float(length), string)
    size = int(1.0 + draw(walk.dice) * most)
    size = min(size, length)
    spared = 0
    if size > 1 and size < length and draw(walk.dice) < SPLIT:
        spared = 1
        while size + spared < length and draw(walk.dice) < DEEPER:
            spared += 1
    span = size + spared
    at = 0
    while routes.spots[row, at, STOP] != job:
        at += 1
    first = max(0, at - span + 1)
    last = min(at, length - span)
    start = first + int(draw(walk.dice) * (last - first + 1))
    gap = start + 1 + int(draw(walk.dice) * (size - 1)) if spared else -1
    kept = 0
    for n in range(length):
        stop = routes.spots[row, n, STOP]
        inside = start <= n < start + span and not (spared and gap <= n < gap + spared)
        if inside and stop < len(facts.allowed):
            _off(facts, routes, walk, row, day, stop)
        else:
            routes.spots[row, kept, STOP] = stop
            kept += 1
    routes.rows[row, SIZE] = kept
    if not retrace(facts, routes, room, day, 0):
        _empty(facts, routes, room, walk, row, day)


@compiled
def _empty(facts: Facts, routes: Routes, room: Scratch, walk: Walk, row: int, day: int) -> None:
    """All jobs off a day that cannot be worked with fewer of them: without metric times that happens."""
    kept = 0
    for n in range(routes.rows[row, SIZE]):
        stop = routes.spots[row, n, STOP]
        if stop < len(facts.allowed):
            _off(facts, routes, walk, row, day, stop)
        else:
            routes.spots[row, kept, STOP] = stop
            kept += 1
    routes.rows[row, SIZE] = kept
    retrace(facts, routes, room, day, 0)


@compiled
def _off(facts: Facts, routes: Routes, walk: Walk, row: int, day: int, job: int) -> None:
    for part in range(facts.need.shape[1]):
        routes.used[row, part] -= facts.need[job, part]
    routes.where[job] = NOWHERE
    _into_pool(walk, job, day)


@compiled
def _retry(facts: Facts, walk: Walk, seed: int) -> None:
    """Some of the jobs that are out join the pool: those around the ruin first, then any."""
    wanted = min(RETRIED, walk.tally[OUT])
    if walk.tally[OUT] > RETRIED:
        for n in range(facts.near.shape[1]):
            job = facts.near[seed, n]
            if wanted > RETRIED // 2 and walk.out_at[job] >= 0:
                _into_pool(walk, job, NOWHERE)
                wanted -= 1
        for _ in range(wanted):
            job = walk.out[int(draw(walk.dice) * walk.tally[OUT])]
            if not walk.in_pool[job]:
                _into_pool(walk, job, NOWHERE)
        return
    for n in range(walk.tally[OUT]):
        _into_pool(walk, walk.out[n], NOWHERE)


@compiled
def _sort(walk: Walk) -> None:
    """Puts the pool into one of the orders, drawn by its odds."""
    pick = draw(walk.dice) * walk.odds[ORDERS - 1]
    order = 0
    while walk.odds[order] < pick:
        order += 1
    count = walk.tally[POOL]
    for n in range(count):
        job = walk.pool[n]
        walk.rank[job] = draw(walk.dice) if order == 0 else walk.keys[order, job]
    for n in range(1, count):
        job, day = walk.pool[n], walk.origin[n]
        spot = n
        while spot > 0 and walk.rank[walk.pool[spot - 1]] > walk.rank[job]:
            walk.pool[spot], walk.origin[spot] = walk.pool[spot - 1], walk.origin[spot - 1]
            spot -= 1
        walk.pool[spot], walk.origin[spot] = job, day


@compiled
def _change(facts: Facts, routes: Routes, walk: Walk) -> int:
    """What the move has added to the cost of the plan."""
    change = 0
    for n in range(walk.tally[TOUCHED]):
        row = routes.slot[walk.touched[n]]
        change += routes.rows[row, PRICE] - routes.rows[row ^ 1, PRICE]
    for n in range(walk.tally[POOL]):
        job = walk.pool[n]
        now, before = routes.where[job], walk.origin[n]
        change += facts.stops[job, PENALTY] if now == NOWHERE else facts.standing[job, now]
        change -= facts.stops[job, PENALTY] if before == NOWHERE else facts.standing[job, before]
    return change


@compiled
def _accept(facts: Facts, routes: Routes, walk: Walk, change: int) -> None:
    for n in range(walk.tally[TOUCHED]):
        walk.stale[walk.touched[n]] = True
    for n in range(walk.tally[POOL]):
        job = walk.pool[n]
        if routes.where[job] == NOWHERE and walk.out_at[job] < 0:
            _goes_out(walk, job)
        elif routes.where[job] != NOWHERE and walk.out_at[job] >= 0:
            _comes_in(walk, job)
    walk.tally[NOW] += change
    _settle(walk)
    if walk.tally[NOW] < walk.tally[BEST]:
        _remember(facts, routes, walk)


@compiled
def _reject(routes: Routes, walk: Walk) -> None:
    for n in range(walk.tally[TOUCHED]):
        routes.slot[walk.touched[n]] ^= 1
    for n in range(walk.tally[POOL]):
        routes.where[walk.pool[n]] = walk.origin[n]
    _settle(walk)


@compiled
def _settle(walk: Walk) -> None:
    for n in range(walk.tally[TOUCHED]):
        walk.is_touched[walk.touched[n]] = False
    for n in range(walk.tally[POOL]):
        walk.in_pool[walk.pool[n]] = False
    walk.tally[TOUCHED] = walk.tally[POOL] = 0


@compiled
def _remember(facts: Facts, routes: Routes, walk: Walk) -> None:
    walk.tally[BEST] = walk.tally[NOW]
    for day in range(len(facts.days)):
        if walk.stale[day]:
            row = routes.slot[day]
            walk.best_length[day] = routes.rows[row, SIZE]
            for n in range(routes.rows[row, SIZE]):
                walk.best_stops[day, n] = routes.spots[row, n, STOP]
            walk.stale[day] = False


@compiled
def _touch(routes: Routes, walk: Walk, day: int) -> None:
    turn(routes, day)
    walk.touched[walk.tally[TOUCHED]] = day
    walk.tally[TOUCHED] += 1
    walk.is_touched[day] = True


@compiled
def _into_pool(walk: Walk, job: int, day: int) -> None:
    walk.pool[walk.tally[POOL]] = job
    walk.origin[walk.tally[POOL]] = day
    walk.tally[POOL] += 1
    walk.in_pool[job] = True


@compiled
def _goes_out(walk: Walk, job: int) -> None:
    walk.out_at[job] = walk.tally[OUT]
    walk.out[walk.tally[OUT]] = job
    walk.tally[OUT] += 1


@compiled
def _comes_in(walk: Walk, job: int) -> None:
    at, last = walk.out_at[job], walk.out[walk.tally[OUT] - 1]
    walk.out[at], walk.out_at[last] = last, at
    walk.out_at[job] = -1
    walk.tally[OUT] -= 1
