"""Two plans of one problem: what moved, who gains or loses, which promised times change.

The plans are taken at their word, and `check` says whether they are legal. Instants are seconds from the start
of the horizon, lengths are seconds, costs seconds of travel. What hurts first comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dispatch.routing.check import Tally, price, tallies
from dispatch.routing.problem import Job, Problem, ProblemError, Window
from dispatch.routing.solution import Objective, Route

# what is worse for the one who waits: nobody comes, somebody else or on another day, at another time
JOB_KINDS = ("left", "moved", "retimed", "came")
PROMISE_KINDS = ("broken", "missed", "mended", "kept")


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a plan has a job: the technician-day, and when work begins."""

    technician: str
    start: int


@dataclass(frozen=True, slots=True)
class JobChange:
    """A job that has another place, or another start, in the second plan; a plan that leaves it out has None."""

    job: str
    before: Seat | None
    after: Seat | None

    @property
    def kind(self) -> str:
        """One of JOB_KINDS."""
        if self.before is None or self.after is None:
            return "left" if self.after is None else "came"
        return "retimed" if self.before.technician == self.after.technician else "moved"

    @property
    def later(self) -> int:
        """Seconds by which it begins later, negative when it is earlier; 0 where one plan leaves it out."""
        return 0 if self.before is None or self.after is None else self.after.start - self.before.start


@dataclass(frozen=True, slots=True)
class DayChange:
    """A technician-day that comes to something else, and the jobs that come to it or go."""

    technician: str
    before: Tally
    after: Tally
    came: tuple[str, ...]
    gone: tuple[str, ...]

    def more(self, name: str) -> int:
        """By how much jobs, travel, work, lateness or overtime grow; negative when they shrink."""
        return int(getattr(self.after, name)) - int(getattr(self.before, name))


@dataclass(frozen=True, slots=True)
class PromiseChange:
    """The promised window of a job whose start changes; `before` and `after` are starts, None where nobody comes."""

    job: str
    window: Window
    before: int | None
    after: int | None

    @property
    def outside_before(self) -> int | None:
        """Seconds outside the window in the first plan: positive too late, negative too early, None for nobody."""
        return _outside(self.window, self.before)

    @property
    def outside_after(self) -> int | None:
        """The same of the second plan."""
        return _outside(self.window, self.after)

    @property
    def kind(self) -> str:
        """broken: kept by the first plan only; mended: by the second only; missed: by neither; kept: by both."""
        was, is_kept = self.outside_before == 0, self.outside_after == 0
        if was:
            return "kept" if is_kept else "broken"
        return "mended" if is_kept else "missed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second of two plans changes. Plans that say the same leave all three lists empty.

    `before` and `after` are what the plans cost. The costs of `days`, and the penalties of the jobs that came or
    left, add up to their difference part by part.
    """

    jobs: tuple[JobChange, ...]
    days: tuple[DayChange, ...]
    promises: tuple[PromiseChange, ...]
    before: Objective
    after: Objective


def compare(problem: Problem, before: Sequence[Route], after: Sequence[Route]) -> Comparison:
    """What `after` changes of `before`, both routes of this problem; either may leave jobs out.

    Raises ProblemError when a route names a job or a technician that the problem does not have, or when one
    plan has a job or a technician twice.
    """
    jobs = {job.id: job for job in problem.jobs}
    old, new = (_seats(problem, jobs, plan, name) for plan, name in ((before, "before"), (after, "after")))
    changes = [
        JobChange(name, old.get(name), new.get(name)) for name in jobs if old.get(name) != new.get(name)
    ]
    promises = [change for one in changes if (change := _promise(jobs[one.job], one)) is not None]
    days = _days(problem, changes, tallies(problem, before), tallies(problem, after))
    return Comparison(
        jobs=tuple(sorted(changes, key=lambda one: _job_rank(jobs[one.job], one))),
        days=tuple(sorted(days, key=lambda day: (-burden(problem, day), day.technician))),
        promises=tuple(sorted(promises, key=_promise_rank)),
        before=price(problem, before),
        after=price(problem, after),
    )


def burden(problem: Problem, day: DayChange) -> int:
    """What a day asks more of its technician, in seconds: work and travel, lateness, and overtime at its price."""
    return (
        day.more("work")
        + day.more("travel")
        + day.more("lateness")
        + day.more("overtime") * problem.costs.overtime
    )


def _seats(problem: Problem, jobs: Mapping[str, Job], plan: Sequence[Route], name: str) -> dict[str, Seat]:
    stops = [(stop.job, Seat(route.technician, stop.start)) for route in plan for stop in route.stops]
    _known((job for job, _ in stops), jobs.keys(), f"the plan {name}: job")
    _known((route.technician for route in plan), {one.id for one in problem.technicians},
           f"the plan {name}: technician")  # fmt: skip
    return dict(stops)


def _known(named: Iterable[str], known: Iterable[str], where: str) -> None:
    times = Counter(named)
    for unknown in sorted(times.keys() - {*known}):
        raise ProblemError(f"{where} {unknown} is not in the problem")
    for twice in sorted(one for one, count in times.items() if count > 1):
        raise ProblemError(f"{where} {twice} is there {times[twice]} times")


def _days(
    problem: Problem, changes: Iterable[JobChange], before: Mapping[str, Tally], after: Mapping[str, Tally]
) -> list[DayChange]:
    came: dict[str, list[str]] = {technician.id: [] for technician in problem.technicians}
    gone: dict[str, list[str]] = {technician.id: [] for technician in problem.technicians}
    for one in changes:
        if one.kind != "retimed":
            for seat, side in ((one.before, gone), (one.after, came)):
                if seat is not None:
                    side[seat.technician].append(one.job)
    days = (DayChange(name, before[name], after[name], tuple(came[name]), tuple(gone[name])) for name in came)
    return [day for day in days if day.before != day.after or day.came or day.gone]


def _promise(job: Job, change: JobChange) -> PromiseChange | None:
    starts = (seat.start if seat else None for seat in (change.before, change.after))
    found = None if job.promised is None else PromiseChange(job.id, job.promised, *starts)
    return found if found is not None and found.before != found.after else None


def _outside(window: Window, start: int | None) -> int | None:
    if start is None:
        return None
    return min(0, start - window[0]) + max(0, start - window[1])


def _job_rank(job: Job, change: JobChange) -> tuple[int, int, int, str]:
    return JOB_KINDS.index(change.kind), -change.later, -job.penalty, change.job


def _promise_rank(change: PromiseChange) -> tuple[int, bool, int, str]:
    """Those that nobody comes for first, then the farthest outside."""
    outside = change.outside_after
    return PROMISE_KINDS.index(change.kind), outside is not None, -abs(outside or 0), change.job
