"""Small rows with sensible defaults: say what matters to the test, and nothing else.

`make.job(state="accepted")` is enough: what it hangs on (ticket, client, site…) is made once and shared.
Every function adds to the session and flushes; committing is the test's own business. The default day
is Monday 23 November 2026 in Rennes; `at("09:30")` is an instant of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.client import AdminRight, Category, Client, Connection, Skill
from dispatch.models.job import Job
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.technician import (
    Absence,
    Break,
    KioskDuty,
    RightGrant,
    Secondment,
    Shift,
    SiteAccess,
    Technician,
    TechnicianSkill,
)
from dispatch.models.ticket import Handover, Requester, Ticket
from dispatch.models.user import User, UserClient

MONDAY = date(2026, 11, 23)
ZONE = ZoneInfo("Europe/Paris")
Row = TypeVar("Row", bound=Base)


def at(clock: str, day: date = MONDAY) -> datetime:
    """The instant at which the clocks of Rennes show "09:30"."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


# clients and what they know -----------------------------------------------------------------------------


def client(code: str = "acme", **fields: Any) -> Client:
    """The client of that code; made the first time it is named."""
    names = {"acme": "Acme Assurances", "breizh": "Breizh Énergie"}
    return _once(
        Client,
        {"code": code},
        {"name": names.get(code, code.title()), "territory_id": territory().id, **fields},
    )


def skill(code: str = "workstation") -> Skill:
    return _once(Skill, {"code": code}, {"label_fr": code, "label_en": code})


def right(code: str = "local_admin", owner: Client | None = None) -> AdminRight:
    return _once(AdminRight, {"code": code, "client_id": (owner or client()).id}, {"label": code})


def category(code: str = "workstation", owner: Client | None = None, **fields: Any) -> Category:
    """A kind of work: half an hour, no skill, no right, either mode, unless the test says otherwise."""
    defaults = {"label_fr": code, "label_en": code, "duration_minutes": 30, **fields}
    return _once(Category, {"code": code, "client_id": (owner or client()).id}, defaults)


def connection(system: str = "servicenow", owner: Client | None = None) -> Connection:
    return _once(Connection, {"system": system, "client_id": (owner or client()).id}, {"created_at": now()})


# places -------------------------------------------------------------------------------------------------


def territory(code: str = "rennes", **fields: Any) -> Territory:
    return _once(Territory, {"code": code}, {"name": code.title(), **fields})


def site(name: str = "Colbert", owner: Client | None = None, **fields: Any) -> Site:
    owner = owner or client()
    defaults = {"name": name, "territory_id": territory().id, **fields}
    return _once(Site, {"code": defaults.pop("code", _code(name)), "client_id": owner.id}, defaults)


def building(
    name: str = "Colbert", owner: Client | None = None, at_site: Site | None = None, **fields: Any
) -> Building:
    """A building of a site of the same name, unless `at_site` says which."""
    defaults = {"name": name, "latitude": 48.1075, "longitude": -1.6695, "floors": 5, **fields}
    return _once(
        Building,
        {"code": defaults.pop("code", _code(name)), "site_id": (at_site or site(name, owner)).id},
        defaults,
    )


def kiosk(name: str = "Kiosque Colbert", at_building: Building | None = None) -> Kiosk:
    return _once(Kiosk, {"name": name, "building_id": (at_building or building()).id}, {})


# people -------------------------------------------------------------------------------------------------


def user(
    name: str = "Paula", role: str = "phone_agent", clients: Sequence[Client] | None = None, **fields: Any
) -> User:
    """Somebody who may act for `clients` (Acme by default); `every_client=True` for all."""
    found = clients if clients is not None else [client()]
    links = [] if fields.get("every_client") else [UserClient(client_id=owner.id) for owner in found]
    return _once(
        User,
        {"email": f"{_code(name)}@dispatch.example"},
        {"name": name, "role": role, "client_links": links, **fields},
    )


def requester(name: str = "Camille Bihan", owner: Client | None = None, **fields: Any) -> Requester:
    defaults = {"phone": "02 61 91 00 10", **fields}
    return _once(Requester, {"name": name, "client_id": (owner or client()).id}, defaults)


def technician(
    name: str = "Tariq",
    *,
    skills: Mapping[str, int] | None = None,
    rights: Sequence[AdminRight] = (),
    day: date | None = MONDAY,
    hours: tuple[str, str] = ("08:00", "17:00"),
    **fields: Any,
) -> Technician:
    """A technician with an account, a base, and a shift on `day` (None: no shift)."""
    defaults = {
        "name": name, "territory_id": territory().id, "base_name": "Gare", "latitude": 48.1035,
        "longitude": -1.6722, "user_id": user(name, "technician", []).id, **fields,
    }  # fmt: skip
    person = _once(Technician, {"code": defaults.pop("code", _code(name))}, defaults)
    for code, level in (skills or {}).items():
        person.skills.append(TechnicianSkill(skill_id=skill(code).id, level=level))
    person.rights.extend(RightGrant(admin_right_id=granted.id) for granted in rights)
    if day is not None:
        shift(person, day, hours)
    return _flushed(person)


def shift(
    person: Technician,
    day: date = MONDAY,
    hours: tuple[str, str] = ("08:00", "17:00"),
    lunch: tuple[str, str, int] | None = None,
    kind: str = "work",
) -> Shift:
    """Working hours of a day; `lunch` is (earliest, latest, minutes). A night ends on the day after."""

    def on(clock: str) -> datetime:
        return at(clock, day if clock >= hours[0] else day + timedelta(days=1))

    row = Shift(kind=kind, starts_at=on(hours[0]), ends_at=on(hours[1]))
    if lunch:
        row.breaks.append(Break(earliest=on(lunch[0]), latest=on(lunch[1]), minutes=lunch[2]))
    person.shifts.append(row)
    return _flushed(row)


def absence(person: Technician, hours: tuple[str, str] = ("00:00", "23:59"), day: date = MONDAY) -> Absence:
    return _added(Absence(technician_id=person.id, starts_at=at(hours[0], day), ends_at=at(hours[1], day)))


def duty(
    person: Technician, hours: tuple[str, str], where: Kiosk | None = None, day: date = MONDAY
) -> KioskDuty:
    row = KioskDuty(technician_id=person.id, kiosk_id=(where or kiosk()).id, starts_at=at(hours[0], day),
                    ends_at=at(hours[1], day))  # fmt: skip
    return _added(row)


def access(person: Technician, owner: Client | None = None, **fields: Any) -> SiteAccess:
    return _added(SiteAccess(technician_id=person.id, client_id=(owner or client()).id, **fields))


def secondment(person: Technician, owner: Client | None = None, **fields: Any) -> Secondment:
    return _added(Secondment(technician_id=person.id, client_id=(owner or client()).id, **fields))


# work ---------------------------------------------------------------------------------------------------


def ticket(summary: str = "Écran noir", owner: Client | None = None, **fields: Any) -> Ticket:
    """An open ticket with its handover, on site at Colbert, P3."""
    owner = owner or client()
    reasons, tried = fields.pop("reasons", ["presence"]), fields.pop("steps_tried", "redémarrage")
    defaults = {
        "client_id": owner.id, "requester_id": requester(owner=owner).id, "building_id": building(owner=owner).id,
        "floor": "3", "desk": "312", "phone": "02 61 91 00 10", "impact": 2, "urgency": 2, "priority": 3,
        "opened_at": now(), "due_at": now() + timedelta(days=2),
    }  # fmt: skip
    row = Ticket(summary=summary, **{**defaults, **fields})
    row.handovers.append(
        Handover(at=row.opened_at, agent_id=row.agent_id, reasons=reasons, steps_tried=tried)
    )
    return _added(row)


def job(
    summary: str = "Écran noir",
    *,
    of: Ticket | None = None,
    owner: Client | None = None,
    technician: Technician | None = None,
    start: datetime | None = None,
    minutes: int = 30,
    **fields: Any,
) -> Job:
    """An unplanned visit; with a technician, a dispatched one that begins at `start` (09:00)."""
    of = of or ticket(summary, owner)
    defaults = {
        "client_id": of.client_id, "territory_id": territory().id, "building_id": of.building_id, "floor": of.floor,
        "desk": of.desk, "duration_minutes": minutes, "created_at": of.opened_at, "state_at": now(),
    }  # fmt: skip
    if technician is not None:
        start = start or at("09:00")
        defaults |= {
            "technician_id": technician.id, "day": start.astimezone(ZONE).date(), "planned_arrival": start,
            "planned_start": start, "planned_end": start + timedelta(minutes=minutes), "state": "dispatched",
        }  # fmt: skip
    row = Job(**{**defaults, **fields})
    row.ticket = of
    return _added(row)


def _once(kind: type[Row], key: dict[str, Any], fields: dict[str, Any]) -> Row:
    found = db.session.scalars(select(kind).filter_by(**key)).first()
    return found or _added(kind(**key, **fields))


def _added(row: Row) -> Row:
    db.session.add(row)
    return _flushed(row)


def _flushed(row: Row) -> Row:
    db.session.flush()
    return row


def _code(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "-")
