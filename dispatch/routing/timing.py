"""Least-cost start times along a fixed order of jobs, with breaks and duties in between.

Labels are pushed forward along the sequence, one per way of having placed the breaks and duties so
far. A label is dropped when another one, at the same place with the same things still to do, is
neither later nor dearer: a technician can always wait, so being early never costs anything that
could not be had anyway. What is left at the end of the day holds start times of least cost, exactly
(a shortest path with resources on a fixed path: Desrochers & Soumis, INFOR 1988).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from dispatch.routing.index import Day, JobTiming, Pause
from dispatch.routing.problem import Costs, Window

# Dearer than any plan, so that a route that cannot be legal breaks as few rules as possible, and
# rather one that somebody can do something about (a window, the end of a shift) than a lunch.
BROKEN = 10**12
WEIGHT = {"break": 3, "duty": 3, "travel": 3, "lock": 3}


class Breach(NamedTuple):
    """A rule of time that is broken, with the numbers to say so."""

    rule: str
    job: str | None
    values: dict[str, Any]


class Label(NamedTuple):
    """One way to stand after the work so far: free at `time`, at `place`, having paid `cost`.

    `stay` is the place of the stay under way, `todo` a bit mask of the pauses and `post` the first of
    the duties at a place still to come. `stop` is (job, travel, arrival, start, end). `unwished` counts the
    starts outside a window that was waived: free, but of two ways that cost the same the other one is taken.
    """

    time: int
    cost: int
    place: int
    stay: int | None
    todo: int
    post: int
    before: Label | None = None
    stop: tuple[str, int, int, int, int] | None = None
    rests: tuple[Window, ...] = ()
    travel: int = 0
    breaches: tuple[Breach, ...] = ()
    unwished: int = 0


class Leg(NamedTuple):
    """One way to get somewhere: when he arrives, when the setup is done, what rests he took."""

    arrival: int
    ready: int
    todo: int
    rests: tuple[Window, ...]


def best_end(costs: Costs, day: Day, jobs: Sequence[JobTiming], tolerant: bool = False) -> Label | None:
    """The cheapest label at the end of the day; None when there is no legal one (unless tolerant)."""
    labels = [first_label(day)]
    for job in jobs:
        labels = step(costs, day, labels, job, tolerant)
        if not labels:
            return None
    return end_of_day(costs, day, labels, jobs[-1] if jobs else None, tolerant)


def first_label(day: Day) -> Label:
    """Free at the start of the shift, or after the work already begun."""
    return Label(day.begin, 0, day.place, None, (1 << len(day.pauses)) - 1, 0)


def step(costs: Costs, day: Day, labels: list[Label], job: JobTiming, tolerant: bool = False) -> list[Label]:
    """The labels after `job`, reached from each of `labels` with or without a duty in between."""
    after: list[Label] = []
    for label in _with_posts(costs, day, labels, tolerant) if day.posts else labels:
        place, stay = (label.place, label.stay) if job.location is None else (job.location, job.location)
        seconds = day.rows[label.place][place]
        lost: tuple[Breach, ...] = ()
        if seconds < 0:
            if not tolerant:
                continue
            seconds, lost = 0, (Breach("travel", job.id, {"from": label.place, "to": place}),)
        for leg in _legs(day, label, seconds, job.setup if stay != label.stay else 0):
            for start, unwished, late in _starts(job, leg.ready, tolerant):
                end = start + job.duration
                breaches = lost + late
                if end > day.limit and not job.overtime_waived:
                    breaches += (past_limit(day, job.id, end),)
                if not tolerant and (breaches or (leg.todo and _missed(day, leg.todo, end))):
                    continue
                cost = label.cost + seconds * costs.travel + _broken_cost(breaches)
                cost += _time_cost(costs, job, start, end)
                stop = (job.id, seconds, leg.arrival, start, end)
                after.append(
                    Label(
                        end,
                        cost,
                        place,
                        stay,
                        leg.todo,
                        label.post,
                        label,
                        stop,
                        leg.rests,
                        seconds,
                        breaches,
                        label.unwished + unwished,
                    )
                )
    return _undominated(after) if len(after) > 1 else after


def end_of_day(costs: Costs, day: Day, labels: list[Label], last: JobTiming | None,
               tolerant: bool = False) -> Label | None:  # fmt: skip
    """The cheapest way home from `labels`, with what is left of breaks and duties; None if illegal."""
    best: Label | None = None
    for label in _with_posts(costs, day, labels, tolerant) if day.posts else labels:
        if label.post < len(day.posts):
            continue
        for way_home in _ways_home(costs, day, label, last, tolerant):
            if best is None or _rank(way_home) < _rank(best):
                best = way_home
    return best


def idle_day(day: Day) -> tuple[int, int]:
    """Seconds of travel and the end of the day of somebody without jobs, who goes to his duties and home.

    Nothing is asked of him: he may be late, and his breaks make no trip longer.
    """
    travel, free, place = 0, day.begin, day.place
    for _, end, at in day.posts:
        travel, free, place = travel + max(0, day.rows[place][at]), max(free, end), at
    if not day.posts:
        return 0, free
    trip = 0 if day.home is None else max(0, day.rows[place][day.home])
    return travel + trip, max(_back(day, free, trip), day.busy_until)


def _back(day: Day, free: int, trip: int) -> int:
    """When a trip ends that waits for every duty held anywhere on the way."""
    for pause in sorted((one for one in day.pauses if one.duty), key=lambda one: one.earliest):
        if pause.earliest - free >= trip:
            break
        if pause.earliest + pause.duration > free:
            trip -= max(0, pause.earliest - free)
            free = pause.earliest + pause.duration
    return free + trip


def _rank(label: Label) -> tuple[int, int, int]:
    return label.cost, label.unwished, label.time


def _time_cost(costs: Costs, job: JobTiming, start: int, end: int) -> int:
    late = 0 if job.due is None or end <= job.due else (end - job.due) * job.lateness_cost
    return late if job.promised is None else late + promise_cost(costs, job.promised, start)


def promise_cost(costs: Costs, promised: Window, start: int) -> int:
    """What a start outside the promised window costs: once, plus every second that it is late."""
    if promised[0] <= start <= promised[1]:
        return 0
    return costs.promise + max(0, start - promised[1])


def _ways_home(
    costs: Costs, day: Day, label: Label, last: JobTiming | None, tolerant: bool
) -> Iterator[Label]:
    used = label.before is not None
    home = day.home if used and day.home is not None else label.place
    seconds = day.rows[label.place][home]
    lost: tuple[Breach, ...] = ()
    if seconds < 0:
        seconds, lost = 0, (Breach("travel", None, {"from": label.place, "to": home}),)
    for leg in _legs_home(day, label, seconds):
        breaches = lost + dropped(day, leg.todo)
        end = max(leg.arrival, day.busy_until)
        bound = label.stop is not None and last is not None and not last.overtime_waived
        if bound and seconds and leg.arrival > day.limit:
            breaches = (*breaches, past_limit(day, None, leg.arrival))
        if breaches and not tolerant:
            continue
        overtime = max(0, end - day.shift_end) if used else 0
        cost = label.cost + seconds * costs.travel + overtime * costs.overtime + _broken_cost(breaches)
        yield Label(
            end, cost, home, None, 0, label.post, label, None, leg.rests, seconds, breaches, label.unwished
        )


def _with_posts(costs: Costs, day: Day, labels: list[Label], tolerant: bool) -> list[Label]:
    reached = list(labels)
    for label in reached:
        if label.post < len(day.posts):
            reached.extend(_held(costs, day, label, tolerant))
    return reached


def _held(costs: Costs, day: Day, label: Label, tolerant: bool) -> Iterator[Label]:
    start, end, at = day.posts[label.post]
    seconds = day.rows[label.place][at]
    if seconds < 0 and not tolerant:
        return
    for leg in _legs(day, label, max(0, seconds), 0):
        breaches: tuple[Breach, ...] = ()
        if leg.ready > start or seconds < 0:
            breaches = (Breach("duty", None, {"from": start, "to": end, "earliest": leg.ready}),)
        free = max(end, label.time)
        if not tolerant and (breaches or _missed(day, leg.todo, free)):
            continue
        cost = label.cost + max(0, seconds) * costs.travel + _broken_cost(breaches)
        stay = at if label.stay == at else None
        yield Label(free, cost, at, stay, leg.todo, label.post + 1, label, None, leg.rests, max(0, seconds), breaches,
                    label.unwished)  # fmt: skip


def _legs(day: Day, label: Label, seconds: int, setup: int) -> Iterable[Leg]:
    arrival = label.time + seconds
    if not label.todo:
        return (Leg(arrival, arrival + setup, 0, ()),)
    return _ways(day, label.time, seconds, setup, label.todo, (), None)


def _legs_home(day: Day, label: Label, seconds: int) -> Iterator[Leg]:
    """Also with pauses that could cut the trip, but wait until he is home: that makes his day shorter."""
    for leg in _legs(day, label, seconds, 0):
        yield leg
        if leg.todo and seconds:
            yield from _ways(day, leg.ready, 0, 0, leg.todo, leg.rests, leg.arrival)


def _ways(day: Day, time: int, seconds: int, setup: int, todo: int, rests: tuple[Window, ...],
          arrival: int | None) -> Iterator[Leg]:  # fmt: skip
    """Every useful way to spread the pauses still `todo` over a trip and the setup after it."""
    there = time + seconds
    yield Leg(there if arrival is None else arrival, there + setup, todo, rests)
    for bit, pause in enumerate(day.pauses):
        if not todo >> bit & 1:
            continue
        for start, setup_left in _pause_starts(day, pause, time, seconds, setup):
            rest = () if pause.duty else ((start, start + pause.duration),)
            arrived = arrival if arrival is not None or start < there else there
            yield from _ways(day, start + pause.duration, max(0, there - start), setup_left,
                             todo & ~(1 << bit), rests + rest, arrived)  # fmt: skip


def _pause_starts(day: Day, pause: Pause, time: int, seconds: int, setup: int) -> list[tuple[int, int]]:
    """When a pause may begin, and the setup left after it: a trip can be cut in two, a setup not."""
    start = max(time, pause.earliest)
    if start > pause.latest or (not pause.duty and start + pause.duration > day.limit):
        return []
    ready = time + seconds + setup
    if start >= ready:
        return [(start, 0)]
    late = ready > pause.latest or (not pause.duty and ready + pause.duration > day.limit)
    after_setup = [(ready, 0)] if setup and start > time + seconds and not late else []
    return [(start, setup), *after_setup]


def _starts(job: JobTiming, ready: int, tolerant: bool) -> list[tuple[int, int, tuple[Breach, ...]]]:
    """The starts worth trying once ready: (start, whether it is outside a waived window, broken rules)."""
    if job.fixed is not None:
        return _fixed_start(job, job.fixed, ready, tolerant)
    start = ready if job.release is None or ready >= job.release else job.release
    opening = first_opening(job.windows, start) if job.windows else start
    if opening is None:
        return [(start, 0, (closed(job, start),))] if tolerant else []
    if job.promised is None and job.windows:
        return [(opening, 0, ())]
    starts = {opening}
    if job.promised is not None:
        starts.add(_in_promise(job, job.promised, opening))
    if not job.windows:
        starts.add(first_opening(job.wished, opening) or opening)
    return [(at, int(not job.windows and not _inside(job.wished, at)), ()) for at in sorted(starts)]


def _fixed_start(
    job: JobTiming, fixed: int, ready: int, tolerant: bool
) -> list[tuple[int, int, tuple[Breach, ...]]]:
    breaches = []
    if ready > fixed:
        breaches.append(Breach("lock", job.id, {"fixed": fixed, "earliest": ready}))
    if job.windows and not _inside(job.windows, fixed):
        breaches.append(
            Breach("window", job.id, {"fixed": fixed, "windows": [list(window) for window in job.windows]})
        )
    if job.release is not None and fixed < job.release:
        breaches.append(Breach("release", job.id, {"fixed": fixed, "release": job.release}))
    return [(max(fixed, ready), 0, tuple(breaches))] if tolerant or not breaches else []


def _in_promise(job: JobTiming, promised: Window, opening: int) -> int:
    later = first_opening(job.windows, promised[0]) if job.windows else promised[0]
    return later if later is not None and opening < later <= promised[1] else opening


def first_opening(windows: Sequence[Window], time: int) -> int | None:
    """The first instant from `time` on that lies in one of the sorted windows, or None."""
    for begin, end in windows:
        if time <= end:
            return max(time, begin)
    return None


def _inside(windows: Sequence[Window], time: int) -> bool:
    return any(begin <= time <= end for begin, end in windows)


def _missed(day: Day, todo: int, time: int) -> bool:
    return any(todo >> bit & 1 and pause.latest < time for bit, pause in enumerate(day.pauses))


def _undominated(labels: list[Label]) -> list[Label]:
    best: dict[tuple[int, int, int, int | None], tuple[int, int]] = {}
    kept = []
    for label in sorted(labels, key=itemgetter(0, 1, -1)):
        key = (label.todo, label.post, label.place, label.stay)
        rank = (label.cost, label.unwished)
        if key not in best or rank < best[key]:
            best[key] = rank
            kept.append(label)
    return kept


def closed(job: JobTiming, start: int) -> Breach:
    return Breach("window", job.id, {"earliest": start, "closes": max(end for _, end in job.windows)})


def _broken_cost(breaches: tuple[Breach, ...]) -> int:
    return sum(WEIGHT.get(breach.rule, 1) * BROKEN for breach in breaches) if breaches else 0


def past_limit(day: Day, job_id: str | None, end: int) -> Breach:
    rule = "overtime" if day.limit > day.shift_end else "shift"
    return Breach(rule, job_id, {"end": end, "limit": day.limit, "over": end - day.limit})


def dropped(day: Day, todo: int) -> tuple[Breach, ...]:
    pauses = [pause for bit, pause in enumerate(day.pauses) if todo >> bit & 1]
    return tuple(
        Breach("duty", None, {"from": pause.earliest, "to": pause.earliest + pause.duration})
        if pause.duty
        else Breach("break", None, {"duration": pause.duration, "from": pause.earliest, "to": pause.latest})
        for pause in pauses
    )
