"""What is there before anybody works: the territory, the clients with their places, people and categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from dispatch.database import Base
from dispatch.demo import catalogue, places
from dispatch.demo import requesters as people
from dispatch.demo.day import CLOSES, OPENS, ZONE, Day
from dispatch.extensions import db
from dispatch.models.client import AdminRight, Category, Client, Connection, Equipment, Skill
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.ticket import Requester

Row = TypeVar("Row", bound=Base)
# The demo lives on public holidays too.
NO_HOLIDAYS = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """The rows by the names that the demo's content uses for them."""

    territory: Territory
    clients: dict[str, Client]
    skills: dict[str, Skill]
    rights: dict[str, AdminRight]
    categories: dict[tuple[str, str], Category]
    sites: dict[str, Site]
    buildings: dict[str, Building]
    kiosks: dict[str, Kiosk]
    requesters: dict[str, Requester]


def lay(day: Day) -> Ground:
    """Add everything to the session, flushed."""
    code, name = catalogue.TERRITORY
    territory = _add(Territory(code=code, name=name, zone=ZONE))
    clients = {one.code: _client(one, territory, day) for one in catalogue.CLIENTS}
    skills = {
        one.code: _add(Skill(code=one.code, label_fr=one.label_fr, label_en=one.label_en))
        for one in catalogue.SKILLS
    }
    rights = {one.key: _right(one, clients[one.client]) for one in catalogue.RIGHTS}
    _equipment()
    sites, buildings = _places(territory, clients, day)
    kiosks = {
        one.building: _add(Kiosk(building=buildings[one.building], name=one.name, counters=one.counters))
        for one in places.KIOSKS
    }
    requesters = {one.email: _requester(one, clients, buildings) for one in people.requesters()}
    categories = _categories(clients, skills, rights)
    db.session.flush()
    return Ground(territory, clients, skills, rights, categories, sites, buildings, kiosks, requesters)


def _client(one: catalogue.Client, territory: Territory, day: Day) -> Client:
    client = _add(
        Client(code=one.code, name=one.name, zone=ZONE, territory_id=territory.id,
               working_week=day.week(((OPENS, CLOSES),)), holiday_country=NO_HOLIDAYS)
    )  # fmt: skip
    db.session.add(
        Connection(client=client, system=one.system, label=one.system, created_at=day.planned_at(-90))
    )
    return client


def _right(one: catalogue.Right, client: Client) -> AdminRight:
    return _add(AdminRight(client=client, code=one.code, label=one.label, scope=one.scope))


def _equipment() -> None:
    db.session.add_all(
        Equipment(code=one.code, kind=one.kind, label_fr=one.label_fr, label_en=one.label_en)
        for one in catalogue.EQUIPMENT
    )


def _places(
    territory: Territory, clients: dict[str, Client], day: Day
) -> tuple[dict[str, Site], dict[str, Building]]:
    sites: dict[str, Site] = {}
    buildings: dict[str, Building] = {}
    for one in places.SITES:
        site = sites[one.key] = _add(
            Site(client=clients[one.client], territory=territory, code=one.code, name=one.name, zone=ZONE,
                 address=one.buildings[0].address, opening_week=day.week(one.hours),
                 needs_access=one.needs_access, access_notes=one.access_notes)
        )  # fmt: skip
        for house in one.buildings:
            buildings[house.code] = _add(
                Building(site=site, code=house.code, name=house.name, address=house.address,
                         latitude=house.latitude, longitude=house.longitude, floors=house.floors,
                         access_minutes=house.access_minutes)
            )  # fmt: skip
    return sites, buildings


def _requester(one: people.Requester, clients: dict[str, Client], houses: dict[str, Building]) -> Requester:
    return _add(
        Requester(client_id=clients[one.client].id, name=one.name, phone=one.phone, email=one.email,
                  language=one.language, vip=one.vip, building=houses[one.building], floor=one.floor,
                  desk=one.desk)
    )  # fmt: skip


def _categories(
    clients: dict[str, Client], skills: dict[str, Skill], rights: dict[str, AdminRight]
) -> dict[tuple[str, str], Category]:
    return {
        (owner, one.code): _add(
            Category(client=clients[owner], code=one.code, label_fr=one.label_fr, label_en=one.label_en,
                     kind=one.kind, skill=skills[one.skill], level=one.level, duration_minutes=one.minutes,
                     mode=one.mode, admin_right=rights[f"{owner}:{one.right}"] if one.right else None,
                     tools=list(one.tools), proof=catalogue.PROOFS.get(one.code, {}))
        )
        for owner, kinds in catalogue.CATEGORIES.items()
        for one in kinds
    }  # fmt: skip


def _add(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row
