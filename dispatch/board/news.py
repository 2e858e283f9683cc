"""What happened since a cursor, as far as a board has to show it: which routes, which job, told how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from dispatch import sentences
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import number_of
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.models.user import User

MOST = 500
SPOKEN = 3
LONGEST = 160
# what somebody at the board wants to hear of while he looks elsewhere
TOLD = (
    "job.moved", "job.state", "job.locked", "job.confirmed", "run.state", "plan.undone",
    "technician.absence", "day.noted", "job.late", "job.help", "job.found", "job.left_over",
)  # fmt: skip
# what is told of the move itself
QUIET_MOVES = ("planned", "dispatched", "reassigned")


@dataclass(frozen=True, slots=True)
class News:
    """`technician_ids` is None when every route has to be drawn again."""

    cursor: int
    technician_ids: set[int] | None = field(default_factory=set)
    job_ids: set[int] = field(default_factory=set)
    runs: bool = False
    notes: bool = False
    # something has happened at a kiosk that the reader may see
    queue: bool = False
    toasts: Sequence[tuple[str, str]] = ()

    @property
    def is_empty(self) -> bool:
        return not (
            self.technician_ids is None
            or self.technician_ids
            or self.job_ids
            or self.runs
            or self.notes
            or self.queue
        )

    def concerns(self, number: str) -> bool:
        return number in {number_of(job_id) for job_id in self.job_ids}


def changed_since(cursor: int, territory: Territory, user: User) -> News:
    """The events of a territory after `cursor`; too many of them at once mean: draw everything again."""
    query = select(Event.id, Event.kind, Event.data, Event.job_id, Event.client_id, Event.actor_id,
                   Event.technician_id, User.name, Technician.name.label("technician"))  # fmt: skip
    query = query.outerjoin(User, User.id == Event.actor_id)
    query = query.outerjoin(Technician, Technician.id == Event.technician_id)
    query = query.where(Event.id > cursor, Event.territory_id == territory.id).order_by(Event.id).limit(MOST)
    rows = db.session.execute(query).all()
    if not rows:
        return News(cursor)
    technicians = {row.technician_id for row in rows if row.technician_id}
    return News(
        rows[-1].id,
        None if len(rows) == MOST else technicians,
        {row.job_id for row in rows if row.job_id},
        any(row.kind == "run.state" for row in rows),
        any(row.kind == "day.noted" for row in rows),
        any(row.kind == "entry.state" and user.sees(row.client_id) for row in rows),
        _toasts([row for row in rows if _is_told(row, user)]),
    )


def _is_told(row: Row[Any], user: User) -> bool:
    mine = row.actor_id is None or row.actor_id == user.id
    several = row.kind == "plan.undone" and row.client_id is None  # it counts work of several clients
    hidden = not user.every_client if several else row.client_id is not None and not user.sees(row.client_id)
    quiet = row.kind == "job.state" and row.data.get("move") in QUIET_MOVES
    return row.kind in TOLD and not (mine or hidden or quiet)


def _toasts(rows: Sequence[Row[Any]]) -> list[tuple[str, str]]:
    return [(_sentence(row), "info") for row in rows[-SPOKEN:]]


def _sentence(row: Row[Any]) -> str:
    number = f"{number_of(row.job_id)} · " if row.job_id else ""
    told = sentences.event(row.kind, row.data, row.technician or "")
    return f"{number}{told if len(told) <= LONGEST else told[:LONGEST] + '…'} · {row.name}"
