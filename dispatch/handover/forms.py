"""The handover as a form: what was typed, what is missing, and the sentence that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from dispatch.clock import now
from dispatch.handover import windows
from dispatch.handover.questions import DURATIONS, IMPACTS, QUESTIONS, REASON_NOTES, URGENCIES
from dispatch.labels import LABELS, label, skill_label
from dispatch.models.client import Client
from dispatch.models.handed import ASKED, Handed, Person, Refused
from dispatch.models.ticket import REASONS, Requester, Ticket

OPTIONAL = (
    "description",
    "contact",
    "contact_phone",
    "external_id",
    "duration",
    "available_from",
    "available_to",
)
CHOSEN = ("building", "category", "admin_right")
Lists = dict[str, list[Any]]


class HandoverForm(FlaskForm):
    """One handover in the order of a conversation; `client` says whose buildings and categories count."""

    once = HiddenField()
    requester_id = HiddenField()
    requester = StringField(_("Requester"))
    phone = StringField(_("Telephone"))
    contact = StringField(_("Whom to ask for on site"))
    contact_phone = StringField(_("Telephone of that person"))
    building = SelectField(_("Building"), validate_choice=False)
    floor = StringField(_("Floor"))
    desk = StringField(_("Office or desk"))
    category = SelectField(_("Kind of work"), validate_choice=False)
    summary = StringField(_("What does not work"))
    description = TextAreaField(_("Details"))
    asset = StringField(_("Asset"))
    external_id = StringField(_("Number in the client's tool"))
    steps_tried = TextAreaField(_("What was tried"))
    reasons = SelectMultipleField(_("Why it is handed over"), validate_choice=False)
    admin_right = SelectField(_("Administrator right"), validate_choice=False)
    duration = SelectField(_("Time it should take"), validate_choice=False)
    impact = RadioField(_("How many people are held up?"), validate_choice=False)
    urgency = RadioField(_("Can work go on?"), validate_choice=False)
    available = SelectMultipleField(_("When the requester is there"), validate_choice=False)
    available_from = DateTimeLocalField(_("From"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    available_to = DateTimeLocalField(_("To"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])

    def __init__(
        self, client: Client, lists: Lists, ticket: Ticket | None = None, data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data=data or {}, meta={"csrf": False})  # checked for every write, before any form
        self.client, self.lists, self.ticket = client, lists, ticket
        self.unknown = self._unknown()
        self.windows = windows.choices(client, now())
        self._fill_choices()
        for field in self:
            field.flags.required = field.name not in OPTIONAL

    # what was said ---------------------------------------------------------------------------------------

    def handed(self) -> Handed | None:
        """What is handed over, or None and `errors` on the fields."""
        for name, problem in self._problems():
            self[name].errors = [problem]
        if any(field.errors for field in self):
            return None
        handed = self._handed()
        try:
            handed.check(self.client)
        except Refused as refused:
            for name, code in refused.errors.items():
                self[name if name in self else "summary"].errors = [label(code, "refused")]
            return None
        return handed

    def summary_of_errors(self) -> list[tuple[str, Any]]:
        """(field id, sentence) for each field that has to be looked at again."""
        return [(f.id, self.question(f.name) or f.errors[0]) for f in self if f.errors]

    def question(self, name: str) -> Any:
        """The sentence to ask, for a field that is blank."""
        return QUESTIONS.get(name) if self.is_blank(name) else None

    def is_blank(self, name: str) -> bool:
        if name == "available":
            return not (self.available.data or self.available_from.data or self.available_to.data)
        return not (self[name].raw_data and "".join(map(str, self[name].raw_data)).strip())

    # what is wrong ---------------------------------------------------------------------------------------

    def _problems(self) -> Iterator[tuple[str, Any]]:
        for name in self._needed():
            if self.is_blank(name) and name not in self.unknown:
                yield name, label("required", "refused")
        if not self.reasons.data:
            yield "reasons", _("Tick at least one reason.")
        for name in CHOSEN:
            if self[name].data and self._chosen(name) is None:
                yield name, label("not_of_client", "refused")
        yield from self._window_problems()

    def _window_problems(self) -> Iterator[tuple[str, Any]]:
        custom = (self.available_from.data, self.available_to.data)
        ends = (self.available_from, self.available_to)
        if any(end.process_errors and not self.is_blank(end.name) for end in ends):
            yield "available", _("This is no date with a time.")
        elif any(custom) and not all(custom):
            yield "available", _("Say both from when and until when.")
        elif all(custom) and custom[1] <= custom[0]:
            yield "available", label("ends_before_it_begins", "refused")
        elif any(windows.parse(value) is None for value in self.available.data or []):
            yield "available", label("unknown_code", "refused")

    def _needed(self) -> Iterator[str]:
        yield from ("requester", "summary", "impact", "urgency")
        yield from (name for name in ASKED if name != "admin_right")
        if "admin_rights" in (self.reasons.data or []):
            yield "admin_right"
        if self.lists["category"]:
            yield "category"

    # from the fields to the handover ---------------------------------------------------------------------

    def _handed(self) -> Handed:
        return Handed(
            summary=self.summary.data or "",
            description=self.description.data,
            reasons=tuple(reason for reason in self.reasons.data or []),
            steps_tried=self._known("steps_tried"),
            system=self._system(),
            external_id=(self.external_id.data or "").strip() or None,
            category=self._chosen("category"),
            requester=self._requester(),
            contact=Person(self.contact.data, self.contact_phone.data) if self.contact.data else None,
            building=self._chosen("building"),
            floor=self._known("floor"),
            desk=self._known("desk"),
            phone=self._known("phone"),
            asset=self._known("asset"),
            admin_right=self._chosen("admin_right"),
            impact=_number(self.impact.data),
            urgency=_number(self.urgency.data),
            available=self._spans() or None,
            duration_minutes=_number(self.duration.data),
            unknown=frozenset(self.unknown),
        )

    def _known(self, name: str) -> str | None:
        """The answer; what was typed before it was said to be unknown does not count."""
        return None if name in self.unknown else (self[name].data or "").strip() or None

    def _chosen(self, name: str) -> Any:
        if name in self.unknown:
            return None
        return next((row for row in self.lists[name] if str(row.id) == self[name].data), None)

    def _requester(self) -> Requester | Person:
        """The one who was picked, as long as the name is still his."""
        name = (self.requester.data or "").strip()
        picked = next((row for row in self.lists["requester"] if str(row.id) == self.requester_id.data), None)
        return picked if picked and picked.name == name else Person(name, self._known("phone"))

    def _system(self) -> str | None:
        return self.lists["connection"][0].system if self.lists["connection"] else None

    def _spans(self) -> tuple[windows.Span, ...]:
        spans = [span for value in self.available.data or [] if (span := windows.parse(value))]
        if self.available_from.data and self.available_to.data:
            spans.append((self._local(self.available_from.data), self._local(self.available_to.data)))
        return () if "available" in self.unknown else tuple(spans)

    def _local(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.client.zone))

    # choices ---------------------------------------------------------------------------------------------

    def _unknown(self) -> set[str]:
        if request.method == "GET":
            return set(self.ticket.unknown) & set(ASKED) if self.ticket else set()
        return {name for name in ASKED if request.form.get(f"{name}_unknown")}

    def _fill_choices(self) -> None:
        self.building.choices = [
            ("", _("Choose…")),
            *((str(b.id), b.full_name) for b in self.lists["building"]),
        ]
        self.category.choices = [
            ("", _("Choose…")),
            *((str(c.id), skill_label(c)) for c in self.lists["category"]),
        ]
        self.admin_right.choices = [
            ("", _("Choose…")),
            *((str(r.id), r.label) for r in self.lists["admin_right"]),
        ]
        self.duration.choices = [
            ("", _("as usual for this kind of work")),
            *((str(n), f"{n} min") for n in DURATIONS),
        ]
        self.reasons.choices = [(r, LABELS["reason"][r], {"small": REASON_NOTES[r]}) for r in REASONS]
        self.impact.choices = [(str(value), words, {"small": small}) for value, words, small in IMPACTS]
        self.urgency.choices = [(str(value), words, {"small": small}) for value, words, small in URGENCIES]
        self.available.choices = [(w.value, w.label, {"small": w.hours}) for w in self._offered()]

    def _offered(self) -> list[windows.Window]:
        """Today's answers, and those that were ticked in a form drawn a minute ago."""
        offered = {window.value: window for window in self.windows}
        for value in self.available.data or []:
            if value not in offered and (span := windows.parse(value)):
                offered[value] = windows.Window(_("As ticked"), span, self.client.zone)
        return list(offered.values())


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None
