"""What is handed over, before it is a ticket: the fields, and what can never be accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from dispatch.models.client import AdminRight, Category, Client
from dispatch.models.place import Building
from dispatch.models.ticket import REASONS, Requester

LONGEST = {"description": 20_000, "steps_tried": 20_000, "summary": 300}
LONGEST_LINE = 200
MOST_WINDOWS = 20
MOST_MINUTES = 24 * 60
FIRST_YEAR, LAST_YEAR = 2000, 2100
# what a phone agent has to say, or to say aloud that it is unknown
ASKED = ("steps_tried", "building", "floor", "desk", "phone", "available", "asset", "admin_right")


class Refused(ValueError):
    """Some fields cannot be accepted; `errors` says why, field by field, in codes (labels: `refused`)."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as he was named; found among the client's requesters, or added to them."""

    name: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The fields of one handover. None: nobody said; it is missing unless `unknown` names it.

    `system` and `external_id` name the record of the client's ITSM tool. `available` holds pairs of aware
    instants, `reasons` are of REASONS, `impact` and `urgency` run from 1 to 3, durations are minutes.
    """

    summary: str
    reasons: tuple[str, ...] = ()
    steps_tried: str | None = None
    system: str | None = None
    external_id: str | None = None
    kind: str | None = None
    description: str | None = None
    category: Category | None = None
    requester: Requester | Person | None = None
    contact: Requester | Person | None = None
    building: Building | None = None
    floor: str | None = None
    desk: str | None = None
    phone: str | None = None
    asset: str | None = None
    admin_right: AdminRight | None = None
    impact: int | None = None
    urgency: int | None = None
    available: tuple[tuple[datetime, datetime], ...] | None = None
    duration_minutes: int | None = None
    unknown: frozenset[str] = frozenset()

    def check(self, client: Client) -> None:
        """Raise Refused when a value is impossible or belongs to another client."""
        errors = dict(self._errors(client))
        if errors:
            raise Refused(errors)

    def _errors(self, client: Client) -> Iterator[tuple[str, str]]:
        if not self.summary.strip():
            yield "summary", "required"
        yield from self._foreign(client.id)
        yield from self._out_of_range()
        for field in fields(self):
            yield from _bad_text(field.name, getattr(self, field.name))
        for name in ("requester", "contact"):
            person = getattr(self, name)
            if isinstance(person, Person):
                for text in (person.name, person.phone, person.email):
                    yield from _bad_text(name, text)

    def _foreign(self, client_id: int) -> Iterator[tuple[str, str]]:
        owners = {
            "building": self.building.site.client_id if self.building else client_id,
            "category": self.category.client_id if self.category else client_id,
            "admin_right": self.admin_right.client_id if self.admin_right else client_id,
            "requester": getattr(self.requester, "client_id", client_id),
            "contact": getattr(self.contact, "client_id", client_id),
        }
        yield from ((name, "not_of_client") for name, owner in owners.items() if owner != client_id)

    def _out_of_range(self) -> Iterator[tuple[str, str]]:
        yield from (("reasons", "unknown_code") for reason in self.reasons if reason not in REASONS)
        if self.kind not in (None, "incident", "request"):
            yield "kind", "unknown_code"
        for name in ("impact", "urgency"):
            if getattr(self, name) not in (None, 1, 2, 3):
                yield name, "out_of_range"
        if self.duration_minutes is not None and not 1 <= self.duration_minutes <= MOST_MINUTES:
            yield "duration_minutes", "out_of_range"
        windows = self.available or ()
        if len(windows) > MOST_WINDOWS:
            yield "available", "too_many"
        if any(end <= start for start, end in windows):
            yield "available", "ends_before_it_begins"
        if any(not FIRST_YEAR <= instant.year <= LAST_YEAR for window in windows for instant in window):
            yield "available", "out_of_range"


def _bad_text(name: str, value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        return
    if len(value) > LONGEST.get(name, LONGEST_LINE):
        yield name, "too_long"
    if any(char == "\0" or 0xD800 <= ord(char) <= 0xDFFF for char in value):
        yield name, "unreadable"
