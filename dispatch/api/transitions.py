"""Which verb makes a move that the API asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.api import references
from dispatch.api.problems import BY_ASSIGNMENT, Invalid
from dispatch.extensions import db
from dispatch.models import tap
from dispatch.models.client import Skill
from dispatch.models.job import IllegalMove, Job
from dispatch.models.user import User
from dispatch.planning import move
from dispatch.planning.retime import freeing


def take(job: Job, given: Mapping[str, Any], by: User, version: int | None) -> Job | None:
    """Make the move; returns the follow-up job, if one was made.

    `version` is the one that the caller has seen, None when he need not have. Raises IllegalMove, Incomplete,
    Invalid, StaleDataError.
    """
    name, note = given["to"], given.get("note")
    if name in BY_ASSIGNMENT:
        raise IllegalMove(name, job.state, job.legal_moves(by))
    if name == "cancelled":
        move.cancel(job, by, version, note)
    elif name in ("unplanned", "reopened"):
        (move.take_back if name == "unplanned" else move.reopen)(job, by, version)
        if note:
            job.add_note(note, by)
    else:
        return _tap(job, given, by, version)
    return None


def _tap(job: Job, given: Mapping[str, Any], by: User, version: int | None) -> Job | None:
    with freeing(job, given["to"], by):
        _hold(job, by, version)
        return _made(job, given, by)


def _made(job: Job, given: Mapping[str, Any], by: User) -> Job | None:
    follow_up = given.get("follow_up") or {}
    if follow_up and given["to"] != "not_completed":
        raise Invalid({"follow_up": _("Only what was not completed is followed up.")})
    return tap.take(
        job, given["to"], by, at_claimed=given.get("at"), reason=given.get("reason"), note=given.get("note"),
        follow_up=follow_up.get("kind"), details=_details(follow_up, job), based_on=given.get("based_on"),
    )  # fmt: skip


def _hold(job: Job, by: User, version: int | None) -> None:
    """Keep the job to this transaction, and look again: it may have gone to somebody else meanwhile."""
    db.session.refresh(job, with_for_update={"of": Job})
    taken_away = by.acts_alone and (by.technician is None or job.technician_id != by.technician.id)
    if taken_away or version not in (None, job.version):
        raise StaleDataError(f"{job.number} has changed")


def _details(follow_up: Mapping[str, Any], job: Job) -> dict[str, Any]:
    details = {name: value for name, value in follow_up.items() if name not in ("kind", "admin_right")}
    if follow_up.get("admin_right"):
        right = references.right_named(follow_up["admin_right"], job.client)
        details["admin_right_id"] = right and right.id
    if details.get("skill") and not db.session.scalar(select(Skill.id).where(Skill.code == details["skill"])):
        raise Invalid({"follow_up.skill": _("There is no such skill.")})
    return details
