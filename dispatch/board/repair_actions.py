"""What is done with a repair that the board offers: asked for, or put off."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.board import blueprint
from dispatch.board.regions import asked_day, asked_territory, changes, day_context, runs
from dispatch.board.repairs import Offer
from dispatch.extensions import db
from dispatch.models.place import Territory
from dispatch.models.put_off import PutOff
from dispatch.planning import run
from dispatch.planning.scope import REPAIR_SECONDS
from dispatch.security import role
from dispatch.tasks import enqueue
from dispatch.web import wants_fragment


@blueprint.get("/board/repairs")
@role("dispatcher", "administrator")
def index_repairs() -> str:
    """What is offered now: somebody who is running late is no event, so the board asks from time to time."""
    territory = asked_territory()
    return render_template("board/_repairs.html", **day_context(territory, asked_day(territory)))


@blueprint.post("/board/repairs")
@role("dispatcher", "administrator")
def create_repair() -> Any:
    """Queue a run for the cause, as long as there is one."""
    territory = asked_territory()
    offer = _offered(territory)
    if offer is None:
        return _shown(territory, _("This has changed meanwhile: there is nothing left to repair."), "warn")
    try:
        asked = run.request(territory, asked_day(territory), 1, REPAIR_SECONDS, current_user, offer.scope)
    except run.RunUnderWay:
        told = _("A run of this territory is under way already. Wait for it or stop it.")
        return _shown(territory, told, "warn")
    db.session.commit()
    enqueue("solve", asked.id)
    return _shown(territory, _("A repair is being looked for"), "info")


@blueprint.post("/board/repairs/later")
@role("dispatcher", "administrator")
def create_later() -> Any:
    """Offer it no more to this dispatcher, until something else comes to it."""
    territory = asked_territory()
    offer = _offered(territory)
    if offer is not None:
        PutOff.put(current_user, offer.key)
        db.session.commit()
    return _shown(territory, _("Put off. It is offered again when the cause changes."), "info")


def _offered(territory: Territory) -> Offer | None:
    """The offer that the form means, as it stands now."""
    offers = day_context(territory, asked_day(territory))["repairs"].offers
    return next((one for one in offers if one.key == request.form.get("cause")), None)


def _shown(territory: Territory, told: str, tone: str) -> Any:
    day = asked_day(territory)
    if not wants_fragment():
        flash(told, tone)
        return redirect(url_for("board.index", territory=territory.code, day=day))
    return make_response(changes(None, territory, day, (), toasts=[(told, tone)], **runs(territory)))
