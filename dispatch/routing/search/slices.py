"""A part of a problem as tables of its own: some days, some jobs, and only the places that they need."""

from __future__ import annotations

import numpy as np

from dispatch.routing.search.facts import BASE, HOME, NOWHERE, PLACE, POST, POSTS_END, Facts, near_of


def part_of(facts: Facts, days: np.ndarray, jobs: np.ndarray) -> Facts:
    """The tables of these days and these jobs, both numbered anew in the order given.

    What a job costs with somebody is as in the whole, also where its present holder is not in the part. The
    windows and pauses are shared with the whole, which nobody ever changes.
    """
    own = facts.days[days]
    posts = posts_of(facts, days)
    stops = facts.stops[np.concatenate([jobs, *posts])]
    ends = len(jobs) + np.cumsum([len(some) for some in posts], dtype=np.int64)
    own[:, POST], own[:, POSTS_END] = ends - [len(some) for some in posts], ends
    places = np.unique(np.concatenate([stops[:, PLACE], own[:, BASE], own[:, HOME]]))
    places = places[places != NOWHERE]
    for table, column in ((stops, PLACE), (own, BASE), (own, HOME)):
        known = table[:, column] != NOWHERE
        table[known, column] = np.searchsorted(places, table[known, column])
    travel = np.ascontiguousarray(facts.travel[:, places[:, None], places])
    both = np.ix_(jobs, days)
    return Facts(
        stops=stops,
        windows=facts.windows,
        days=own,
        pauses=facts.pauses,
        prices=facts.prices,
        need=facts.need[jobs],
        stock=facts.stock[days],
        allowed=np.ascontiguousarray(facts.allowed[both]),
        standing=np.ascontiguousarray(facts.standing[both]),
        near=near_of(stops[: len(jobs), PLACE], travel),
        travel=travel,
    )


def posts_of(facts: Facts, days: np.ndarray) -> list[np.ndarray]:
    """The posts of each of these days; in their part they follow the jobs in this order."""
    return [np.arange(first, after) for first, after in facts.days[days][:, (POST, POSTS_END)]]
