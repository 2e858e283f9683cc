"""The sheets in which it is said where, or until when, several jobs go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template
from flask_login import current_user

from dispatch.board import blueprint
from dispatch.board.crew import days_ahead
from dispatch.board.regions import asked_day, asked_territory, shared, today
from dispatch.board.selection import Chosen, chosen, jobs_of
from dispatch.extensions import db
from dispatch.models.technician import Technician
from dispatch.security import role
from dispatch.web import wants_fragment


@blueprint.get("/board/selection/assignment/new")
@role("dispatcher", "administrator")
def new_selected_assignment() -> str:
    return sheet("board/bulk/_assignment.html", chosen(asked_territory()))


@blueprint.get("/board/selection/postponement/new")
@role("dispatcher", "administrator")
def new_selected_postponement() -> str:
    return sheet("board/bulk/_postponement.html", chosen(asked_territory()))


def sheet(name: str, picked: Chosen, **more: Any) -> str:
    """The form over the board; without a script, or in a tab of its own, a page."""
    territory = asked_territory()
    present, day = today(territory), asked_day(territory)
    crew = Technician.visible_to(current_user).where(
        Technician.territory_id == territory.id, Technician.left_at.is_(None)
    )
    context = {
        **shared(territory, day), "picked": picked, "jobs": jobs_of(picked), "sheet": name,
        "technicians": list(db.session.scalars(crew)), "days": days_ahead(territory, present, [day]),
        "tomorrow": present + timedelta(days=1), "errors": {}, **more,
    }  # fmt: skip
    return render_template(name if wants_fragment() else "board/bulk/sheet.html", **context)
