"""A technician's own part of giving jobs to people: within the rules, his own work, to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import gettext as _
from flask_login import current_user
from flask_smorest import Blueprint

from dispatch.api import references
from dispatch.api.problems import Invalid
from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.planning import handing
from dispatch.planning.candidates import Candidate

# what only a dispatcher may say of an assignment
DESK_ONLY = ("start", "lock", "override_reason")


def candidates(job: Job) -> list[Candidate]:
    """Whom it fits, best first; what keeps a colleague from it is not told to another."""
    return list(handing.colleagues(job).fit)


def hand_over(job: Job, given: Mapping[str, Any], version: int) -> None:
    """Raises Invalid for what only a dispatcher may say, or a colleague who does not exist here."""
    said = [name for name in DESK_ONLY if given.get(name)]
    if said:
        raise Invalid(dict.fromkeys(said, _("Only a dispatcher may say this.")))
    mate = references.colleague_named(given["technician"], job)
    handing.hand_over(job, mate, current_user, version)


def handle(blueprint: Blueprint) -> None:
    """Let a blueprint answer what is a dispatcher's to decide."""
    blueprint.register_error_handler(handing.Locked, _locked)
    blueprint.register_error_handler(handing.PromiseMissed, _promise_missed)


def _locked(_error: handing.Locked) -> Response:
    db.session.rollback()
    told = _("The dispatcher has fixed that you do this one. Ask for help if you cannot.")
    return problem(422, told, reason="locked")


def _promise_missed(_error: handing.PromiseMissed) -> Response:
    db.session.rollback()
    told = _("It would be outside the promised window: only a dispatcher may do that.")
    return problem(422, told, reason="promised")
