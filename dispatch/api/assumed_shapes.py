"""What a what-if assumes: as it is asked for, and as it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from marshmallow import fields

from dispatch.api import references
from dispatch.api.fields import Choice, Instant, Line, Reference, Whole
from dispatch.api.problems import Invalid
from dispatch.api.shapes import Shape
from dispatch.clock import now
from dispatch.labels import label
from dispatch.models.place import Territory
from dispatch.planning.assuming import KINDS, MOST_JOBS, MOST_MINUTES, WrongAssumption, checked
from dispatch.planning.horizon import Horizon

# what each kind needs; the rest of the fields is not for it
NEEDED = {
    "absent": ("technician", "start", "end"), "more_jobs": ("building", "category"),
    "kiosk_closed": ("kiosk", "start"), "longer": ("job", "minutes"),
}  # fmt: skip
NAMES = {"start": "from", "end": "to"}


class AssumptionGiven(Shape):
    kind = Choice(KINDS, required=True)
    technician = Reference(metadata={"description": "absent: who"})
    start = Instant(data_key="from", metadata={"description": "absent, kiosk_closed: from when on"})
    end = Instant(data_key="to", metadata={"description": "absent: until when"})
    building = Whole(metadata={"description": "more_jobs: the id of where"})
    category = Line(metadata={"description": "more_jobs: a code of the client whose building it is"})
    count = Whole(1, MOST_JOBS, load_default=1, metadata={"description": "more_jobs: how many"})
    priority = Whole(1, 4, load_default=3, metadata={"description": "more_jobs: their priority"})
    summary = Line(300, load_default="", metadata={"description": "more_jobs: what their tickets say"})
    kiosk = Whole(metadata={"description": "kiosk_closed: its id; it opens again the next day"})
    job = Line(metadata={"description": "longer: the number of which job"})
    minutes = Whole(
        1, MOST_MINUTES, metadata={"description": "longer: in all; more_jobs: each, if not as usual"}
    )


class AssumptionShape(Shape):
    kind = fields.String(metadata={"enum": list(KINDS)})
    text = fields.String(metadata={"description": "what is assumed, in a sentence"})
    technician = fields.Integer(metadata={"description": "the id of who is absent"})
    start = fields.String(data_key="from", attribute="from", metadata={"format": "date-time"})
    end = fields.String(data_key="to", attribute="to", metadata={"format": "date-time"})
    building = fields.Integer()
    category = fields.String()
    count = fields.Integer()
    priority = fields.Integer()
    kiosk = fields.Integer()
    job = fields.String(attribute="number")
    minutes = fields.Integer(allow_none=True)


def assumed_of(given: Mapping[str, Any], territory: Territory) -> list[dict[str, Any]]:
    """The assumptions of a run that is asked for, none for a real one; raises Invalid."""
    if given.get("assumed") is None:
        return []
    asked = [_plain(number, one) for number, one in enumerate(given["assumed"])]
    horizon = Horizon(territory.zone, given["day"], given["days"], now())
    try:
        return checked(asked, horizon, territory, current_user, _("Added from a what-if."))
    except WrongAssumption as error:
        raise Invalid(
            {_field(place, name): str(label(code, "refused")) for (place, name), code in error.errors.items()}
        ) from error


def _plain(number: int, one: Mapping[str, Any]) -> dict[str, Any]:
    """As planning.assuming wants it; raises Invalid when something is missing."""
    missing = [name for name in NEEDED[one["kind"]] if one.get(name) is None]
    if missing:
        needed = str(label("required", "refused"))
        raise Invalid({_field(number, NAMES.get(name, name)): needed for name in missing})
    told = {NAMES.get(name, name): value for name, value in one.items()} | {"minutes": one.get("minutes")}
    if one["kind"] == "absent":
        told["technician"] = references.technician_named(one["technician"]).id
    return told


def _field(number: int, name: str) -> str:
    return f"assumed.{number}.{name}"
