"""A problem as tables for the exact kernels: every number that the times of a day depend on, and nothing else.

One row per job and per technician-day in the order of the problem, and one more of each at the end for a job or
a day that is only thought of (`think_of_job`, `think_of_day`). Unlike `facts` they cost little to build: a plan that stands is
asked about long before anything is searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dispatch.routing.index import FOREVER, Day, JobTiming, index_of
from dispatch.routing.problem import Problem
from dispatch.routing.timing import idle_day

NOWHERE = -1
SPARE = 32
"""Windows that the job which is only thought of may have."""

# Columns of `jobs`. Its windows are the lines OPENS … CLOSED - 1; BOUND says whether they bind.
(
    PLACE, DURATION, SETUP, RELEASE, DUE, LATE_PRICE, PROMISED, PROMISE_FROM, PROMISE_TO, LOCKED, FIXED, BOUND,
    OPENS, CLOSED, UNLIMITED,
) = range(15)  # fmt: skip

# Columns of `days`. Its pauses are the lines PAUSE … PAUSES_END - 1, its duties at a place POST … POSTS_END - 1;
# IDLE_PRICE and IDLE_TRIPS are those of a day without jobs.
(
    BEGIN, BASE, HOME, SHIFT_END, LIMIT, BUSY, PROFILE, PAUSE, PAUSES_END, POST, POSTS_END, IDLE_PRICE, IDLE_TRIPS,
) = range(13)  # fmt: skip

# Columns of `pauses` and of `posts`, and places in `prices`.
LENGTH, EARLIEST, LATEST, IS_DUTY = range(4)
SINCE, UNTIL, AT = range(3)
TRAVEL, OVERTIME, PROMISE = range(3)


class Tables(NamedTuple):
    jobs: np.ndarray
    windows: np.ndarray
    days: np.ndarray
    pauses: np.ndarray
    posts: np.ndarray
    travel: np.ndarray
    prices: np.ndarray

    def think_of_job(self, job: JobTiming) -> int:
        """Writes a job that is not in the problem, or is changed, into the last row; which one that is."""
        first = len(self.windows) - SPARE
        spans = job.wished[:SPARE]
        self.windows[first : first + len(spans)] = spans
        self.jobs[-1] = _job(job, first, first + len(spans))
        return len(self.jobs) - 1

    def think_of_day(self, day: int, shift_end: int, limit: int) -> int:
        """Writes that day with another end of its shift into the last row; which one that is."""
        self.days[-1] = self.days[day]
        self.days[-1, SHIFT_END], self.days[-1, LIMIT] = shift_end, limit
        return len(self.days) - 1


def tables_of(problem: Problem) -> Tables:
    """The tables of this problem, built at the first call and kept with it."""
    tables: Tables | None = problem.memo.get("tables")
    if tables is None:
        tables = problem.memo["tables"] = _tables(problem)
    return tables


def _tables(problem: Problem) -> Tables:
    index = index_of(problem)
    jobs = [index.jobs[job.id] for job in problem.jobs]
    days = [index.days[technician.id] for technician in problem.technicians]
    offsets = _offsets([job.wished for job in jobs])
    spans = [span for job in jobs for span in job.wished] + [(0, 0)] * SPARE
    rows = [_job(job, *offsets[n : n + 2]) for n, job in enumerate(jobs)]
    costs = problem.costs
    return Tables(
        jobs=_table([*rows, [0] * (UNLIMITED + 1)], UNLIMITED + 1),
        windows=_table(spans, 2),
        days=_days(problem, days),
        pauses=_table([(p.duration, p.earliest, p.latest, p.duty) for day in days for p in day.pauses], 4),
        posts=_table([post for day in days for post in day.posts], 3),
        travel=travel_of(problem),
        prices=np.array([costs.travel, costs.overtime, costs.promise], dtype=np.int64),
    )


def travel_of(problem: Problem) -> np.ndarray:
    """Seconds [profile][from][to]; handed on to copies of the problem with the same matrices."""
    stacked: np.ndarray | None = problem.shared.get("travel")
    if stacked is None:
        stacked = np.stack([np.asarray(matrix, dtype=np.int32) for matrix in problem.travel.values()])
        problem.shared["travel"] = stacked
    return stacked


def _job(job: JobTiming, first: int, after: int) -> tuple[int, ...]:
    promise_from, promise_to = job.promised or (0, 0)
    return (
        NOWHERE if job.location is None else job.location,
        job.duration,
        job.setup,
        -FOREVER if job.release is None else job.release,
        FOREVER if job.due is None else job.due,
        job.lateness_cost,
        job.promised is not None,
        promise_from,
        promise_to,
        job.fixed is not None,
        job.fixed or 0,
        bool(job.windows),
        first,
        after,
        job.overtime_waived,
    )


def _days(problem: Problem, days: Sequence[Day]) -> np.ndarray:
    profiles = list(problem.travel)
    pauses, posts = _offsets([day.pauses for day in days]), _offsets([day.posts for day in days])
    rows = [
        (day.begin, day.place, NOWHERE if day.home is None else day.home, day.shift_end, day.limit, day.busy_until,
         profiles.index(technician.profile) if technician.profile else 0,
         *pauses[n : n + 2], *posts[n : n + 2], *_idle(problem, day))
        for n, (day, technician) in enumerate(zip(days, problem.technicians, strict=True))
    ]  # fmt: skip
    return _table([*rows, [0] * (IDLE_TRIPS + 1)], IDLE_TRIPS + 1)


def _idle(problem: Problem, day: Day) -> tuple[int, int]:
    """What the day costs without jobs, and its seconds of travel."""
    trips, until = idle_day(day)
    over = max(0, until - day.shift_end) if day.posts else 0
    return trips * problem.costs.travel + over * problem.costs.overtime, trips


def _offsets(groups: Sequence[Sequence[object]]) -> list[int]:
    ends = [0]
    for group in groups:
        ends.append(ends[-1] + len(group))
    return ends


def _table(rows: Sequence[Sequence[int]], columns: int) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)
