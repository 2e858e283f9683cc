"""The life of a kiosk entry as data: every legal move, and who makes it.

The counter draws its buttons from this table, the API names the legal moves from it, and nothing else decides
what may follow what.
"""

from __future__ import annotations

from dataclasses import dataclass

WAITS = ("waiting", "called")
AT_DESK = ("called", "serving")
OPEN = ("waiting", "called", "serving", "on_hold")
ENDED = ("served", "no_show", "left")
STATES = OPEN + ENDED


@dataclass(frozen=True, slots=True)
class Move:
    """A legal move: its name, from where, to where.

    `by`: `counter`, anybody who works there; `call`, calling the next one alone; `night`, the end of the day.
    """

    name: str
    source: str
    target: str
    by: str = "counter"


def _moves() -> tuple[Move, ...]:
    table = [
        ("called", "waiting", "called", "call"),
        ("serving", "called", "serving"),
        ("served", "serving", "served"),
        ("no_show", "called", "no_show"),
        ("requeued", "called", "waiting"),
        ("on_hold", "waiting", "on_hold"),
        ("on_hold", "called", "on_hold"),
        ("resumed", "on_hold", "waiting"),
        ("returned", "no_show", "waiting"),
        ("returned", "left", "waiting"),
        ("reopened", "served", "serving"),
    ]
    table += [("left", source, "left") for source in ("waiting", "called", "on_hold")]
    table += [("day_over", source, "left", "night") for source in OPEN]
    return tuple(Move(*row) for row in table)


MOVES = _moves()
# what a counter may ask for by its name
CHOSEN = tuple(dict.fromkeys(move.name for move in MOVES if move.by == "counter"))
# somebody comes back, or was a mistap: on the same day only
SAME_DAY = frozenset({"returned", "reopened"})


def find(name: str, source: str) -> Move | None:
    """The move called `name` from `source`, if it is legal."""
    return next((move for move in MOVES if (move.name, move.source) == (name, source)), None)


def legal(source: str, same_day: bool) -> list[str]:
    """Names of the moves that a counter may make from `source`, in the table's order."""
    mine = (move.name for move in MOVES if move.source == source and move.by == "counter")
    return [name for name in mine if same_day or name not in SAME_DAY]
