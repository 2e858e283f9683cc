"""Rows as they were drawn before: a route that looks the same on the same day is not drawn again.

Nearly all of a board's page is its rows, and from one page to the next, or from one dispatcher to another, few differ.
A row is drawn from its route, its day and the reader's language, and from nothing else: what others may not see is not
in their route. The values are the key, so there is nothing to be forgotten when something changes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, render_template
from flask_babel import get_locale
from markupsafe import Markup

from dispatch.board.rows import Route

# some twenty days of sixty rows, of a few kilobytes each
MOST_ROWS = 1500
# what people write is escaped, so that this is ours
BETWEEN = Markup("<!--row-->")


@dataclass(slots=True)
class DrawnRows:
    """The rows of one process, the one not asked for longest forgotten first."""

    _kept: OrderedDict[Hashable, str] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable) -> str | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def keep(self, key: Hashable, row: str) -> None:
        with self._lock:
            self._kept[key] = row
            while len(self._kept) > MOST_ROWS:
                self._kept.popitem(last=False)


def rows_drawn(context: Mapping[str, Any], routes: Sequence[Route], oob: bool = False) -> Markup:
    """The rows of these routes, one after the other; `context` as regions.day_context makes it, `oob` when they swap themselves in."""
    kept: DrawnRows = current_app.extensions.setdefault("drawn_rows", DrawnRows())
    board, selected = context["board"], context["selected"]
    here = (board.territory.code, board.zone, board.day, str(get_locale()), oob)
    keys = [(*here, selected if _is_on(route, selected) else None, route) for route in routes]
    rows = [kept.get(key) for key in keys]
    missing = [at for at, row in enumerate(rows) if row is None]
    for at, row in zip(missing, _drawn(context, [routes[at] for at in missing], oob), strict=True):
        rows[at] = row
        kept.keep(keys[at], row)
    return Markup("".join(row or "" for row in rows))  # noqa: S704 - our own templates escape what they draw


def _is_on(route: Route, number: str | None) -> bool:
    return number is not None and any(stop.number == number for stop in route.stops)


def _drawn(context: Mapping[str, Any], routes: Sequence[Route], oob: bool) -> list[str]:
    """Drawn at once: a template costs more to begin than one row is worth."""
    if not routes:
        return []
    alone = {**context, "rows": routes, "oob": oob, "between": BETWEEN}
    return render_template("board/_rows_alone.html", **alone).split(str(BETWEEN))[1:]
