from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_login import current_user

from dispatch import live
from dispatch.models.place import Territory
from dispatch.reviews import blueprint, queries
from dispatch.security import find_or_404, role
from dispatch.sentences import replayed


@blueprint.get("")
@role("dispatcher", "administrator")
def index() -> str:
    return rendered()


def rendered(trouble: tuple[str, str] | None = None) -> str:
    """The page; `trouble`: title and sentence of what kept the last decision from being made."""
    cursor, code = live.cursor(), request.values.get("territory")
    territory = (
        find_or_404(Territory.visible_to(current_user).where(Territory.code == code)) if code else None
    )
    context: dict[str, Any] = {
        "groups": queries.groups_for(current_user, territory), "decided": queries.decided_for(current_user),
        "territory": territory, "replayed": replayed, "trouble": trouble, "cursor": cursor, "held": replayed.HELD,
    }  # fmt: skip
    return render_template("reviews/index.html", **context)
