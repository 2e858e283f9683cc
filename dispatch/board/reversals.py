"""The changes of the day, and what undoing them means: shown first; actions.py does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, make_response, redirect, request, url_for
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select

from dispatch.board import blueprint
from dispatch.board.changed import change_to_undo, changes_of, preview_of, series_from
from dispatch.board.regions import asked_day, asked_territory, changes, shared
from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.models.plan_change import PlanChange
from dispatch.planning.journal import just_kept
from dispatch.planning.undo import Undo, undo_of
from dispatch.security import role
from dispatch.web import page_or_fragment, wants_fragment


@blueprint.get("/board/changes")
@role("dispatcher", "administrator")
def index_changes() -> str:
    territory = asked_territory()
    lines = changes_of(territory, current_user)
    return page_or_fragment(
        "board/changes/index.html", **shared(territory, asked_day(territory)), lines=lines
    )


@blueprint.get("/board/changes/<int:change_id>/reversal")
@role("dispatcher", "administrator")
def show_reversal(change_id: int) -> Any:
    return reversal_shown(asked_changes(change_id))


def asked_changes(change_id: int) -> Sequence[PlanChange]:
    """The change, or with `since` everything from it on; only what is recent and the user's to answer."""
    found = change_to_undo(change_id, current_user)
    if not found.is_for(current_user):
        abort(403)
    return series_from(found, current_user) if request.values.get("since") else [found]


def reversal_shown(asked: Sequence[PlanChange], status: int = 200) -> Any:
    """What goes back and what stays, as it is now."""
    first = asked[-1]
    context = shared(first.territory, asked_day(first.territory))
    found = undo_of(asked)
    preview = preview_of(found, current_user, context["vocabulary"])
    runs = select(PlanRun.id).where(
        PlanRun.id.in_([one.run_id for one in asked]), PlanRun.assumed.is_not(None)
    )
    answer = make_response(
        page_or_fragment("board/changes/show.html", **context, change=first, count=len(asked), preview=preview,
                         since=request.values.get("since"), refused=status == 412,
                         extended=any(one.kind == "extension" for one in asked),
                         made_real=db.session.scalar(runs.limit(1)) is not None), status)  # fmt: skip
    if status == 412:
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
    return answer


def undone(done: Undo) -> Any:
    """Every region of the board, and the way to undo that as well; without htmx back to the board."""
    territory = done.changes[0].territory
    day = asked_day(territory)
    count = len(done.back)
    told = ngettext(
        "Undone: %(num)d job is back where it was.", "Undone: %(num)d jobs are back where they were.", count
    )
    if not wants_fragment():
        flash(told, "ok")
        return redirect(url_for("board.index", territory=territory.code, day=day))
    answer = make_response(changes(None, territory, day, None, toasts=[(told, "ok")], undoable=just_kept()))
    answer.headers["HX-Trigger"] = "close-dialog"
    return answer
