"""Who is absent from when to when, said by a dispatcher; the reason is kept and told to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.technician import Absence, Technician
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User

LONGEST = timedelta(days=366)
# a form that was open for a while still says “from now on”
GRACE = timedelta(days=1)


class Outdated(Exception):
    """Somebody else said something of this technician's absences since the form was drawn."""


def ahead(technician: Technician) -> Sequence[Absence]:
    """His absences that are not over, the next one first."""
    query = select(Absence).where(Absence.technician_id == technician.id, Absence.ends_at > now())
    return db.session.scalars(query.order_by(Absence.starts_at, Absence.id)).all()


def leave(
    technician: Technician, span: tuple[datetime, datetime], reason: str, by: User, version: int
) -> Absence:
    """He is absent from an instant to another; raises Incomplete for one that makes no sense, Outdated."""
    begin, end = span
    if wrong := _wrong(begin, end):
        raise Incomplete(wrong)
    _claim(technician, version)
    absence = Absence(technician_id=technician.id, starts_at=begin, ends_at=end, reason=reason)
    db.session.add(absence)
    record("technician.absence", by=by, technician_id=technician.id, territory_id=technician.territory_id,
           target="absent", **{"from": begin.isoformat(), "until": end.isoformat()})  # fmt: skip
    return absence


def _wrong(begin: datetime, end: datetime) -> str | None:
    """What is wrong with the time, as the field of Incomplete."""
    if begin >= end:
        return "order"
    if end <= now() or begin < now() - GRACE:
        return "past"
    return "longest" if end - begin > LONGEST else None


def come_back(technician: Technician, absence: Absence, by: User, version: int) -> None:
    """He is there again, or will not be absent after all; raises Outdated."""
    _claim(technician, version)
    absence.is_open = False
    if absence.starts_at < now():
        absence.ends_at = min(absence.ends_at, now())  # a form may be older than its end
    else:
        db.session.delete(absence)
    record("technician.absence", by=by, technician_id=technician.id, territory_id=technician.territory_id,
           target="back")  # fmt: skip


def _claim(technician: Technician, version: int) -> None:
    """Of two who read the same only the first one writes."""
    mine = (Technician.id == technician.id) & (Technician.absences_version == version)
    later = update(Technician).where(mine).values(absences_version=version + 1).returning(Technician.id)
    if db.session.scalar(later) is None:
        raise Outdated
