"""Who and what a run does not consider, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from dispatch.sentences.vocabulary import on


def left_out(code: str, days: Sequence[date] = (), of: int = 1) -> str:
    """Why somebody or something would be ignored by a run, or cannot be placed by hand.

    `days` are those of the run on which somebody is out, `of` how many days it has.
    """
    told = _out_of_several(code, days, of) if of > 1 else None
    return told or _out(code)


def way_out(code: str) -> str:
    """What can be done about a job that cannot be placed by hand on the day asked for; nothing where that is not known."""
    if code == "missed":
        return _("Agree on another time with the requester.")
    return _("Choose another day.") if code in ("too_late", "closed", "other_day") else ""


def _out_of_several(code: str, days: Sequence[date], of: int) -> str | None:
    if code in ("no_shift", "absent") and 0 < len(days) < of:
        return on(_("has no shift") if code == "no_shift" else _("is absent"), days)
    told = {
        "no_shift": _("has no shift on any of these days"),
        "absent": _("is absent on all these days"),
        "closed": _("the place is closed on all these days"),
        "other_day": _("can only be done later"),
    }
    return told.get(code)


def _out(code: str) -> str:
    told = {
        "no_shift": _("has no shift that day"),
        "shift_over": _("has finished for today"),
        "absent": _("is absent"),
        "no_base": _("has no base on the map"),
        "no_duration": _("has no duration"),
        "no_place": _("has no place on the map"),
        "no_phone": _("has no phone number"),
        "impossible_window": _("has hours in which it cannot be done"),
        "too_late": _("has too little time left before the place closes"),
        "missed": _("has too little time left while the requester is there"),
        "awaits": _("waits for an answer, an access or a part"),
        "other_day": _("can only be done on another day"),
        "closed": _("the place is closed"),
        "not_working": _("does not work that day"),
        "not_planned": _("is not planned yet"),
        "locked_to_absent": _("is locked to somebody who is not there"),
        "time_locked": _("has a locked time on another day"),
        "other_territory": _("belongs to another territory"),
        "kiosk": _("is done at the kiosk"),
        "begun": _("is under way or has ended"),
        "stands": _("has a route whose times no longer hold, and keeps it"),
    }
    return told.get(code, code)
