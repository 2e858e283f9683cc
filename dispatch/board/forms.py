"""What the forms of the board send, read into values."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, request

from dispatch.board.regions import asked_territory
from dispatch.models.transitions import Incomplete


def version() -> int:
    """The version that the form was drawn from; without it nobody could tell who was faster."""
    seen = request.form.get("version", type=int)
    if seen is None:
        abort(428)
    return seen


def override_reason() -> str | None:
    said = request.form.get("override_reason", "").replace(
        "\0", ""
    )  # PostgreSQL could never search the log again
    return said.strip()[:500] or None


def chosen_changes() -> list[int] | None:
    """The jobs whose changes of a proposal were left ticked; None where none could be chosen: all of it."""
    return request.form.getlist("job", type=int) if request.form.get("part") else None


def window() -> tuple[datetime, datetime] | None:
    """A window on the clocks of the territory that is shown, when one was typed."""
    typed = [request.form.get(name, "") for name in ("from", "until")]
    if not any(typed):
        return None
    zone = ZoneInfo(asked_territory().zone)
    try:
        begins, ends = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in typed)
    except ValueError:
        raise Incomplete("window") from None
    return begins, ends


def route() -> date | None:
    """The day of the route that was chosen: after midnight a night's is still yesterday."""
    text = request.form.get("route")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(400)
