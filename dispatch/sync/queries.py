"""What of his own lies to be reviewed, for the technician."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.job import Job
from dispatch.models.user import User

# how long it is told what became of something
TOLD = timedelta(hours=72)
MOST = 200


def to_review(user: User) -> Sequence[Action]:
    """What waits for a dispatcher, and what was decided lately, newest first, until he does not need it any more."""
    query = Action.visible_to(user).where(
        Action.outcome.in_(("review", "held")), Action.dismissed_at.is_(None),
        or_(Action.decision.is_(None), Action.decided_at >= now() - TOLD),
    )  # fmt: skip
    query = query.options(joinedload(Action.job).joinedload(Job.ticket), joinedload(Action.decided_by))
    return db.session.scalars(query.order_by(Action.id.desc()).limit(MOST)).all()
