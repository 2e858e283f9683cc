"""A problem as tables of whole numbers: what the kernels read, and never change.

A *stop* is a job or a post (a duty at a place): stops 0 … n-1 are the jobs of the problem in its order, the
posts follow. A *day* is a technician-day, numbered as in the problem. Times, costs and places are integers;
FOREVER stands for no bound, NOWHERE for no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from dispatch.routing.index import FOREVER, Day, Index, JobTiming, Pause, index_of, leaves_person, preference
from dispatch.routing.problem import Job, Problem, Window
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route
from dispatch.routing.search.tables import travel_of

NOWHERE = -1
MUST = 10**12
"""What leaving out a locked job costs besides its penalty: more than any plan can save."""

NEAR = 100
"""Neighbours kept per job: a string is never longer than ten jobs, and few routes are ruined at once."""

ROUNDING = 2
"""Seconds by which whole numbers may seem to make a way round shorter."""

MOST_TRIED = 100


# Columns of `stops`: one row per job, then per post.
(
    PLACE,
    DURATION,
    SETUP,
    FIRST,
    AFTER,
    DUE,
    LATE_PRICE,
    PROMISE_FROM,
    PROMISE_TO,
    UNBOUND,
    LAST_CLOSE,
    PENALTY,
) = range(12)

# Columns of `days`. Posts of a day are the stops POST … POSTS_END - 1, its pauses PAUSE … PAUSES_END - 1.
BEGIN, BASE, HOME, SHIFT_END, LIMIT, BUSY, PROFILE, IDLE, PAUSE, PAUSES_END, POST, POSTS_END, CROOKED = range(
    13
)

# Columns of `pauses`, and places in `prices`.
LENGTH, EARLIEST, LATEST, OVER = range(4)
TRAVEL, OVERTIME, PROMISE = range(3)


class Facts(NamedTuple):
    """Few tables with many columns: every array handed to a kernel costs time at each call."""

    stops: np.ndarray
    windows: np.ndarray
    days: np.ndarray
    pauses: np.ndarray
    prices: np.ndarray
    need: np.ndarray
    stock: np.ndarray
    allowed: np.ndarray
    standing: np.ndarray
    near: np.ndarray
    travel: np.ndarray


def facts_of(problem: Problem) -> Facts:
    """The arrays of this problem, built at the first call and kept with it."""
    facts: Facts | None = problem.memo.get("facts")
    if facts is None:
        facts = problem.memo["facts"] = _facts(problem)
    return facts


def _facts(problem: Problem) -> Facts:
    index = index_of(problem)
    jobs = [index.jobs[job.id] for job in problem.jobs]
    days = [index.days[technician.id] for technician in problem.technicians]
    windows = [_windows(job) for job in jobs] + [
        [(start, start)] for day in days for start, _, _ in day.posts
    ]
    travel = travel_of(problem)
    need, stock = _stock(problem)
    costs = problem.costs
    return Facts(
        stops=_stops(problem, jobs, days, windows),
        windows=_table([span for own in windows for span in own], 2),
        days=_days(problem, days, travel),
        pauses=_table([_pause(day, pause) for day in days for pause in day.pauses], 4),
        prices=np.array([costs.travel, costs.overtime, costs.promise], dtype=np.int64),
        need=need,
        stock=stock,
        allowed=_allowed(problem),
        standing=_standing(problem, index),
        near=near_of(_places(jobs), travel),
        travel=travel,
    )


def _stops(
    problem: Problem, jobs: Sequence[JobTiming], days: Sequence[Day], windows: Sequence[Sequence[Window]]
) -> np.ndarray:
    penalties = [job.penalty + MUST * (job.lock is not None) for job in problem.jobs]
    rows = [_job(job, penalty) for job, penalty in zip(jobs, penalties, strict=True)]
    rows += [_post(*post) for day in days for post in day.posts]
    stops = _table(rows, PENALTY + 1)
    offsets = _offsets(windows)
    stops[:, FIRST], stops[:, AFTER] = offsets[:-1], offsets[1:]
    stops[:, LAST_CLOSE] = [max((end for _, end in own), default=-FOREVER) for own in windows]
    return stops


def _job(job: JobTiming, penalty: int) -> tuple[int, ...]:
    place = NOWHERE if job.location is None else job.location
    due = FOREVER if job.due is None else job.due
    begin, end = job.promised or (-1, FOREVER)
    return (
        place,
        job.duration,
        job.setup,
        0,
        0,
        due,
        job.lateness_cost,
        begin,
        end,
        job.overtime_waived,
        0,
        penalty,
    )


def _post(start: int, end: int, place: int) -> tuple[int, ...]:
    return place, end - start, 0, 0, 0, FOREVER, 0, -1, FOREVER, 1, 0, 0


def _days(problem: Problem, days: Sequence[Day], travel: np.ndarray) -> np.ndarray:
    profiles = list(problem.travel)
    if "crooked" not in problem.shared:
        problem.shared["crooked"] = [_crooked(matrix) for matrix in travel]
    crooked = problem.shared["crooked"]
    pauses, posts = (
        _offsets([day.pauses for day in days]),
        _offsets([day.posts for day in days]) + len(problem.jobs),
    )
    rows = []
    for number, (day, technician) in enumerate(zip(days, problem.technicians, strict=True)):
        profile = profiles.index(technician.profile) if technician.profile else 0
        idle = time_route(problem, technician, []).objective.total if day.posts else 0
        home = NOWHERE if day.home is None else day.home
        rows.append((day.begin, day.place, home, day.shift_end, day.limit, day.busy_until, profile, idle,
                     *pauses[number : number + 2], *posts[number : number + 2], crooked[profile]))  # fmt: skip
    return _table(rows, CROOKED + 1)


def _pause(day: Day, pause: Pause) -> tuple[int, ...]:
    return pause.duration, pause.earliest, pause.latest, FOREVER if pause.duty else day.limit


def _crooked(matrix: np.ndarray) -> bool:
    """Whether a stop on the way can save time, so that a lower bound must not trust the detour.

    Looked at in full up to a hundred places, else at a sample of a million pairs of trips.
    """
    size = len(matrix)
    if size > MOST_TRIED:
        a, b, c = np.random.default_rng(0).integers(size, size=(3, MOST_TRIED**3))
        return bool((matrix[a, b] + matrix[b, c] + ROUNDING < matrix[a, c]).any() or (matrix < 0).any())
    ways = (matrix[:, :, None] + matrix[None, :, :]).min(axis=1)
    return bool((ways + ROUNDING < matrix).any() or (matrix < 0).any())


def _windows(job: JobTiming) -> list[Window]:
    """When the job may start: its windows from its release on, or the one instant that is locked."""
    release = job.release or 0
    spans = job.windows or ((-FOREVER, FOREVER),)
    if job.fixed is not None:
        inside = any(start <= job.fixed <= end for start, end in spans) and job.fixed >= release
        return [(job.fixed, job.fixed)] if inside else []
    return [(max(start, release), end) for start, end in spans if end >= release]


def _stock(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """What each job uses up and each day has: parts, and visits in the last column; a waived rule uses nothing."""
    names = sorted({name for job in problem.jobs for name in job.parts})
    limited = any(technician.max_visits is not None for technician in problem.technicians)
    need = np.zeros((len(problem.jobs), len(names) + limited), dtype=np.int64)
    stock = np.zeros((len(problem.technicians), len(names) + limited), dtype=np.int64)
    for column, name in enumerate(names):
        stock[:, column] = [technician.parts.get(name, 0) for technician in problem.technicians]
        need[:, column] = [0 if "part" in job.waived else job.parts.get(name, 0) for job in problem.jobs]
    if limited:
        most = [technician.max_visits for technician in problem.technicians]
        stock[:, -1] = [len(problem.jobs) if visits is None else visits for visits in most]
        need[:, -1] = [job.is_counted for job in problem.jobs]
    return need, stock


def _allowed(problem: Problem) -> np.ndarray:
    """Who may do what, looked up once for all jobs that need the same."""
    allowed = np.empty((len(problem.jobs), len(problem.technicians)), dtype=np.bool_)
    known: dict[object, np.ndarray] = {}
    for row, job in enumerate(problem.jobs):
        needs = _needs(job)
        if needs not in known:
            known[needs] = np.array(
                [not broken_rules(problem, one, job) for one in problem.technicians], dtype=np.bool_
            )
        allowed[row] = known[needs]
    return allowed


def _needs(job: Job) -> object:
    """All that the rules of the person look at."""
    levels, parts = tuple(sorted(job.skills.items())), tuple(sorted(job.parts.items()))
    held = job.lock.technician if job.lock else None
    return levels, job.rights, job.clearances, job.tools, parts, job.remote, job.excluded, held, job.waived


def _standing(problem: Problem, index: Index) -> np.ndarray:
    """What a job costs with somebody whenever it is done: the move, less the preference."""
    standing = np.zeros((len(problem.jobs), len(problem.technicians)), dtype=np.int64)
    days = [index.days[technician.id] for technician in problem.technicians]
    for row, job in enumerate(problem.jobs):
        if job.current is not None and problem.costs.move:
            standing[row] += [problem.costs.move * leaves_person(index, job, day) for day in days]
        if job.preferred:
            standing[row] -= [preference(job, day) for day in days]
    return standing


def _places(jobs: Sequence[JobTiming]) -> np.ndarray:
    return np.array([NOWHERE if job.location is None else job.location for job in jobs], dtype=np.int64)


def near_of(places: np.ndarray, travel: np.ndarray) -> np.ndarray:
    """Per job the others, nearest first; a call has no place and stands in everybody's middle."""
    count = len(places)
    kept = min(NEAR, count)
    there = places >= 0
    safe = np.where(there, places, 0)
    quickest = travel.min(axis=0).astype(np.float32)
    noise = np.random.default_rng(0)
    near = np.empty((count, kept), dtype=np.int32)
    for row in range(count):
        away = quickest[safe[row]][safe] + quickest[:, safe[row]][safe]
        if not there[row]:
            away = noise.random(count, dtype=np.float32)
        elif not there.all():
            middle = float(np.median(away[there]))
            away = np.where(there, away, noise.random(count, dtype=np.float32) * 2 * middle)
        away[row] = -1e9
        first = np.argpartition(away, kept - 1)[:kept] if kept < count else np.arange(count)
        near[row] = first[np.argsort(away[first], kind="stable")]
    return near


def _offsets(groups: Iterable[Sequence[object]]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum([len(group) for group in groups], dtype=np.int64)]).astype(np.int64)


def _table(rows: Sequence[Sequence[int]], columns: int) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)
