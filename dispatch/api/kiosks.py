"""The queue at a kiosk: who is there, who comes, who is next, and what becomes of him."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch.api import references
from dispatch.api.kiosk_shapes import (
    CallGiven,
    EntryGiven,
    EntryShape,
    EntryTransitionGiven,
    KioskShape,
    entry_shown,
    kiosk_shown,
)
from dispatch.api.once import KEY, etag, expect, once, refuses, retried
from dispatch.api.problems import Invalid
from dispatch.api.resource import Resource
from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.models import queue
from dispatch.models.crowd import crowds, desks_open
from dispatch.models.entry import Entry, Occupied
from dispatch.models.place import Kiosk
from dispatch.models.technician import Technician
from dispatch.security import find_or_404, role

blueprint = Resource("api_kiosks", __name__, "Kiosks and their queues")
KIOSK = "/kiosks/<int(max=2147483647):kiosk_id>"
ENTRY = "/entries/<int(max=2147483647):entry_id>"


@blueprint.route(KIOSK)
@role("technician", "dispatcher", "administrator")
@blueprint.response(200, KioskShape)
def show(kiosk_id: int) -> dict[str, Any]:
    """How many are there, how long they wait, and how many desks are open."""
    kiosk = _kiosk(kiosk_id)
    return kiosk_shown(kiosk, crowds([kiosk])[kiosk.id], desks_open(kiosk))


@blueprint.route(f"{KIOSK}/entries", methods=["POST"])
@role("technician", "dispatcher", "administrator")
@once
@blueprint.arguments(EntryGiven)
@blueprint.response(201, EntryShape)
def create_entry(given: dict[str, Any], kiosk_id: int) -> tuple[Any, ...]:
    """Somebody has come: he gets the next number of the kiosk's day."""
    kiosk = _kiosk(kiosk_id)
    category = references.category_named(given.get("category"), kiosk.building.site.client)
    said = {name: given.get(name) for name in ("visitor", "subject")}
    entry = queue.check_in(kiosk, current_user, category=category, **said)
    shown, headers = _as_it_is_now(entry)
    return shown, 201, {**headers, "Location": url_for("api_kiosks.show_entry", entry_id=entry.id)}


@blueprint.route(f"{KIOSK}/calls", methods=["POST"])
@role("technician", "dispatcher", "administrator")
@once
@blueprint.arguments(CallGiven)
@blueprint.response(200, EntryShape)
def create_call(given: dict[str, Any], kiosk_id: int) -> Any:
    """Call whoever waits with the lowest number; of several who call at once each gets another one.

    409 when nobody waits, and when the technician has somebody at his desk already.
    """
    entry = queue.call_next(_kiosk(kiosk_id), current_user, _desk(given.get("technician")))
    return problem(409, _("Nobody is waiting.")) if entry is None else _as_it_is_now(entry)


@blueprint.route(ENTRY)
@role("technician", "dispatcher", "administrator")
@blueprint.response(200, EntryShape)
def show_entry(entry_id: int) -> tuple[Any, ...]:
    """Somebody who came to a kiosk."""
    entry = _entry(entry_id)
    return entry_shown(entry), etag(entry.version)


@blueprint.route(f"{ENTRY}/transitions", methods=["POST"])
@role("technician", "dispatcher", "administrator")
@once
@refuses(412, 428)
@blueprint.arguments(EntryTransitionGiven)
@blueprint.response(200, EntryShape)
def create_transition(given: dict[str, Any], entry_id: int) -> tuple[Any, ...]:
    """Take an entry through a legal move. Another one is answered with 409 and the legal ones."""
    if KEY in request.headers:
        return retried(lambda: _move(entry_id, given["to"], None))
    seen = _entry(entry_id).version
    return _move(entry_id, given["to"], expect(seen, given.get("version")))


@blueprint.errorhandler(Occupied)
def is_occupied(busy: Occupied) -> Response:
    """Who calls another one would leave the one whom he has standing there."""
    detail = _("Finish with number %(number)s first: who is called and left standing is forgotten.",
               number=busy.entry.number)  # fmt: skip
    current = EntryShape().dump(entry_shown(busy.entry))
    db.session.rollback()
    return problem(409, detail, current=current)


@blueprint.errorhandler(StaleDataError)
def lost_race(_error: StaleDataError) -> Response:
    """Somebody was faster: the entry as it is now."""
    db.session.rollback()
    entry = db.session.scalar(_named((request.view_args or {}).get("entry_id", 0)))
    if entry is None:
        return problem(412)
    answer = problem(412, current=EntryShape().dump(entry_shown(entry)))
    answer.headers.extend(etag(entry.version))
    return answer


def _kiosk(kiosk_id: int) -> Kiosk:
    return find_or_404(Kiosk.visible_to(current_user).where(Kiosk.id == kiosk_id))


def _named(entry_id: int) -> Any:
    return Entry.visible_to(current_user).where(Entry.id == entry_id)


def _entry(entry_id: int) -> Entry:
    entry: Entry = find_or_404(_named(entry_id))
    return entry


def _desk(name: str | int | None) -> Technician | None:
    """At whose desk; a technician calls to his own and to no other."""
    if not current_user.acts_alone:
        return None if name is None else references.technician_named(name)
    if name is not None and references.technician_named(name).id != current_user.technician.id:
        raise Invalid({"technician": _("This is not known, or not yours to use.")})
    own: Technician | None = current_user.technician
    return own


def _move(entry_id: int, name: str, version: int | None) -> tuple[Any, ...]:
    entry = _entry(entry_id)
    entry.move(name, current_user, version)
    return _as_it_is_now(entry)


def _as_it_is_now(entry: Entry) -> tuple[Any, ...]:
    db.session.flush()
    db.session.expire(entry)
    return entry_shown(entry), etag(entry.version)
