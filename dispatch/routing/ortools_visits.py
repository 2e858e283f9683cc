"""What one search of OR-Tools is asked, and the nodes that it visits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dispatch.routing.index import Index, JobTiming, index_of
from dispatch.routing.problem import Problem, Window
from dispatch.routing.solution import Route

Sequences = dict[str, tuple[str, ...]]
"""Job ids in order, per technician-day."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search: which part of the problem is free, and from where.

    `allowed[job]` names the technician-days that may do a job, `anchors[job]` is the location a remote job is
    pinned to, `order` lists the jobs of the model, `start` the routes to improve (their technicians make up the
    model), `effort` how many branches to explore.
    """

    problem: Problem
    allowed: Mapping[str, Collection[str]]
    anchors: Mapping[str, int]
    order: tuple[str, ...]
    start: tuple[Route, ...]
    effort: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A node: a job, a duty held by `owner` (an index), or an end of a day (`location` None: anywhere)."""

    location: int | None
    duration: int = 0
    setup: int = 0
    windows: tuple[Window, ...] = ()
    job: str | None = None
    surcharge: int = 0
    owner: int = -1


def visits_of(search: Search, latest: int) -> list[Visit]:
    """The nodes between the ends of the days: jobs that may start by `latest`, and duties at a place."""
    index = index_of(search.problem)
    jobs = [visit for job in search.order for visit in _job(search, index, job, latest)]
    return jobs + [
        Visit(location, end - start, windows=((start, start),), owner=owner)
        for owner, route in enumerate(search.start)
        for start, end, location in index.days[route.technician].posts
    ]


def order_of(visits: list[Visit], owner: int, route: Route) -> list[int]:
    """The nodes of a timed route and of its technician's duties in order of time.

    A promised job has two nodes: the first one when the promise is kept, else the last.
    """
    stops = {stop.job: (stop.start, stop.end, number) for number, stop in enumerate(route.stops)}
    times: dict[int, tuple[int, int, int]] = {}
    nodes: dict[str, int] = {}
    for node, visit in enumerate(visits):
        if visit.owner == owner:
            times[node] = (visit.windows[0][0], visit.windows[0][0] + visit.duration, 0)
        elif visit.job in stops and not _open(visits, nodes.get(visit.job), stops[visit.job][0]):
            nodes[visit.job] = node
    times |= {node: stops[job] for job, node in nodes.items()}
    return sorted(times, key=times.__getitem__)


def _open(visits: list[Visit], node: int | None, start: int) -> bool:
    return node is not None and any(begin <= start <= end for begin, end in visits[node].windows)


def _job(search: Search, index: Index, job_id: str, latest: int) -> list[Visit]:
    """One node, or two when the promised window may be missed for a price."""
    job = index.jobs[job_id]
    place = search.anchors[job_id] if job.location is None else job.location
    windows = _start_windows(job, latest)
    choices = [(windows, 0)]
    if job.promised:
        choices = [(_within(windows, job.promised), 0), (windows, search.problem.costs.promise)]
    return [Visit(place, job.duration, job.setup, spans, job_id, price) for spans, price in choices if spans]


def _start_windows(job: JobTiming, latest: int) -> tuple[Window, ...]:
    """When the job may start, in order and without overlap: windows, release and a locked start."""
    spans = _within(job.windows or ((0, latest),), (job.release or 0, latest))
    if job.fixed is not None:
        spans = _within(spans, (job.fixed, job.fixed))
    return _merged(spans)


def _within(spans: tuple[Window, ...], limits: Window) -> tuple[Window, ...]:
    cut = [(max(begin, limits[0]), min(end, limits[1])) for begin, end in spans]
    return tuple(span for span in cut if span[0] <= span[1])


def _merged(spans: tuple[Window, ...]) -> tuple[Window, ...]:
    merged: list[Window] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return tuple(merged)
