"""Saying that a technician is absent, or back."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from dispatch.board import blueprint
from dispatch.board.absences import sheet, technician_named
from dispatch.board.forms import version, window
from dispatch.board.regions import asked_day, changes
from dispatch.extensions import db
from dispatch.models import away
from dispatch.models.technician import Absence, Technician
from dispatch.models.transitions import Incomplete
from dispatch.security import find_or_404, role
from dispatch.web import wants_fragment

LONGEST_REASON = 200


@blueprint.post("/board/technicians/<int:technician_id>/absence")
@role("dispatcher", "administrator")
def create_absence(technician_id: int) -> Any:
    technician = technician_named(technician_id)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    try:
        span = window()
        if span is None:
            raise Incomplete("window")
        away.leave(technician, span, reason, current_user, version())
    except Incomplete as missing:
        return _again(technician, 422, senseless=_senseless(missing.field))
    except away.Outdated:
        return _again(technician, 412, outdated=True)
    db.session.commit()
    return _said(technician, _("%(name)s: absence noted", name=technician.name))


@blueprint.post("/board/technicians/<int:technician_id>/return")
@role("dispatcher", "administrator")
def create_return(technician_id: int) -> Any:
    technician = technician_named(technician_id)
    asked = request.form.get("absence", type=int)
    absence = find_or_404(select(Absence).where(Absence.id == asked, Absence.technician_id == technician.id))
    try:
        away.come_back(technician, absence, current_user, version())
    except away.Outdated:
        return _again(technician, 412, outdated=True)
    db.session.commit()
    return _said(technician, _("%(name)s: back", name=technician.name))


def _senseless(field: str) -> str:
    told = {
        "order": _("It ends before it begins: look at the day, the year and the hour of both."),
        "past": _("It is over already, or begins more than a day ago: say from now on."),
        "longest": _("An absence lasts at most %(days)s days: look at the years.", days=away.LONGEST.days),
    }
    return told.get(field, _("Say both from when and until when."))


def _again(technician: Technician, status: int, **trouble: Any) -> Any:
    """The sheet as it is now, with what went wrong."""
    db.session.rollback()
    db.session.refresh(technician)
    answer = make_response(sheet(technician, **trouble), status)
    answer.headers.update({"HX-Retarget": "#sheet", "HX-Reswap": "innerHTML"})
    return answer


def _said(technician: Technician, told: str) -> Any:
    """His row and what is offered now; without htmx back to the board."""
    territory = technician.territory
    day = asked_day(territory)
    if not wants_fragment():
        flash(told, "ok")
        return redirect(url_for("board.index", territory=territory.code, day=day))
    answer = make_response(changes(None, territory, day, {technician.id}, toasts=[(told, "ok")]))
    answer.headers["HX-Trigger"] = "close-dialog"
    return answer
