from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from dispatch import live
from dispatch.clock import now
from dispatch.kiosk import COUNTER, blueprint, queries
from dispatch.models.place import Kiosk
from dispatch.security import role
from dispatch.web import page_or_fragment, wants_fragment


@blueprint.get("")
@role(*COUNTER)
def index() -> Any:
    cursor, found = live.cursor(), queries.kiosks_of(current_user)
    if len(found) == 1 and not wants_fragment():
        return redirect(url_for("kiosk.show", kiosk_id=found[0][0].id))
    return page_or_fragment("kiosk/index.html", kiosks=found, cursor=cursor, at=now())


@blueprint.get("/<int:kiosk_id>")
@role(*COUNTER)
def show(kiosk_id: int) -> str:
    """The counter; with `number` the one that was just given, for who works without scripts."""
    kiosk = queries.kiosk_of(kiosk_id)
    if wants_fragment():
        return render_template("kiosk/_show.html", **queue_context(kiosk))
    return page(kiosk, number=request.args.get("number", type=int))


def page(kiosk: Kiosk, **more: Any) -> str:
    return render_template("kiosk/show.html", **queue_context(kiosk), **form_context(kiosk, **more))


def queue_context(kiosk: Kiosk) -> dict[str, Any]:
    """Where the page begins to listen is taken before it reads, so that it misses nothing."""
    return {"after": live.cursor(), "counter": queries.counter_of(kiosk, current_user), "kiosk": kiosk,
            "is_fragment": wants_fragment()}  # fmt: skip


def form_context(
    kiosk: Kiosk,
    *,
    number: int | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    notice: str | None = None,
) -> dict[str, Any]:
    """The form in which somebody is registered: with the number that it gave, or what was typed and is wrong."""
    return {"categories": queries.categories_of(kiosk), "number": number, "typed": typed or {},
            "errors": errors or {}, "notice": notice}  # fmt: skip
