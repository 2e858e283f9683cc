"""Room for one job on a full day: others make way where that costs less than leaving it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job
from dispatch.models.plan import Plan
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning.apply import apply, explain_in_tables, unseat
from dispatch.planning.build import build_in, horizon_of
from dispatch.planning.candidates import day_of
from dispatch.planning.draft import Draft
from dispatch.planning.journal import keeps
from dispatch.planning.placement import job_territory
from dispatch.planning.proposal import differences
from dispatch.planning.rows import hold_jobs
from dispatch.planning.seats import seat_of
from dispatch.routing import instant
from dispatch.routing import problem as routing
from dispatch.routing.problem import Lock
from dispatch.routing.solution import Route, Solution
from dispatch.routing.standing import Standing


@dataclass(frozen=True, slots=True)
class Room:
    """Who would take the job, what it costs in minutes, and every job that changes, as in a proposal."""

    technician: Technician
    added_minutes: int
    changes: list[dict[str, Any]]
    draft: Draft
    routes: tuple[Route, ...]

    @property
    def seen(self) -> str:
        """What somebody has agreed to: who has which job afterwards."""
        others = [one for one in self.changes if one["kind"] != "retimed"]  # a minute passes while one reads
        places = ((one["number"], (one["to"] or {}).get("technician_id")) for one in others)
        return " ".join(f"{number}:{person or 0}" for number, person in sorted(places))

    @property
    def technician_ids(self) -> set[int]:
        """Everybody whose day changes."""
        return {one[side]["technician_id"] for one in self.changes for side in ("from", "to") if one[side]}


def room_for(job: Job, by: User, day: date | None = None) -> Room | None:
    """The cheapest way to serve a job that nobody has, on that day (None: today or its own); None: there is none.

    Whatever a person locked, the freeze holds or belongs to clients that `by` does not act for stays where it is.
    """
    if job.state != "unplanned":
        return None
    draft = _draft(job, by, day or day_of(job))
    wanted = next((one for one in draft.problem.jobs if one.id == str(job.id)), None)
    if wanted is None:
        return None
    orders = draft.sequences()
    found = instant.insert(Standing(draft.problem, orders), wanted)
    if found.technician is None:
        return None
    concerned = {str(job.id), *(one for route in found.routes for one in orders[route.technician])}
    rows = {name: row for name, row in draft.jobs.items() if name in concerned}
    changes = differences(replace(draft, jobs=rows), Solution(found.routes))
    return Room(
        draft.slots[found.technician].technician, round(found.added / 60), changes, draft, found.routes
    )


@keeps("room")
def make_room(job: Job, by: User, seen: str, *, version: int, day: date | None = None) -> Room:
    """Do what `room_for` has shown.

    Raises StaleDataError when it would be something else by now, IllegalMove when somebody has the job.
    """
    territory, horizon = job_territory(job), horizon_of(job_territory(job), day or day_of(job))
    plans = {one: Plan.lock(territory.id, one) for one in horizon.route_dates}
    hold_jobs(territory.id, horizon)
    if job.version != version:
        raise StaleDataError(f"{job.number} is at version {job.version}, not {version}")
    if job.state != "unplanned":
        raise IllegalMove("planned", job.state, job.legal_moves(by))
    room = room_for(job, by, day)
    if room is None or room.seen != seen:
        raise StaleDataError(f"the way to make room for {job.number} has changed")
    _make_way(room, job, by)
    apply(room.draft, room.routes, territory, by, plans)
    job.placed_at = now()
    record(
        "job.moved",
        by=by,
        job=job,
        lock=job.lock,
        reason=None,
        source=None,
        waived=[],
        was=None,
        to=seat_of(job),
    )
    return room


def _make_way(room: Room, job: Job, by: User) -> None:
    """Those who find no other place are out, and told why."""
    out = [room.draft.jobs[str(one["job"])] for one in room.changes if one["to"] is None]
    for one in out:
        unseat(one, by)
    explain_in_tables([_outbid(one, job) for one in out], None)


def _outbid(job: Job, by: Job) -> dict[str, Any]:
    return {"job": job.id, "kind": "outbid", "reasons": [], "outbid_by": [by.id], "fix": None}


def _draft(job: Job, by: User, day: date) -> Draft:
    """The planned day, in which work of clients that `by` does not act for keeps its technician."""
    territory = job_territory(job)
    draft = build_in(territory, horizon_of(territory, day), planned_only=True, extra=job)
    jobs = tuple(
        _held(one) if not by.sees(draft.jobs[one.id].client_id) else one for one in draft.problem.jobs
    )
    return replace(draft, problem=routing.replace(draft.problem, jobs=jobs))


def _held(job: routing.Job) -> routing.Job:
    held = job.lock is not None or job.current is None
    return job if held else replace(job, lock=Lock(job.current))
