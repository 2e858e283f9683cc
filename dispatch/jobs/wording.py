"""What is said on the phone: the main action of a state, links to call and to navigate, what changed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import g, request
from flask_babel import gettext as _

from dispatch.dates import day_in_words
from dispatch.jobs import blueprint, queries
from dispatch.jobs.day import Withdrawn
from dispatch.labels import label
from dispatch.models.job import IllegalMove, Job
from dispatch.models.report import needs_of
from dispatch.models.transitions import BEGUN
from dispatch.web import minutes

# the one big button: the first of these that is legal
_MAIN = {
    "on_site": ("accepted", "travelling", "working", "completed"),
    "kiosk": ("accepted", "working", "completed"),
    "remote": ("working", "completed"),
}
_SYMBOLS = {"accepted": "check", "travelling": "arrow-right", "working": "map-pin", "completed": "check"}

blueprint.add_app_template_global(queries.whom_to_call)


@blueprint.app_template_global()
def new_key() -> str:
    """The key under which a drawn button is done once; a phone gives its own to what it carries."""
    return "" if g.get("is_carried") else str(uuid4())


@blueprint.app_template_filter()
def main_move(job: Job, legal: list[str]) -> str | None:
    return next((name for name in _MAIN[job.mode] if name in legal), None)


@blueprint.app_template_filter()
def eyebrow(job: Job) -> str:
    """What the card of the day is headed with."""
    known = {"travelling": _("On my way"), "working": _("In hand"), "paused": _("Paused")}
    return known.get(job.state, _("Next job"))


@blueprint.app_template_filter()
def move_words(job: Job, name: str) -> str:
    """What the button says: a call is made, not arrived at, and a pause ends by going on."""
    if name == "working" and job.state == "paused":
        return _("Go on")
    if name == "working" and job.mode != "on_site":
        return _("Call") if job.mode == "remote" else _("Begin")
    return str(label(name, "move"))


@blueprint.app_template_filter()
def move_symbol(job: Job, name: str) -> str:
    if name == "working" and job.state == "paused":
        return "play"
    if name == "working" and job.mode == "remote":
        return "phone"
    return _SYMBOLS[name]


@blueprint.app_template_filter()
def asks_on_completion(job: Job) -> bool:
    """An incident leaves a line on what was done; a request is done or not, unless its category asks for more."""
    return job.ticket.kind == "incident" or bool(needs_of(job))


@blueprint.app_template_filter()
def short_day(day: date) -> str:
    """lun. 23 nov."""
    return day_in_words(day, "EEE d MMM")


@blueprint.app_template_filter()
def dial(number: str) -> str:
    return "tel:" + re.sub(r"(?<!^)\+|[^\d+]", "", number)


def takes_texts(number: str) -> bool:
    """Whether a text message may reach it: a French number has to be a mobile's; of others nothing is known, so yes."""
    digits = re.sub(r"[^\d+]", "", number)
    national = re.sub(r"^(?:\+33|0033)0?|^0(?!0)", "", digits)
    return national == digits or national[:1] in ("6", "7")


@blueprint.app_template_filter()
def mail_to(job: Job) -> str | None:
    """A letter to whoever expects him, begun in the phone's own mail, with what it is about."""
    people = (job.ticket.contact, job.ticket.requester)
    address = next((person.email for person in people if person and person.email), None)
    about = quote(f"{job.ticket.external_id or job.ticket.number} · {job.ticket.summary}")
    return f"mailto:{quote(address, safe='@')}?subject={about}" if address else None


@blueprint.app_template_filter()
def access_told(job: Job) -> bool:
    """How one gets in is shown from when he leaves until he is done: on the way and there it is needed, before and after not."""
    return bool(
        job.state in BEGUN and job.mode != "remote" and job.building and job.building.site.access_notes
    )


@blueprint.app_template_filter()
def directions(building: Any) -> str:
    """Opens the phone's own navigation: Apple's devices know no geo: links, phones prefer them, a desk has none."""
    place, device = f"{building.latitude},{building.longitude}", request.headers.get("User-Agent", "")
    if re.search(r"iPhone|iPad|Macintosh", device):
        return f"https://maps.apple.com/?daddr={place}"
    if re.search(r"Windows NT|X11", device):
        return f"https://www.openstreetmap.org/directions?to={place}"
    return f"geo:{place}?q={place}"


@blueprint.app_template_filter()
def change_words(job: Job) -> str:
    """What changed since the technician looked, and by whom."""
    what, who, later = job.change.get("what"), job.change.get("by"), job.change.get("minutes", 0)
    if what == "retimed" and later:
        shift = minutes(abs(later))
        told = _("%(time)s later", time=shift) if later > 0 else _("%(time)s earlier", time=shift)
    elif what == "assigned":
        told = _("new in your day")
    elif what == "worked":
        told = _("already worked on")
    else:
        told = _("changed")
    return " · ".join([told, who or _("new plan")])


@blueprint.app_template_filter()
def withdrawn_words(gone: Withdrawn) -> str:
    """That a job was taken away, by whom, and why it was cancelled."""
    told = label("cancelled", "job") if gone.cancelled else _("taken off your day")
    why = [_("“%(words)s”", words=gone.note)] if gone.cancelled and gone.note else []
    return " · ".join([str(told), gone.who or _("new plan"), *why])


def overtaken(refused: IllegalMove) -> str:
    """A tap that came too late: where the job stands, and what is possible now."""
    state = label(refused.source, "job")
    possible = [str(label(name, "move")) for name in refused.legal]
    if not possible:
        return _("This job is already %(state)s; there is nothing more to do for you.", state=state)
    return _("This job is %(state)s meanwhile. You can: %(moves)s.", state=state, moves=", ".join(possible))


@blueprint.app_template_filter()
def asked(field: str) -> str:
    """The sentence for what a move still needs."""
    known = {
        "reason": _("Choose a reason."),
        "note": _("Say in a few words why."),
        "follow_up": _("This follow-up does not go with that reason."),
        "window": _("Give a time that lies ahead, with its end after its beginning."),
        "arrival": _("Give a day that is not over."),
        "skill": _("Name the skill or the admin right that is needed."),
        "minutes": _("Between 5 and 480 minutes."),
        "cause": _("Choose the cause."),
        "worked": _("Between 0 and 1440 minutes."),
        "parts": _("Between 0 and 99."),
        "checks": _("Answer every line."),
        "signer": _("Have it signed, or say who would not or could not sign."),
        "unsigned_why": _("Give the name and the reason."),
    }
    return known.get(field, _("Something is missing or out of date"))
