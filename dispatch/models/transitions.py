"""The life of a job as data: every legal move, who makes it, and why a job was not completed.

Screens draw their buttons from this table, the API names the legal moves from it, and nothing else
decides what may follow what.
"""

from __future__ import annotations

from dataclasses import dataclass

OPEN = ("unplanned", "planned", "dispatched", "accepted", "travelling", "working", "paused")
BEGUN = ("travelling", "working", "paused")
ENDED = ("completed", "not_completed", "cancelled")
ON_PHONE = ("dispatched", "accepted", "travelling", "working", "paused")
STATES = OPEN + ENDED


@dataclass(frozen=True, slots=True)
class Move:
    """A legal move: what is asked (`name`), from where, to where, by which roles."""

    name: str
    source: str
    target: str
    by: frozenset[str]


FIELD = frozenset({"technician"})
DESK = frozenset({"dispatcher", "administrator"})
ENGINE = DESK | {"engine"}
BOTH = FIELD | DESK


def _moves() -> tuple[Move, ...]:
    table = [
        ("planned", "unplanned", "planned", ENGINE),
        ("dispatched", "planned", "dispatched", ENGINE),
        ("accepted", "dispatched", "accepted", BOTH),
        ("declined", "dispatched", "unplanned", FIELD),
        ("travelling", "accepted", "travelling", BOTH),
        ("working", "accepted", "working", BOTH),
        ("working", "travelling", "working", BOTH),
        ("paused", "working", "paused", BOTH),
        ("working", "paused", "working", BOTH),
        ("completed", "working", "completed", BOTH),
        ("completed", "paused", "completed", BOTH),
    ]
    table += [("not_completed", source, "not_completed", BOTH) for source in ("accepted", *BEGUN)]
    table += [("unplanned", source, "unplanned", ENGINE) for source in ("planned", "dispatched", "accepted")]
    table += [("reassigned", source, "dispatched", DESK) for source in ("accepted", *BEGUN)]
    table += [("reassigned", source, "planned", DESK) for source in ("dispatched", "accepted", *BEGUN)]
    table += [("cancelled", source, "cancelled", DESK) for source in OPEN]
    table += [("reopened", source, "unplanned", DESK) for source in ENDED]
    return tuple(Move(*row) for row in table)


MOVES = _moves()
# what a technician may take back within a minute: state -> states it may have come from
UNDOABLE = frozenset({"accepted", "travelling", "working", "paused", "completed", "not_completed"})
UNDO_SECONDS = 60


def find(name: str, source: str, target: str | None = None) -> Move | None:
    """The move called `name` from `source`, if it is legal."""
    for move in MOVES:
        if move.name == name and move.source == source and target in (None, move.target):
            return move
    return None


def legal(source: str, role: str) -> list[str]:
    """Names of the moves that somebody of `role` may make from `source`, in the table's order."""
    names = [move.name for move in MOVES if move.source == source and role in move.by]
    return list(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a job could not be completed, the follow-up offered, and what the SLA clock does."""

    reason: str
    follow_up: str | None
    sla: str


# PRODUCT: reason -> follow-up in one tap, and whether the ticket waits meanwhile
NOT_COMPLETED = {
    ending.reason: ending
    for ending in (
        Ending("user_absent", "new_window", "paused"),
        Ending("no_access", "access", "paused"),
        Ending("part_missing", "part", "paused"),
        Ending("other_skill", "other_skill", "runs"),
        Ending("wrong_place", "to_agent", "runs"),
        Ending("not_reproducible", None, "stops"),
        Ending("duplicate", None, "stops"),
        Ending("not_enough_time", "continuation", "runs"),
        Ending("other", "continuation", "runs"),
    )
}
DECLINED = ("unsafe", "not_my_skill", "no_access", "overloaded", "other")
