"""What a problem says, in the shape that timing needs: built once per problem and kept in its memo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dispatch.routing.problem import NEVER_WAIVED, Frozen, Job, Problem, Technician, Window

FOREVER = 10**15


@dataclass(slots=True)
class JobTiming:
    """The numbers of one job. `location` is None for a remote one; waived rules no longer bind."""

    id: str
    location: int | None
    duration: int
    setup: int
    release: int | None
    windows: tuple[Window, ...]
    due: int | None
    lateness_cost: int
    promised: Window | None
    fixed: int | None
    wished: tuple[Window, ...]
    overtime_waived: bool


@dataclass(slots=True)
class Pause:
    """Something that stops trips: a break, or a duty that may be held anywhere (`duty`)."""

    duration: int
    earliest: int
    latest: int
    duty: bool


@dataclass(slots=True)
class Day:
    """One technician-day from the moment he is free: `posts` are duties (from, to, location)."""

    id: str
    begin: int
    place: int
    home: int | None
    shift_end: int
    limit: int
    pauses: tuple[Pause, ...]
    posts: tuple[tuple[int, int, int], ...]
    busy_until: int
    rows: list[list[int]]
    person: str


@dataclass(slots=True)
class Index:
    jobs: dict[str, JobTiming]
    days: dict[str, Day]
    job: dict[str, Job]
    technician: dict[str, Technician]


def index_of(problem: Problem) -> Index:
    """The index of this problem, built at the first call."""
    index: Index | None = problem.memo.get("index")
    if index is None:
        index = problem.memo["index"] = _build(problem)
    return index


def frozen_of(problem: Problem, technician_id: str) -> Frozen | None:
    """The last work already begun by that technician, or None."""
    entries = [entry for entry in problem.frozen if entry.technician == technician_id]
    return max(entries, key=lambda entry: entry.free_at, default=None)


def leaves_person(index: Index, job: Job, day: Day) -> bool:
    """Whether the job has somebody now and he is somebody else (an unknown day is somebody else)."""
    if job.current is None:
        return False
    current = index.days.get(job.current)
    return current is None or current.person != day.person


def preference(job: Job, day: Day) -> int:
    """Seconds saved when this person does the job; a person or one of his days may be named."""
    return job.preferred.get(day.person, job.preferred.get(day.id, 0))


def _build(problem: Problem) -> Index:
    rows = _rows(problem)
    first = next(iter(rows))
    return Index(
        jobs={job.id: job_timing(problem, job) for job in problem.jobs},
        days={t.id: _day(problem, t, rows[t.profile or first]) for t in problem.technicians},
        job={job.id: job for job in problem.jobs},
        technician={technician.id: technician for technician in problem.technicians},
    )


def _rows(problem: Problem) -> dict[str, Any]:
    rows: dict[str, Any] | None = problem.shared.get("rows")
    if rows is None:
        rows = problem.shared["rows"] = {
            profile: _plain(matrix) for profile, matrix in problem.travel.items()
        }
    return rows


def _plain(matrix: Any) -> Any:
    """Rows that are quick to read one by one, which those of an array are not."""
    return matrix.tolist() if hasattr(matrix, "tolist") else matrix


def job_timing(problem: Problem, job: Job) -> JobTiming:
    """The numbers of a job, also of one that the problem does not have."""
    waived = job.waived - NEVER_WAIVED
    # Without windows only the end of somebody's day bounds the start, and that is what should be told.
    whole = (0, problem.horizon if "overtime" in waived else FOREVER)
    windows = tuple(sorted(job.windows)) or (whole,)
    return JobTiming(
        id=job.id,
        location=job.location,
        duration=job.duration,
        setup=0 if job.remote else job.setup,
        release=None if "release" in waived else job.release,
        windows=() if "window" in waived else windows,
        due=job.due,
        lateness_cost=job.lateness_cost,
        promised=job.promised,
        fixed=job.lock.start if job.lock else None,
        wished=windows,
        overtime_waived="overtime" in waived,
    )


def _day(problem: Problem, technician: Technician, rows: list[list[int]]) -> Day:
    frozen = frozen_of(problem, technician.id)
    begin, place = technician.shift[0], technician.start
    if frozen is not None:
        begin = max(begin, frozen.free_at)
        place = technician.start if frozen.location is None else frozen.location
    breaks = [Pause(b.duration, max(b.window[0], begin), b.window[1], False) for b in technician.breaks
              if frozen is None or b.window[1] >= begin]  # fmt: skip
    duties = [
        (max(d.start, begin), d.end, d.location) for d in technician.duties if d.end > max(d.start, begin)
    ]
    anywhere = [Pause(end - start, start, start, True) for start, end, location in duties if location is None]
    return Day(
        id=technician.id,
        begin=begin,
        place=place,
        home=technician.end,
        shift_end=technician.shift[1],
        limit=problem.limit(technician),
        pauses=tuple(sorted(breaks + anywhere, key=lambda pause: (pause.latest, pause.earliest))),
        posts=tuple(sorted((start, end, at) for start, end, at in duties if at is not None)),
        busy_until=max((end for _, end, at in duties if at is None), default=begin),
        rows=rows,
        person=technician.person,
    )
