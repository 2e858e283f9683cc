from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch.extensions import db
from dispatch.labels import label
from dispatch.models.action import Action
from dispatch.models.astray import WORK
from dispatch.models.job import IllegalMove
from dispatch.models.transitions import Incomplete
from dispatch.replay import verdicts
from dispatch.replay.kinds import Unfit
from dispatch.reviews import blueprint, pages
from dispatch.security import role
from dispatch.sentences import replayed
from dispatch.web import local_instant

LONGEST_REMARK = 500


@blueprint.post("")
@role("dispatcher", "administrator")
def create_decision() -> Any:
    seen = _seen()
    entries = verdicts.hold(seen, current_user)
    if not seen or len(entries) != len(seen):
        abort(404)
    _decide(entries, request.form.get("decision", ""))
    db.session.commit()
    count = len(entries)
    flash(ngettext("%(num)d entry was decided.", "%(num)d entries were decided.", count), "ok")
    return redirect(url_for("reviews.index", territory=request.form.get("territory") or None), 303)


def _decide(entries: Sequence[Action], decision: str) -> None:
    if decision == "apply":
        verdicts.accept(entries, current_user)
    elif decision == "keep":
        verdicts.keep(entries, [_as_note(one) for one in entries], current_user)
    elif decision == "discard":
        verdicts.discard(entries, request.form.get("remark", "")[:LONGEST_REMARK], current_user)
    else:
        abort(400)


def _seen() -> dict[int, int]:
    """Which entries the form was about, each with the version that was shown."""
    try:
        pairs = [one.split(":") for one in request.form.getlist("action")]
        return {int(action_id): int(version) for action_id, version in pairs}
    except ValueError:
        abort(400)


def _as_note(entry: Action) -> str:
    """What work was done and what was typed; that somebody was going to is nothing to note."""
    if not entry.note and entry.body.get("to") not in WORK:
        return ""
    zone = entry.territory.zone if entry.territory else "Europe/Paris"
    when = local_instant(entry.claimed_at or entry.received_at, zone)
    return replayed.kept_note(
        entry.user.name, replayed.action_words(entry.kind, entry.body), when, entry.note
    )


# refusals --------------------------------------------------------------------------------------------


@blueprint.errorhandler(StaleDataError)
def somebody_faster(_error: StaleDataError) -> Any:
    text = _("Somebody else decided meanwhile, or the phone has sent more. This is how it stands now.")
    return _again(412, _("Somebody was faster"), text)


@blueprint.errorhandler(IllegalMove)
def not_from_here(error: IllegalMove) -> Any:
    text = _("The job is %(state)s, and what was done does not follow from there. Change the job on the board first "
             "(give it to whoever did the work), or keep what was done as a note.", state=label(error.source, "job"))  # fmt: skip
    return _again(409, _("Not possible now"), text)


@blueprint.errorhandler(Incomplete)
def incomplete(error: Incomplete) -> Any:
    if error.field == "remark":
        return _again(422, _("Say why"), _("What is set aside needs a reason: whoever did it will read it."))
    text = _(
        "Something that it needs is missing or has passed. Keep it as a note, and do on the board what has to be done."
    )
    return _again(422, _("Not possible any more"), text)


@blueprint.errorhandler(Unfit)
def unfit(error: Unfit) -> Any:
    text = _("It cannot count: %(why)s. Keep it as a note, or set it aside with a reason.",
             why=replayed.review_title(error.reason))  # fmt: skip
    return _again(409, _("Not possible"), text)


def _again(status: int, title: str, text: str) -> Any:
    db.session.rollback()
    return pages.rendered((title, text)), status
