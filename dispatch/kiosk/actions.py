from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, json, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.kiosk import COUNTER, blueprint, pages, queries
from dispatch.labels import label
from dispatch.models import queue
from dispatch.models.client import Category
from dispatch.models.entry import Occupied
from dispatch.models.handed import Refused
from dispatch.models.job import IllegalMove
from dispatch.models.place import Kiosk
from dispatch.receipts import answer_once, fingerprint_of
from dispatch.security import role
from dispatch.web import wants_fragment


@blueprint.post("/<int:kiosk_id>/entries")
@role(*COUNTER)
def create_entry(kiosk_id: int) -> Any:
    """Somebody has come: the answer says the number that he gets."""
    queries.kiosk_of(kiosk_id)
    try:
        done = _once(lambda: _register(kiosk_id), "category", "visitor", "subject")
    except Refused as refused:
        db.session.rollback()
        errors = {name: str(label(code, "refused")) for name, code in refused.errors.items()}
        return _registered(kiosk_id, 422, typed=request.form, errors=errors)
    if done.status_code >= 400:
        return done
    return _registered(kiosk_id, 200, number=int(done.get_data(as_text=True)))


@blueprint.post("/<int:kiosk_id>/calls")
@role(*COUNTER)
def create_call(kiosk_id: int) -> Any:
    """The next one, for whoever presses."""
    queries.kiosk_of(kiosk_id)
    try:
        done = _once(lambda: _call(kiosk_id))
    except Occupied as busy:
        return _refused(kiosk_id, _occupied(busy))
    return _refused(kiosk_id, _("Nobody is waiting.")) if done.status_code == 409 else _shown(kiosk_id, done)


@blueprint.post("/<int:kiosk_id>/entries/<int:entry_id>/transitions")
@role(*COUNTER)
def create_transition(kiosk_id: int, entry_id: int) -> Any:
    """One legal move of somebody who was seen at a version; who was slower is told what has happened."""
    queries.entry_of(kiosk_id, entry_id)
    try:
        done = _once(lambda: _move(kiosk_id, entry_id), "to", "version")
    except Occupied as busy:
        return _refused(kiosk_id, _occupied(busy))
    except IllegalMove:
        return _overtaken(kiosk_id, entry_id)
    return _overtaken(kiosk_id, entry_id) if done.status_code == 412 else _shown(kiosk_id, done)


def _once(act: Callable[[], Any], *names: str) -> Response:
    """Done once, however often it was pressed; `names` are the fields that say what is meant."""
    meant = fingerprint_of(request.path, *(request.form.get(name) for name in names))
    return answer_once(current_user, request.form.get("key", ""), meant, act)


def _register(kiosk_id: int) -> Any:
    kiosk, form = queries.kiosk_of(kiosk_id), request.form
    entry = queue.check_in(kiosk, current_user, category=_category(kiosk), visitor=form.get("visitor"),
                           subject=form.get("subject"))  # fmt: skip
    return str(entry.number), 201


def _category(kiosk: Kiosk) -> Category | None:
    code = request.form.get("category")
    if not code:
        return None
    mine = select(Category).where(Category.client_id == kiosk.building.site.client_id)
    found = db.session.scalar(mine.where(Category.code == code))
    if found is None:
        raise Refused({"category": "unknown_code"})
    return found


def _call(kiosk_id: int) -> Any:
    called = queue.call_next(queries.kiosk_of(kiosk_id), current_user, current_user.technician)
    return ("", 204) if called else ("", 409)


def _move(kiosk_id: int, entry_id: int) -> Any:
    version = request.form.get("version", type=int)
    if version is None:
        abort(428)
    queries.entry_of(kiosk_id, entry_id).move(request.form.get("to", ""), current_user, version)
    return "", 204


# answers ---------------------------------------------------------------------------------------------


def _registered(kiosk_id: int, status: int, **told: Any) -> Any:
    """The form again, with the number that it gave or with what is wrong, and the queue."""
    kiosk = queries.kiosk_of(kiosk_id)
    if not wants_fragment() and status == 200:
        return redirect(url_for("kiosk.show", kiosk_id=kiosk_id, number=told["number"]), 303)
    if not wants_fragment():
        return pages.page(kiosk, **told), status
    context = {**pages.queue_context(kiosk), **pages.form_context(kiosk, **told)}
    return render_template("kiosk/_registered.html", **context), status


def _shown(kiosk_id: int, done: Response) -> Any:
    """The queue as it is now."""
    if done.status_code >= 400:
        return done
    if not wants_fragment():
        return redirect(url_for("kiosk.show", kiosk_id=kiosk_id), 303)
    return render_template("kiosk/_show.html", **pages.queue_context(queries.kiosk_of(kiosk_id)))


def _refused(kiosk_id: int, told: str) -> Any:
    """Nothing was done: why, and the queue as it is now."""
    db.session.rollback()
    kiosk = queries.kiosk_of(kiosk_id)
    if not wants_fragment():
        return pages.page(kiosk, notice=told), 409
    answer = make_response(render_template("kiosk/_show.html", **pages.queue_context(kiosk)), 409)
    answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": told, "tone": "warn"}})
    return answer


def _overtaken(kiosk_id: int, entry_id: int) -> Any:
    db.session.rollback()
    return _refused(kiosk_id, queries.meanwhile(queries.entry_of(kiosk_id, entry_id)))


def _occupied(busy: Occupied) -> str:
    return _("Finish with number %(number)s first: who is called and left standing is forgotten.",
             number=busy.entry.number)  # fmt: skip
