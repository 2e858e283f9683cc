"""What a run would change, as data: the differences to the live plan, and why jobs stay out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dispatch.models.job import Job
from dispatch.planning.draft import Draft, Slot
from dispatch.routing.solution import Fix, Solution, Stop, Unassigned

# a start that moves by less than this is not worth a line
RETIMED_MINUTES = 5


def basis_of(draft: Draft) -> dict[str, Any]:
    """Place, state and lock of every job as the run saw it; what differs later was changed meanwhile."""
    return {name: fingerprint(job) for name, job in draft.jobs.items()}


def fingerprint(job: Job) -> list[Any]:
    placed = job.placed_at.isoformat() if job.placed_at else None
    lock_start = job.lock_start.isoformat() if job.lock_start else None
    return [
        job.technician_id,
        job.day.isoformat() if job.day else None,
        job.state,
        job.lock,
        lock_start,
        placed,
    ]


def differences(draft: Draft, solution: Solution) -> list[dict[str, Any]]:
    """One item per job whose technician, day or start would change."""
    stops = {
        stop.job: (draft.slots[route.technician], stop) for route in solution.routes for stop in route.stops
    }
    return [item for name, job in draft.jobs.items() if (item := _difference(draft, job, stops.get(name)))]


def _difference(draft: Draft, job: Job, place: tuple[Slot, Stop] | None) -> dict[str, Any] | None:
    before = _before(job)
    after = _after(draft, job, *place) if place else None
    kind = _kind(before, after)
    if kind is None:
        return None
    return {"job": job.id, "number": job.number, "client_id": job.client_id, "summary": job.ticket.summary,
            "priority": job.ticket.priority, "kind": kind, "from": before, "to": after}  # fmt: skip


def _before(job: Job) -> dict[str, Any] | None:
    if job.technician is None or job.planned_start is None or job.day is None:
        return None
    return {"technician_id": job.technician_id, "technician": job.technician.name,
            "day": job.day.isoformat(), "start": job.planned_start.isoformat(),
            **_missed(job, job.planned_start, job.planned_end)}  # fmt: skip


def _after(draft: Draft, job: Job, slot: Slot, stop: Stop) -> dict[str, Any]:
    start, end = draft.horizon.instant(stop.start), draft.horizon.instant(stop.end)
    return {"technician_id": slot.technician.id, "technician": slot.technician.name,
            "day": slot.day.isoformat(), "start": start.isoformat(), **_missed(job, start, end)}  # fmt: skip


def _missed(job: Job, start: datetime, end: datetime | None) -> dict[str, int]:
    """In seconds: how long after its due time the job would end, and how far outside what was promised it would begin."""
    due, begins, ends = job.ticket.due_at, job.promised_from, job.promised_to
    late = max(0, _seconds(due, end)) if due and end else 0
    outside = min(0, _seconds(begins, start)) or max(0, _seconds(ends, start)) if begins and ends else 0
    return {"late": late, "outside": outside}


def _seconds(since: datetime, until: datetime) -> int:
    return round((until - since).total_seconds())


def _kind(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str | None:
    if before is None or after is None:
        return None if before is after else ("assigned" if after else "unassigned")
    if before["technician_id"] != after["technician_id"] or before["day"] != after["day"]:
        return "moved"
    return "retimed" if _minutes_apart(before["start"], after["start"]) >= RETIMED_MINUTES else None


def _minutes_apart(one: str, other: str) -> float:
    return abs((datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds()) / 60


def reasons(draft: Draft, solution: Solution) -> list[dict[str, Any]]:
    """Why each job of the problem that is in no route stays out, worst priority first."""
    entries = [_entry(draft, entry) for entry in solution.unassigned]
    return sorted(entries, key=lambda entry: (entry["priority"], entry["job"]))


def unconsidered(entry: dict[str, Any]) -> dict[str, Any]:
    """The explanation of a job that the run left out from the start."""
    return {"job": entry["id"], "kind": "left_out", "reasons": [{"rule": entry["reason"]}],
            "outbid_by": [], "fix": None}  # fmt: skip


def _entry(draft: Draft, entry: Unassigned) -> dict[str, Any]:
    job = draft.jobs[entry.job]
    return {
        "job": job.id,
        "number": job.number,
        "client_id": job.client_id,
        "summary": job.ticket.summary,
        "priority": job.ticket.priority,
        "kind": entry.kind,
        "reasons": [
            {
                **_who(draft, reason.technician),
                "rule": reason.rule,
                "values": draft.horizon.dated(reason.rule, reason.values),
                "detail": reason.detail,
            }
            for reason in entry.reasons
        ],
        "outbid_by": [int(other) for other in entry.outbid_by],
        "fix": _fix(draft, entry.remedy),
    }


def _fix(draft: Draft, fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    who = _who(draft, fix.technician) if fix.technician else {"technician_id": None, "technician": None}
    values = draft.horizon.dated(fix.rule, fix.values)
    return {**who, "rule": fix.rule, "values": values, "detail": fix.detail}


def _who(draft: Draft, name: str) -> dict[str, Any]:
    slot = draft.slots[name]
    return {
        "technician_id": slot.technician.id,
        "technician": slot.technician.name,
        "day": slot.day.isoformat(),
    }
