"""What dispatchers changed in the plan, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _
from flask_login import current_user
from marshmallow import fields
from sqlalchemy.orm.exc import StaleDataError

from dispatch.api import references
from dispatch.api.fields import Instant, Line
from dispatch.api.once import etag, once, refuses
from dispatch.api.paging import page_of
from dispatch.api.resource import Resource
from dispatch.api.shapes import Shape, local
from dispatch.board.changed import change_to_undo, changes_of, preview_of, series_from
from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.models.plan_change import PlanChange
from dispatch.planning.journal import just_kept
from dispatch.planning.undo import undo, undo_of
from dispatch.security import role
from dispatch.sentences import Vocabulary

blueprint = Resource("api_plan_changes", __name__, "What was changed in the plan, to take it back")
KEY = "<int(max=2147483647):change_id>"


class ChangeFilter(Shape):
    territory = Line(metadata={"description": "code or id; without it, the caller's only one"})


class ChangeShape(Shape):
    id = fields.Integer()
    at = Instant()
    by = fields.String(allow_none=True, metadata={"description": "null: a territory that accepts by itself"})
    text = fields.String()
    may_undo = fields.Boolean()
    undone_at = Instant(allow_none=True)
    undone_by = fields.String(allow_none=True)


class ChangeFoundShape(ChangeShape):
    back = fields.List(
        fields.String(), metadata={"description": "what would go back, a sentence for each job"}
    )
    stays = fields.List(fields.String(), metadata={"description": "what would stay, and why"})
    seen = fields.String(
        metadata={"description": "of exactly this; a reversal that sends it does it or nothing"}
    )


class ReversalGiven(Shape):
    since = fields.Boolean(load_default=False, metadata={"description": "with everything that came after it"})
    seen = fields.String(
        load_default=None, allow_none=True,
        metadata={"description": "as shown before; without it, only if all of it can go back"},
    )  # fmt: skip


class ReversalShape(Shape):
    back = fields.List(fields.String())
    stays = fields.List(fields.String())
    change = fields.Integer(metadata={"description": "the change that this was, which can be undone as well"})


class ChangeAsked(Shape):
    since = fields.Boolean(load_default=False)


@blueprint.route("/plan-changes")
@role("dispatcher", "administrator")
@blueprint.arguments(ChangeFilter, location="query")
@blueprint.response(200, page_of(ChangeShape))
def index(filters: dict[str, Any]) -> dict[str, Any]:
    """What can be undone, latest first, 200 at most: the changes of the day and of the last twelve hours."""
    territory = references.territory_named(filters.get("territory"))
    return {
        "items": [_line(one, territory.zone) for one in changes_of(territory, current_user)],
        "next": None,
    }


@blueprint.route(f"/plan-changes/{KEY}")
@role("dispatcher", "administrator")
@blueprint.arguments(ChangeAsked, location="query")
@blueprint.response(200, ChangeFoundShape)
def show(asked: dict[str, Any], change_id: int) -> tuple[Any, ...]:
    """A change, and what undoing it would mean now; with `since`, also everything that came after it."""
    change = change_to_undo(change_id, current_user)
    return _found(change, asked["since"]), etag(change.version)


@blueprint.route(f"/plan-changes/{KEY}/reversal", methods=["POST"])
@role("dispatcher", "administrator")
@once
@refuses(412)
@blueprint.arguments(ReversalGiven)
@blueprint.response(200, ReversalShape)
def create_reversal(given: dict[str, Any], change_id: int) -> Any:
    """Take it back, as far as that was shown. What technicians have tapped is never undone.

    When it would be something else by now, or was undone already, the answer is 412 with the `current` state.
    """
    change = change_to_undo(change_id, current_user)
    if not change.is_for(current_user):
        return problem(403)
    try:
        done = undo(_series(change, given["since"]), current_user, given["seen"])
    except StaleDataError:
        db.session.rollback()
        return _no_longer(change_to_undo(change_id, current_user), given["since"])
    told = preview_of(done, current_user, Vocabulary.load(change.territory.zone))
    kept = just_kept()
    return {"back": told.back, "stays": told.stays, "change": kept.id if kept else None}


def _no_longer(change: PlanChange, since: bool) -> Response:
    current = ChangeFoundShape().dump(_found(change, since))
    answer = problem(412, _("It cannot be undone as you saw it. Look again, then decide."), current=current)
    answer.headers.extend(etag(change.version))
    return answer


def _series(change: PlanChange, since: bool) -> list[PlanChange]:
    return series_from(change, current_user) if since else [change]


def _found(change: PlanChange, since: bool) -> dict[str, Any]:
    territory = change.territory
    line = next(one for one in changes_of(territory, current_user, only=change.id))
    told = preview_of(undo_of(_series(change, since)), current_user, Vocabulary.load(territory.zone))
    return {**_line(line, territory.zone), "back": told.back, "stays": told.stays, "seen": told.seen}


def _line(line: Any, zone: str) -> dict[str, Any]:
    return {"id": line.id, "at": local(line.at, zone), "by": line.who or None, "text": line.told,
            "may_undo": line.mine and line.undone_at is None, "undone_at": local(line.undone_at, zone),
            "undone_by": line.undone_by or None}  # fmt: skip
