"""How many are at a kiosk, and since when they wait: what counter, board, phone and API tell of its queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.entry import Entry
from dispatch.models.entry_states import OPEN, WAITS
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.technician import Absence, KioskDuty
from dispatch.models.user import User
from dispatch.models.whereabouts import LONGEST

# who waits longer than that is shown in amber
LONG_WAIT = timedelta(minutes=15)


@dataclass(slots=True)
class Crowd:
    """Who is there, by state; `oldest` is since when the one who has waited longest waits, his time on hold left out."""

    states: Counter[str] = field(default_factory=Counter)
    oldest: datetime | None = None

    @property
    def waiting(self) -> int:
        """Who can still be called; whose wait goes on are those who are called, too."""
        return self.states["waiting"]

    def longest(self, at: datetime) -> float:
        """The longest wait in minutes."""
        return max(0.0, (at - self.oldest).total_seconds() / 60) if self.oldest else 0.0

    def is_long(self, at: datetime) -> bool:
        return self.waiting > 0 and self.oldest is not None and at - self.oldest > LONG_WAIT

    def count(self, state: str, state_at: datetime, waited_seconds: int) -> None:
        self.states[state] += 1
        if state in WAITS:
            began = state_at - timedelta(seconds=waited_seconds)
            self.oldest = min(self.oldest or began, began)


def crowds(kiosks: Iterable[Kiosk]) -> dict[int, Crowd]:
    """By kiosk, in one query."""
    days = {kiosk.id: now().astimezone(ZoneInfo(kiosk.building.site.zone)).date() for kiosk in kiosks}
    found = {key: Crowd() for key in days}
    query = select(Entry.kiosk_id, Entry.day, Entry.state, Entry.state_at, Entry.waited_seconds)
    rows = db.session.execute(query.where(Entry.kiosk_id.in_(days), Entry.state.in_(OPEN)))
    for key, day, state, state_at, waited_seconds in rows:
        if day == days[key]:
            found[key].count(state, state_at, waited_seconds)
    return found


def crowd_in(territory: Territory, day: date, user: User) -> Crowd | None:
    """Everybody at the territory's kiosks that the reader may see; None where there is no kiosk."""
    mine = and_(Entry.kiosk_id == Kiosk.id, Entry.day == day, Entry.state.in_(OPEN))
    query = select(Entry.state, Entry.state_at, Entry.waited_seconds).select_from(Kiosk)
    query = query.join(Kiosk.building).join(Building.site).outerjoin(Entry, mine)
    rows = db.session.execute(
        query.where(Site.territory_id == territory.id, user.may_see(Site.client_id))
    ).all()
    crowd = Crowd()
    for state, state_at, waited_seconds in rows:
        if state is not None:
            crowd.count(state, state_at, waited_seconds)
    return crowd if rows else None


def desks_open(kiosk: Kiosk) -> int:
    """How many technicians are on duty there now, and not absent or in a pause."""
    moment = now()
    lasts = or_(KioskDuty.ends_at > moment, and_(KioskDuty.is_open, KioskDuty.starts_at > moment - LONGEST))
    duties = select(KioskDuty.technician_id).where(
        KioskDuty.kiosk_id == kiosk.id, KioskDuty.starts_at <= moment, lasts
    )
    away = select(Absence.technician_id).where(
        Absence.starts_at <= moment,
        or_(Absence.ends_at > moment, and_(Absence.is_open, Absence.starts_at > moment - LONGEST)),
    )
    found = db.session.scalars(duties.where(KioskDuty.technician_id.not_in(away)).distinct())
    return len(found.all())
