"""The sheets in which it is said where, or until when, several jobs go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template

from dispatch.board import blueprint
from dispatch.board.crew import days_ahead
from dispatch.board.fitting import takers_of
from dispatch.board.regions import asked_day, asked_territory, shared, today
from dispatch.board.selection import Chosen, asked_date, chosen, jobs_of
from dispatch.security import role
from dispatch.web import wants_fragment


@blueprint.get("/board/selection/assignment/new")
@role("dispatcher", "administrator")
def new_selected_assignment() -> str:
    """Who would take how many of them on the day asked for: the one on the board, or today."""
    territory = asked_territory()
    picked, present = chosen(territory), today(territory)
    on = max(asked_date("on") or asked_day(territory), present)
    people, outside = takers_of(territory, picked, on)
    return sheet("board/bulk/_assignment.html", picked, on=on, people=people, outside=outside)


@blueprint.get("/board/selection/postponement/new")
@role("dispatcher", "administrator")
def new_selected_postponement() -> str:
    return sheet("board/bulk/_postponement.html", chosen(asked_territory()))


def sheet(name: str, picked: Chosen, **more: Any) -> str:
    """The form over the board; without a script, or in a tab of its own, a page."""
    territory = asked_territory()
    present, day = today(territory), asked_day(territory)
    context = {
        **shared(territory, day), "picked": picked, "jobs": jobs_of(picked), "sheet": name,
        "days": days_ahead(territory, present, [day, more.get("on")]), "tomorrow": present + timedelta(days=1), "errors": {}, **more,
    }  # fmt: skip
    return render_template(name if wants_fragment() else "board/bulk/sheet.html", **context)
