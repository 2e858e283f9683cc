"""Undoing what dispatchers changed: each job goes back to where it was, as far as that still holds.

What somebody began, ended or moved since stays, and so does what would break a rule by now: it is later. A change is
first shown (`undo_of`), then done (`undo`) if it is still the same; several are undone as one, latest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.night import nights
from dispatch.models.place import Territory
from dispatch.models.plan import Plan
from dispatch.models.plan_change import ChangedJob, PlanChange
from dispatch.models.technician import Technician
from dispatch.models.transitions import BEGUN, ENDED
from dispatch.models.user import User
from dispatch.planning.apply import apply, unseat
from dispatch.planning.journal import Place, is_cancelled, kept, place_of, spot
from dispatch.planning.rows import loaded
from dispatch.planning.way_back import DayBack, days_back
from dispatch.sla.calendar import local_instant

SHIFT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Stays:
    """A job that cannot go back, and why.

    `why`: `begun`, `ended`, `moved`, `over` (the day it was on), or what way_back says: `out`, `nobody` or `rule`. `by` and `at` say who moved it, where the journal knows.
    """

    job: Job
    why: str
    values: Mapping[str, Any] = field(default_factory=dict)
    by: User | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking these changes back would do: `back` as the lines of a proposal, `stays` with the reason."""

    changes: Sequence[PlanChange]
    back: list[dict[str, Any]]
    stays: list[Stays]
    wanted: Mapping[int, Place]
    jobs: Mapping[int, Job]
    days: Sequence[DayBack]

    @property
    def seen(self) -> str:
        """What somebody has agreed to: of which changes who has which job afterwards, and what stays."""
        versions = (f"{one.id}.{one.version}" for one in self.changes)
        places = (
            f"{job_id}:{place['technician_id'] or 0}:{place['day'] or ''}"
            for job_id, place in self.wanted.items()
        )
        return " ".join(
            [*versions, *sorted(places), *sorted(f"{one.job.id}!{one.why}" for one in self.stays)]
        )

    @property
    def technician_ids(self) -> set[int]:
        """Everybody whose day changes."""
        return {slot.technician.id for day in self.days for slot in day.draft.slots.values()}


@dataclass(slots=True)
class _Net:
    """What several changes of one job come to: from `before` to `after`, as far as they follow one another."""

    before: Place
    after: Place
    meant: bool
    ends: bool = False


def undoable_since(territory: Territory) -> datetime:
    """Since when changes may be undone: since midnight where the territory is, and for twelve hours at least.

    So whoever dispatches at night is not cut off from what he did before midnight.
    """
    midnight = local_instant(now().astimezone(ZoneInfo(territory.zone)).date(), 0, territory.zone)
    return min(midnight, now() - SHIFT)


def undo_of(changes: Sequence[PlanChange]) -> Undo:
    """What undoing these changes of one territory, latest first, would mean now."""
    net = _net(changes)
    query = loaded(select(Job)).where(Job.id.in_(net)).order_by(Job.id)
    jobs = {job.id: job for job in db.session.scalars(query).unique()}
    territory = changes[0].territory
    stays: list[Stays] = []
    wanted: dict[int, Place] = {}
    order: dict[int, Place] = {}
    is_over = _days_over(territory)
    for job_id, job in jobs.items():
        one = net[job_id]
        if spot(place_of(job)) == spot(one.before) and spot(one.before) != spot(one.after):
            continue  # it is there already
        why = _why_not(job, one) or (None if job.territory_id == territory.id else "moved")
        why = why or ("over" if is_over(one.before) else None)
        if spot(one.before) == spot(one.after) and (why is None or not one.meant):
            order.update({job_id: one.before} if why is None else {})
        elif why is not None:
            stays.append(Stays(job, why))
        else:
            wanted[job_id] = one.before
    days, wanted, refused = days_back(territory, jobs, wanted, order)
    stays += [Stays(jobs[job_id], why, values) for job_id, (why, values) in refused.items()]
    back = [_line(jobs[job_id], place, days) for job_id, place in wanted.items()]
    back += [] if wanted else _reordered(jobs, order, net, days)
    return Undo(changes, back, _with_movers(stays, changes), wanted, jobs, days)


def undo(changes: Sequence[PlanChange], by: User, seen: str | None = None) -> Undo:
    """Do what `undo_of` has shown; without `seen` only when everything can go back.

    The caller commits. Raises StaleDataError when it would be something else by now, or was undone already.
    """
    plans = _hold(changes)
    found = undo_of(changes)
    if (
        changes[-1].undone_at is not None
        or not found.back
        or (found.stays if seen is None else found.seen != seen)
    ):
        raise StaleDataError("what can be undone has changed")
    territory = changes[0].territory
    ids = [one.id for one in changes]
    with kept(territory.id, by, "undo", {one["job"] for one in found.back}, undoes=ids):
        for job_id, place in found.wanted.items():
            _put_back(found.jobs[job_id], place, by)
        for one in found.days:
            apply(one.draft, one.routes, territory, by, {one.day: plans[one.day]})
    _mark(changes, by)
    clients = {one["client_id"] for one in found.back}
    only = {"client_id": clients.pop()} if len(clients) == 1 else {}
    record("plan.undone", by=by, territory_id=territory.id, changes=ids, jobs=len(found.back), **only)
    return found


def _net(changes: Iterable[PlanChange]) -> dict[int, _Net]:
    net: dict[int, _Net] = {}
    for row in (row for change in changes for row in change.jobs):
        known = net.get(row.job_id)
        if known is None:
            net[row.job_id] = _Net(row.before, row.after, row.meant)
        elif known.ends or spot(row.after) != spot(known.before):
            known.ends = True  # a tap lies between: what was before it is no dispatcher's to restore
        else:
            known.before, known.meant = row.before, known.meant or row.meant
    return net


def _why_not(job: Job, one: _Net) -> str | None:
    if job.state in ENDED and not (is_cancelled(one.after) and job.state == "cancelled"):
        return "ended"
    if job.state in BEGUN:
        return "begun"
    return "moved" if spot(place_of(job)) != spot(one.after) else None


def _days_over(territory: Territory) -> Callable[[Place], bool]:
    """Whether a place is on a day that is past; a night that is still going on is not."""
    today, going_on = now().astimezone(ZoneInfo(territory.zone)).date(), nights(territory, now())

    def is_over(place: Place) -> bool:
        day = date.fromisoformat(place["day"]) if place["day"] else today
        return day < today and going_on.get(place["technician_id"]) != day

    return is_over


def _hold(changes: Sequence[PlanChange]) -> dict[date, Plan]:
    """The plans of all days concerned, then the jobs, then the changes: nobody else is at any of it from here on."""
    rows = [row for change in changes for row in change.jobs]
    territory_id, ids = changes[0].territory_id, {row.job_id for row in rows}
    live = db.session.scalars(select(Job.day).where(Job.id.in_(ids), Job.day.is_not(None)).distinct())
    days = sorted({day for row in rows for day in row.days} | {day for day in live if day is not None})
    plans = {day: Plan.lock(territory_id, day) for day in days}
    routes = (Job.territory_id == territory_id) & Job.day.in_(days)
    held = select(Job).where(routes | Job.id.in_(ids)).order_by(Job.id).with_for_update(of=Job)
    db.session.scalars(held.execution_options(populate_existing=True)).all()
    again = select(PlanChange).where(PlanChange.id.in_([one.id for one in changes])).order_by(PlanChange.id)
    db.session.scalars(again.with_for_update(of=PlanChange).execution_options(populate_existing=True)).all()
    return plans


def _put_back(job: Job, place: Place, by: User) -> None:
    if job.state == "cancelled":
        job.move("reopened", by)
    if is_cancelled(place):
        _cancel_again(job, by)
    elif place["technician_id"] is None and job.state != "unplanned":
        unseat(job, by)
    job.lock, job.lock_technician_id = place["lock"], place["lock_technician_id"]
    job.lock_start = datetime.fromisoformat(place["lock_start"]) if place["lock_start"] else None
    job.waived = dict(place["waived"])
    job.not_before = datetime.fromisoformat(place["not_before"]) if place.get("not_before") else None
    job.placed_at = now()
    record("job.returned", by=by, job=job, source=job.technician_id)


def _cancel_again(job: Job, by: User) -> None:
    if job.technician_id is not None:
        record("job.withdrawn", by=by, job=job)
    job.move("cancelled", by)


def _mark(changes: Sequence[PlanChange], by: User) -> None:
    """These are undone; what one of them had undone holds again, unless it is one of these itself."""
    for one in changes:
        one.undone_at, one.undone_by_id = now(), by.id
    again = {other for one in changes for other in one.undoes} - {one.id for one in changes}
    for one in db.session.scalars(select(PlanChange).where(PlanChange.id.in_(again))):
        one.undone_at = one.undone_by_id = None


def _line(job: Job, place: Place, days: Sequence[DayBack]) -> dict[str, Any]:
    before = _seat(job.technician, job.day, job.planned_start) if job.state != "cancelled" else None
    after = next((seat for day in days if (seat := day.seat(job))), None)
    kind = "assigned" if before is None else "unassigned" if after is None else "moved"
    if (
        before
        and after
        and (before["technician_id"], before["day"]) == (after["technician_id"], after["day"])
    ):
        kind = "locked"
    told = {"cancelled": is_cancelled(place), "lock": place["lock"], "until": place.get("not_before")}
    return _told(job, kind, before, after) | told


def _reordered(jobs: Mapping[int, Job], order: Iterable[int], net: Mapping[int, _Net], days: Sequence[DayBack]
               ) -> list[dict[str, Any]]:  # fmt: skip
    """The lines of a change that has only moved work within its route."""
    lines = []
    for job in (jobs[job_id] for job_id in order if net[job_id].meant):
        after = next((seat for day in days if (seat := day.seat(job))), None)
        if after is not None and datetime.fromisoformat(after["start"]) != job.planned_start:
            lines.append(_told(job, "retimed", _seat(job.technician, job.day, job.planned_start), after))
    return lines


def _told(job: Job, kind: str, before: Any, after: Any) -> dict[str, Any]:
    return {"job": job.id, "number": job.number, "client_id": job.client_id, "summary": job.ticket.summary,
            "priority": job.ticket.priority, "kind": kind, "from": before, "to": after}  # fmt: skip


def _seat(technician: Technician | None, day: date | None, start: datetime | None) -> dict[str, Any] | None:
    if technician is None or day is None or start is None:
        return None
    return {"technician_id": technician.id, "technician": technician.name, "day": day.isoformat(),
            "start": start.isoformat()}  # fmt: skip


def _with_movers(stays: Sequence[Stays], changes: Sequence[PlanChange]) -> list[Stays]:
    """Who moved what was moved since, where that was a dispatcher."""
    ids = [one.job.id for one in stays if one.why == "moved"]
    later = select(ChangedJob).join(PlanChange).where(
        ChangedJob.job_id.in_(ids), ChangedJob.meant, PlanChange.id.not_in([one.id for one in changes]),
        PlanChange.id > changes[-1].id,
    ).options(selectinload(ChangedJob.change).joinedload(PlanChange.by)).order_by(PlanChange.id)  # fmt: skip
    movers = {row.job_id: row.change for row in db.session.scalars(later)} if ids else {}
    return [
        Stays(one.job, one.why, one.values, movers[one.job.id].by, movers[one.job.id].at)
        if one.job.id in movers
        else one
        for one in stays
    ]
