"""The sheet that says when a technician is absent, and that he is back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_login import current_user
from sqlalchemy import select

from dispatch.board import blueprint
from dispatch.board.regions import asked_day, shared
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import away
from dispatch.models.place import Territory
from dispatch.models.technician import Shift, Technician
from dispatch.security import find_or_404, role
from dispatch.sla.calendar import local_instant
from dispatch.web import page_or_fragment


@blueprint.get("/board/technicians/<int:technician_id>/absence")
@role("dispatcher", "administrator")
def new_absence(technician_id: int) -> str:
    return sheet(technician_named(technician_id))


def technician_named(technician_id: int) -> Technician:
    """Somebody of a territory that the reader sees, still with us."""
    mine = Technician.visible_to(current_user).where(Technician.id == technician_id)
    return find_or_404(mine.where(Technician.left_at.is_(None)))


def sheet(technician: Technician, **trouble: Any) -> str:
    """The form with what is known of his absences now; `outdated` or `senseless` say what went wrong."""
    territory = technician.territory
    day = asked_day(territory)
    span = _suggested(technician, territory, day)
    typed = [request.form.get(name) or text for name, text in zip(("from", "until"), span, strict=True)]
    return page_or_fragment("board/absences/new.html", **shared(territory, day), technician=technician,
                            absences=away.ahead(technician), typed=typed, at=now(), **trouble)  # fmt: skip


def _suggested(technician: Technician, territory: Territory, day: date) -> list[str]:
    """From now on, or from the shift's beginning, until his shift of that day ends, as a form has it."""
    opens, closes = (local_instant(day, minute, territory.zone) for minute in (0, 1440))
    query = select(Shift.starts_at, Shift.ends_at).where(
        Shift.technician_id == technician.id, Shift.kind == "work", Shift.ends_at > now(),
        Shift.starts_at < closes, Shift.ends_at > opens,
    )  # fmt: skip
    spans = db.session.execute(query.order_by(Shift.starts_at)).all()
    begin = max(now(), spans[0].starts_at if spans else opens)
    end = max(spans[-1].ends_at if spans else closes, begin + timedelta(hours=1))
    return [f"{one.astimezone(ZoneInfo(territory.zone)):%Y-%m-%dT%H:%M}" for one in (begin, end)]
