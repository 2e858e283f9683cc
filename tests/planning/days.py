"""A day from real rows to the solver's problem to the answer, in the words of a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.models.job import Job
from dispatch.models.technician import Preference, Technician
from dispatch.planning.build import build
from dispatch.planning.draft import Draft
from dispatch.planning.solver import fallback
from dispatch.routing.check import failures
from dispatch.routing.solution import Solution
from tests import factories as make


@dataclass
class Day:
    """What was asked of the solver and what came out, checked."""

    draft: Draft
    solution: Solution

    def who(self, job: Job) -> str | None:
        """The name of the technician who has the job."""
        for route in self.solution.routes:
            if any(stop.job == str(job.id) for stop in route.stops):
                return self.draft.slots[route.technician].technician.name
        return None

    def start(self, job: Job) -> datetime | None:
        stops = [stop for route in self.solution.routes for stop in route.stops if stop.job == str(job.id)]
        return self.draft.horizon.instant(stops[0].start) if stops else None

    def rules(self, job: Job) -> set[str]:
        """The rules that keep an unassigned job out of the plan."""
        entries = [entry for entry in self.solution.unassigned if entry.job == str(job.id)]
        return {reason.rule for entry in entries for reason in entry.reasons}

    def left_out(self, row: Job | Technician) -> str | None:
        kind = "job" if isinstance(row, Job) else "technician"
        return next((e.reason for e in self.draft.left_out if (e.what, e.id) == (kind, row.id)), None)


def plan(days: int = 1, **options: Any) -> Day:
    """Monday (and the days after it), planned without the solver's search; the checker passes the answer."""
    make.db.session.flush()
    make.db.session.expire_all()
    draft = build(make.territory(), make.MONDAY, days, **options)
    solution = fallback(draft.problem)
    assert failures(draft.problem, solution) == ()
    return Day(draft, solution)


def preference(technician: Technician, kind: str, **fields: Any) -> Preference:
    row = Preference(client_id=make.client().id, technician_id=technician.id, kind=kind, **fields)
    make.db.session.add(row)
    return row
