"""Handing over a shift: the day's figures, notes, what happened, and what the next dispatcher must know."""

from dispatch.board.shift import actions, pages  # noqa: F401 - they register on the board's blueprint
