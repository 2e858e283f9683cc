"""What comes after a job that could not be completed: made in one tap, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.duration import length
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User

# what the next attempt needs as much as this one did
_SAME = (
    "client_id", "territory_id", "mode", "building_id", "floor", "desk", "duration_minutes",
    "duration_source", "duration_basis", "skills", "admin_right_id", "tools", "parts",
)  # fmt: skip
# nobody promises a time beyond that, and plans could not count up to it
FARTHEST = timedelta(days=366)
Fields = dict[str, Any]


def create(job: Job, kind: str, by: User, **details: Any) -> Job | None:
    """Make the follow-up of a job that was not completed, and note it.

    Details, all optional unless said:
    `new_window`: `window` (from, to), aware, when the user could be asked; else the job awaits his answer.
    `access`: `contact`, whom to ask.  `part`: `part`, its name; `arrival`, a date, else the job awaits it.
    `other_skill`: `skill` (code) with `level`, or `admin_right_id`: one of both has to be said.
    `continuation`: `minutes`.  `to_agent`: `note`, what the handover lacked; the agent hears of it and no
    job is made.
    Returns the new job. Raises Incomplete with the name of a detail that is missing or makes no sense.
    """
    fields = check(job, kind, details)
    if kind == "to_agent":
        _return_to_agent(job, by, details["note"])
        return None
    made = Job(**{name: getattr(job, name) for name in _SAME} | fields, created_at=now(), state_at=now(),
               parent_id=job.id)  # fmt: skip
    made.ticket = job.ticket
    db.session.add(made)
    db.session.flush()
    said = {key: _plain(value) for key, value in details.items() if value is not None}
    record("job.created", by=by, job=made, parent=job.number, follow_up=kind, **said)
    return made


def check(job: Job, kind: str, details: Mapping[str, Any]) -> Fields:
    """What the follow-up differs in; raises Incomplete as `create` does, and changes nothing."""
    if kind not in _KINDS:
        raise Incomplete("follow_up")
    return _KINDS[kind](job, details)


def withdraw(job: Job, by: User, since: datetime) -> None:
    """Take back what was made when the job ended at `since`: the ending was a mistap."""
    for other in job.ticket.jobs:
        if other.parent_id == job.id and other.is_open and other.created_at >= since:
            other.enter("cancelled", by, move="undone")
            other.leave_plan()


def confirm(job: Job, by: User | None, window: tuple[datetime, datetime] | None = None) -> None:
    """What the job waited for is there, for `window` (from, to), aware, when a time was agreed.

    The job can be planned from then on. Raises IllegalMove when it waits for nothing, Incomplete when the
    window makes no sense; nothing has changed then.
    """
    if not (job.awaits and job.is_open):
        raise IllegalMove("confirmed", job.state, job.legal_moves(by) if by else [])
    for name, value in _promise(window).items() if window else ():
        setattr(job, name, value)
    record("job.confirmed", by=by, job=job, awaited=job.awaits)
    job.awaits = None
    if job.ticket.state == "on_hold":
        job.ticket.set_state("open", by)


def _new_window(job: Job, details: Mapping[str, Any]) -> Fields:
    same = {"preferred_technician_id": job.technician_id}
    window = details.get("window")
    if window is None:
        return {**same, "awaits": "answer"}
    return {**same, **_promise(window)}


def _promise(window: tuple[datetime, datetime]) -> Fields:
    opens, closes = window
    if not (opens < closes and now() < closes < now() + FARTHEST):
        raise Incomplete("window")
    return {"not_before": opens, "promised_from": opens, "promised_to": closes}


def _access(_job: Job, _details: Mapping[str, Any]) -> Fields:
    return {"awaits": "access"}


def _part(job: Job, details: Mapping[str, Any]) -> Fields:
    arrival: date | None = details.get("arrival")
    if arrival is None:
        return {"awaits": "part"}
    zone = ZoneInfo(job.building.site.zone if job.building else job.client.zone)
    if arrival < now().astimezone(zone).date():
        raise Incomplete("arrival")
    return {"not_before": datetime.combine(arrival, time(), zone)}


def _other_skill(job: Job, details: Mapping[str, Any]) -> Fields:
    skill, right = details.get("skill"), details.get("admin_right_id")
    if not skill and not right:
        raise Incomplete("skill")
    fields: Fields = {"admin_right_id": right} if right else {}
    if skill:
        fields["skills"] = {**job.skills, skill: max(details.get("level") or 1, job.skills.get(skill, 0))}
    return fields


def _continuation(job: Job, details: Mapping[str, Any]) -> Fields:
    minutes = details.get("minutes")
    if minutes is None:
        return {}
    if not 5 <= minutes <= 480:
        raise Incomplete("minutes")
    return length(None, job.mode, job.skills, job.building, minutes)


def _to_agent(_job: Job, details: Mapping[str, Any]) -> Fields:
    if not details.get("note"):
        raise Incomplete("note")
    return {}


_KINDS: dict[str, Callable[[Job, Mapping[str, Any]], Fields]] = {
    "new_window": _new_window,
    "access": _access,
    "part": _part,
    "other_skill": _other_skill,
    "continuation": _continuation,
    "to_agent": _to_agent,
}


def _return_to_agent(job: Job, by: User, lacked: str) -> None:
    """The handover is to be corrected: say what it lacked, and let the agent hear of it."""
    if job.ticket.handover is not None:
        job.ticket.handover.lacked = lacked
    job.ticket.set_state("on_hold", by, "handover")
    record("ticket.returned", by=by, job=job, lacked=lacked, number=job.number)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
