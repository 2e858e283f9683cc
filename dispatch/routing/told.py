"""What the exact kernels found broken, in the words of `schedule`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dispatch.routing.index import Day, JobTiming
from dispatch.routing.schedule import sentence
from dispatch.routing.search.exact import (
    ARRIVAL,
    BREACHES,
    HELD,
    JOB,
    KIND,
    NO_WAY,
    OUTSIDE,
    PARENT,
    PAST_LIMIT,
    POSTS,
    READY,
    STANDS,
    START,
    STOP,
    TIME,
    TODO,
    TOO_LATE_FOR_LOCK,
    UNRELEASED,
)
from dispatch.routing.solution import Violation
from dispatch.routing.timing import Breach, closed, dropped, past_limit

Label = Sequence[int]


def violations_of(
    day: Day, story: Sequence[Label], jobs: Callable[[int], JobTiming]
) -> tuple[Violation, ...]:
    """The broken rules of a day in order; `story` are the labels that tell of them, the last one first.

    `jobs` gives the job of a row of the tables.
    """
    return tuple(
        Violation(b.rule, day.id, b.job, sentence(b.rule, b.values), values=b.values)
        for label in reversed(story)
        for b in _breaches(day, label, jobs)
    )


def _breaches(day: Day, label: Label, jobs: Callable[[int], JobTiming]) -> Iterator[Breach]:
    if label[KIND] == STOP:
        yield from _of_stop(day, jobs(label[JOB]), label)
    elif label[KIND] == HELD:
        start, end, _place = day.posts[label[POSTS] - 1]
        yield Breach("duty", None, {"from": start, "to": end, "earliest": label[READY]})
    else:
        yield from _of_return(day, label)


def _of_stop(day: Day, job: JobTiming, label: Label) -> Iterator[Breach]:
    broken = label[BREACHES]
    if broken & NO_WAY:
        yield Breach("travel", job.id, {"from": label[PARENT], "to": label[STANDS]})
    if broken & TOO_LATE_FOR_LOCK:
        yield Breach("lock", job.id, {"fixed": job.fixed, "earliest": label[READY]})
    if broken & OUTSIDE and job.fixed is not None:
        windows = [list(window) for window in job.windows]
        yield Breach("window", job.id, {"fixed": job.fixed, "windows": windows})
    elif broken & OUTSIDE:
        yield closed(job, label[START])
    if broken & UNRELEASED:
        yield Breach("release", job.id, {"fixed": job.fixed, "release": job.release})
    if broken & PAST_LIMIT:
        yield past_limit(day, job.id, label[TIME])


def _of_return(day: Day, label: Label) -> Iterator[Breach]:
    if label[BREACHES] & NO_WAY:
        yield Breach("travel", None, {"from": label[PARENT], "to": day.home})
    yield from dropped(day, label[TODO])
    if label[BREACHES] & PAST_LIMIT:
        yield past_limit(day, None, label[ARRIVAL])
