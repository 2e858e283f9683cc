"""The life of a job as data: every legal move, who makes it, and why a job was not completed.

Screens draw their buttons from this table, the API names the legal moves from it, and nothing else
decides what may follow what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OPEN = ("unplanned", "planned", "dispatched", "accepted", "travelling", "working", "paused")
BEGUN = ("travelling", "working", "paused")
ENDED = ("completed", "not_completed", "cancelled")
ON_PHONE = ("dispatched", "accepted", "travelling", "working", "paused")
STATES = OPEN + ENDED
MODES = frozenset({"on_site", "remote", "kiosk"})
CALLS = frozenset({"remote"})


@dataclass(frozen=True, slots=True)
class Move:
    """A legal move: what is asked (`name`), from where, to where, by which roles, for which modes.

    `via` are the moves recorded on the way when one tap stands for several.
    """

    name: str
    source: str
    target: str
    by: frozenset[str]
    modes: frozenset[str] = MODES
    via: tuple[str, ...] = ()


class Incomplete(Exception):
    """A move that asks for more than was said; `field` names what is missing or wrong."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is missing or not one of those offered")
        self.field = field


FIELD = frozenset({"technician"})
DESK = frozenset({"dispatcher", "administrator"})
ENGINE = DESK | {"engine"}
BOTH = FIELD | DESK


def _moves() -> tuple[Move, ...]:
    table: list[tuple[Any, ...]] = [
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
        # a call is begun in one tap, and a call before leaving may make the visit needless
        ("working", "dispatched", "working", FIELD, CALLS, ("accepted",)),
        ("solved_remotely", "dispatched", "completed", FIELD, MODES - CALLS, ("accepted", "working")),
        ("solved_remotely", "accepted", "completed", FIELD, MODES - CALLS, ("working",)),
    ]
    table += [("not_completed", source, "not_completed", BOTH) for source in ("accepted", *BEGUN)]
    table += [("unplanned", source, "unplanned", ENGINE) for source in ("planned", "dispatched", "accepted")]
    table += [("reassigned", source, "dispatched", DESK) for source in ("accepted", *BEGUN)]
    table += [("reassigned", source, "planned", DESK) for source in ("dispatched", "accepted", *BEGUN)]
    table += [("cancelled", source, "cancelled", DESK) for source in OPEN]
    talked = ("planned", "dispatched", "accepted", "working", "paused")
    table += [("to_visit", source, "unplanned", BOTH, CALLS) for source in talked]
    table += [("reopened", source, "unplanned", DESK) for source in ENDED]
    return tuple(Move(*row) for row in table)


MOVES = _moves()
# where a tap has led that a technician may take back within a minute
UNDOABLE = frozenset({"accepted", "travelling", "working", "paused", "completed", "not_completed"})
UNDO_SECONDS = 60


def find(name: str, source: str, target: str | None = None, mode: str | None = None) -> Move | None:
    """The move called `name` from `source`, if it is legal; without `mode`, for a job of any mode."""
    for move in MOVES:
        if (move.name, move.source) != (name, source) or target not in (None, move.target):
            continue
        if mode is None or mode in move.modes:
            return move
    return None


def legal(source: str, role: str, mode: str | None = None) -> list[str]:
    """Names of the moves that somebody of `role` may make from `source`, in the table's order."""
    fits = (move for move in MOVES if move.source == source and role in move.by)
    return list(dict.fromkeys(move.name for move in fits if mode is None or mode in move.modes))


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a job could not be completed, the follow-up offered, what the SLA clock does, and whether it
    has to be explained in a note."""

    reason: str
    follow_up: str | None
    sla: str
    needs_note: bool = False


# PRODUCT: reason -> follow-up in one tap, and whether the ticket waits meanwhile
NOT_COMPLETED = {
    ending.reason: ending
    for ending in (
        Ending("user_absent", "new_window", "paused"),
        Ending("no_access", "access", "paused"),
        Ending("part_missing", "part", "paused"),
        Ending("other_skill", "other_skill", "runs"),
        Ending("wrong_place", "to_agent", "runs"),
        Ending("not_reproducible", None, "stops", needs_note=True),
        Ending("duplicate", None, "stops", needs_note=True),
        Ending("not_enough_time", "continuation", "runs"),
        Ending("other", "continuation", "runs", needs_note=True),
    )
}
DECLINED = ("unsafe", "not_my_skill", "no_access", "overloaded", "other")
