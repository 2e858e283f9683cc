"""What a technician taps: one verb for phone, API and what was done offline, and how a mistap is undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.models import follow_up as follow_ups
from dispatch.models import whereabouts
from dispatch.models.astray import is_his
from dispatch.models.job import IllegalMove, Job
from dispatch.models.transitions import NOT_COMPLETED, Incomplete
from dispatch.models.user import User

# where he cannot be any more once he has tapped that
_ENDS = {"travelling": ("pause", "off", "kiosk"), "working": ("pause", "off")}
_KEPT = ("worked_seconds", "outcome", "note")
_KEPT_INSTANTS = (
    "state_at", "travelling_at", "working_at", "planned_arrival", "planned_start", "planned_end",
)  # fmt: skip


def take(
    job: Job,
    name: str,
    by: User,
    *,
    at_claimed: datetime | None = None,
    happened: datetime | None = None,
    clock: str | None = None,
    reason: str | None = None,
    note: str | None = None,
    follow_up: str | None = None,
    details: Mapping[str, Any] | None = None,
    based_on: int | None = None,
) -> Job | None:
    """Take a job through the move called `name`, with the follow-up asked for in the same transaction.

    `at_claimed` is when the device says it happened; `based_on` the version it was looking at: both are
    noted, neither decides. `happened` is when it counts as having happened, if that is not now, and `clock`
    what is wrong with the device's: see replay/moments.py. `details` are those of follow_up.create. Returns the follow-up job, if one was
    made. Raises IllegalMove (the legal ones are named) or Incomplete (the field is named); nothing has
    changed then.
    """
    stale = based_on if based_on != job.version else None
    told: dict[str, Any] = {
        "claimed_at": at_claimed, "based_on": stale, "note": note, "reason": reason, "at": happened, "clock": clock,
    }  # fmt: skip
    if name == "undone":
        undo(job, by, **told)
    elif name == "to_visit":
        job.change_mode("on_site", by, note)
    elif name == "declined":
        job.decline(by, **told)
    else:
        return _move(job, name, by, follow_up, {"note": note, **(details or {})}, told)
    return None


def undo(job: Job, by: User, **told: Any) -> None:
    """Take the last tap back: a recorded move to where the job was, as if it had not been made."""
    if not job.can_undo(by, told.get("at")):
        raise IllegalMove("undone", job.state, job.legal_moves(by))
    before, ended_at = job.change["tap"], job.ended_at
    job.enter(before["state"], by, move="undone", **told)
    if ended_at is not None:
        follow_ups.withdraw(job, by, since=ended_at)
    _restore(job, before, by)


def _move(
    job: Job, name: str, by: User, follow_up: str | None, details: Mapping[str, Any], told: dict[str, Any]
) -> Job | None:
    if name == "not_completed":
        _check_ending(job, told["reason"], told["note"], follow_up, details)
    if name == "working" and job.state == "accepted" and job.mode == "on_site":
        told["skipped"] = "travelling"
    before = _snapshot(job, by)
    job.move(name, by, **told)
    if name in _ENDS and job.technician is not None and is_his(job, by):
        whereabouts.come_back(job.technician, _ENDS[name], by, job.state_at)
    if told["note"]:
        job.add_note(told["note"], by, told["claimed_at"])
    job.outcome = {"completed": "solved", "not_completed": told["reason"], "solved_remotely": name}.get(name)
    made = follow_ups.create(job, follow_up, by, **details) if follow_up else None
    if by.acts_alone and is_his(job, by):
        job.see(by)
        job.change = {**job.change, "tap": before}
    return made


def _check_ending(
    job: Job, reason: str | None, note: str | None, follow_up: str | None, details: Mapping[str, Any]
) -> None:
    ending = NOT_COMPLETED.get(reason or "")
    if ending is None:
        raise Incomplete("reason")
    if ending.needs_note and not note:
        raise Incomplete("note")
    if follow_up is None:
        return
    if follow_up != ending.follow_up:
        raise Incomplete("follow_up")
    follow_ups.check(job, follow_up, details)


def _snapshot(job: Job, by: User) -> dict[str, Any]:
    """What an undo has to bring back; kept in the job's `change`, so in JSON."""
    ticket, handover = job.ticket, job.ticket.handover
    kept = {field: getattr(job, field) for field in _KEPT}
    instants = {field: (at := getattr(job, field)) and at.isoformat() for field in _KEPT_INSTANTS}
    return {"by": by.id, "state": job.state, "ticket": [ticket.state, ticket.hold_reason],
            "lacked": handover and handover.lacked, **kept, **instants}  # fmt: skip


def _restore(job: Job, before: Mapping[str, Any], by: User) -> None:
    for field in _KEPT:
        setattr(job, field, before[field])
    for field in _KEPT_INSTANTS:
        setattr(job, field, before[field] and datetime.fromisoformat(before[field]))
    state, hold_reason = before["ticket"]
    job.ticket.set_state(state, by, hold_reason)
    if job.ticket.handover is not None:
        job.ticket.handover.lacked = before["lacked"]
