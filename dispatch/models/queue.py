"""The queue at a kiosk: numbers are drawn, the next one is called, and the night puts away what was left."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.client import Category
from dispatch.models.entry import LONGEST_SUBJECT, LONGEST_VISITOR, Entry, hold, require_free, today_at
from dispatch.models.entry_states import OPEN
from dispatch.models.handed import Refused
from dispatch.models.place import Building, Kiosk, Site
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.sla.calendar import local_instant


def check_in(
    kiosk: Kiosk,
    by: User,
    *,
    category: Category | None = None,
    visitor: str | None = None,
    subject: str | None = None,
) -> Entry:
    """Somebody has come and gets the next number of the day; raises Refused for what cannot be kept."""
    said = {"visitor": _line(visitor), "subject": _line(subject)}
    _check(kiosk, category, said)
    hold(kiosk)
    day, client_id = today_at(kiosk), kiosk.building.site.client_id
    last = db.session.scalar(
        select(func.max(Entry.number)).where(Entry.kiosk_id == kiosk.id, Entry.day == day)
    )
    moment = now()
    entry = Entry(kiosk=kiosk, client_id=client_id, day=day, number=(last or 0) + 1, state="waiting", state_at=moment,
                  arrived_at=moment, waited_seconds=0, category=category, **said)  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    entry.tell("arrived", None, by)
    return entry


def call_next(kiosk: Kiosk, by: User, technician: Technician | None = None) -> Entry | None:
    """Call whoever has waited behind the fewest: the lowest number that waits; None when nobody does.

    Raises Occupied when the technician has somebody already: who is called and left standing is forgotten.
    """
    hold(kiosk)
    if technician is not None:
        require_free(kiosk, technician.id)
    query = select(Entry).where(
        Entry.kiosk_id == kiosk.id, Entry.day == today_at(kiosk), Entry.state == "waiting"
    )
    query = query.order_by(Entry.number).limit(1).execution_options(populate_existing=True)
    entry = db.session.scalars(query).first()
    if entry is not None:
        entry.technician_id = technician.id if technician else None
        entry.called_at = now()
        entry.enter("called", "called", by)
    return entry


def free_desk(technician: Technician, by: User) -> None:
    """Who is called to the desk of somebody who goes away has his place in the queue again."""
    his = (Entry.technician_id == technician.id, Entry.state == "called")
    for entry in db.session.scalars(select(Entry).where(*his).order_by(Entry.id)).all():
        entry.move("requeued", by)


def everybody(kiosk: Kiosk) -> list[Entry]:
    """Everybody of today in the order of their numbers."""
    query = select(Entry).where(Entry.kiosk_id == kiosk.id, Entry.day == today_at(kiosk))
    query = query.options(joinedload(Entry.category), joinedload(Entry.technician))
    return list(db.session.scalars(query.order_by(Entry.number)))


def due() -> list[int]:
    """The kiosks with something of an earlier day to put away."""
    found = db.session.execute(_kept().with_only_columns(Entry.kiosk_id, Entry.day, Site.zone).distinct())
    return sorted({kiosk_id for kiosk_id, day, zone in found if day < _today(zone)})


def put_away(kiosk_id: int) -> None:
    """Who was never ended has left, by the close of the site; and of earlier days a number is enough."""
    kiosk = db.session.get_one(Kiosk, kiosk_id)
    hold(kiosk)
    earlier = (Entry.kiosk_id == kiosk.id, Entry.day < today_at(kiosk))
    for entry in db.session.scalars(select(Entry).where(*earlier, Entry.state.in_(OPEN)).order_by(Entry.id)):
        entry.enter("left", "day_over", None, at=max(_close(kiosk.building.site, entry.day), entry.state_at))
    db.session.flush()
    db.session.execute(update(Entry).where(*earlier, Entry.visitor.is_not(None)).values(visitor=None))


def _kept() -> Select[Any]:
    query = select(Entry).join(Entry.kiosk).join(Kiosk.building).join(Building.site)
    return query.where(Entry.state.in_(OPEN) | Entry.visitor.is_not(None))


def _today(zone: str) -> date:
    return now().astimezone(ZoneInfo(zone)).date()


def _close(site: Site, day: date) -> datetime:
    """When the site closes on that day; where it does not open, the day's end."""
    spans = site.opening_week[day.weekday()]
    return local_instant(day, max((end for _start, end in spans), default=1440), site.zone)


def _line(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _check(kiosk: Kiosk, category: Category | None, said: dict[str, str | None]) -> None:
    longest = {"visitor": LONGEST_VISITOR, "subject": LONGEST_SUBJECT}
    errors = {name: "too_long" for name, text in said.items() if text and len(text) > longest[name]}
    errors |= {name: "unreadable" for name, text in said.items() if text and _is_unreadable(text)}
    if category is not None and category.client_id != kiosk.building.site.client_id:
        errors["category"] = "not_of_client"
    if errors:
        raise Refused(errors)


def _is_unreadable(text: str) -> bool:
    return any(char == "\0" or 0xD800 <= ord(char) <= 0xDFFF for char in text)
