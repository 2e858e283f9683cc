"""The scope of a plan run: as a request says it, and as an answer shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from marshmallow import fields, validate

from dispatch.api.fields import Choice, Instant, Reference
from dispatch.api.problems import Invalid
from dispatch.api.references import technician_named, technicians_shown
from dispatch.api.shapes import Shape, TechnicianShape, instant_of, local
from dispatch.models.place import Territory
from dispatch.planning.scope import KINDS, Scope

# a repair is offered by the board, for a cause that it has seen
ASKED = tuple(kind for kind in KINDS if kind != "repair")
MOST_TECHNICIANS = 1000
ABOUT = {
    "description": "all: everything from now on; unassigned: only what nobody has, whoever has work keeps it; from: only"
    " what begins at `from` or later; technicians: only the routes of these, and what nobody has"
}


class ScopeGiven(Shape):
    kind = Choice(ASKED, load_default="all", metadata=ABOUT)
    technicians = fields.List(Reference(), validate=validate.Length(max=MOST_TECHNICIANS))
    since = Instant(data_key="from")


class ScopeShape(Shape):
    kind = fields.String(metadata={"enum": list(KINDS)})
    technicians = fields.List(fields.Nested(TechnicianShape))
    since = Instant(data_key="from", allow_none=True)


def scope_asked(given: Mapping[str, Any], territory: Territory) -> dict[str, Any]:
    """The scope that is meant; raises Invalid when it is not said to its end."""
    kind, people, since = given["kind"], given.get("technicians", []), given.get("since")
    if (kind == "technicians") != bool(people):
        raise Invalid({"scope.technicians": _("Name technicians for this kind of scope, and for no other.")})
    if (kind == "from") != (since is not None):
        raise Invalid({"scope.from": _("Say an instant for this kind of scope, and for no other.")})
    found = [technician_named(name) for name in people]
    if any(one.territory_id != territory.id for one in found):
        raise Invalid({"scope.technicians": _("Somebody of another territory is among them.")})
    return Scope(kind, frozenset(one.id for one in found), since).to_json()


def scope_shown(told: Mapping[str, Any], zone: str) -> dict[str, Any]:
    scope = Scope.of(told)
    people = technicians_shown(scope.technician_ids)
    since = told.get("from")
    return {
        "kind": scope.kind,
        "technicians": [people[key] for key in sorted(people)],
        "since": local(instant_of(since), zone) if since else None,
    }
