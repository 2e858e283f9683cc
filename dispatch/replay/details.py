"""The details of a follow-up as forms and phones say them: texts, read into what models/follow_up.py takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.client import AdminRight, Skill
from dispatch.models.job import Job
from dispatch.models.transitions import Incomplete

LONGEST_NOTE = 4000


def note_of(said: Mapping[str, str]) -> str | None:
    return said.get("note", "").strip()[:LONGEST_NOTE] or None


def details_of(said: Mapping[str, str], job: Job) -> dict[str, Any]:
    """What was said of the follow-up; raises Incomplete with the name of a field that cannot be read."""
    details: dict[str, Any] = {
        "part": said.get("part") or None, "contact": said.get("contact") or None, "minutes": number_in(said, "minutes"),
    }  # fmt: skip
    if said.get("arrival"):
        details["arrival"] = _read("arrival", lambda: date.fromisoformat(said["arrival"]))
    if said.get("from") or said.get("until"):
        details["window"] = _window(said, job)
    if said.get("skill"):
        details |= _skill_or_right(said["skill"], job)
    return {name: value for name, value in details.items() if value is not None}


def _window(said: Mapping[str, str], job: Job) -> tuple[datetime, datetime]:
    """Local times of the place, whatever zone the phone is set to."""
    zone = ZoneInfo(job.building.site.zone if job.building else job.client.zone)
    begins, ends = (
        _read("window", partial(datetime.fromisoformat, said.get(name, ""))) for name in ("from", "until")
    )
    return begins.replace(tzinfo=zone), ends.replace(tzinfo=zone)


def number_in(said: Mapping[str, str], field: str) -> int | None:
    """A number as it was typed; raises Incomplete when it is none."""
    return _read(field, lambda: int(said[field])) if said.get(field) else None


def _read(field: str, reader: Callable[[], Any]) -> Any:
    try:
        return reader()
    except (ValueError, KeyError):
        raise Incomplete(field) from None


def _skill_or_right(choice: str, job: Job) -> dict[str, Any]:
    """One list offers both: `skill:CODE` and `right:ID` of the job's own client."""
    kind, _colon, what = choice.partition(":")
    if kind == "skill" and db.session.scalar(select(Skill.id).where(Skill.code == what)):
        return {"skill": what}
    rights = select(AdminRight.id).where(AdminRight.client_id == job.client_id)
    if kind == "right" and what in {str(known) for known in db.session.scalars(rights)}:
        return {"admin_right_id": int(what)}
    raise Incomplete("skill")
