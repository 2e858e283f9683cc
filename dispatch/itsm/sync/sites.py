"""A list of places to sites, each with one building."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.itsm.site_list import Place
from dispatch.models.client import Client
from dispatch.models.place import Building, Site, Territory


@dataclass(slots=True)
class Counted:
    """What became of the records of one import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged


def sync_sites(client: Client, territory: Territory, places: Sequence[Place]) -> Counted:
    """Make a site with one building of each place that the client does not have yet, by its code.

    A known site gets the list's name, address and coordinates; hours, rules and territory stay. The caller
    commits.
    """
    known = buildings_of(client)
    counted = Counted()
    for place in places:
        building = known.get(place.code)
        if building is None:
            known[place.code] = _add(client, territory, place)
            counted.created += 1
        elif _correct(building, place):
            counted.updated += 1
        else:
            counted.unchanged += 1
    db.session.flush()
    return counted


def buildings_of(client: Client) -> dict[str, Building]:
    """The client's buildings that came from a list of places: those with the code of their site."""
    mine = select(Building).join(Building.site).where(Site.client_id == client.id, Building.code == Site.code)
    return {building.code: building for building in db.session.scalars(mine)}


def _add(client: Client, territory: Territory, place: Place) -> Building:
    site = Site(client=client, territory=territory, code=place.code, name=place.name, zone=territory.zone,
                address=place.address)  # fmt: skip
    building = Building(site=site, code=place.code, **_facts(place))
    db.session.add_all((site, building))
    return building


def _correct(building: Building, place: Place) -> bool:
    facts = {name: value for name, value in _facts(place).items() if getattr(building, name) != value}
    for name, value in facts.items():
        setattr(building, name, value)
        if name in ("name", "address"):
            setattr(building.site, name, value)
    return bool(facts)


def _facts(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in ("name", "address", "latitude", "longitude")}
