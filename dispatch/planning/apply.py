"""Writes checked routes into the live plan: places, states, breaks, and who has to hear of it.

The caller holds the plan's row (`Plan.lock`), so two writers never meet here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.astray import is_his
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.plan import Explanation, Plan, PlannedBreak
from dispatch.models.transitions import DESK, ON_PHONE
from dispatch.models.user import User
from dispatch.planning.draft import Draft, Slot
from dispatch.planning.seats import Seat, seat_of
from dispatch.routing.solution import Route, Stop

# a later time by less than this is not worth an alert on the phone
TELL_MINUTES = 5


def apply(
    draft: Draft, routes: Sequence[Route], territory: Territory, by: User | None, plans: dict[date, Plan]
) -> int:
    """Bring the jobs of these technician-days to where `routes` have them; returns how many changed."""
    horizon_end = _today(territory) + timedelta(days=territory.horizon_days)
    changed = 0
    for route in routes:
        slot = draft.slots[route.technician]
        for stop in route.stops:
            changed += _seat(draft, draft.jobs[stop.job], slot, stop, by, slot.day <= horizon_end)
    _write_breaks(draft, routes, plans)
    _forget_explanations(routes)
    for plan in plans.values():
        plan.bump()
        plan.remarks = draft.remarks
        record("plan.changed", by=by, territory_id=territory.id, day=plan.day.isoformat())
    return changed


def unseat(job: Job, by: User | None) -> None:
    """Take a job out of the plan; whoever had it on his phone is told."""
    if job.state in ON_PHONE and job.technician_id is not None:
        record("job.withdrawn", by=by, job=job, was=seat_of(job))
    job.move("unplanned", by, was=seat_of(job))


def _seat(draft: Draft, job: Job, slot: Slot, stop: Stop, by: User | None, dispatch: bool) -> bool:
    before, was = (job.technician_id, job.day, job.planned_start, job.state), seat_of(job)
    newcomer = job.technician_id != slot.technician.id or job.day != slot.day
    if newcomer and job.state in ON_PHONE:
        record("job.withdrawn", by=by, job=job, was=was)
    _move_state(job, newcomer, dispatch, by)
    late = _minutes_later(draft, job, stop)
    job.technician, job.technician_id, job.day = slot.technician, slot.technician.id, slot.day
    job.planned_arrival = draft.horizon.instant(stop.arrival)
    job.planned_start = draft.horizon.instant(stop.start)
    job.planned_end = draft.horizon.instant(stop.end)
    job.travel_seconds = stop.travel
    _show_waived(draft, job)
    _tell(job, newcomer, late, by, was)
    return before != (job.technician_id, job.day, job.planned_start, job.state)


def _show_waived(draft: Draft, job: Job) -> None:
    """What the job's lock breaks, and nobody gave a reason for, is shown like any other override."""
    [waived] = [one.waived for one in draft.problem.jobs if one.id == str(job.id)]
    job.waived = {**dict.fromkeys(sorted(waived), ""), **job.waived}


def _move_state(job: Job, newcomer: bool, dispatch: bool, by: User | None) -> None:
    desk = (
        by if by and by.role in DESK else None
    )  # set off by a tap or a handover, it is the engine that plans
    if job.state == "unplanned":
        job.move("planned", desk)
    elif newcomer and job.state in ON_PHONE:
        if desk is None:
            job.move("unplanned", desk)
            job.move("planned", desk)
        else:
            job.move("reassigned", desk, target="planned")
    if dispatch and job.state == "planned":
        job.move("dispatched", desk)


def _minutes_later(draft: Draft, job: Job, stop: Stop) -> int:
    """As the clock shows it: what begins in the same minute is told to nobody."""
    if job.planned_start is None:
        return 0
    return int(draft.horizon.instant(stop.start).timestamp() // 60 - job.planned_start.timestamp() // 60)


def _tell(job: Job, newcomer: bool, late: int, by: User | None, was: Seat | None) -> None:
    if newcomer:
        job.note_change("assigned", by)
        record("job.assigned", by=by, job=job, was=was, to=seat_of(job))
    elif late and job.state in ON_PHONE:
        if abs(late) >= TELL_MINUTES and not (
            by and by.acts_alone and is_his(job, by)
        ):  # he sees what his own tap has done
            job.note_change("retimed", by, minutes=late)
        record("job.retimed", by=by, job=job, minutes=late, was=was, to=seat_of(job))


def _write_breaks(draft: Draft, routes: Sequence[Route], plans: dict[date, Plan]) -> None:
    """The breaks still ahead replace what was planned; those already over stay."""
    for route in routes:
        slot = draft.slots[route.technician]
        whose = {"plan_id": plans[slot.day].id, "technician_id": slot.technician.id}
        ahead = PlannedBreak.ends_at > now()
        db.session.execute(delete(PlannedBreak).filter_by(**whose).where(ahead))
        for start, end in route.breaks:
            span = {"starts_at": draft.horizon.instant(start), "ends_at": draft.horizon.instant(end)}
            db.session.add(PlannedBreak(**whose, **span))


def _forget_explanations(routes: Sequence[Route]) -> None:
    served = [int(stop.job) for route in routes for stop in route.stops]
    db.session.execute(delete(Explanation).where(Explanation.job_id.in_(served)))


def explain_in_tables(entries: Sequence[dict[str, object]], run_id: int | None) -> None:
    """Keep with each unassigned job why it is in no route; `run_id` when a run found that out."""
    ids = [entry["job"] for entry in entries]
    db.session.execute(delete(Explanation).where(Explanation.job_id.in_(ids)))
    for entry in entries:
        db.session.add(
            Explanation(job_id=entry["job"], run_id=run_id, at=now(), kind=entry["kind"], reasons=entry["reasons"],
                        outbid_by=entry["outbid_by"], fix=entry["fix"] or {})
        )  # fmt: skip


def _today(territory: Territory) -> date:
    return now().astimezone(ZoneInfo(territory.zone)).date()
