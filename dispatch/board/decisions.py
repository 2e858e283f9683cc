"""What waits for the dispatcher: late work, work in no route, work that ended undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, exists, or_
from sqlalchemy.orm import aliased

from dispatch.board.explanations import Known, explained, known_of
from dispatch.board.marks import overdue
from dispatch.board.presence import Span
from dispatch.board.rows import Decision, Route
from dispatch.board.stops import stop_columns, stop_of
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.plan import Explanation
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import OPEN
from dispatch.models.user import User

# made once: an alias names every column anew
_LATER = aliased(Job)
FOLLOWED = ("open", "in_progress", "on_hold")


def decisions_of(
    territory: Territory, day: date, span: Span, user: User, routes: Sequence[Route]
) -> list[Decision]:
    names = {route.id: route.name for route in routes}
    told = [
        Decision(stop.mark.status, stop, names[route.id])
        for route in routes for stop in route.stops if stop.mark
    ]  # fmt: skip
    told += _unassigned(territory, span, user)
    told += _unfinished(territory, day, span, user)
    return sorted(told, key=lambda decision: (*decision.weight, decision.stop.id))


def _unassigned(territory: Territory, span: Span, user: User) -> list[Decision]:
    """Work in no route, except on days that are over: what was left of those waits today."""
    if span[1] <= now():
        return []
    query = stop_columns().add_columns(Explanation.kind.label("explained"), Explanation.reasons,
                                       Explanation.outbid_by, Explanation.fix)  # fmt: skip
    query = query.outerjoin(Explanation, Explanation.job_id == Job.id).where(
        Job.territory_id == territory.id, Job.state == "unplanned", user.may_see(Job.client_id),
        or_(Job.not_before.is_(None), Job.not_before < span[1], Job.awaits.is_not(None)),
    )  # fmt: skip
    rows = db.session.execute(query).all()
    known = known_of([(row.outbid_by, row.fix) for row in rows], user)
    return [_waiting(row, known) for row in rows]


def _waiting(row: Row[Any], known: Known) -> Decision:
    stop = overdue(stop_of(row), now())
    if row.awaits:
        return Decision("awaits", stop, awaits=row.awaits)
    if not row.explained:
        return Decision("unassigned", stop)
    told = explained(row.explained, row.reasons, row.outbid_by, row.fix, known)
    return Decision("unassigned", stop, explained=told)


def _unfinished(territory: Territory, day: date, span: Span, user: User) -> list[Decision]:
    """Jobs of the day, or of the night before it, that ended without being done, and that nothing follows: somebody has to say what next."""
    follows = exists().where(_LATER.ticket_id == Job.ticket_id, _LATER.state.in_(OPEN))
    query = stop_columns().where(
        Job.territory_id == territory.id, Job.state == "not_completed", ~follows,
        or_(Job.day == day, and_(Job.ended_at >= span[0], Job.ended_at < span[1])),
        Ticket.state.in_(FOLLOWED), user.may_see(Job.client_id),
    )  # fmt: skip
    return [Decision("unfinished", stop_of(row), outcome=row.outcome) for row in db.session.execute(query)]
