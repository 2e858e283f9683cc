"""Where a technician is by his own taps: in a pause, at a kiosk, gone for the day.

They are rows of his calendar like those that others enter, `is_open` until he says that it is over: a pause and the
end of a shift are absences of a kind of their own, kiosk duty is kiosk duty. `ends_at` of an open one is when it is
expected to be over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.place import Kiosk
from dispatch.models.technician import Absence, KioskDuty, Shift, Technician
from dispatch.models.user import User

PAUSE_MINUTES = (15, 30, 45, 60)
KIOSK_MINUTES = (30, 60, 120, 240)
# what he has forgotten to end is over by then
LONGEST = timedelta(hours=12)
# how long before its time a planned duty at a kiosk may be begun
EARLY = timedelta(hours=2)
Stay = Absence | KioskDuty


def kind_of(stay: Stay) -> str:
    return "kiosk" if isinstance(stay, KioskDuty) else stay.kind


def ongoing(technician: Technician) -> list[Stay]:
    """What he has begun and not ended, the latest last: who takes a pause at the kiosk goes back there."""
    since = now() - LONGEST
    mine = (Absence.technician_id == technician.id, Absence.is_open, Absence.starts_at > since)
    away = db.session.scalars(select(Absence).where(*mine).order_by(Absence.starts_at, Absence.id))
    his = (KioskDuty.technician_id == technician.id, KioskDuty.is_open, KioskDuty.ends_at > since)
    duties = select(KioskDuty).where(*his).options(joinedload(KioskDuty.kiosk))
    return [*db.session.scalars(duties.order_by(KioskDuty.starts_at, KioskDuty.id)), *away]


def begin_pause(technician: Technician, minutes: int, by: User, at: datetime) -> Absence:
    """He pauses from then on; said again, it is the same pause, which lasts longer."""
    for pause in _open(technician, "pause"):
        assert isinstance(pause, Absence)
        pause.ends_at = max(pause.starts_at, at) + timedelta(minutes=minutes)
        _tell(technician, "pause", by, at, until=pause.ends_at)
        return pause
    return _enter(technician, "pause", at + timedelta(minutes=minutes), by, at)


def end_shift(technician: Technician, by: User, at: datetime) -> Absence:
    """He has gone for the day, until the end of his shift; what he was in is over."""
    end(technician, ("pause", "kiosk", "off"), at)
    shift = select(Shift.ends_at).where(
        Shift.technician_id == technician.id, Shift.kind == "work", Shift.starts_at <= at, Shift.ends_at > at
    )  # fmt: skip
    until = max([at + timedelta(hours=1), *db.session.scalars(shift)])
    return _enter(technician, "off", until, by, at)


def begin_kiosk(technician: Technician, kiosk: Kiosk, minutes: int, by: User, at: datetime) -> KioskDuty:
    """He is at a kiosk: the duty that was planned there has begun, or one of his own that lasts so long."""
    end(technician, ("pause", "off", "kiosk"), at)
    duty = next((one for one in planned(technician, at) if one.kiosk_id == kiosk.id), None)
    if duty is None:
        duty = KioskDuty(technician_id=technician.id, kiosk_id=kiosk.id, kiosk=kiosk, starts_at=at,
                         ends_at=at + timedelta(minutes=minutes))  # fmt: skip
        db.session.add(duty)
    duty.starts_at, duty.is_open = min(duty.starts_at, at), True
    _claim(technician)
    _tell(technician, "kiosk", by, at, until=duty.ends_at)
    return duty


def end(technician: Technician, kinds: Iterable[str], at: datetime) -> list[Stay]:
    """Whatever of these is going on is over; nothing is no mistake: what he then did has said so already."""
    ended = [stay for kind in kinds for stay in _open(technician, kind)]
    for stay in ended:
        stay.is_open, stay.ends_at = False, max(stay.starts_at, at)
    if ended:
        _claim(technician)
    return ended


def come_back(technician: Technician, kinds: Sequence[str], by: User, at: datetime) -> list[Stay]:
    """The same, and it is noted."""
    ended = end(technician, kinds, at)
    for stay in ended:
        _tell(technician, {"pause": "resumed", "kiosk": "left", "off": "back"}[kind_of(stay)], by, at)
    return ended


def planned(technician: Technician, at: datetime) -> list[KioskDuty]:
    """The duties that others have planned for him and that he may begin at that moment."""
    query = select(KioskDuty).where(
        KioskDuty.technician_id == technician.id, KioskDuty.is_open.is_(False), KioskDuty.ends_at > at,
        KioskDuty.starts_at <= at + EARLY,
    )  # fmt: skip
    return list(db.session.scalars(query.options(joinedload(KioskDuty.kiosk)).order_by(KioskDuty.starts_at)))


def kiosks(user: User) -> list[Kiosk]:
    """The kiosks of his territory, of his clients where he acts for some only."""
    return list(db.session.scalars(Kiosk.visible_to(user)))


def _open(technician: Technician, kind: str) -> list[Stay]:
    return [stay for stay in ongoing(technician) if kind_of(stay) == kind]


def _enter(technician: Technician, kind: str, until: datetime, by: User, at: datetime) -> Absence:
    stay = Absence(
        technician_id=technician.id, starts_at=at, ends_at=until, kind=kind, is_open=at > now() - LONGEST
    )
    db.session.add(stay)
    _claim(technician)
    _tell(technician, kind, by, at, until=until)
    return stay


def _claim(technician: Technician) -> None:
    """A dispatcher's form that was drawn before is told so."""
    mine = update(Technician).where(Technician.id == technician.id)
    db.session.execute(mine.values(absences_version=Technician.absences_version + 1))


def _tell(technician: Technician, target: str, by: User, at: datetime, until: datetime | None = None) -> None:
    record("technician.presence", by=by, technician_id=technician.id, territory_id=technician.territory_id, target=target,
           at=at.isoformat(), until=until and until.isoformat())  # fmt: skip
