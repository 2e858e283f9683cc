"""Plan runs: asked for, watched, accepted or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, after_this_request, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select
from sqlalchemy.orm import joinedload, undefer
from sqlalchemy.orm.exc import StaleDataError

from dispatch import tasks
from dispatch.api import references
from dispatch.api.assumed_shapes import assumed_of
from dispatch.api.once import etag, expect_if_said, once, refuses
from dispatch.api.problems import Invalid
from dispatch.api.resource import Resource
from dispatch.api.run_shapes import AcceptanceGiven, RunGiven, RunShape, run_shown
from dispatch.api.scopes import scope_asked
from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.models.user import User
from dispatch.planning import accept, run
from dispatch.security import find_or_404, role

blueprint = Resource("api_plan_runs", __name__, "Optimisations and their proposals")
KEY = "<int(max=2147483647):key>"


@blueprint.route("/plan-runs", methods=["POST"])
@role("dispatcher", "administrator")
@once
@blueprint.arguments(RunGiven)
@blueprint.response(202, RunShape)
def create(given: dict[str, Any]) -> tuple[Any, ...]:
    """Ask for a plan; watch it at its Location. While one of the territory is under way the answer is 409.

    With `assumed` it is a what-if, of which one at a time may be under way too.
    """
    territory = references.territory_named(given.get("territory"))
    seconds = given.get("seconds", current_app.config["SETTINGS"].solver_seconds)
    scope = scope_asked(given.get("scope", {"kind": "all"}), territory)
    assumed = assumed_of(given, territory)
    if assumed and scope["kind"] != "all":
        raise Invalid({"scope": _("A what-if looks at all the work: leave this out.")})
    try:
        run.require_ahead(territory, given["day"], given["days"])
    except run.DayOver:
        raise Invalid({"day": _("This day is over: name today or a later one.")}) from None
    asked = run.request(
        territory, given["day"], given["days"], seconds, current_user, scope, assumptions=assumed
    )
    key = asked.id

    @after_this_request
    def _wake_a_worker(answer: Response) -> Response:
        if answer.status_code == 202:
            tasks.enqueue("solve", key)
        return answer

    return run_shown(asked), 202, {**etag(asked.version), "Location": url_for("api_plan_runs.show", key=key)}


@blueprint.route(f"/plan-runs/{KEY}")
@role("dispatcher", "administrator")
@blueprint.response(200, RunShape)
def show(key: int) -> tuple[Any, ...]:
    """State and progress; once proposed, what would change, who gains or loses, and which jobs stay out, and why."""
    return _shown(find_or_404(_visible(key)))


@blueprint.route(f"/plan-runs/{KEY}/acceptance", methods=["POST"])
@role("dispatcher", "administrator")
@once
@refuses(412)
@blueprint.arguments(AcceptanceGiven)
@blueprint.response(200, RunShape)
def create_acceptance(given: dict[str, Any], key: int) -> Any:
    """Put the proposal, or a part of it, into the live plan. What somebody changed meanwhile wins.

    A superseded run answers 412.
    """
    return _decide(key, partial(_accept, numbers=given["jobs"]))


@blueprint.route(f"/plan-runs/{KEY}/rejection", methods=["POST"])
@role("dispatcher", "administrator")
@once
@refuses(412)
@blueprint.response(200, RunShape)
def create_rejection(key: int) -> Any:
    """Put the proposal aside."""
    return _decide(key, accept.reject)


@blueprint.route(f"/plan-runs/{KEY}/cancellation", methods=["POST"])
@role("dispatcher", "administrator")
@once
@refuses(412)
@blueprint.response(200, RunShape)
def create_cancellation(key: int) -> Any:
    """Stop a run; one that has ended stays as it is."""
    return _decide(key, run.cancel)


@blueprint.errorhandler(StaleDataError)
def lost_race(_error: StaleDataError) -> Response:
    """Somebody was faster: the run as it is now."""
    db.session.rollback()
    found = db.session.scalar(_visible((request.view_args or {})["key"]))
    return _no_longer(found) if found else problem(404)


def _accept(found: PlanRun, by: User, numbers: list[str] | None) -> dict[str, Any]:
    """What was accepted without having a place; `numbers` name the jobs of a part."""
    if found.is_what_if and numbers is not None:
        raise Invalid({"jobs": _("A what-if is accepted as a whole: leave this out.")})
    known = {item["number"]: item["job"] for item in found.diff if by.sees(item["client_id"])}
    if not known.keys() >= {*(numbers or ())}:
        raise Invalid({"jobs": _("This proposal changes no such job. Choose of those in “diff”.")})
    only = None if numbers is None else [known[number] for number in numbers]
    done = accept.accept(found, by, only)
    return {"unfit": [job.number for job in done.unfit if by.sees(job.client_id)]}


def _decide(key: int, verb: Callable[[PlanRun, User], dict[str, Any] | None]) -> Any:
    found = find_or_404(_visible(key))
    expect_if_said(found.version)
    try:
        said = verb(found, current_user) or {}
    except accept.OutOfScope:
        return problem(403)
    except accept.Superseded:
        db.session.flush()  # that it no longer fits is worth keeping
        return _no_longer(found)
    db.session.flush()
    shown, headers = _shown(found)
    return shown | said, headers


def _visible(key: int) -> Select[PlanRun]:
    later = [undefer(one) for one in (PlanRun.basis, PlanRun.diff, PlanRun.unassigned)]
    territory = joinedload(PlanRun.territory)
    return PlanRun.visible_to(current_user).where(PlanRun.id == key).options(*later, territory)


def _shown(found: PlanRun) -> tuple[Any, ...]:
    return run_shown(found), etag(found.version)


def _no_longer(found: PlanRun) -> Response:
    answer = problem(412, _("This proposal no longer fits the plan. Ask for a new run."),
                     current=RunShape().dump(run_shown(found)))  # fmt: skip
    answer.headers.extend(etag(found.version))
    return answer
