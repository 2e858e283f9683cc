"""A plan that stands, kept in tables so that one more job is tried everywhere in a fraction of a millisecond.

Every answer is exact: it is what `schedule.time_route` says of the same sequences. Technician-days are named by
their row, in the order of the problem.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np

from dispatch.routing.index import JobTiming, index_of, job_timing, leaves_person, preference
from dispatch.routing.problem import Break, Job, Location, Problem, Technician, replace
from dispatch.routing.rules import broken_rules
from dispatch.routing.search import standing as kernel
from dispatch.routing.search.exact import FULL, NEVER, TOLERANT, Desk, desk
from dispatch.routing.search.standing import LEGAL, ROUND, SIZE, TOTAL
from dispatch.routing.search.tables import tables_of
from dispatch.routing.solution import Route, Violation, further, sequences
from dispatch.routing.timing import WEIGHT
from dispatch.routing.told import violations_of

WIDE = 16
"""Labels kept per position until more are needed; most days need fewer than five."""

ROOM = 12
"""Jobs by which a day may grow before the tables are made anew."""

Answer = TypeVar("Answer")


@functools.cache
def prepare() -> None:
    """Has the kernels compiled, or loaded when an earlier process has compiled them."""
    crew = tuple(Technician(name, (0, 900), breaks=(Break(60, (0, 900)),)) for name in ("anybody", "nobody"))
    jobs = tuple(Job(f"job {n}", 600, location=0) for n in range(3))
    problem = Problem((Location("anywhere"),), crew, jobs, {"walk": [[0]]})
    standing = Standing(problem, {"anybody": ["job 0"]})
    standing.trials(jobs[1], (0, 1))
    standing.alone(jobs[1], (0,))
    standing.spots(jobs[1], 0)
    standing._tried_at(0, jobs[1], 0)
    standing.broken(0)
    standing.broken_alone(0, jobs[1])
    standing.fits_beside(0, ["job 0"], jobs[1])
    standing.first_room(jobs[1], [(0, 0)])
    standing.runs(jobs[1], (0,), 1)


class Spot(NamedTuple):
    """A position on a day, and what the day costs more with the job there; moves and preferences included."""

    added: int
    position: int


class Trial(NamedTuple):
    """A day with the job at its best position: what changes, when the job would be done, what would be broken.

    Costs in seconds of travel, without moves and preferences.
    """

    position: int
    added: int
    added_travel: int
    arrival: int
    start: int
    broken: tuple[Violation, ...]


def _weight(trial: Trial) -> int:
    return sum(WEIGHT.get(one.rule, 1) for one in trial.broken)


class Standing:
    """The jobs of every technician-day in order. Not for several threads at once."""

    def __init__(self, problem: Problem, orders: Mapping[str, Sequence[str]]) -> None:
        self.problem, self.index = problem, index_of(problem)
        self.crew = problem.technicians
        self.tables = tables_of(problem)
        self.jobs = {job.id: row for row, job in enumerate(problem.jobs)}
        self.rows = {technician.id: row for row, technician in enumerate(self.crew)}
        self.orders = [list(orders.get(technician.id, ())) for technician in self.crew]
        self.versions = [0] * len(self.crew)
        self._thought_of = Job("", 0, "remote")
        self.desk: Desk
        self.stand: kernel.Stand
        self._wide, self._broken = WIDE, dict[int, tuple[Violation, ...]]()
        self._lay_all()

    @classmethod
    def of(cls, problem: Problem, routes: Iterable[Route]) -> Standing:
        """The plan of these routes."""
        return cls(problem, sequences(routes))

    def knowing(self, job: Job) -> Standing:
        """The same plan of a problem that has this job."""
        if self.index.job.get(job.id) is job:
            return self
        others = (one for one in self.problem.jobs if one.id != job.id)
        orders = {one.id: order for one, order in zip(self.crew, self.orders, strict=True)}
        return Standing(replace(self.problem, jobs=(*others, job)), orders)

    def put(self, row: int, order: Sequence[str], known: Sequence[Violation] = ()) -> None:
        """The day with these jobs from now on; `known` is broken there beside what they break, so that no trial tells of it."""
        self.orders[row] = list(order)
        self.versions[row] += 1
        self._broken.pop(row, None)
        if len(order) >= self.stand.order.shape[1]:
            self._lay_all()
        else:
            self._with_room(partial(self._lay, row))
        if known:
            self._broken[row] = (*known, *self.broken(row))

    def day_of(self, job_id: str) -> int | None:
        """The row of the day that the job is on."""
        return next((row for row, order in enumerate(self.orders) if job_id in order), None)

    def may(self, row: int, job: Job, others: Sequence[str] | None = None) -> bool:
        """Whether every rule of the person lets him do the job beside others (his own)."""
        beside = self.orders[row] if others is None else others
        return not broken_rules(self.problem, self.crew[row], job, beside)

    def standing_cost(self, row: int, job: Job) -> int:
        """What the job costs with this person whenever it is done: the move, less the preference."""
        if job.current is None and not job.preferred:
            return 0
        day = self.index.days[self.crew[row].id]
        moved = self.problem.costs.move if leaves_person(self.index, job, day) else 0
        return moved - preference(job, day)

    def best(self, job: Job, rows: Sequence[int]) -> dict[int, Spot]:
        """The cheapest legal position of the job on each of these days that has one."""
        told = self._scan(job, rows, least_bad=False, tell=False)
        return {
            row: Spot(added + self.standing_cost(row, job), spot)
            for row, (fits, spot, added, *_) in zip(rows, told, strict=True)
            if fits
        }

    def trials(self, job: Job, rows: Sequence[int]) -> dict[int, Trial]:
        """Each of these days with the job at its cheapest legal position, else at the least bad one.

        On a day that breaks rules already the least bad position is the one where the fewest more are broken, or
        broken further.
        """
        told = self._scan(job, rows, least_bad=True, tell=True)
        return {row: self._trial(row, job, one) for row, one in zip(rows, told, strict=True)}

    def spots(self, job: Job, row: int) -> list[Spot]:
        """Every legal position of the job on that day; where there is none, those where the least is broken beside what is."""
        if self.stand.sums[row, LEGAL]:
            legal = [spot for spot in self._spots(job, row, tolerant=False) if spot.added < NEVER]
            if legal:
                return legal
        found = [
            (_weight(self._tried_at(row, job, spot.position)), spot)
            for spot in self._spots(job, row, tolerant=True)
        ]
        least = min(weight for weight, _spot in found)
        return [spot for weight, spot in found if weight == least]

    def alone(self, job: Job, rows: Sequence[int]) -> dict[int, bool]:
        """Whether the times of each of these days would let him do the job with nothing else to do."""
        out = np.zeros(len(rows), dtype=np.bool_)
        at, days = self._row(job), np.array(rows, dtype=np.int64)
        self._with_room(lambda: kernel.alone(self.tables, self.desk, at, days, out))
        return dict(zip(rows, out.tolist(), strict=True))

    def fits_beside(self, row: int, others: Sequence[str], job: Job) -> Spot | None:
        """Where the job goes on that day when these others, in this order, are all he has to do."""
        return self._fits(row, row, others, job)

    def fits_with(self, technician: Technician, others: Sequence[str], job: Job) -> Spot | None:
        """As `fits_beside`, with the end of his shift that this technician has."""
        row, limit = self.rows[technician.id], self.problem.limit(technician)
        return self._fits(self.tables.think_of_day(row, technician.shift[1], limit), row, others, job)

    def first_room(self, job: Job, removals: Sequence[tuple[int, int]]) -> int | None:
        """The first removal (day, position) after which the job would pay its way there."""
        if not removals:
            return None
        pairs = np.array(removals, dtype=np.int64)
        enough = np.zeros(len(self.crew), dtype=np.int64)
        for row in set(pairs[:, 0].tolist()):
            enough[row] = job.penalty - self.standing_cost(row, job)
        at = self._row(job)
        found = self._with_room(
            lambda: kernel.first_room(self.tables, self.desk, self.stand, at, pairs, enough)
        )
        return None if found < 0 else int(found)

    def runs(self, job: Job, rows: Sequence[int], longest: int) -> list[tuple[int, int, int, int]]:
        """Every run of at most `longest` jobs that nobody locked whose leaving makes room for the job.

        Each with its day, first position, length, and what that day would cost more than now.
        """
        movable = np.array([one.lock is None for one in self.problem.jobs], dtype=np.bool_)
        at, days = self._row(job), np.array(rows, dtype=np.int64)
        found = np.zeros((longest * sum(map(len, self.orders)) + 1, 4), dtype=np.int64)
        count = self._with_room(
            lambda: kernel.runs(self.tables, self.desk, self.stand, at, days, movable, longest, found)
        )
        price = {row: self.standing_cost(row, job) for row in rows}
        return [(day, *run, added + price[day]) for day, *run, added in found[:count].tolist()]

    def broken(self, row: int) -> tuple[Violation, ...]:
        """The rules of time that the day breaks as it stands."""
        return self._told(row, lambda: kernel.lost_now(self.tables, self.desk, self.stand, row))

    def broken_alone(self, row: int, job: Job) -> tuple[Violation, ...]:
        """Those that it breaks with this job and nothing else."""
        at = self._row(job)
        return self._told(row, lambda: kernel.lost_alone(self.tables, self.desk, row, at))

    def _fits(self, day: int, row: int, others: Sequence[str], job: Job) -> Spot | None:
        self._require(len(others))
        order, at = [self.jobs[other] for other in others], self._row(job)

        def look() -> tuple[int, int]:
            self.desk.order[: len(order)] = order
            found: tuple[int, int] = kernel.beside(self.tables, self.desk, day, len(order), at, -NEVER)
            return found

        added, spot = self._with_room(look)
        return None if added == NEVER else Spot(added + self.standing_cost(row, job), spot)

    def _told(self, row: int, look: Callable[[], int]) -> tuple[Violation, ...]:
        count = self._with_room(look)
        story = self.desk.story[:count].tolist() if count else ()
        return violations_of(self.index.days[self.crew[row].id], story, self._timing) if count else ()

    def _timing(self, at: int) -> JobTiming:
        jobs = self.problem.jobs
        return self.index.jobs[jobs[at].id] if at < len(jobs) else job_timing(self.problem, self._thought_of)

    def _trial(self, row: int, job: Job, told: list[int]) -> Trial:
        """What the kernel told of its choice; it counts broken rules, not how far they are broken."""
        found = self._read(row, job, told)
        return self._kindest(row, job) if found.broken and self._known(row) else found

    def _kindest(self, row: int, job: Job) -> Trial:
        """The position where the least is broken beside what is broken already; the cheapest of several."""
        found = []
        for spot in sorted(self._spots(job, row, tolerant=True)):
            found.append(self._tried_at(row, job, spot.position))
            if not found[-1].broken:
                break
        return min(found, key=_weight)

    def _tried_at(self, row: int, job: Job, position: int) -> Trial:
        at = self._row(job)
        self._with_room(lambda: kernel.tell_of(self.tables, self.desk, self.stand, row, at, position))
        return self._read(row, job, self.stand.told[row].tolist())

    def _read(self, row: int, job: Job, told: list[int]) -> Trial:
        _fits, spot, _added, then, trips, arrival, start, whole = told
        broken: tuple[Violation, ...] = ()
        if not whole:
            known, at = self._known(row), self._row(job)
            after = self._told(
                row, lambda: kernel.lost_with(self.tables, self.desk, self.stand, row, at, spot)
            )
            broken = further(after, known)
        then_before, trips_before = self.stand.sums[row, TOTAL : ROUND + 1].tolist()
        added_travel = (trips - trips_before) * self.problem.costs.travel
        return Trial(spot, then - then_before, added_travel, arrival, start, broken)

    def _known(self, row: int) -> tuple[Violation, ...]:
        """What the day breaks as it stands."""
        if row not in self._broken:
            self._broken[row] = self.broken(row)
        return self._broken[row]

    def _spots(self, job: Job, row: int, tolerant: bool) -> list[Spot]:
        at, size = self._row(job), len(self.orders[row])

        def look() -> list[Spot]:
            stand = self.stand
            price = int(stand.sums[row, kernel.PRICE])
            self.desk.state[TOLERANT] = tolerant
            costs = [kernel.try_at(self.tables, self.desk, row, stand.labels[row], stand.counts[row], stand.order[row],
                                   size, price, at, spot, NEVER) for spot in range(size + 1)]  # fmt: skip
            return [Spot(NEVER if cost == NEVER else cost - price, spot) for spot, cost in enumerate(costs)]

        return self._with_room(look)

    def _scan(self, job: Job, rows: Sequence[int], least_bad: bool, tell: bool) -> list[list[int]]:
        at, days = self._row(job), np.array(rows, dtype=np.int64)
        self._with_room(lambda: kernel.scan(self.tables, self.desk, self.stand, at, days, least_bad, tell))
        told: list[list[int]] = self.stand.told[days].tolist()
        return told

    def _row(self, job: Job) -> int:
        """The row of the job in the tables; one that the problem does not have is written to the last one."""
        if self.index.job.get(job.id) is job:
            return self.jobs[job.id]
        if self._thought_of is not job:
            self._thought_of = job
            self.tables.think_of_job(job_timing(self.problem, job))
        return len(self.problem.jobs)

    def _require(self, jobs: int) -> None:
        """Room for that many jobs on a day that is only thought of, and one more."""
        if jobs + 2 > len(self.desk.order):
            self.desk = desk(2 * jobs, self._wide)

    def _with_room(self, look: Callable[[], Answer]) -> Answer:
        """The answer, found with more room when there was too little."""
        while True:
            self.desk.state[FULL] = 0
            answer = look()
            if not self.desk.state[FULL]:
                return answer
            self._wide *= 2
            self._lay_all()

    def _lay_all(self) -> None:
        positions = max(map(len, self.orders), default=0) + ROOM
        self.desk = desk(positions, self._wide)
        self.stand = kernel.stand(len(self.crew), positions, self._wide)
        for row in range(len(self.crew)):
            self._with_room(partial(self._lay, row))

    def _lay(self, row: int) -> None:
        order = self.orders[row]
        self.stand.order[row, : len(order)] = [self.jobs[job] for job in order]
        self.stand.sums[row, SIZE] = len(order)
        kernel.lay(self.tables, self.desk, self.stand, row)
