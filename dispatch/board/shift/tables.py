"""Figures and histories as tables: the words of their columns, and their rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from dispatch.board.shift.figures import MINUTES, NAMES, Figures, Tally
from dispatch.board.trail import Line


def columns() -> dict[str, str]:
    """The word of every figure."""
    return {
        "planned": _("jobs planned"), "served": _("jobs served"), "not_completed": _("jobs not completed"),
        "unassigned": _("unassigned"), "late": _("late"), "at_risk": _("at risk"),
        "kept": _("promises kept"), "broken": _("promises broken"), "travel": _("travel"),
        "work": _("work planned"), "worked": _("worked"), "kiosk": _("kiosk duty"),
        "visitors": _("visitors at the kiosk"), "waiting": _("waiting now"), "wait": _("mean wait"),
        "longest": _("longest wait"),
    }  # fmt: skip


def figure_rows(figures: Figures, total: Tally) -> Iterator[Sequence[Any]]:
    """A row per client and the total; times in whole minutes."""
    words = columns()
    in_minutes = (_("%(what)s (min)", what=words[name]) if name in MINUTES else words[name] for name in NAMES)
    yield [_("Client"), *in_minutes]
    for name, tally in [*figures.items(), (_("Total"), total)]:
        yield [name, *(round(getattr(tally, column)) for column in NAMES)]


def trail_rows(lines: Sequence[Line], zone: str) -> Iterator[Sequence[Any]]:
    yield [_("Time"), _("Phone’s clock"), _("Job"), _("Ticket"), _("What"), _("Before"), _("After"), _("Reason"),
           _("Remarks"), _("Who"), _("From where")]  # fmt: skip
    for line in lines:
        before, after = line.change or ("", "")
        at = line.at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
        yield [at, line.claimed, line.job, line.ticket, line.what, before, after, line.reason, "; ".join([*line.whys, *((line.run.why,) if line.run else ())]),
               line.who, line.via]  # fmt: skip
