"""A past day planned again from its dawn: a study of an imported history, never dispatched.

What was open at dawn and what arrived that day (released when it became known) is planned with a generated
crew. Jobs and technicians of a study are never added to the session, and nothing is written.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from dispatch.extensions import db, reading
from dispatch.models.client import AdminRight, Category, Client
from dispatch.models.job import Job
from dispatch.models.needs import needs_of
from dispatch.models.place import Building, Site, Territory
from dispatch.models.ticket import Ticket
from dispatch.planning.build import assemble
from dispatch.planning.draft import Draft
from dispatch.planning.horizon import Horizon
from dispatch.planning.solver import solve
from dispatch.planning.study_crew import Base, crew_of_study
from dispatch.routing.check import failures
from dispatch.routing.codec import problem_to_json, solution_to_json
from dispatch.routing.explain import explanations
from dispatch.routing.problem import Problem
from dispatch.routing.solution import Solution, Unassigned, Violation
from dispatch.sla.calendar import local_instant

# before the first shift begins
DAWN = 6 * 60
BASES = 8
AT_ONCE = 20
ASSUMED = (
    "Assumed: a crew of {crew} generated from the demo's profiles with seed {seed}, based at the busiest sites; "
    "places, kinds of work, durations and on-site shares as the import's mapping has them; what was on hold at "
    "dawn counts as open."
)


class NoHistory(LookupError):
    """There is no imported ticket to study there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Study:
    """The dawn of a day as it was, the plan made for it, and what the checker found (nothing, or a bug)."""

    territory: str
    day: date
    crew: int
    seed: int
    open_at_dawn: int
    arrivals: int
    draft: Draft
    solution: Solution
    broken: tuple[Violation, ...]

    @property
    def planned(self) -> Counter[str]:
        """Jobs on a route, by mode."""
        return Counter(
            self.draft.jobs[stop.job].mode for route in self.solution.routes for stop in route.stops
        )

    def figures(self) -> dict[str, Any]:
        """What the study found, as plain data; travel in seconds."""
        objective = self.solution.objective
        left_out = Counter(entry.reason for entry in self.draft.left_out if entry.what == "job")
        return {
            "territory": self.territory,
            "day": self.day.isoformat(),
            "crew": self.crew,
            "seed": self.seed,
            "open_at_dawn": self.open_at_dawn,
            "arrivals": self.arrivals,
            "jobs": len(self.draft.problem.jobs),
            "left_out": dict(left_out),
            "planned": dict(self.planned),
            "unassigned": dict(Counter(entry.kind for entry in self.solution.unassigned)),
            "travel": objective.travel,
            "lateness": objective.lateness,
            "overtime": objective.overtime,
            "objective": objective.total,
            "engine": self.solution.engine,
            "seconds": self.solution.seconds,
            "checker": [violation.detail for violation in self.broken],
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        }

    def lines(self) -> list[str]:
        """The figures for people."""
        told = self.figures()
        planned, served = told["planned"], sum(told["planned"].values())
        hours = told["travel"] / 3600
        return [
            f"Study of {self.day:%A %d %B %Y} in {self.territory}: nothing of this is dispatched.",
            ASSUMED.format(crew=self.crew, seed=self.seed),
            f"Open at dawn: {self.open_at_dawn}; arrived that day: {self.arrivals}",
            f"Jobs for the solver: {told['jobs']}; left out before: {_listed(told['left_out'])}",
            f"Planned: {served} ({_listed(planned)})",
            f"Unassigned: {sum(told['unassigned'].values())} ({_listed(told['unassigned'])})",
            f"Travel: {hours:.1f} h in all, {60 * hours / max(1, planned.get('on_site', 0)):.1f} min per visit",
            f"Solver: {told['engine']}, {told['seconds']:.1f} s; objective {told['objective']}",
            f"Checker: {'; '.join(told['checker']) or 'nothing'}",
            f"Machine: {told['machine']}",
        ]

    def to_json(self) -> dict[str, Any]:
        """Figures, problem and plan; jobs are named by the number of their record."""
        names = {name: job.ticket.external_id for name, job in self.draft.jobs.items()}
        problem, solution = problem_to_json(self.draft.problem), solution_to_json(self.solution)
        return {"figures": self.figures(), "numbers": names, "problem": problem, "solution": solution}


def study(territory_code: str, day: date, seconds: int, crew: int = 40, seed: int = 1,
          memory_mb: int = 1500, heard: Callable[[float], None] = lambda _share: None) -> Study:  # fmt: skip
    """Rebuild the dawn of a day of a territory and plan it; `seconds` is the solver's time.

    What the solver had no time to explain is explained afterwards, a few milliseconds per job; `heard` is
    told how far that is. Raises NoHistory when the territory has no imported ticket of that day or open at its dawn.
    """
    with reading():
        found = _dawn(territory_code, day, crew, seed)
        db.session.rollback()
    draft, open_at_dawn, arrivals = found
    solution = solve(draft.problem, seconds, seed=seed, beat=_nobody_listens, memory_mb=memory_mb)
    solution = replace(solution, unassigned=tuple(_explained(draft.problem, solution, heard)))
    broken = failures(draft.problem, solution)
    return Study(territory_code, day, crew, seed, open_at_dawn, arrivals, draft, solution, broken)


def _explained(problem: Problem, solution: Solution, heard: Callable[[float], None]) -> Iterator[Unassigned]:
    """Why each job stays out; a study is in no hurry."""
    open_questions = [entry.job for entry in solution.unassigned if not (entry.reasons or entry.outbid_by)]
    yield from (entry for entry in solution.unassigned if entry.reasons or entry.outbid_by)
    told = explanations(problem, solution.routes, open_questions)
    for number, entry in enumerate(told, 1):
        yield entry
        if number % AT_ONCE == 0:
            heard(number / len(open_questions))


def _dawn(code: str, day: date, crew: int, seed: int) -> tuple[Draft, int, int]:
    territory = db.session.scalar(select(Territory).where(Territory.code == code))
    if territory is None:
        raise NoHistory(f"There is no territory {code}.")
    dawn, night = (local_instant(day, minute, territory.zone) for minute in (DAWN, 1440))
    tickets = db.session.scalars(_tickets(territory, dawn, night)).unique().all()
    if not tickets:
        raise NoHistory(
            f"{territory.name} has no imported history on {day}: run `flask import incidents` first."
        )
    bases = [Base(*row) for row in db.session.execute(_busiest(territory))]
    rights = db.session.scalars(_rights({ticket.client_id for ticket in tickets})).all()
    db.session.expunge_all()  # a study changes nothing, whatever hangs on its jobs
    jobs = [_job(ticket) for ticket in tickets]
    released = {ticket.id: ticket.opened_at for ticket in tickets if ticket.opened_at > dawn}
    horizon = Horizon(territory.zone, day, 1, dawn)
    people = crew_of_study(crew, seed, day, territory, bases, rights)
    draft = assemble(territory, horizon, people, jobs, released=released)
    return draft, len(tickets) - len(released), len(released)


def _tickets(territory: Territory, dawn: datetime, night: datetime) -> Select[Ticket]:
    """Imported tickets of the territory that were open at dawn or came before the night."""
    here = or_(
        Ticket.building_id.in_(
            select(Building.id).join(Building.site).where(Site.territory_id == territory.id)
        ),
        Ticket.building_id.is_(None) & Ticket.client.has(Client.territory_id == territory.id),
    )
    unresolved = or_(Ticket.resolved_at.is_(None), Ticket.resolved_at > dawn)
    unclosed = or_(Ticket.closed_at.is_(None), Ticket.closed_at > dawn)
    return (
        select(Ticket)
        .where(Ticket.imported, here, Ticket.opened_at < night, unresolved, unclosed)
        .order_by(Ticket.opened_at, Ticket.id)
        .options(
            joinedload(Ticket.client).selectinload(Client.closures),
            joinedload(Ticket.category).options(
                joinedload(Category.skill), joinedload(Category.admin_right).joinedload(AdminRight.client)
            ),
            joinedload(Ticket.building).joinedload(Building.site).joinedload(Site.client),
            joinedload(Ticket.admin_right).joinedload(AdminRight.client),
            joinedload(Ticket.requester),
            selectinload(Ticket.handovers),
        )
    )


def _busiest(territory: Territory) -> Select[str, float | None, float | None]:
    """The buildings with most tickets of the whole history."""
    return (
        select(Building.name, Building.latitude, Building.longitude)
        .join(Site, Site.id == Building.site_id)
        .join(Ticket, Ticket.building_id == Building.id)
        .where(Site.territory_id == territory.id, Ticket.imported, Building.latitude.is_not(None))
        .group_by(Building.id)
        .order_by(func.count().desc(), Building.id)
        .limit(BASES)
    )


def _rights(client_ids: set[int]) -> Select[AdminRight]:
    query = select(AdminRight).where(AdminRight.client_id.in_(client_ids)).order_by(AdminRight.id)
    return query.options(joinedload(AdminRight.client))


def _job(ticket: Ticket) -> Job:
    """The job that a handover of the ticket would have made, named like its ticket.

    It lasts what the catalogue says: what was learned since was not known on that day.
    """
    catalogue = ticket.category.duration_minutes if ticket.category else None
    return Job(
        id=ticket.id,
        ticket=ticket,
        client=ticket.client,
        client_id=ticket.client_id,
        state="unplanned",
        lock="none",
        carried_over=0,
        waived={},
        **needs_of(ticket, catalogue),
    )


def _nobody_listens(**_said: Any) -> None:
    """A study is watched by who started it; nothing is kept of its progress."""


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
