from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.board import blueprint
from dispatch.board.answers import moved_on
from dispatch.board.what_if_form import WhatIfForm
from dispatch.board.what_if_pages import asked_form, find_what_if, index_address
from dispatch.board.what_ifs import index_context
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.planning import accept as acceptance
from dispatch.planning import run
from dispatch.planning.assuming import WrongAssumption, checked
from dispatch.planning.horizon import Horizon
from dispatch.security import role
from dispatch.tasks import enqueue
from dispatch.web import wants_fragment


@blueprint.post("/board/what-ifs/drafts")
@role("dispatcher", "administrator")
def create_what_if_draft() -> str:
    """The form with a line more or less; nothing is written."""
    form, seconds, lengths = asked_form()
    form.change(request.form.get("add", ""), request.form.get("drop", ""))
    return _form_again(form, seconds, lengths)


@blueprint.post("/board/what-ifs")
@role("dispatcher", "administrator")
def create_what_if() -> Any:
    form, seconds, lengths = asked_form()
    if seconds not in lengths:
        abort(400)
    asked = _request(form, seconds)
    if asked is None:
        db.session.rollback()
        return _form_again(form, seconds, lengths), 422
    db.session.commit()
    enqueue("solve", asked.id)
    return redirect(url_for("board.show_what_if", run_id=asked.id), code=303)


@blueprint.post("/board/what-ifs/<int:run_id>/discard")
@role("dispatcher", "administrator")
def create_what_if_discard(run_id: int) -> Any:
    found = find_what_if(run_id)
    try:
        acceptance.reject(found, current_user)
    except acceptance.Superseded:
        return moved_on(found)
    db.session.commit()
    flash(_("Discarded. The plan stays as it is."), "info")
    return redirect(index_address(found), code=303)


def _request(form: WhatIfForm, seconds: int) -> PlanRun | None:
    """The run asked for; None when it cannot be, which the form then says."""
    given, territory = form.given(), form.territory
    if given is None:
        return None
    try:
        told = checked(given, Horizon(territory.zone, form.day, 1, now()), territory, current_user, origin())
        return run.request(territory, form.day, 1, seconds, current_user, assumptions=told)
    except WrongAssumption as error:
        form.refuse(error)
    except run.RunUnderWay:
        form.trouble = _("Another what-if of this territory is being computed. Wait for it or stop it.")
    return None


def origin() -> str:
    """What a ticket says of itself that comes of a what-if."""
    return _("Added from a what-if.")


def _form_again(form: WhatIfForm, seconds: int, lengths: list[int]) -> str:
    page = "board/what_ifs/_form.html" if wants_fragment() else "board/what_ifs/index.html"
    return render_template(page, **index_context(form, seconds, lengths))
