from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user

from dispatch.board import blueprint
from dispatch.board.pages import search_lengths
from dispatch.board.regions import asked_day, asked_territory
from dispatch.board.what_if_form import WhatIfForm
from dispatch.board.what_ifs import index_context, what_if_page
from dispatch.models.plan import PlanRun
from dispatch.security import find_or_404, role


@blueprint.get("/board/what-ifs")
@role("dispatcher", "administrator")
def index_what_ifs() -> str:
    territory = asked_territory()
    form, (preset, lengths) = WhatIfForm(territory, asked_day(territory), []), search_lengths()
    return render_template("board/what_ifs/index.html", **index_context(form, preset, lengths))


@blueprint.get("/board/what-ifs/<int:run_id>")
@role("dispatcher", "administrator")
def show_what_if(run_id: int) -> str:
    return what_if_page(find_what_if(run_id))


def find_what_if(run_id: int) -> PlanRun:
    mine = PlanRun.visible_to(current_user).where(PlanRun.assumed.is_not(None))
    return find_or_404(mine.where(PlanRun.id == run_id))


def asked_form() -> tuple[WhatIfForm, int, list[int]]:
    """The form as it was sent, with how long to search."""
    territory, (preset, lengths) = asked_territory(), search_lengths()
    form = WhatIfForm.read(request.form, territory, asked_day(territory))
    return form, request.form.get("seconds", preset, type=int), lengths


def index_address(run: PlanRun) -> Any:
    return url_for("board.index_what_ifs", territory=run.territory.code, day=run.day)
