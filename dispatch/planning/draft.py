"""A problem built from the tables, with the way back from the solver's names to rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.planning.horizon import Horizon
from dispatch.routing import problem as routing
from dispatch.routing.problem import Problem
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Route


@dataclass(frozen=True, slots=True)
class Slot:
    """A technician-day: who and when."""

    technician: Technician
    day: date


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody or something that no run would consider, and why; shown before each run.

    `days` are those on which that is so, where it differs from day to day; without any it is so on all.
    """

    what: str
    id: int
    name: str
    reason: str
    client_id: int | None = None
    days: tuple[date, ...] = ()

    def to_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("what", "id", "name", "reason", "client_id")}
        return plain | {"days": [day.isoformat() for day in self.days]}


@dataclass(frozen=True, slots=True)
class Draft:
    """The problem, who `technicians[id]` and `jobs[id]` are, and what stayed outside."""

    horizon: Horizon
    problem: Problem
    slots: dict[str, Slot]
    jobs: dict[str, Job]
    left_out: list[LeftOut] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def sequences(self) -> dict[str, list[str]]:
        """The live plan: job ids per technician-day, in planned order."""
        days: dict[str, list[str]] = {technician.id: [] for technician in self.problem.technicians}
        for job in sorted(self.problem.jobs, key=self.order):
            if job.current in days:
                days[job.current].append(job.id)
        return days

    def live(self) -> list[TimedRoute]:
        """The live plan timed again from now on; a route that no longer holds names what broke."""
        return self.timed(self.sequences())

    def timed(self, sequences: dict[str, list[str]]) -> list[TimedRoute]:
        return [
            time_route(self.problem, technician, sequences.get(technician.id, []))
            for technician in self.problem.technicians
        ]

    def live_routes(self) -> list[Route]:
        return [timed.route for timed in self.live()]

    def without(self, days: Collection[str], staying: Collection[str]) -> Draft:
        """The draft without these technician-days, the jobs that stay on them and what is locked to them."""
        problem = self.problem
        technicians = tuple(one for one in problem.technicians if one.id not in days)
        people = {name for one in technicians for name in (one.id, one.person)}
        locked = {job.id for job in problem.jobs if job.lock is not None and job.lock.technician in days}
        kept = [job for job in problem.jobs if job.id not in locked and job.id not in staying]
        jobs = tuple(_between(job, people) for job in kept)
        frozen = tuple(one for one in problem.frozen if one.technician not in days)
        rest = routing.replace(problem, technicians=technicians, jobs=jobs, frozen=frozen)
        return replace(self, problem=rest, jobs={job.id: self.jobs[job.id] for job in jobs})

    def slot_id(self, technician_id: int, day: date) -> str | None:
        """The technician-day of this technician on this day, when he works."""
        return next(
            (
                name
                for name, slot in self.slots.items()
                if (slot.technician.id, slot.day) == (technician_id, day)
            ),
            None,
        )

    def order(self, job: routing.Job) -> tuple[float, int]:
        """Where the job stands in the live plan; the unplanned come first."""
        row = self.jobs[job.id]
        return (row.planned_start.timestamp() if row.planned_start else 0.0, row.id)


def _between(job: routing.Job, people: Collection[str]) -> routing.Job:
    """The job with what it says of these people only."""
    preferred = {name: price for name, price in job.preferred.items() if name in people}
    current = job.current if job.current in people else None
    return replace(job, excluded=job.excluded & {*people}, preferred=preferred, current=current)
