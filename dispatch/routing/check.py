"""The independent checker: reads a plan against the text of docs/routing.md, in plain Python.

It shares nothing with the parts that make plans (only the values of `problem` and `solution`), so
that an error there cannot hide here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dispatch.routing.problem import NEVER_WAIVED, Duty, Frozen, Job, Problem, Technician, Window
from dispatch.routing.solution import Objective, Route, Solution, Stop, Violation

# Not a planning rule: the answer does not add up (unknown, missing or doubled job, wrong sums).
PLAN = "plan"

OF_A_DAY = ("travel", "lateness", "overtime", "moves", "preference", "promise")
"""The parts of the objective that belong to some technician-day; what is unserved belongs to none."""


def check(problem: Problem, solution: Solution) -> tuple[Violation, ...]:
    """Every broken rule of a plan; those that a person has waived are marked and do not fail it.

    The rule `plan` stands for an answer that does not add up. An empty tuple, or one with nothing but
    waived violations, is a legal plan.
    """
    found = [*_counts(problem, solution)]
    technicians = {technician.id: technician for technician in problem.technicians}
    jobs = {job.id: job for job in problem.jobs}
    for route in solution.routes:
        known = all(stop.job in jobs for stop in route.stops)
        if route.technician in technicians and route.stops and known:
            found.extend(_Day(problem, technicians[route.technician], route, jobs).violations())
    if not any(violation.rule == PLAN for violation in found):
        found.extend(_sums(price(problem, solution.routes), solution))
    return tuple(found)


def failures(problem: Problem, solution: Solution) -> tuple[Violation, ...]:
    """What `check` finds that nobody has waived: empty for a plan that may be used."""
    return tuple(violation for violation in check(problem, solution) if not violation.waived)


def price(problem: Problem, routes: Sequence[Route]) -> Objective:
    """The objective of these routes, in seconds of travel; jobs on none of them are unserved.

    Every technician-day counts: one with a duty at a place travels there with or without jobs.
    """
    served = {stop.job for route in routes for stop in route.stops}
    unserved = sum(job.penalty for job in problem.jobs if job.id not in served)
    costs = [day.cost for day in tallies(problem, routes).values()]
    return Objective(
        unserved=unserved, **{part: sum(getattr(cost, part) for cost in costs) for part in OF_A_DAY}
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """What one technician-day comes to.

    `jobs` counts; `travel`, `work`, `lateness` (the sum over its jobs, not weighted) and `overtime` are seconds;
    `end` is when the day ends, in seconds from the start of the horizon, None for somebody of whom nothing
    is asked. `cost` is its part of the objective, in seconds of travel; `unserved` is always 0 there.
    """

    jobs: int
    travel: int
    work: int
    lateness: int
    overtime: int
    end: int | None
    cost: Objective


def tallies(problem: Problem, routes: Sequence[Route]) -> dict[str, Tally]:
    """What every technician-day of the problem comes to with these routes, also one without a route.

    Raises KeyError when a route names a job that the problem does not have.
    """
    jobs = {job.id: job for job in problem.jobs}
    by_technician = {route.technician: route for route in routes}
    return {
        technician.id: _Day(
            problem, technician, by_technician.get(technician.id, Route(technician.id)), jobs
        ).tally()
        for technician in problem.technicians
    }


def _counts(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """Every job once, on a route or unassigned; every technician-day at most once."""
    routed = [(stop.job, route.technician) for route in solution.routes for stop in route.stops]
    times = Counter([job for job, _ in routed] + [entry.job for entry in solution.unassigned])
    known = {job.id for job in problem.jobs}
    for job_id in sorted(times.keys() - known):
        yield Violation(PLAN, None, job_id, "the problem has no such job")
    for job_id in sorted(known - times.keys()):
        yield Violation(PLAN, None, job_id, "the job is neither on a route nor unassigned")
    for job_id in sorted(job_id for job_id, count in times.items() if count > 1):
        yield Violation(PLAN, None, job_id, f"the job appears {times[job_id]} times")
    days = Counter(route.technician for route in solution.routes)
    for technician_id, count in sorted(days.items()):
        if technician_id not in {technician.id for technician in problem.technicians}:
            yield Violation(PLAN, technician_id, None, "the problem has no such technician")
        if count > 1:
            yield Violation("overlap", technician_id, None, f"the technician has {count} routes on one day")


def _sums(right: Objective, solution: Solution) -> Iterator[Violation]:
    said = solution.objective
    for name in ("travel", "unserved", "lateness", "overtime", "moves", "preference", "promise"):
        expected, found = getattr(right, name), getattr(said, name)
        if expected != found:
            yield Violation(PLAN, None, None, f"objective.{name} is {found}, it should be {expected}")
    if solution.stated_total not in (None, said.total):
        yield Violation(
            PLAN, None, None, f"objective.total is {solution.stated_total}, its parts make {said.total}"
        )


class _Day:
    """One technician-day of a plan, retraced event by event."""

    def __init__(self, problem: Problem, technician: Technician, route: Route, jobs: dict[str, Job]) -> None:
        self.problem, self.technician, self.route, self.jobs = problem, technician, route, jobs
        self.matrix = problem.matrix(technician)
        self.frozen = _latest(problem.frozen, technician.id)
        self.begin = max(technician.shift[0], self.frozen.free_at) if self.frozen else technician.shift[0]
        self.limit = problem.limit(technician)
        duties = [Duty(max(duty.start, self.begin), duty.end, duty.location) for duty in technician.duties
                  if duty.end > max(duty.start, self.begin)]  # fmt: skip
        self.posts = sorted(
            (duty for duty in duties if duty.location is not None),
            key=lambda duty: (duty.start, duty.end, duty.location),
        )
        self.meetings = [(duty.start, duty.end) for duty in duties if duty.location is None]
        # Without jobs nobody asks when he rests, and what the day costs does not depend on it.
        self.pauses = sorted([*(route.breaks if route.stops else ()), *self.meetings])
        self.found: list[Violation] = []
        self.travelled = self.overtime = 0
        self.end: int | None = None
        self._retrace()

    def violations(self) -> list[Violation]:
        for stop in self.route.stops:
            self._person(self.jobs[stop.job])
            self._times(self.jobs[stop.job], stop)
        self._parts()
        self._visits()
        self._duties()
        self._breaks()
        return self.found

    def tally(self) -> Tally:
        costs, work = self.problem.costs, [(self.jobs[stop.job], stop) for stop in self.route.stops]
        cost = Objective(
            travel=self.travelled * costs.travel,
            lateness=sum(_late(job, stop) * job.lateness_cost for job, stop in work),
            overtime=self.overtime * costs.overtime,
            moves=costs.move * sum(self.moved(job) for job, _ in work),
            preference=-sum(self.liked(job) for job, _ in work),
            promise=sum(_promise(self.problem, job, stop) for job, stop in work),
        )
        return Tally(
            jobs=len(work), travel=self.travelled, work=sum(stop.end - stop.start for _, stop in work),
            lateness=sum(_late(job, stop) for job, stop in work), overtime=self.overtime,
            end=self.end, cost=cost,
        )  # fmt: skip

    def moved(self, job: Job) -> bool:
        if job.current is None:
            return False
        return self.technician.person not in [
            t.person for t in self.problem.technicians if t.id == job.current
        ]

    def liked(self, job: Job) -> int:
        return job.preferred.get(self.technician.person, job.preferred.get(self.technician.id, 0))

    def _retrace(self) -> None:
        """Walks through stops and duties at places in time order, adding up travel on the way."""
        place = self.technician.start
        if self.frozen and self.frozen.location is not None:
            place = self.frozen.location
        free, stay, last = self.begin, None, None
        for event in self._events():
            if isinstance(event, Duty):
                assert event.location is not None
                self._reach_post(event, free, place)
                free, stay = max(event.end, free), stay if stay == event.location else None
                place, last = event.location, None
            else:
                job = last = self.jobs[event.job]
                target = place if job.location is None else job.location
                self._reach_stop(job, event, free, place, target, begins_stay=target != stay)
                place, stay, free = target, stay if job.remote else target, max(free, event.end)
        self._go_home(free, place, last)

    def _events(self) -> list[Stop | Duty]:
        events: list[Stop | Duty] = list(self.route.stops)
        for post in self.posts:
            later = [spot for spot, event in enumerate(events)
                     if (event.end > post.start if isinstance(event, Stop) else event.start > post.start)]  # fmt: skip
            events.insert(later[0] if later else len(events), post)
        return events

    def _reach_post(self, post: Duty, free: int, place: int) -> None:
        seconds = self._trip(None, place, post.location)
        if free > post.start or self._idle(free, post.start) < seconds:
            self._add("duty", None, f"he is free at {free} and needs {seconds} s to be there at {post.start}")

    def _reach_stop(
        self, job: Job, stop: Stop, free: int, place: int, target: int, begins_stay: bool
    ) -> None:
        seconds = self._trip(job, place, target)
        if stop.travel != seconds:
            self._add("travel", job, f"the trip takes {seconds} s, the plan says {stop.travel}")
        if stop.start < free and self.route.stops[0] is not stop:
            self._add("overlap", job, f"starts at {stop.start}, he is busy until {free}")
        elif self._idle(free, stop.arrival) < seconds or stop.arrival < free:
            self._add("travel", job, f"free at {free}, {seconds} s away, cannot arrive at {stop.arrival}")
        setup = job.setup if begins_stay and not job.remote else 0
        if stop.start < stop.arrival or self._longest_idle(stop.arrival, stop.start) < setup:
            self._add(
                "travel", job, f"arrives at {stop.arrival}, needs {setup} s of setup, starts at {stop.start}"
            )

    def _go_home(self, free: int, place: int, last: Job | None) -> None:
        if not self.route.stops and not self.posts:
            return
        seconds = 0 if self.technician.end is None else self._trip(last, place, self.technician.end)
        home = free
        while self._idle(free, home) < seconds:
            home += seconds - self._idle(free, home)
        if last is not None and seconds and home > self.limit:
            self._add(self._late_rule(last), last, f"is home at {home}, the limit is {self.limit}")
        day_end = max([home, *(end for _, end in self.meetings)])
        self.end, self.overtime = day_end, max(0, day_end - self.technician.shift[1])

    def _trip(self, job: Job | None, place: int, target: int | None) -> int:
        seconds = 0 if target is None else int(self.matrix[place][target])
        if seconds < 0:
            self._add("travel", job, f"no way leads from location {place} to location {target}")
            return 0
        self.travelled += seconds
        return seconds

    def _person(self, job: Job) -> None:
        """Everything that depends on who comes, not on when."""
        technician = self.technician
        for skill, level in job.skills.items():
            if technician.skills.get(skill, 0) < level:
                self._add("skill", job, f"needs {skill} at level {level}")
        for rule, needed, held in (
            ("right", job.rights, technician.rights),
            ("clearance", job.clearances, technician.clearances),
            ("tool", job.tools, technician.tools),
        ):
            if needed - held:
                self._add(rule, job, f"lacks {', '.join(sorted(needed - held))}")
        if {technician.person, technician.id} & job.excluded:
            self._add("excluded", job, f"{technician.person} is excluded")
        if job.lock and job.lock.technician not in (None, technician.id):
            self._add("lock", job, f"is locked to {job.lock.technician}")

    def _times(self, job: Job, stop: Stop) -> None:
        if stop.end != stop.start + job.duration:
            self._add("overlap", job, f"lasts {job.duration} s, the plan says {stop.end - stop.start}")
        if not any(begin <= stop.start <= end for begin, end in job.windows or ((0, self.problem.horizon),)):
            self._add("window", job, f"starts at {stop.start}, outside its windows")
        if job.release is not None and stop.start < job.release:
            self._add("release", job, f"starts at {stop.start}, not possible before {job.release}")
        if job.lock and job.lock.start not in (None, stop.start):
            self._add("lock", job, f"starts at {stop.start}, locked at {job.lock.start}")
        if self.frozen and stop.start < self.frozen.free_at:
            self._add("frozen", job, f"starts at {stop.start}, he is free at {self.frozen.free_at}")
        if stop.start < self.technician.shift[0]:
            self._add("shift", job, f"starts at {stop.start}, the shift at {self.technician.shift[0]}")
        if stop.end > self.limit:
            self._add(self._late_rule(job), job, f"ends at {stop.end}, the limit is {self.limit}")
        self._work_is_whole(job, (stop.start, stop.end))

    def _work_is_whole(self, job: Job, work: Window) -> None:
        for rule, intervals in (("duty", self._held()), ("break", self.route.breaks)):
            for interval in intervals:
                if _overlap(work, interval):
                    self._add(rule, job, f"works {list(work)} during the {rule} {list(interval)}")

    def _held(self) -> list[Window]:
        return [*self.meetings, *((post.start, post.end) for post in self.posts)]

    def _parts(self) -> None:
        used: Counter[str] = Counter()
        waiting = sorted(
            (self.jobs[stop.job] for stop in self.route.stops), key=lambda job: "part" in job.waived
        )
        for job in waiting:
            short = [part for part, count in job.parts.items()
                     if count and used[part] + count > self.technician.parts.get(part, 0)]  # fmt: skip
            if short:
                self._add("part", job, f"not enough of {', '.join(sorted(short))} left")
            if "part" not in job.waived:
                used.update(job.parts)

    def _visits(self) -> None:
        """As many visits as he may make, in their order; one that was waived comes on top of those."""
        most = self.technician.max_visits
        visits = [job for stop in self.route.stops if (job := self.jobs[stop.job]).mode == "on_site"]
        if most is None or len(visits) <= most:
            return
        on_top = [job for job in visits if "visits" in job.waived]
        bound = [job for job in visits if "visits" not in job.waived]
        for job in [*bound[most:], *(on_top if len(bound) >= most else ())]:
            self._add("visits", job, f"is one of {len(visits)} visits, he may make {most}")

    def _duties(self) -> None:
        for before, after in pairwise(sorted(self._held())):
            if after[0] < before[1]:
                self._add("duty", None, f"the duties {list(before)} and {list(after)} are at the same time")

    def _breaks(self) -> None:
        due = [b for b in self.technician.breaks if not self.frozen or b.window[1] >= self.begin]
        needed = [(b.duration, (max(b.window[0], self.begin), b.window[1])) for b in due]
        if not _matched(list(self.route.breaks), needed):
            self._add(
                "break", None, f"the breaks {[list(b) for b in self.route.breaks]} are not those of the day"
            )
        for spot, rest in enumerate(self.route.breaks):
            others = [*self.route.breaks[spot + 1 :], *self._held()]
            if rest[1] > self.limit or any(_overlap(rest, other) for other in others):
                self._add(
                    "break", None, f"the break {list(rest)} is not free of duties, breaks and the shift's end"
                )

    def _idle(self, since: int, until: int) -> int:
        return sum(end - start for start, end in self._gaps(since, until))

    def _longest_idle(self, since: int, until: int) -> int:
        return max((end - start for start, end in self._gaps(since, until)), default=0)

    def _gaps(self, since: int, until: int) -> Iterator[Window]:
        for start, end in self.pauses:
            if end > since and start < until:
                if start > since:
                    yield since, start
                since = max(since, end)
        if until > since:
            yield since, until

    def _late_rule(self, job: Job) -> str:
        return "overtime" if self.limit > self.technician.shift[1] or "overtime" in job.waived else "shift"

    def _add(self, rule: str, job: Job | None, detail: str) -> None:
        waived = job is not None and rule in job.waived - NEVER_WAIVED
        self.found.append(Violation(rule, self.technician.id, job.id if job else None, detail, waived))


def _latest(frozen: Iterable[Frozen], technician_id: str) -> Frozen | None:
    return max((f for f in frozen if f.technician == technician_id), key=lambda f: f.free_at, default=None)


def _overlap(one: Window, other: Window) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _matched(rests: list[Window], needed: list[tuple[int, Window]]) -> bool:
    """Whether the rests are the needed breaks, one for one."""
    if not rests or not needed:
        return not rests and not needed
    (start, end), *others = rests
    return any(
        end - start == duration
        and window[0] <= start <= window[1]
        and _matched(others, needed[:n] + needed[n + 1 :])
        for n, (duration, window) in enumerate(needed)
    )


def _late(job: Job, stop: Stop) -> int:
    return 0 if job.due is None else max(0, stop.end - job.due)


def _promise(problem: Problem, job: Job, stop: Stop) -> int:
    if job.promised is None or job.promised[0] <= stop.start <= job.promised[1]:
        return 0
    return problem.costs.promise + max(0, stop.start - job.promised[1])
