"""What the clock alone has changed on a day since it was drawn: nobody has done anything, and work has become late."""

from __future__ import annotations

from datetime import datetime

from dispatch.board.marks import marked, overdue
from dispatch.board.rows import Day, Decision
from dispatch.clock import now


def overtaken(board: Day, since: datetime) -> set[int]:
    """The technicians whose rows look otherwise now than they did at `since`."""
    return {route.id for route in board.routes if marked(route.items, since) != route.items}


def has_new_late(board: Day, since: datetime) -> bool:
    """Whether work in no route has become late meanwhile."""
    return any(_was_in_time(one, since) for one in board.decisions if one.kind in ("unassigned", "awaits"))


def _was_in_time(one: Decision, since: datetime) -> bool:
    return one.stop.mark is not None and overdue(one.stop._replace(mark=None), since).mark is None


def has_new_long_wait(board: Day, since: datetime) -> bool:
    """Whether somebody at a kiosk has waited for long by now who had not at `since`."""
    crowd = board.crowd
    return crowd is not None and crowd.is_long(now()) and not crowd.is_long(since)
