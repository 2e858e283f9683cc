"""Several jobs put on one technician's day, one draft and one timing for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.planning.apply import apply
from dispatch.planning.build import assemble
from dispatch.planning.draft import Draft
from dispatch.planning.horizon import Horizon
from dispatch.planning.move import fix_as_planned, with_technician
from dispatch.planning.placement import (
    Broken,
    NotPlaceable,
    RulesBroken,
    bound,
    broken_of,
    known_on,
    referee,
    with_waived,
)
from dispatch.planning.rows import jobs_of, technicians_of
from dispatch.planning.seats import seat_of
from dispatch.planning.several import Held
from dispatch.planning.unlocked import lock_against
from dispatch.routing import problem as routing
from dispatch.routing.problem import Lock
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Reason, Violation
from dispatch.routing.standing import Standing

FAR = datetime.max.replace(tzinfo=UTC)


def fill(held: Held, technician: Technician, day: date, reason: str | None) -> None:
    """Put what is free of `held` on that day of the technician; what does not go there is refused in `held`."""
    coming = [job for job in held.free if (job.technician_id, job.day) != (technician.id, day)]
    if not coming:
        return
    draft = _draft(held, coming, technician, day)
    slot = draft.slot_id(technician.id, day)
    if slot is None:
        held.refusals |= {job.id: NotPlaceable("not_working") for job in coming}
        return
    outside = {entry.id: entry.reason for entry in draft.left_out if entry.what == "job"}
    for job in coming:
        if str(job.id) not in draft.jobs:
            held.refusals[job.id] = NotPlaceable(outside.get(job.id, "kiosk"))
    filling = Filling(draft, slot, [job for job in coming if job.id not in held.refusals], reason)
    filling.place_all()
    held.refusals |= filling.refusals
    _write(held, filling, technician, day, reason)


def _write(held: Held, filling: Filling, technician: Technician, day: date, reason: str | None) -> None:
    placed = [filling.draft.jobs[name] for name in filling.placed]
    source, was = {job.id: job.technician_id for job in placed}, {job.id: seat_of(job) for job in placed}
    locks = {job.id: lock_against(job, technician) for job in placed}
    concerned = {technician.id, *_giving(placed, day)}
    for job in placed:
        held.leave(job)
        job.waived, job.placed_at = {}, now()
    for name in filling.placed:
        for one in filling.overridden[name]:
            row = filling.draft.jobs[str(one.job_id or name)]
            row.waived = {**row.waived, one.rule: reason}
    if placed:
        timed = [one.route for one in filling.timed()]
        routes = [one for one in timed if filling.draft.slots[one.technician].technician.id in concerned]
        apply(filling.draft, routes, held.territory, held.by, {day: held.plans[day]})
    for job in placed:
        fix_as_planned(job, with_technician(job.lock) if job.waived else job.lock)
        told = reason if filling.overridden[str(job.id)] or locks[job.id] else None
        waived = sorted({*job.waived, *(one.rule for one in locks[job.id])}) if told else []
        record("job.moved", by=held.by, job=job, lock=job.lock, reason=told, source=source[job.id],
               waived=waived, was=was[job.id], to=seat_of(job))  # fmt: skip


def _draft(held: Held, coming: Sequence[Job], technician: Technician, day: date) -> Draft:
    """The day of him and of those who lose work to him on it, with the jobs free to move; a locked time stays."""
    locked = {job.lock_technician_id for job in coming if job.lock_technician_id is not None}
    people = {technician.id, *_giving(coming, day), *locked}
    horizon = Horizon(held.territory.zone, day, 1, now())
    db.session.flush()
    rows = jobs_of(held.territory, horizon, people, True, None)
    rows += [job for job in coming if job not in rows]
    draft = assemble(held.territory, horizon, technicians_of(held.territory, people, horizon), rows)
    return freed(draft, coming)


def freed(draft: Draft, coming: Sequence[Job]) -> Draft:
    """The draft in which these jobs may go to anybody, whatever was overridden for them; a locked time stays."""
    names = {str(job.id): job for job in coming}
    jobs = tuple(
        replace(one, lock=_time(draft, names[one.id]), waived=frozenset()) if one.id in names else one
        for one in draft.problem.jobs
    )
    return replace(draft, problem=routing.replace(draft.problem, jobs=jobs))


def _giving(jobs: Sequence[Job], day: date) -> set[int]:
    """Who has one of these jobs on that day now."""
    return {job.technician_id for job in jobs if job.day == day and job.technician_id is not None}


def _time(draft: Draft, job: Job) -> Lock | None:
    if job.lock not in ("time", "both") or job.lock_start is None or job.lock_start < draft.horizon.begin:
        return None
    return Lock(start=draft.horizon.seconds(job.lock_start))


def urgency(job: Job) -> tuple[int, datetime, int]:
    """In which order several jobs are put on a day."""
    return job.ticket.priority, job.ticket.due_at or FAR, job.id


class Filling:
    """The jobs put one after the other on one technician-day, `slot`; `overridden` has what a reason was given for."""

    def __init__(self, draft: Draft, slot: str, coming: Sequence[Job], reason: str | None) -> None:
        self.draft, self.slot, self.reason = draft, slot, reason
        self.coming = sorted(coming, key=urgency)
        moving = {str(job.id) for job in coming}
        self.orders = {
            name: [one for one in ids if one not in moving] for name, ids in draft.sequences().items()
        }
        self.placed: list[str] = []
        self.overridden: dict[str, list[Broken]] = {}
        self.refusals: dict[int, RulesBroken] = {}

    def place_all(self) -> None:
        """The most urgent first, each where it fits best; the independent checker has the last word."""
        standing, known = self._standing(), self._known()
        for job in self.coming:
            broken = self._try(standing, str(job.id), known)
            if broken:
                standing = self._standing()
        self._checked(known)

    def timed(self) -> list[TimedRoute]:
        return self.draft.timed(self.orders)

    def _try(self, standing: Standing, name: str, known: set[tuple[str, str | None]]) -> list[Broken]:
        """Put it in, unless that breaks a rule which is not overridden; what was broken, so that it is known."""
        row = standing.rows[self.slot]
        wanted = standing.index.job[name]
        trial = standing.trials(wanted, [row])[row]
        reasons = broken_rules(self.draft.problem, standing.crew[row], wanted, standing.orders[row])
        against: list[Reason | Violation] = [*reasons]
        against += trial.broken
        broken = [broken_of(one, self.draft.horizon) for one in against]
        if broken and not (self.reason and all(one.waivable for one in broken)):
            self.refusals[int(name)] = RulesBroken(broken)
            return []
        self.orders[self.slot].insert(trial.position, name)
        self.placed.append(name)
        broken = [bound(one, self.orders[self.slot][-1]) for one in broken]
        self.overridden[name] = broken
        if broken:
            self.draft = with_waived(self.draft, self.draft.jobs[name], broken)
            known |= {(one.rule, one.job) for one in trial.broken}
        else:
            standing.put(row, self.orders[self.slot])
        return broken

    def _checked(self, known: set[tuple[str, str | None]]) -> None:
        """What the checker does not pass is taken out again, the least urgent first."""
        while self.placed:
            try:
                referee(self.draft, self._mine().route, known)
            except RulesBroken as refusal:
                last = self.placed.pop()
                self.orders[self.slot].remove(last)
                self.refusals[int(last)] = refusal
            else:
                return

    def _standing(self) -> Standing:
        return Standing(self.draft.problem, self.orders)

    def _known(self) -> set[tuple[str, str | None]]:
        """What the day breaks before anything is put on it: nobody is told of that again."""
        return known_on(self.draft, self._mine())

    def _mine(self) -> TimedRoute:
        technician = next(one for one in self.draft.problem.technicians if one.id == self.slot)
        return time_route(self.draft.problem, technician, self.orders[self.slot])
