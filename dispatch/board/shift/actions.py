from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch.board import blueprint
from dispatch.board.forms import version
from dispatch.board.regions import asked_day, asked_territory, shared
from dispatch.extensions import db
from dispatch.models.note import READERS, DayNote
from dispatch.models.place import Territory
from dispatch.models.transitions import Incomplete
from dispatch.security import find_or_404, role
from dispatch.web import page_or_fragment, wants_fragment


@blueprint.post("/board/notes")
@role(*READERS)
def create_note() -> Any:
    territory = asked_territory()
    day, typed = asked_day(territory), request.form.get("text", "")
    try:
        DayNote.write(territory, day, typed, current_user)
    except Incomplete:
        return _list(territory, day, with_form=True, typed=typed, wrong=True), 422
    db.session.commit()
    return _noted(territory, day, _("Noted"), with_form=True)


@blueprint.post("/board/notes/<int:note_id>")
@role(*READERS)
def update_note(note_id: int) -> Any:
    note, typed = _own(note_id), request.form.get("text", "")
    try:
        note.change(typed, current_user, version())
    except Incomplete:
        return _again(note_id, 422, typed=typed, wrong=True)
    except StaleDataError:
        return _again(note_id, 412, typed=typed, overtaken=True)
    db.session.commit()
    return _noted(note.territory, note.day, _("Note changed"))


@blueprint.post("/board/notes/<int:note_id>/deletion")
@role(*READERS)
def delete_note(note_id: int) -> Any:
    note = _own(note_id)
    territory, day = note.territory, note.day
    try:
        note.delete(current_user, version())
    except StaleDataError:
        return _again(note_id, 412, overtaken=True)
    db.session.commit()
    return _noted(territory, day, _("Note deleted"))


def _own(note_id: int) -> DayNote:
    note = find_or_404(DayNote.visible_to(current_user).where(DayNote.id == note_id))
    return note if note.may_change(current_user) else abort(403)


def _noted(territory: Territory, day: date, told: str, with_form: bool = False) -> Any:
    """The list as it is now; without htmx back to where it stands."""
    if not wants_fragment():
        flash(told, "ok")
        return redirect(url_for("board.index_notes", territory=territory.code, day=day))
    answer = make_response(_list(territory, day, with_form=with_form, toasts=[(told, "ok")]))
    answer.headers["HX-Trigger"] = "close-dialog"
    return answer


def _list(territory: Territory, day: date, **more: Any) -> str:
    notes = DayNote.of_day(territory, day, current_user)
    page = "board/shift/_noted.html" if wants_fragment() else "board/shift/notes.html"
    return render_template(page, **shared(territory, day), notes=notes, **more)


def _again(note_id: int, status: int, typed: str | None = None, **more: Any) -> Response:
    """The note as it is now beside what was typed, so that nothing of it is lost."""
    db.session.rollback()
    note = find_or_404(DayNote.visible_to(current_user).where(DayNote.id == note_id))
    page = page_or_fragment(
        "board/shift/note.html", note=note, typed=note.text if typed is None else typed, **more
    )
    answer = make_response(page, status)
    answer.headers.update({"HX-Retarget": "#sheet", "HX-Reswap": "innerHTML"})
    return answer
