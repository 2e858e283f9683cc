"""The scope of a run as the form sends it, and as its page tells it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import abort, request
from flask_babel import gettext as _
from sqlalchemy import select

from dispatch import sentences
from dispatch.board.crew import people_of
from dispatch.board.when import When
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning.scope import Scope

# a repair is offered by the board, not chosen from a form
CHOSEN = ("all", "from", "technicians", "unassigned")


class NoScope(Exception):
    """The scope was not said to its end; the message says what is missing."""


class Told(NamedTuple):
    """A run's scope in words: what was looked at, why it was asked for, and what its reasons hold for."""

    what: str
    why: str
    within: str


def asked_scope(territory: Territory, day: date) -> Scope:
    """The scope that a form asks for; raises NoScope."""
    kind = request.values.get("scope", "all")
    if kind not in CHOSEN:
        abort(400)
    if kind == "from":
        return Scope(kind, since=_since(territory, day))
    if kind != "technicians":
        return Scope(kind)
    chosen = frozenset(request.values.getlist("technician", type=int))
    if not chosen:
        raise NoScope(_("Choose at least one technician, or another scope."))
    return Scope(kind, chosen) if chosen <= people_of(territory, None).keys() else abort(400)


def choice(territory: Territory, day: date) -> dict[str, Any]:
    """What the form offers, as it was filled in."""
    zone = ZoneInfo(territory.zone)
    hour = (now().astimezone(zone) + timedelta(hours=1)).replace(minute=0)
    return {
        "kind": request.values.get("scope", "all"),
        "people": sorted(people_of(territory, None).values(), key=lambda one: one.name),
        "technicians": set(request.values.getlist("technician", type=int)),
        "since": request.values.get("since") or (f"{hour:%H:%M}" if hour.date() == day else "12:00"),
    }


def told(run: PlanRun, vocabulary: sentences.Vocabulary, user: User) -> Told:
    """The scope of a run, with the names of whom it is about.

    The cause counts jobs of all clients that the run is for: it is told to who may answer it.
    """
    scope = Scope.of(run.scope)
    ids = {*scope.technician_ids, scope.cause.get("technician")} - {None}
    query = select(Technician.id, Technician.name).where(Technician.id.in_(ids)).order_by(Technician.name)
    names = dict(db.session.execute(query).all()) if ids else {}
    why = sentences.cause(scope.cause, names, vocabulary) if run.is_for(user) else ""
    return Told(sentences.scope(run.scope, names, vocabulary), why, sentences.within(run.scope))


def _since(territory: Territory, day: date) -> datetime:
    when = When.read({"at": request.values.get("since", "")}, day, territory.zone)
    if when.start is None or when.errors:
        raise NoScope(when.errors.get("at") or when.errors.get("on") or _("Say from which time on."))
    return when.start
