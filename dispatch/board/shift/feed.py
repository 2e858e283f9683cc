"""What happened in a territory, narrowed and in pages, newest first.

A page is cut by the id of its last line, never by an offset: what is written meanwhile moves nothing. Only lines
that the reader may see are ever selected, so neither pages nor counts tell of others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_

from dispatch.board.trail import Line, lines, told
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.event import Event
from dispatch.models.job import FIRST_NUMBER as JOB_NUMBERS
from dispatch.models.place import Building, Site, Territory
from dispatch.models.technician import Technician
from dispatch.models.ticket import FIRST_NUMBER as TICKET_NUMBERS
from dispatch.models.ticket import Ticket
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant

PAGE = 50
FARTHEST = 366
NUMBER = re.compile(r"(INT-|T-)?([0-9]{1,9})", re.IGNORECASE)
_MOVE = Event.data["move"].as_string()


def _state(*moves: str) -> ColumnElement[bool]:
    return and_(Event.kind == "job.state", _MOVE.in_(moves))


# the planned and the sent are told by who gave the job to whom
QUIET = ("planned", "dispatched")
TAPS = ("accepted", "declined", "travelling", "working", "paused", "completed", "not_completed", "solved_remotely",
        "to_visit", "undone")  # fmt: skip
FAMILIES: dict[str, ColumnElement[bool]] = {
    "moves": or_(Event.kind.in_(("job.moved", "job.assigned", "job.retimed", "job.withdrawn", "job.carried_over",
                                    "job.postponed", "job.returned", "plan.undone")),
                 _state("unplanned", "reassigned")),
    "taps": or_(_state(*TAPS), Event.kind == "job.seen"),
    "locks": Event.kind == "job.locked",
    "runs": Event.kind == "run.state",
    "tickets": or_(Event.kind.like("ticket.%"), _state("cancelled", "reopened"),
                   Event.kind.in_(("job.created", "job.changed", "job.mode", "job.confirmed"))),
    "notes": Event.kind.in_(("job.noted", "day.noted")),
    "kiosk": Event.kind == "entry.state",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader wants to see; `until` is the last day, `before` the last line of the page before."""

    territory: Territory
    day: date
    until: date
    who: str = ""
    what: str = ""
    client: str = ""
    technician: str = ""
    text: str = ""
    before: int = 0

    @classmethod
    def of(cls, territory: Territory, day: date, typed: Mapping[str, str]) -> Asked:
        """Read from the address; what makes no sense narrows nothing."""
        try:
            until = date.fromisoformat(typed.get("until", ""))
        except ValueError:
            until = day
        until = min(max(day, until), day + timedelta(days=FARTHEST))
        told = {name: typed.get(name, "").strip()[:100] for name in ("who", "what", "client", "technician")}
        return cls(territory, day, until, **told, text=typed.get("q", "").strip()[:100],
                   before=_whole(typed.get("before", "")))  # fmt: skip

    def address(self, **changed: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them changed."""
        mine = {"until": self.until if self.until != self.day else None, "who": self.who or None,
                "what": self.what or None, "client": self.client or None, "technician": self.technician or None,
                "q": self.text or None}  # fmt: skip
        return {"territory": self.territory.code, "day": self.day, **mine, **changed}

    @property
    def narrows(self) -> bool:
        return any((self.who, self.what, self.client, self.technician, self.text))


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is where the following page begins, `newest` the id after which something is new."""

    lines: list[Line]
    next: int | None
    newest: int


def page_of(asked: Asked, user: User) -> Page:
    query = _narrowed(lines(), asked, user)
    if asked.before:
        query = query.where(Event.id < asked.before)
    found = told(db.session.execute(query.order_by(Event.id.desc()).limit(PAGE + 1)), asked.territory.zone)
    shown = found[:PAGE]
    return Page(shown, shown[-1].id if len(found) > PAGE else None, shown[0].id if shown else 0)


def newer(asked: Asked, after: int, user: User) -> int:
    """How many lines there are now that a page which ended above `after` does not show."""
    found = _narrowed(lines(), asked, user).where(Event.id > after).with_only_columns(func.count(Event.id))
    return db.session.scalar(found.order_by(None)) or 0


def actors_of(asked: Asked, user: User) -> list[tuple[int, str]]:
    """Who did something there in those days that the reader may know of."""
    unnarrowed = replace(asked, who="", what="", client="", technician="", text="")
    query = _narrowed(lines(), unnarrowed, user).with_only_columns(User.id, User.name).distinct()
    return _pairs(query.where(User.id.is_not(None)).order_by(User.name))


def _narrowed(query: Select[Any], asked: Asked, user: User) -> Select[Any]:
    zone = asked.territory.zone
    begin, end = local_instant(asked.day, 0, zone), local_instant(asked.until, 1440, zone)
    query = query.outerjoin(Client, Client.id == Event.client_id)
    query = query.outerjoin(Building, Building.id == Ticket.building_id)
    query = query.outerjoin(Site, Site.id == Building.site_id)
    lies = func.coalesce(Event.territory_id, Site.territory_id, Client.territory_id) == asked.territory.id
    quiet = and_(Event.kind == "job.state", _MOVE.in_(QUIET))
    query = query.where(lies, Event.at >= begin, Event.at < end, ~func.coalesce(quiet, false()))
    query = query.where(or_(Event.client_id.is_(None), user.may_see(Event.client_id)))
    if not user.every_client:  # it counts work of several clients
        query = query.where(
            or_(Event.kind != "plan.undone", Event.client_id.is_not(None), Event.actor_id == user.id)
        )
    return query.where(*_wanted(asked))


def _wanted(asked: Asked) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if asked.who:
        wanted.append(
            Event.actor_id.is_(None) if asked.who == "engine" else Event.actor_id == _whole(asked.who)
        )
    if asked.what in FAMILIES:
        wanted.append(FAMILIES[asked.what])
    if asked.client:
        wanted.append(Event.client_id == _whole(asked.client))
    if asked.technician:
        wanted.append(Event.technician_id == _whole(asked.technician))
    return [*wanted, *(_mentions(word) for word in asked.text.split()[:6])]


def _mentions(word: str) -> ColumnElement[bool]:
    """Whether a line is about the job or ticket of that number, or says the word."""
    said = [
        Event.data[name].as_string() for name in ("note", "reason", "text", "before", "lacked", "awaited")
    ]
    texts = (Ticket.summary, Ticket.external_id, Technician.name, User.name, *said)
    spoken = [text.icontains(word, autoescape=True) for text in texts]
    found = NUMBER.fullmatch(word)
    if found:
        kind, number = (found[1] or "").upper(), int(found[2])
        spoken += [Event.job_id == number - JOB_NUMBERS] if kind != "T-" else []
        spoken += [Event.ticket_id == number - TICKET_NUMBERS] if kind != "INT-" else []
    return or_(*spoken)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def technicians_of(territory: Territory, user: User) -> list[tuple[int, str]]:
    query = Technician.visible_to(user).where(Technician.territory_id == territory.id)
    return _pairs(query.with_only_columns(Technician.id, Technician.name))


def clients_of(user: User) -> list[tuple[int, str]]:
    return _pairs(Client.visible_to(user).with_only_columns(Client.id, Client.name))


def _pairs(query: Any) -> list[tuple[int, str]]:
    return [(key, name) for key, name in db.session.execute(query)]


def first(query: Any) -> Any:
    """The one row of a query that is already scoped, or None."""
    return db.session.scalars(query).unique().one_or_none()
