"""One search of several that make up a solve: over a whole problem, or over a part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dispatch.routing.search.cooling import Span, pulses, temperatures
from dispatch.routing.search.facts import Facts
from dispatch.routing.search.searcher import Search
from dispatch.routing.search.slices import part_of, posts_of


class Part(NamedTuple):
    """Numbers of days, and of the jobs that are on them or may come to them."""

    days: np.ndarray
    jobs: np.ndarray


class Task(NamedTuple):
    """Go on from `orders`, all days of the whole; `part` None searches all of it.

    `heat` is how hot it begins: 1 from as hot as a plan made at random, 0 as cold as it ends.
    """

    orders: Sequence[Sequence[int]]
    part: Part | None
    seed: int
    moves: int
    heat: float = 1.0


class News(NamedTuple):
    """What the task of that number has gained so far, and its days (numbers of the whole) as they are then."""

    task: int
    gain: int
    orders: dict[int, list[int]]
    last: bool


def searched(
    facts: Facts, number: int, task: Task, until: float | None, stop: Callable[[], bool]
) -> Iterator[News]:
    """Ever better news of one task, one at most per look at the clock; the last one says so."""
    search, names = begun(facts, task)
    began = known = search.cost
    hot, cold = temperatures(search.facts, search.out)
    heat = cold * (hot / cold) ** task.heat
    for _ in pulses(search, Span(task.moves, until), (heat, cold), stop):
        if search.cost < known:
            known = search.cost
            yield News(number, began - known, names(search.orders()), last=False)
    yield News(number, began - known, names(search.orders()), last=True)


def begun(
    facts: Facts, task: Task
) -> tuple[Search, Callable[[Sequence[Sequence[int]]], dict[int, list[int]]]]:
    """The search, and what turns its numbers into those of the whole."""
    if task.part is None:
        search = Search(facts, task.seed)
        search.lay(task.orders)
        return search, lambda orders: {day: list(stops) for day, stops in enumerate(orders)}
    days = task.part.days.tolist()
    search = Search(part_of(facts, *task.part), task.seed)
    stops = np.concatenate([task.part.jobs, *posts_of(facts, task.part.days)]).tolist()
    rows = {stop: row for row, stop in enumerate(stops)}
    search.lay([[rows[stop] for stop in task.orders[day]] for day in days])
    return search, lambda orders: {
        day: [stops[row] for row in own] for day, own in zip(days, orders, strict=True)
    }
