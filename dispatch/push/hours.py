"""When somebody may be woken up: in his shift, and a little before it; on call, for what is urgent.

Shifts are instants, so that the nights on which the clocks change are as long as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.technician import Absence, Shift, Technician

BEFORE = timedelta(minutes=15)
# shifts change: quiet hours are looked at again at least that often
LOOK_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Hours:
    """`working`, `on_call`: what he is now; `look_at`: when that may be different."""

    working: bool
    on_call: bool
    look_at: datetime

    def admit(self, urgent: bool) -> bool:
        return self.working or (urgent and self.on_call)


def hours_of(technician: Technician, at: datetime) -> Hours:
    """What holds at that instant."""
    query = select(Shift.kind, Shift.starts_at).where(
        Shift.technician_id == technician.id, Shift.ends_at > at, Shift.starts_at <= at + BEFORE + LOOK_AGAIN
    )  # fmt: skip
    shifts = [(kind, starts_at - BEFORE) for kind, starts_at in db.session.execute(query)]
    begun = {kind for kind, begin in shifts if begin <= at}
    ahead = [begin for _kind, begin in shifts if begin > at]
    there = not _is_absent(technician, at)
    return Hours(there and "work" in begun, there and "on_call" in begun, min([*ahead, at + LOOK_AGAIN]))


def _is_absent(technician: Technician, at: datetime) -> bool:
    query = select(Absence.id).where(
        Absence.technician_id == technician.id,
        Absence.starts_at <= at,
        Absence.ends_at > at,
        Absence.kind != "pause",
    )
    return db.session.scalar(query.limit(1)) is not None
