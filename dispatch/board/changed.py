"""The day's changes as a dispatcher reads them, and what undoing some of them would mean, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from dispatch import sentences
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import number_of
from dispatch.models.place import Territory
from dispatch.models.plan_change import ChangedJob, PlanChange
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning.journal import is_cancelled
from dispatch.planning.undo import Stays, Undo, undoable_since
from dispatch.security import find_or_404
from dispatch.sentences import Vocabulary
from dispatch.web import local_time

MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A change of the day; `mine`: the reader may take it back."""

    id: int
    at: datetime
    who: str
    told: str
    mine: bool
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes back and what stays, a sentence each."""

    back: Sequence[str]
    stays: Sequence[str]
    seen: str


def change_to_undo(change_id: int, user: User) -> PlanChange:
    """A change that meant work of the user's clients and can still be undone, or 404."""
    query = PlanChange.visible_to(user).where(PlanChange.id == change_id)
    found = find_or_404(query.options(selectinload(PlanChange.jobs)))
    return found if found.at >= undoable_since(found.territory) else abort(404)


def changes_of(territory: Territory, user: User, only: int | None = None) -> list[Line]:
    """The changes that can still be undone and meant work of the user's clients, latest first; `only` this one."""
    query = PlanChange.visible_to(user).where(
        PlanChange.territory_id == territory.id, PlanChange.at >= undoable_since(territory)
    )
    if only is not None:
        query = query.where(PlanChange.id == only)
    query = query.order_by(PlanChange.id.desc()).limit(MOST).options(
        selectinload(PlanChange.jobs.and_(ChangedJob.meant)), joinedload(PlanChange.by), joinedload(PlanChange.undone_by)
    )  # fmt: skip
    found = db.session.scalars(query).all()
    names = _names(row for change in found for row in change.jobs)
    words = Vocabulary(territory.zone, {})
    return [_line(one, names, words, user) for one in found]


def series_from(change: PlanChange, user: User) -> list[PlanChange]:
    """This change and all later ones of its territory that are the user's to take back, latest first."""
    query = PlanChange.since(change.territory_id, change.at).where(PlanChange.id >= change.id)
    query = query.options(selectinload(PlanChange.jobs))
    return [one for one in db.session.scalars(query) if one.is_for(user)]


def preview_of(found: Undo, user: User, vocabulary: Vocabulary) -> Preview:
    today = vocabulary.day(now().isoformat()).isoformat()
    seen = [one for one in found.back if user.sees(one["client_id"])]
    dated = any(seat["day"] != today for one in seen for seat in (one["from"], one["to"]) if seat)
    return Preview(
        [sentences.put_back(one, vocabulary, dated) for one in seen],
        [_stays(one, vocabulary) for one in found.stays if user.sees(one.job.client_id)],
        found.seen,
    )


def _stays(one: Stays, words: Vocabulary) -> str:
    time = local_time(one.at, words.zone) if one.at else ""
    told = {"why": one.why, "values": one.values, "by": one.by.name if one.by else "", "time": time}
    who = one.job.technician.name if one.job.technician else ""
    return sentences.stays(one.job.number, who, one.job.state, told, words)


def _names(rows: Iterable[ChangedJob]) -> dict[int, str]:
    places = [place for row in rows for place in (row.before, row.after)]
    ids = {place["technician_id"] for place in places if place["technician_id"] is not None}
    query = select(Technician.id, Technician.name).where(Technician.id.in_(ids))
    return {row.id: row.name for row in db.session.execute(query)}


def _line(change: PlanChange, names: dict[int, str], words: Vocabulary, user: User) -> Line:
    seen = [_item(row, names) for row in change.jobs if user.sees(row.client_id)]
    told = sentences.done(change.kind, seen, len(change.jobs) - len(seen), words)
    undone_by = change.undone_by.name if change.undone_by else ""
    who = change.by.name if change.by else ""
    return Line(change.id, change.at, who, told, change.is_for(user), change.undone_at, undone_by)


def _item(row: ChangedJob, names: dict[int, str]) -> dict[str, Any]:
    before, after = (_seat(place, names) for place in (row.before, row.after))
    kind = "assigned" if before is None else "unassigned" if after is None else "moved"
    if (
        before
        and after
        and (before["technician_id"], before["day"]) == (after["technician_id"], after["day"])
    ):
        kind = "retimed" if row.before["lock"] == row.after["lock"] else "locked"
    return {"number": number_of(row.job_id), "kind": kind, "from": before, "to": after,
            "lock": row.after["lock"], "cancelled": is_cancelled(row.after), "until": row.after.get("not_before")}  # fmt: skip


def _seat(place: dict[str, Any], names: dict[int, str]) -> dict[str, Any] | None:
    who = place["technician_id"]
    if who is None or place["start"] is None:
        return None
    return {
        "technician_id": who,
        "technician": names.get(who, ""),
        "day": place["day"],
        "start": place["start"],
    }
