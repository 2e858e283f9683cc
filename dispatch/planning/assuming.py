"""What somebody assumes for a what-if, checked and completed with the names by which it is told later.

An assumption is one of

    {"kind": "absent", "technician": id, "from": instant, "to": instant}
    {"kind": "more_jobs", "building": id, "category": code, "count": n, "priority": 1-4, "minutes": n or None,
     "summary": text or ""}
    {"kind": "kiosk_closed", "kiosk": id, "from": instant}            until the end of that day
    {"kind": "longer", "job": number, "minutes": n}

with aware instants as they are given, and as RFC 3339 texts as they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from dispatch.extensions import db
from dispatch.models.client import Category
from dispatch.models.job import Job
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning.horizon import Horizon

KINDS = ("absent", "more_jobs", "kiosk_closed", "longer")
MOST = 10
MOST_JOBS = 20
MOST_MINUTES = 24 * 60
LONGEST_SUMMARY = 300

Given = Mapping[str, Any]
Errors = dict[tuple[int, str], str]


class WrongAssumption(ValueError):
    """Some of it cannot be assumed; `errors` says why, by its place and field, in codes (labels: `refused`)."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(", ".join(f"{place}.{name}: {code}" for (place, name), code in errors.items()))
        self.errors = errors


class _No(Exception):
    """A field is wrong."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(field, code)
        self.field, self.code = field, code


def checked(given: Sequence[Given], horizon: Horizon, territory: Territory, by: User,
            description: str) -> list[dict[str, Any]]:  # fmt: skip
    """The assumptions as a run keeps them; raises WrongAssumption.

    `description` is what a ticket says of itself that comes of one. Who dispatches for some clients only assumes
    nothing that concerns the work of others.
    """
    if not given:
        raise WrongAssumption({(0, "kind"): "required"})
    if len(given) > MOST:
        raise WrongAssumption({(MOST, "kind"): "too_many"})
    told, errors = [], {}
    for place, one in enumerate(given):
        try:
            told.append(_CHECKS[one["kind"]](one, horizon, territory, by, description))
        except _No as refusal:
            errors[place, refusal.field] = refusal.code
    if errors:
        raise WrongAssumption(errors)
    return told


def _absent(
    one: Given, horizon: Horizon, territory: Territory, by: User, _description: str
) -> dict[str, Any]:
    if not by.every_client:
        raise _No("kind", "all_clients")
    here = (Technician.id == one["technician"], Technician.territory_id == territory.id)
    technician = _found(Technician.visible_to(by).where(*here, Technician.left_at.is_(None)), "technician")
    begin, end = one["from"], one["to"]
    if end <= begin:
        raise _No("to", "ends_before_it_begins")
    if end <= horizon.begin:
        raise _No("to", "over")
    if begin >= horizon.end:
        raise _No("from", "other_day")
    return {"kind": "absent", "technician": technician.id, "name": technician.name, **_texts(begin, end)}


def _more_jobs(
    one: Given, _horizon: Horizon, territory: Territory, by: User, description: str
) -> dict[str, Any]:
    here = (Building.id == one["building"], Site.territory_id == territory.id)
    building = _found(Building.visible_to(by).where(*here), "building")
    mine = (Category.client_id == building.site.client_id, Category.code == one["category"])
    category = _found(select(Category).where(*mine), "category", "not_of_client")
    _within("count", one["count"], MOST_JOBS)
    _within("priority", one["priority"], 4)
    if one["minutes"] is not None:
        _within("minutes", one["minutes"], MOST_MINUTES)
    summary = (one.get("summary") or "").strip() or category.label(building.site.client.language)
    if len(summary) > LONGEST_SUMMARY:
        raise _No("summary", "too_long")
    return {
        "kind": "more_jobs", "building": building.id, "place": building.full_name, "category": category.code,
        "category_id": category.id, "label": {"fr": category.label_fr, "en": category.label_en},
        "client": building.site.client.name, "description": description, "summary": summary,
        **{name: one[name] for name in ("count", "priority", "minutes")},
    }  # fmt: skip


def _kiosk_closed(
    one: Given, horizon: Horizon, territory: Territory, by: User, _description: str
) -> dict[str, Any]:
    mine = select(Kiosk).join(Kiosk.building).join(Building.site).where(by.may_see(Site.client_id))
    kiosk = _found(mine.where(Kiosk.id == one["kiosk"], Site.territory_id == territory.id), "kiosk")
    if not horizon.origin <= one["from"] < horizon.end:
        raise _No("from", "other_day")
    return {"kind": "kiosk_closed", "kiosk": kiosk.id, "name": kiosk.name, "from": one["from"].isoformat()}


def _longer(
    one: Given, _horizon: Horizon, territory: Territory, by: User, _description: str
) -> dict[str, Any]:
    job = _found(Job.numbered(one["job"], by).where(Job.territory_id == territory.id), "job")
    if not job.is_open:
        raise _No("job", "over")
    _within("minutes", one["minutes"], MOST_MINUTES)
    return {"kind": "longer", "job": job.id, "number": job.number, "summary": job.ticket.summary,
            "minutes": one["minutes"]}  # fmt: skip


_CHECKS: dict[str, Callable[..., dict[str, Any]]] = {
    "absent": _absent, "more_jobs": _more_jobs, "kiosk_closed": _kiosk_closed, "longer": _longer,
}  # fmt: skip


def _found(query: Select[Any], field: str, code: str = "unknown_code") -> Any:
    found = db.session.scalars(query.limit(1)).unique().first()
    if found is None:
        raise _No(field, code)
    return found


def _within(field: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise _No(field, "out_of_range")


def _texts(begin: datetime, end: datetime) -> dict[str, str]:
    return {"from": begin.isoformat(), "to": end.isoformat()}
