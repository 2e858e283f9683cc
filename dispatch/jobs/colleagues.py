"""To whom a job can be handed, and what nobody has that fits in the day: both asked of the server, as it stands."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from dispatch import sentences
from dispatch.jobs import blueprint, wording
from dispatch.models.job import IllegalMove, Job
from dispatch.planning.candidates import Candidate
from dispatch.planning.handing import Colleagues, Locked, colleagues, on_offer
from dispatch.planning.placement import Broken, NotPlaceable
from dispatch.security import find_or_404, role
from dispatch.sentences import Vocabulary
from dispatch.web import wants_fragment


@blueprint.get("/jobs/<number>/colleagues")
@role("technician")
def index_colleagues(number: str) -> str:
    return colleagues_sheet(find_or_404(Job.numbered(number, current_user)))


@blueprint.get("/jobs/offers")
@role("technician")
def index_offers() -> str:
    return offers_sheet()


def colleagues_sheet(job: Job, trouble: str | None = None) -> str:
    """Whom it fits, best first; `trouble` is why what was chosen could not be done. A page of its own without scripts."""
    found, refused = Colleagues([], []), None
    zone = job.technician.territory.zone if job.technician else job.client.zone
    try:
        found = colleagues(job)
    except (Locked, NotPlaceable, IllegalMove) as refusal:
        refused = refused_words(refusal)
    return _sheet("jobs/sheets/colleagues.html", _("Hand to a colleague"), job=job, zone=zone, found=found, refused=refused, trouble=trouble,
                  first_reason=_first_reason(found, job, zone))  # fmt: skip


def offers_sheet(trouble: str | None = None) -> str:
    technician = current_user.technician
    zone = technician.territory.zone
    return _sheet(
        "jobs/sheets/offers.html", _("Take a job"), offers=on_offer(current_user), zone=zone, trouble=trouble
    )


def refused_words(refusal: Exception) -> str:
    """Why a job cannot be given or taken at all, in one sentence."""
    if isinstance(refusal, Locked):
        return _("The dispatcher has fixed that you do this one. Ask for help if you cannot.")
    if isinstance(refusal, NotPlaceable):
        return _("It cannot be placed: %(why)s.", why=sentences.left_out(refusal.reason))
    assert isinstance(refusal, IllegalMove)
    return wording.overtaken(refusal)


def broken_words(broken: Broken, job: Job, words: Vocabulary) -> str:
    """A broken rule in words; of another job on the route only that it is another one."""
    told = sentences.reason(broken.rule, broken.values, words)
    other = _("another job")
    return told if broken.job_id in (None, job.id) else f"{other} · {told}"


def _first_reason(found: Colleagues, job: Job, zone: str) -> str | None:
    """Why the one who comes nearest cannot, without his name."""
    nearest: Candidate | None = next(iter(found.unfit), None)
    if nearest is None:
        return None
    if nearest.feasible:
        return _("outside the promised window")
    return broken_words(nearest.broken[0], job, Vocabulary.load(zone))


def _back() -> str:
    """The region that an answer replaces: of the page that asks, for the sheet before may be one that is carried for both."""
    shown = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return "job" if shown.startswith("/jobs/") or request.values.get("back") == "job" else "day"


def _sheet(body: str, title: str, **context: Any) -> str:
    said = {"back": _back(), "on": request.values.get("day") or None}
    template = "jobs/_sheet.html" if wants_fragment() else "jobs/sheet_page.html"
    return render_template(template, body=body, title=title, **said, **context)
