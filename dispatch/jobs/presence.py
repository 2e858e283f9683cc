"""Where a technician says that he is: in a pause, at a kiosk, gone for the day; what his phone shows and takes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import flash, get_template_attribute, json, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.jobs import blueprint
from dispatch.jobs.actions import day as day_shown
from dispatch.jobs.day import Day
from dispatch.models import whereabouts
from dispatch.models.crowd import crowds
from dispatch.models.place import Kiosk
from dispatch.models.technician import KioskDuty
from dispatch.models.transitions import BEGUN, Incomplete
from dispatch.planning.rollover import NOT_BEGUN
from dispatch.planning.whereabouts import UnderWay
from dispatch.receipts import answer_once, fingerprint_of
from dispatch.replay import ledger
from dispatch.replay.presence import be
from dispatch.security import role
from dispatch.web import wants_fragment

# what a tap ends, and what it begins: the phone knows no rule itself
LEADS: dict[str, tuple[Sequence[str], str | None]] = {
    "pause": (("pause",), "pause"), "resume": (("pause", "off"), None), "kiosk": (("pause", "off", "kiosk"), "kiosk"),
    "leave": (("kiosk",), None), "off": (("pause", "kiosk"), "off"),
}  # fmt: skip
BEGINS = {"travelling": ("pause", "off", "kiosk"), "working": ("pause", "off")}
# what he can tap in each state, beside what ends it
CHOICES: dict[str, Sequence[str]] = {
    "free": ("pause", "kiosk", "off"), "pause": ("off",), "kiosk": ("pause", "off"), "off": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Here:
    """What he is in, the latest last; `since` and `until` of that one."""

    stack: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    kiosk: str = ""
    kiosk_id: int | None = None
    waiting: int = 0
    planned: Sequence[KioskDuty] = field(default_factory=list)
    kiosks: Sequence[Kiosk] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.stack[-1] if self.stack else "free"

    @property
    def choices(self) -> Sequence[str]:
        return CHOICES[self.kind]


@blueprint.app_template_global()
def present() -> Here:
    """Where he is now, and which kiosks he may go to."""
    stays = whereabouts.ongoing(current_user.technician)
    stack = [whereabouts.kind_of(one) for one in stays]
    offered = (whereabouts.planned(current_user.technician, now()), whereabouts.kiosks(current_user))
    if not stays:
        return Here(stack, planned=offered[0], kiosks=offered[1])
    last = stays[-1]
    if not isinstance(last, KioskDuty):
        return Here(stack, last.starts_at, last.ends_at, "", None, 0, *offered)
    waiting = crowds([last.kiosk])[last.kiosk_id].waiting
    return Here(stack, last.starts_at, last.ends_at, last.kiosk.name, last.kiosk_id, waiting, *offered)


@blueprint.app_template_global()
def pause_minutes() -> Sequence[int]:
    return whereabouts.PAUSE_MINUTES


@blueprint.app_template_global()
def kiosk_minutes() -> Sequence[int]:
    return whereabouts.KIOSK_MINUTES


def carried(day: Day) -> dict[str, Any]:
    """What a phone needs to show it without signal: what is drawn for every state, and which taps lead where."""
    here = present()
    top, choice = (
        get_template_attribute("jobs/presence.html", f"presence_{part}") for part in ("top", "choice")
    )
    return {
        "stack": here.stack, "leads": LEADS, "begins": BEGINS, "left": NOT_BEGUN, "busy": BEGUN, "choices": CHOICES,
        "tops": {state: top(state, day, here if state == here.kind else Here()) for state in CHOICES},
        "pieces": {part: choice(part, day, here) for part in CHOICES["free"]},
    }  # fmt: skip


@blueprint.post("/jobs/presence")
@role("technician")
def create_presence() -> Any:
    """A pause, back from it, at a kiosk, away from it, the end of the shift; as the queue's `presence`."""
    form = request.form
    means = fingerprint_of(request.path, *(form.get(name) for name in ("say", "minutes", "kiosk")))

    def act() -> Any:
        if not ledger.knows(current_user.id, form.get("key", "")):  # sent again by the phone's queue
            be(form, current_user, current_user, now())
        return "", 204

    try:
        done = answer_once(current_user, form.get("key", ""), means, act)
    except UnderWay as busy:
        told = _("%(number)s is under way. End it, or say that it is not possible; then tap again.",
                 number=busy.job.number)  # fmt: skip
        return _refused(told)
    except Incomplete:
        return _refused(_("Something is missing or out of date"))
    return day_shown(form) if done.status_code < 400 else done


def _refused(told: str) -> Any:
    db.session.rollback()
    if not wants_fragment():
        flash(told, "warn")
        return redirect(url_for("jobs.index"), 303)
    answer = day_shown(request.form)
    answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": told, "tone": "warn"}})
    return answer
