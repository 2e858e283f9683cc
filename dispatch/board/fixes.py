"""The cheapest way out for a job that nobody has, as a button: first what it would mean, then one press."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_login import current_user

from dispatch import sentences
from dispatch.board import blueprint
from dispatch.board.explanations import visible_ids
from dispatch.board.panels import told_of
from dispatch.board.regions import asked_day, asked_territory, job_territory, shared
from dispatch.models.job import Job
from dispatch.planning.placement import NotPlaceable
from dispatch.planning.remedy import Offer, offer_for
from dispatch.security import find_or_404, role
from dispatch.sentences import Vocabulary
from dispatch.web import page_or_fragment


@blueprint.get("/board/jobs/<number>/fix")
@role("dispatcher", "administrator")
def show_fix(number: str) -> str:
    return fix_sheet(find_or_404(Job.numbered(number, current_user)))


def fix_sheet(job: Job, moved_on: bool = False, unsaid: bool = False) -> str:
    """What would be done and what it would mean; `moved_on`: it is not what was shown before; `unsaid`: it needs a reason."""
    day = asked_day(asked_territory())
    context = shared(job_territory(job), day)
    try:
        offer = offer_for(job, day)
    except NotPlaceable:
        offer = Offer(None, afresh=True)
    told = _told(offer, job, context["vocabulary"])
    return page_or_fragment(
        "board/fix.html", **context, job=job, offer=offer, moved_on=moved_on, unsaid=unsaid, **told
    )


def _told(offer: Offer, job: Job, vocabulary: Vocabulary) -> dict[str, Any]:
    remedy, entry = offer.remedy, offer.entry
    barred = entry["reasons"] if entry and entry["kind"] != "not_found" else []
    told = sentences.summary(barred, vocabulary) if barred else ""
    why = f"{told[:1].upper()}{told[1:]}." if told else ""
    if remedy is None:
        return {"why": why, "title": _("Find somebody for %(number)s", number=job.number)}
    visible = visible_ids([one.job_id for one in remedy.broken if one.job_id], current_user)
    known = [one for one in remedy.changes if current_user.sees(one["client_id"])]
    return {
        "why": why,
        "title": _("Give %(number)s %(to)s", number=job.number, to=sentences.to_name(remedy.technician.name)),
        "rules": [told_of(one, job.id, visible, vocabulary) for one in remedy.broken],
        "changes": [sentences.change(one, vocabulary) for one in known],
        "others": len(remedy.changes) - len(known),
        "to": sentences.to_name(remedy.technician.name),
    }
