"""What a notification says, in the language of its reader: number, time and place. It lies on a lock screen, so
nobody's name and nothing that somebody wrote is in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.clock import now
from dispatch.dates import day_in_words
from dispatch.labels import label
from dispatch.models.job import Job
from dispatch.models.transitions import BEGUN, ENDED, ON_PHONE

LONGEST_PLACE = 80


def of_job(job: Job, kinds: Collection[str], mine: bool, zone: str) -> dict[str, Any] | None:
    """Title, text and buttons about one job after all that happened to it; None when there is nothing to tell."""
    told = {"tag": f"job-{job.id}", "url": f"/jobs/{job.number}", "job": job.number}
    if "answered" in kinds:
        look = {"action": "open", "title": _("See")}
        title = _("Your dispatchers have answered")
        return {
            **told,
            "tag": f"answer-{job.id}",
            "url": "/jobs",
            "title": title,
            "body": job.number,
            "actions": [look],
        }
    on_phone = mine and job.state in ON_PHONE
    if not on_phone:
        if "withdrawn" not in kinds or (mine and job.state in ("completed", "not_completed")):
            return None
        title = _("Job cancelled") if job.state == "cancelled" else _("Job taken off your day")
        return {**told, "url": "/jobs", "title": title, "body": job.number, "actions": []}
    if job.state in BEGUN or job.state in ENDED:
        return None
    if {"assigned", "dispatched"} & set(kinds) and "withdrawn" not in kinds:
        title = _("Urgent: new job") if job.ticket.priority == 1 else _("New job")
    else:
        title = _("Job changed")
    accept = {"action": "accept", "title": str(label("accepted", "move"))}
    look = {"action": "open", "title": _("See")}
    return {
        **told, "title": title, "body": _where_and_when(job, zone), "version": job.version,
        "actions": [accept, look] if job.state == "dispatched" else [look],
        "kept": _("Accepted. It will be sent as soon as there is signal."), "accepted": str(label("accepted", "job")),
    }  # fmt: skip


def of_day(jobs: Sequence[Job], changed: int, zone: str) -> dict[str, Any]:
    """At the begin of the shift, or when too much happens at once: the day in one line."""
    parts = [ngettext("One job", "%(num)d jobs", len(jobs)) if jobs else _("No job for now")]
    starts = [job.planned_start for job in jobs if job.planned_start and job.state not in BEGUN]
    if starts:
        parts.append(_("first at %(time)s", time=_clock(min(starts), zone)))
    parts.append(ngettext("one has changed", "%(num)d have changed", changed))
    return {"tag": "day", "url": "/jobs", "title": _("Your day"), "body": ", ".join(parts), "actions": []}


def _where_and_when(job: Job, zone: str) -> str:
    """INT-1042 · 09:30 · Colbert, with the day when it is not today."""
    when = _clock(job.planned_start, zone) if job.planned_start else None
    if job.planned_start and job.day and job.day != now().astimezone(ZoneInfo(zone)).date():
        when = f"{day_in_words(job.day, 'EEE d')} {when}"
    place = str(label("remote", "mode")) if job.mode == "remote" else job.building and job.building.site.name
    return " · ".join(part for part in (job.number, when, place and place[:LONGEST_PLACE]) if part)


def _clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M}"
