"""Finds what a request names, among what the caller may see; anything else does not exist for him."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, false, func, or_, select

from dispatch.api.problems import Invalid
from dispatch.api.shapes import technician_shown
from dispatch.extensions import db
from dispatch.models.client import AdminRight, Category, Client
from dispatch.models.job import Job
from dispatch.models.place import Building, Site, Territory
from dispatch.models.technician import Technician

Row = TypeVar("Row")
Name = str | int


def client_named(name: Name) -> Client:
    return _one(Client.visible_to(current_user).where(is_named(Client, name)), "client")


def technician_named(name: Name) -> Technician:
    present = Technician.visible_to(current_user).where(Technician.left_at.is_(None))
    return _one(present.where(is_named(Technician, name)), "technician")


def colleague_named(name: Name, job: Job) -> Technician:
    """Somebody of the job's territory, for whoever hands it on."""
    mates = select(Technician).where(
        Technician.territory_id == job.territory_id, Technician.left_at.is_(None)
    )
    return _one(mates.where(is_named(Technician, name)), "technician")


def territory_named(name: Name | None) -> Territory:
    """The territory of that name; without one, the caller's only one. Raises Invalid, which lists them."""
    mine = list(db.session.scalars(Territory.visible_to(current_user)))
    found = mine if name is None else [one for one in mine if name in (one.id, one.code, str(one.id))]
    if len(found) == 1:
        return found[0]
    told = _("Say which territory.") if name is None else _("There is no such territory for you.")
    offered = [{"id": one.id, "code": one.code, "name": one.name} for one in mine]
    raise Invalid({"territory": told}, territories=offered)


def category_named(code: str | None, client: Client) -> Category | None:
    return None if code is None else _one(_of(Category, code, client), "category")


def right_named(code: str | None, client: Client) -> AdminRight | None:
    return None if code is None else _one(_of(AdminRight, code, client), "admin_right")


def building_named(name: Name | None, client: Client) -> Building | None:
    """By id, `site/building`, code or name; the latter two when they say which."""
    if name is None:
        return None
    mine = select(Building).join(Building.site).where(Site.client_id == client.id)
    if isinstance(name, int):
        return _one(mine.where(Building.id == name), "place.building")
    wanted, site_and_building = name.lower(), Site.code + "/" + Building.code
    ways = (
        func.lower(column) == wanted
        for column in (site_and_building, Building.code, Building.name, Site.name)
    )
    found = list(db.session.scalars(mine.where(or_(*ways)).order_by(Building.id).limit(20)).unique())
    for said in (_reference, _code, _name, _site):
        exact = [building for building in found if said(building).lower() == wanted]
        if len(exact) == 1:
            return exact[0]
    raise Invalid({"place.building": _which_building(found)})


def technicians_shown(ids: Iterable[int]) -> dict[int, dict[str, Any] | None]:
    """How technicians are shown, by id, in one query."""
    query = select(Technician.id, Technician.code, Technician.name).where(Technician.id.in_(set(ids)))
    return {row.id: technician_shown(row) for row in db.session.execute(query)}  # type: ignore[arg-type]


def is_named(kind: Any, name: Name) -> Any:
    """By id when it is a number, else by code, else by id written as a text."""
    if isinstance(name, int):
        return kind.id == name
    is_id = name.isascii() and name.isdigit() and len(name) < 10
    return (kind.code == name) | (kind.id == int(name) if is_id else false())


def _of(kind: Any, code: str, client: Client) -> Select[Any]:
    return select(kind).where(kind.client_id == client.id, kind.code == code)


def _one(query: Select[Row], field: str) -> Row:
    found = list(db.session.scalars(query.limit(2)).unique())
    if len(found) != 1:
        raise Invalid({field: _("This is not known, or not yours to use.")})
    return found[0]


def _which_building(found: Sequence[Building]) -> str:
    if not found:
        return _("The client has no such building. Leave it null when it is not known.")
    return _(
        "Several buildings are called so. Say which: %(names)s.", names=", ".join(map(_reference, found))
    )


def _reference(building: Building) -> str:
    return f"{building.site.code}/{building.code}"


def _code(building: Building) -> str:
    return building.code


def _name(building: Building) -> str:
    return building.name


def _site(building: Building) -> str:
    return building.site.name
