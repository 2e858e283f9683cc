"""What is done to several jobs at once. Those that can be done are done; of the others the report says why not."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from dispatch.board import blueprint
from dispatch.board.bulk_pages import sheet
from dispatch.board.forms import override_reason
from dispatch.board.regions import asked_day, asked_territory, changes, shared, today
from dispatch.board.selection import Chosen, Line, asked_date, chosen, context_of, lines_of, told_lines
from dispatch.extensions import db
from dispatch.models.job import LOCKS
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.planning import bulk
from dispatch.planning.several import MOST, Outcome, TooMany
from dispatch.security import find_or_404, role
from dispatch.web import long_day, wants_fragment


@blueprint.post("/board/selection/assignment")
@role("dispatcher", "administrator")
def create_selected_assignment() -> Any:
    territory = asked_territory()
    asked = Technician.visible_to(current_user).where(
        Technician.id == request.form.get("technician", type=int)
    )
    technician, day = find_or_404(asked), asked_date("on") or abort(400)
    picked = chosen(territory)
    done = bulk.move(territory, picked.seen, technician, day, current_user, override_reason())
    told = _("now with %(technician)s, %(day)s", technician=technician.name, day=long_day(day))
    return _reported(territory, picked, done, told, again={"technician": technician.id, "on": day})


@blueprint.post("/board/selection/lock")
@role("dispatcher", "administrator")
def update_selected_locks() -> Any:
    territory, lock = asked_territory(), request.form.get("lock", "")
    if lock not in LOCKS:
        abort(400)
    picked = chosen(territory)
    return _reported(
        territory, picked, bulk.lock(territory, picked.seen, lock, current_user), _("Lock changed")
    )


@blueprint.post("/board/selection/postponement")
@role("dispatcher", "administrator")
def create_selected_postponement() -> Any:
    territory, day, reason = asked_territory(), asked_date("on"), override_reason()
    picked = chosen(territory)
    errors = _wrong(day, today(territory), reason)
    if errors or day is None or reason is None:
        return _sheet_again(picked, errors)
    insist = bool(request.form.get("insist"))
    done = bulk.postpone(territory, picked.seen, day, current_user, reason, insist)
    told = _("Postponed to %(day)s", day=long_day(day))
    return _reported(territory, picked, done, told, again={"on": day, "override_reason": reason, "insist": 1})


@blueprint.post("/board/selection/withdrawal")
@role("dispatcher", "administrator")
def create_selected_withdrawal() -> Any:
    territory = asked_territory()
    picked = chosen(territory)
    done = bulk.hand_over(territory, picked.seen, current_user)
    return _reported(territory, picked, done, _("for the next run to place"), run=bool(done.done))


@blueprint.errorhandler(TooMany)
def too_many(_error: TooMany) -> Any:
    told = _("At most %(number)d jobs at a time. Select fewer, then do the rest.", number=MOST)
    return told, 422, {"Content-Type": "text/plain; charset=utf-8"}


def _wrong(day: date | None, present: date, reason: str | None) -> dict[str, str]:
    errors = {}
    if day is None or day <= present:
        errors["on"] = _("Choose a day after today.")
    if reason is None:
        errors["override_reason"] = _("Say why: it is kept in the log.")
    return errors


def _sheet_again(picked: Chosen, errors: dict[str, str]) -> Any:
    answer = make_response(sheet("board/bulk/_postponement.html", picked, errors=errors), 422)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
    return answer


def _reported(territory: Territory, picked: Chosen, outcome: Outcome, told: str, **more: Any) -> Any:
    """The regions that changed, and the report of what stays; without htmx back to the board."""
    lines = lines_of(outcome, picked, territory)
    done = [job.number for job in outcome.done]
    db.session.commit()
    counted = ngettext("%(num)d job", "%(num)d jobs", len(done)) + " · " + told
    toasts = [(counted, "ok")] if done else []
    day = asked_day(territory)
    if not wants_fragment():
        for text, tone in [*toasts, *told_lines(lines)]:
            flash(text, tone)
        return redirect(url_for("board.index", territory=territory.code, day=day))
    return _swaps(territory, day, outcome, lines, done, toasts, more)


def _swaps(territory: Territory, day: date, outcome: Outcome, lines: list[Line], done: list[str],
           toasts: list[tuple[str, str]], more: dict[str, Any]) -> Any:  # fmt: skip
    report = render_template("board/bulk/_report.html", **shared(territory, day), **context_of(lines, **more))
    regions = changes(None, territory, day, outcome.technician_ids, toasts=toasts)
    answer = make_response(report + regions)
    answer.headers["HX-Trigger"] = json.dumps({"close-dialog": None, "bulk-done": {"numbers": done}})
    return answer
