"""What each technician's row answers while a job is held above it: minutes and arrival, or the first broken rule."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from dispatch import sentences
from dispatch.board.panels import sentence_of
from dispatch.models.job import Job
from dispatch.models.user import User
from dispatch.planning.candidates import Candidate, candidates
from dispatch.planning.placement import NotPlaceable, job_territory
from dispatch.sentences import Vocabulary
from dispatch.web import local_time, minutes


def offers_for(job: Job, day: date, user: User) -> list[dict[str, Any]]:
    """One offer per technician who works that day; none where the job cannot be placed at all."""
    zone = job_territory(job).zone
    try:
        found = candidates(job, day)
    except NotPlaceable as error:
        return [{"technician": None, "told": sentences.left_out(error.reason), "tone": "broken"}]
    vocabulary = Vocabulary.load(zone)
    return [_offer(one, job, user, vocabulary, zone) for one in found]


def _offer(one: Candidate, job: Job, user: User, vocabulary: Vocabulary, zone: str) -> dict[str, Any]:
    if one.broken:
        told, tone = sentence_of(one.broken[0], job, user, vocabulary), "broken"
    else:
        sign = "+" if one.added_minutes >= 0 else ""
        told = f"{sign}{minutes(one.added_minutes)} · {_('arrives %(time)s', time=local_time(one.arrival, zone))}"
        tone = "late" if one.lateness_minutes > 0 else "fits"
        if one.lateness_minutes > 0:
            told += " · " + _("%(minutes)s late", minutes=minutes(one.lateness_minutes))
    return {"technician": one.technician.id, "day": one.day.isoformat(), "told": told, "tone": tone}
