"""The open work of a territory and its people to be looked at, not written: what rows.py reads, without what it costs to write it.

While a job is held above the board every row answers from this, and a move is weighed on it. What is read here is in no session, so that nothing
keeps track of it, and its attributes are plain ones: whatever else is asked of it is an error and not another query.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from functools import cache
from types import FunctionType
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, Select, inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from dispatch.database import Base
from dispatch.extensions import db, is_reading
from dispatch.models.client import AdminRight, Client, Closure, Skill
from dispatch.models.job import Job, Refusal
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
from dispatch.models.ticket import Requester, Ticket
from dispatch.planning.horizon import Horizon
from dispatch.planning.rows import concerns

T = TypeVar("T", bound=Base)
JOB = (
    Job.id, Job.ticket_id, Job.client_id, Job.territory_id, Job.mode, Job.state, Job.state_at, Job.building_id, Job.floor,
    Job.duration_minutes, Job.skills, Job.admin_right_id, Job.tools, Job.parts, Job.not_before, Job.awaits,
    Job.promised_from, Job.promised_to, Job.preferred_technician_id, Job.carried_over, Job.lock, Job.lock_technician_id,
    Job.lock_start, Job.waived, Job.technician_id, Job.day, Job.planned_start, Job.travel_seconds, Job.worked_seconds,
)  # fmt: skip
TICKET = (
    Ticket.requester_id, Ticket.phone, Ticket.priority, Ticket.available, Ticket.opened_at, Ticket.due_at, Requester.phone,
)  # fmt: skip
JOB_NAMES, TICKET_NAMES = ([column.key for column in columns] for columns in (JOB, TICKET[:-1]))
# by which a row is known to be the one that was read before: nothing changes a job or a ticket without its version
MARK = (Job.id, Job.version, Ticket.version, Requester.phone)
Mark = tuple[Any, ...]
# a few kilobytes each
MOST_MET = 6000
_MET: MutableMapping[Engine, dict[int, tuple[Mark, Job]]] = WeakKeyDictionary()


# work -----------------------------------------------------------------------------------------------------


def jobs_seen(which: ColumnElement[bool]) -> list[Job]:
    """The jobs for which `which` is true, by id, with all that planning reads of them."""
    jobs = _known(which) if is_reading() else [job for _mark, job in _read(which)]
    refusals = _all(Refusal, Refusal.job_id.in_(select(Job.id).where(which)))
    _hang(jobs, "refusals", refusals, "job_id")
    rights = _by_id(AdminRight, _named(jobs, "admin_right_id"))
    buildings = _by_id(Building, _named(jobs, "building_id"))
    sites = _by_id(Site, _named(buildings.values(), "site_id"))
    owned: list[Base] = [*jobs, *sites.values(), *rights.values()]
    _attach(owned, "client", _clients(_named(owned, "client_id")))
    _attach(buildings.values(), "site", sites)
    _attach(jobs, "admin_right", rights)
    _attach(jobs, "building", buildings)
    return jobs


def _known(which: ColumnElement[bool]) -> list[Job]:
    """The same, of which only those are read whose mark this process has not met.

    For transactions that only read: what they see is committed, and a version that was committed never means anything else.
    """
    met = _MET.setdefault(db.engine, {})
    marks = {row[0]: tuple(row) for row in db.session.execute(_of_jobs(*MARK).where(which))}
    known = {key: one for key, mark in marks.items() if (one := met.get(key)) and one[0] == mark}
    unknown = marks.keys() - known.keys()
    fresh = {mark[0]: (mark, job) for mark, job in _read(Job.id.in_(unknown))} if unknown else {}
    if len(met) + len(fresh) > MOST_MET:
        met.clear()
    met.update(fresh)
    found = known | fresh
    return [_copied(found[key][1]) for key in marks if key in found]


def _read(which: ColumnElement[bool]) -> list[tuple[Mark, Job]]:
    found = db.session.execute(_of_jobs(*MARK, *JOB, *TICKET).where(which))
    return [(tuple(row[: len(MARK)]), _job(row[len(MARK) :])) for row in found]


@cache
def _of_jobs(*columns: Any) -> Select[Any]:
    return select(*columns).join(Job.ticket).outerjoin(Ticket.requester).order_by(Job.id)


def _job(row: Sequence[Any]) -> Job:
    job, ticket = _bare(Job, JOB_NAMES, row), _bare(Ticket, TICKET_NAMES, row[len(JOB) :])
    ticket.__dict__["requester"] = _bare(Requester, ["phone"], row[-1:]) if ticket.requester_id else None
    job.__dict__["ticket"] = ticket
    return job


def _clients(ids: Collection[int]) -> dict[int, Client]:
    clients = _by_id(Client, ids)
    _hang(clients.values(), "closures", _all(Closure, Closure.client_id.in_(ids)), "client_id")
    return clients


# people ---------------------------------------------------------------------------------------------------


def technicians_seen(
    territory: Territory, horizon: Horizon, only: Collection[int] | None = None
) -> list[Technician]:
    """Who works in the territory (None: everybody), by code, with all that planning reads of him inside the horizon."""
    works = (Technician.territory_id == territory.id) & Technician.left_at.is_(None)
    works = works if only is None else works & Technician.id.in_(only)
    people = _all(Technician, works, Technician.code)
    ids = [one.id for one in people]
    _hang(people, "skills", _skills(ids), "technician_id")
    _hang(people, "rights", _rights(ids), "technician_id")
    _hang(people, "accesses", _all(SiteAccess, SiteAccess.technician_id.in_(ids)), "technician_id")
    _hang(people, "secondments", _all(Secondment, Secondment.technician_id.in_(ids)), "technician_id")
    _hang(people, "shifts", _shifts(ids, horizon), "technician_id")
    away = Absence.technician_id.in_(ids) & (Absence.ends_at > horizon.origin)
    _hang(people, "absences", _all(Absence, away), "technician_id")
    _hang(people, "duties", _duties(ids, horizon), "technician_id")
    return people


def _skills(ids: Collection[int]) -> list[TechnicianSkill]:
    found = _all(TechnicianSkill, TechnicianSkill.technician_id.in_(ids))
    _attach(found, "skill", _by_id(Skill, _named(found, "skill_id")))
    return found


def _rights(ids: Collection[int]) -> list[RightGrant]:
    found = _all(RightGrant, RightGrant.technician_id.in_(ids))
    rights = _by_id(AdminRight, _named(found, "admin_right_id"))
    _attach(rights.values(), "client", _by_id(Client, _named(rights.values(), "client_id")))
    _attach(found, "admin_right", rights)
    return found


def _shifts(ids: Collection[int], horizon: Horizon) -> list[Shift]:
    found = _all(Shift, Shift.technician_id.in_(ids) & concerns(horizon), Shift.starts_at)
    _hang(found, "breaks", _all(Break, Break.shift_id.in_([one.id for one in found])), "shift_id")
    return found


def _duties(ids: Collection[int], horizon: Horizon) -> list[KioskDuty]:
    found = _all(KioskDuty, KioskDuty.technician_id.in_(ids) & (KioskDuty.ends_at > horizon.origin))
    kiosks = _by_id(Kiosk, _named(found, "kiosk_id"))
    _attach(kiosks.values(), "building", _by_id(Building, _named(kiosks.values(), "building_id")))
    _attach(found, "kiosk", kiosks)
    return found


# rows -----------------------------------------------------------------------------------------------------


def _all(kind: type[T], which: ColumnElement[bool], order: Any = None) -> list[T]:
    """The rows for which `which` is true, by id unless said otherwise."""
    names, key, query = _columns(kind)
    found = db.session.execute(query.where(which).order_by(order if order is not None else key))
    return [_bare(kind, names, row) for row in found]


def _by_id(kind: type[T], ids: Collection[int]) -> dict[int, T]:
    key: InstrumentedAttribute[int] = kind.id  # type: ignore[attr-defined]
    return {one.__dict__["id"]: one for one in _all(kind, key.in_(ids))} if ids else {}


def _named(rows: Iterable[Base], name: str) -> set[int]:
    return {row.__dict__[name] for row in rows} - {None}


def _attach(rows: Iterable[Base], name: str, found: Mapping[int, Base]) -> None:
    """To each row the one that it names, which many may share; None to those that name none."""
    key = f"{name}_id"
    for row in rows:
        row.__dict__[name] = found.get(row.__dict__[key])


def _hang(owners: Iterable[Base], name: str, rows: Iterable[Base], by: str) -> None:
    """To each owner those of the rows that are his."""
    his: dict[int, list[Base]] = defaultdict(list)
    for row in rows:
        his[row.__dict__[by]].append(row)
    for owner in owners:
        owner.__dict__[name] = his.get(owner.__dict__["id"], [])


def _bare(kind: type[T], names: Iterable[str], values: Iterable[Any]) -> T:
    made: T = object.__new__(_twin(kind))
    made.__dict__.update(zip(names, values, strict=False))
    return made


def _copied(seen: T) -> T:
    """One that may be given what hangs on it, while others have the same."""
    made: T = object.__new__(type(seen))
    made.__dict__.update(seen.__dict__)
    return made


@cache
def _twin(kind: type[T]) -> type[T]:
    """A class that answers as that of the table does and has none of its columns: what reads one calls nothing."""
    own = {
        name: value for base in reversed(kind.__mro__) for name, value in vars(base).items()
        if isinstance(value, (FunctionType, property)) and not name.startswith("__")
    }  # fmt: skip
    return cast(type[T], type(kind.__name__, (), own | {"__setattr__": _refused}))


def _refused(seen: Any, name: str, _value: Any) -> None:
    raise AttributeError(f"{name} of a {type(seen).__name__} that is only looked at")


@cache
def _columns(kind: type[Base]) -> tuple[list[str], Any, Select[Any]]:
    """The names of a table's columns, its id, and the query for all of it."""
    names = [one.key for one in inspect(kind).column_attrs]
    return names, kind.id, select(*(getattr(kind, name) for name in names))  # type: ignore[attr-defined]
