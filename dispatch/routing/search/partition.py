"""Divides a large problem into parts that are searched one by one: technician-days that lie close together.

A day stands where its stops are in the plan at hand, in seconds from some landmarks; where it starts when it has
none. Days are halved again and again, each time across a line drawn from one of them, picked at random, to the one
farthest from it. So the borders lie elsewhere each time.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from dispatch.routing.search.facts import BASE, BEGIN, LAST_CLOSE, NOWHERE, PLACE, Facts
from dispatch.routing.search.tasks import Part

LANDMARKS = 8
"""Places from which all others are measured."""

FAR = 86_400
"""Seconds that stand for a trip that is not possible."""


class Map:
    """Where everything lies: a vector of seconds per place."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.places = _surveyed(facts)
        stops = facts.stops[:, PLACE]
        self.stops = self.places[np.maximum(stops, 0)]
        self.remote = stops == NOWHERE

    def days(self, orders: Sequence[Sequence[int]]) -> np.ndarray:
        """Per day the middle of its stops."""
        found = self.places[self.facts.days[:, BASE]]
        for day, stops in enumerate(orders):
            seen = [stop for stop in stops if not self.remote[stop]]
            if seen:
                found[day] = self.stops[seen].mean(axis=0)
        return found


def divided(
    area: Map, orders: Sequence[Sequence[int]], parts: int, dice: random.Random, by_time: bool
) -> list[Part]:
    """So many parts with all days, all jobs on them, and each other job where somebody near may do it.

    `by_time` tells days apart by when they begin before it looks at places. What nobody may do is in no part.
    """
    where = area.days(orders)
    begin = area.facts.days[:, BEGIN]
    features = np.column_stack([where, begin if by_time else np.zeros_like(begin)]).astype(np.float64)
    groups = _halved(features, np.arange(len(features)), parts, dice)
    member = np.empty(len(features), dtype=np.int64)
    for number, days in enumerate(groups):
        member[days] = number
    home = np.full(len(area.facts.stops), NOWHERE, dtype=np.int64)
    for day, stops in enumerate(orders):
        home[list(stops)] = member[day]
    home = home[: len(area.facts.allowed)]
    for job in np.flatnonzero(home == NOWHERE):
        home[job] = _nearest(area, where, member, int(job), dice)
    order = np.argsort(home, kind="stable")
    bounds = np.searchsorted(home[order], np.arange(parts + 1))
    return [Part(np.sort(days), order[bounds[n] : bounds[n + 1]]) for n, days in enumerate(groups)]


def _halved(features: np.ndarray, days: np.ndarray, parts: int, dice: random.Random) -> list[np.ndarray]:
    if parts == 1:
        return [days]
    own = features[days]
    start = own[dice.randrange(len(days))]
    end = own[np.argmax(((own - start) ** 2).sum(axis=1))]
    along = own @ (end - start)
    blur = np.array([dice.random() for _ in days])  # all in one place: any half will do
    order = np.lexsort((blur, along))
    left = parts // 2
    cut = round(len(days) * left / parts)
    return _halved(features, days[order[:cut]], left, dice) + _halved(
        features, days[order[cut:]], parts - left, dice
    )


def _nearest(area: Map, where: np.ndarray, member: np.ndarray, job: int, dice: random.Random) -> int:
    """The part of the nearest day that may do the job and is open then; any such day for a call."""
    facts = area.facts
    stop = facts.stops[job]
    may = facts.allowed[job] & (facts.days[:, BEGIN] <= stop[LAST_CLOSE])
    days = np.flatnonzero(may)
    if not len(days):
        return NOWHERE
    if area.remote[job]:
        return int(member[days[dice.randrange(len(days))]])
    away = ((where[days] - area.stops[job]) ** 2).sum(axis=1)
    return int(member[days[np.argmin(away)]])


def _surveyed(facts: Facts) -> np.ndarray:
    """Per place its seconds from the landmarks, each the place farthest from those before it."""
    quickest = facts.travel.min(axis=0)
    quickest = np.where(quickest < 0, FAR, quickest)
    row = quickest[facts.days[0, BASE]]
    least, rows = row, [row]
    while len(rows) < LANDMARKS:
        row = quickest[np.argmax(least)]
        rows.append(row)
        least = np.minimum(least, row)
    return np.array(rows).T.astype(np.float64)
