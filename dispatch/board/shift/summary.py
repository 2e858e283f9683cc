"""What the next dispatcher must read in two minutes: figures, notes, what waits, who is absent, the day's runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_login import current_user
from sqlalchemy.orm import joinedload

from dispatch import live
from dispatch.board.queries import day_of
from dispatch.board.regions import shared
from dispatch.board.rows import Away, Day
from dispatch.board.shift.figures import figures_of
from dispatch.board.shift.quality import quality_of
from dispatch.board.shift.tables import columns
from dispatch.extensions import db
from dispatch.models.note import DayNote
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun


class Gone(NamedTuple):
    """A technician who is not there for all of the shift, or for these times of it."""

    name: str
    whole: bool
    times: Sequence[Away]


def figures_context(territory: Territory, day: date) -> dict[str, Any]:
    after, board = live.cursor(), day_of(territory, day, current_user)
    figures, total = figures_of(board, current_user)
    return {**shared(territory, day), "board": board, "tallies": figures, "total": total, "columns": columns(), "after": after,
            "quality": quality_of(territory, day, current_user)}  # fmt: skip


def shift_context(territory: Territory, day: date) -> dict[str, Any]:
    context = figures_context(territory, day)
    return {**context, "notes": DayNote.of_day(territory, day, current_user), "gone": _gone(context["board"]),
            "runs": _runs(territory, day)}  # fmt: skip


def _gone(board: Day) -> list[Gone]:
    found = []
    for route in board.routes:
        times = [one for one in route.items if isinstance(one, Away) and one.kind == "absence"]
        if times:
            found.append(Gone(route.name, route.absent, times))
    return sorted(found, key=lambda one: (not one.whole, one.name))


def _runs(territory: Territory, day: date) -> list[PlanRun]:
    """Of what-ifs only those that were made real: the others are between their dispatcher and himself."""
    real = PlanRun.assumed.is_(None) | (PlanRun.state == "accepted")
    query = PlanRun.visible_to(current_user).where(
        PlanRun.territory_id == territory.id, PlanRun.day == day, real
    )
    query = query.options(joinedload(PlanRun.requested_by))
    return list(db.session.scalars(query.order_by(PlanRun.id.desc()).limit(20)))
