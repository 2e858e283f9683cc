"""Why jobs are in no route, as far as the reader may know it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.board.rows import Explained
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.client import AdminRight, Client
from dispatch.models.job import Job, number_of
from dispatch.models.place import Territory
from dispatch.models.technician import RightGrant, Technician
from dispatch.models.user import User


def explained(
    kind: str, reasons: Sequence[Any], outbid_by: Sequence[int], fix: dict[str, Any] | None, known: Known
) -> Explained:
    """An explanation as it may be read: of the jobs that won, the visible ones by their number."""
    numbers = [number_of(other) for other in outbid_by if other in known.visible]
    remedy = dict(fix or {})
    if remedy.get("rule") == "right":
        remedy["expired"] = known.expired.get((remedy["technician_id"], remedy["values"]["missing"][0]))
    return Explained(kind, reasons, numbers, len(outbid_by) - len(numbers), remedy)


def visible_ids(ids: Iterable[int], user: User) -> set[int]:
    """The jobs of these that the reader may see, and those that his own what-if supposes."""
    asked = set(ids)
    found = select(Job.id).where(Job.id.in_(asked), user.may_see(Job.client_id))
    return {*db.session.scalars(found), *(one for one in asked if one < 0)}


class Known(NamedTuple):
    """What explanations refer to: the jobs that the reader may see, and rights that have expired."""

    visible: set[int]
    expired: dict[tuple[int, str], date]


def known_of(entries: Sequence[tuple[Any, Any]], user: User) -> Known:
    """For explanations given as (outbid_by, fix)."""
    ids = {other for outbid_by, _fix in entries for other in outbid_by or ()}
    fixes = [fix for _outbid_by, fix in entries if fix and fix["rule"] == "right"]
    return Known(visible_ids(ids, user), _expired({fix["technician_id"] for fix in fixes}))


def _expired(technician_ids: Iterable[int]) -> dict[tuple[int, str], date]:
    """Until when these technicians held rights that they hold no more, by technician and key of the right."""
    query = select(
        RightGrant.technician_id, Client.code, AdminRight.code, RightGrant.valid_to, Territory.zone
    )
    query = query.join(AdminRight, AdminRight.id == RightGrant.admin_right_id).join(AdminRight.client)
    query = query.join(Technician, Technician.id == RightGrant.technician_id)
    query = query.join(Territory, Territory.id == Technician.territory_id)
    query = query.where(RightGrant.technician_id.in_(technician_ids), RightGrant.valid_to.is_not(None))
    return {
        (key, f"{client}:{code}"): until
        for key, client, code, until, zone in db.session.execute(query.order_by(RightGrant.valid_to))
        if until and until < now().astimezone(ZoneInfo(zone)).date()
    }
