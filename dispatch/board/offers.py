"""What each technician's row answers while a job is held above it: minutes, arrival and lateness, and the first broken rule.

Of a locked job it says what the lock means there: the time that is kept, or that a reason will be asked for.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from dispatch import sentences
from dispatch.board import blueprint
from dispatch.board.panels import told_of, visible_in
from dispatch.models.job import Job
from dispatch.models.user import User
from dispatch.planning.candidates import Candidate
from dispatch.planning.placement import NotPlaceable, job_territory
from dispatch.planning.unlocked import locked_candidates
from dispatch.sentences import Vocabulary
from dispatch.web import local_time, minutes

# minutes of travel: what costs less beside travel is not worth a word
STRAIN = 30


def offers_for(job: Job, day: date, user: User) -> list[dict[str, Any]]:
    """One offer per technician who works that day; none where the job cannot be placed at all."""
    zone = job_territory(job).zone
    try:
        found = locked_candidates(job, day)
    except NotPlaceable as error:
        return [{"technician": None, "told": sentences.left_out(error.reason), "tone": "broken"}]
    vocabulary = Vocabulary.load(zone)
    visible = visible_in(found, user)
    return [_offer(one, job, visible, vocabulary, zone) for one in found]


def _offer(one: Candidate, job: Job, visible: set[int], vocabulary: Vocabulary, zone: str) -> dict[str, Any]:
    late = [_("%(minutes)s late", minutes=minutes(one.lateness_minutes))] if one.lateness_minutes > 0 else []
    late += [strain] if (strain := strain_words(one.strain_minutes)) else []
    if one.broken:
        told, tone = [told_of(one.broken[0], job.id, visible, vocabulary), _added(one), *late], "broken"
    else:
        told, tone = [_added(one), _when(one, job, zone), *late], "late" if late else "fits"
    if one.broken and _only_locked(one):
        told.append(_("with a reason"))
    return {
        "technician": one.technician.id,
        "day": one.day.isoformat(),
        "told": " · ".join(told),
        "tone": tone,
    }


@blueprint.app_template_global()
def strain_words(count: int) -> str:
    """What a move costs beside travel: lateness, promises, overtime; nothing where it is not worth a word."""
    if count < STRAIN:
        return ""
    return _("lateness and overtime like %(minutes)s of travel", minutes=minutes(count))


def _only_locked(one: Candidate) -> bool:
    """Whether nothing but a lock that may be overridden stands against it."""
    return all(broken.rule == "lock" and broken.waivable for broken in one.broken)


def _added(one: Candidate) -> str:
    return f"{'+' if one.added_minutes >= 0 else ''}{minutes(one.added_minutes)}"


def _when(one: Candidate, job: Job, zone: str) -> str:
    """The arrival; of a job whose time is locked and kept, that time."""
    if job.lock_start is not None and one.start == job.lock_start:
        return _("keeps %(time)s, locked", time=local_time(one.start, zone))
    return _("arrives %(time)s", time=local_time(one.arrival, zone))
