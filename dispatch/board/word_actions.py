"""The answer to what a technician says from the field."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch.board import blueprint
from dispatch.board.forms import version
from dispatch.board.regions import asked_day, changes
from dispatch.board.words import sheet, word_of
from dispatch.extensions import db
from dispatch.models.transitions import Incomplete
from dispatch.models.word import LONGEST_REMARK, Word
from dispatch.security import role
from dispatch.web import wants_fragment


@blueprint.post("/board/words/<int:word_id>/answer")
@role("dispatcher", "administrator")
def create_answer(word_id: int) -> Any:
    remark = request.form.get("remark", "").strip()[:LONGEST_REMARK] or None
    word = word_of(word_id)
    try:
        word.answer_with(request.form.get("answer", ""), remark, current_user, version())
        db.session.commit()
    except StaleDataError:
        return _again(word_id, 412, _("Somebody was faster"), _("This is how it stands now."))
    except Incomplete:
        return _again(
            word_id, 422, _("Something is missing"), _("Write what he should know, or choose another answer.")
        )
    return _said(word)


def _said(word: Word) -> Any:
    told, territory = (
        _("%(name)s reads your answer on the phone", name=word.technician.name),
        word.technician.territory,
    )
    day = asked_day(territory)
    if not wants_fragment():
        flash(told, "ok")
        return redirect(url_for("board.index", territory=territory.code, day=day))
    answer = make_response(changes(None, territory, day, {word.technician_id}, toasts=[(told, "ok")]))
    answer.headers["HX-Trigger"] = "close-dialog"
    return answer


def _again(word_id: int, status: int, title: str, text: str) -> Any:
    db.session.rollback()
    answer = make_response(sheet(word_id, trouble=(title, text), typed=request.form.get("remark")), status)
    answer.headers.update({"HX-Retarget": "#sheet", "HX-Reswap": "innerHTML"})
    return answer
