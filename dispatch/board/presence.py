"""When technicians are there on a board's day, and what they are held by: shifts, breaks, duties, absences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, false, literal, or_, select

from dispatch.board.rows import Away
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.night import in_nights, nights
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.technician import Absence, KioskDuty, Shift
from dispatch.models.user import User
from dispatch.models.whereabouts import LONGEST

Span = tuple[datetime, datetime]


class Asked(NamedTuple):
    """The day of a board, and who is still in the night before, with that day."""

    day: date
    nights: dict[int, date]

    def routes(self, day: Any = Job.day, technician_id: Any = Job.technician_id) -> Any:
        """Whether these columns, those of jobs unless said otherwise, lie on a route that is shown."""
        return or_(day == self.day, in_nights(self.nights, day, technician_id))


def asked_of(territory: Territory, day: date) -> Asked:
    today = now().astimezone(ZoneInfo(territory.zone)).date()
    return Asked(day, nights(territory, now()) if day == today else {})


def whole_of(span: Span, shifts: Sequence[Span]) -> Span:
    """From the first minute of a technician's day to the last: a night goes beyond midnight."""
    return min([span[0], *(start for start, _end in shifts)]), max(
        [span[1], *(end for _start, end in shifts)]
    )


def shifts_of(people: Iterable[int], span: Span, nights: dict[int, date]) -> dict[int, list[Span]]:
    """The shifts that begin inside the span, and those of the nights still going on."""
    begins = and_(Shift.starts_at >= span[0], Shift.starts_at < span[1])
    night = and_(Shift.technician_id.in_(nights), Shift.starts_at < span[0], Shift.ends_at > span[0])
    query = select(Shift.technician_id, Shift.starts_at, Shift.ends_at).where(Shift.kind == "work")
    query = query.where(Shift.technician_id.in_(people), or_(begins, night)).order_by(Shift.starts_at)
    found: dict[int, list[Span]] = defaultdict(list)
    for key, start, end in db.session.execute(query):
        found[key].append((start, end))
    return found


def away_of(territory: Territory, asked: Asked, spans: dict[int, Span], user: User) -> dict[int, list[Away]]:
    """Breaks as planned, kiosk duty, absences, inside each one's day."""
    found: dict[int, list[Away]] = defaultdict(list)
    for key, start, end in db.session.execute(_breaks(territory, asked, spans)):
        found[key].append(Away("break", start, end))
    for key, held in held_of(spans, user):
        found[key] += within(held, spans[key])
    for key, all_of_it in found.items():
        found[key] = [one for one in all_of_it if not _is_missed(one, all_of_it)]
    return found


def _is_missed(away: Away, held: Sequence[Away]) -> bool:
    """Whether it is a break of somebody who has gone, or is absent, before it begins and until it is over."""
    gone = (one for one in held if one.kind in ("off", "absence"))
    return away.kind == "break" and any(one.start <= away.start and away.end <= one.end for one in gone)


def held_of(spans: dict[int, Span], user: User) -> Iterator[tuple[int, Away]]:
    """Kiosk duty and absences that touch these spans, whole, each with its technician."""
    for query in (_duties(spans, user), _absences(spans)):
        for key, kind, start, end, name, tapped in db.session.execute(query):
            going_on = tapped and now() - start <= LONGEST
            yield (
                key,
                Away(kind, start, max(end, now()) if going_on and kind != "off" else end, name, going_on),
            )


def within(held: Away, span: Span) -> list[Away]:
    """What of it lies inside the span."""
    begin, close = max(held.start, span[0]), min(held.end, span[1])
    return [replace(held, start=begin, end=close)] if begin < close else []


def _breaks(territory: Territory, asked: Asked, people: Iterable[int]) -> Any:
    columns = (PlannedBreak.technician_id, PlannedBreak.starts_at, PlannedBreak.ends_at)
    query = select(*columns).join(Plan).where(Plan.territory_id == territory.id)
    return query.where(
        asked.routes(Plan.day, PlannedBreak.technician_id), PlannedBreak.technician_id.in_(people)
    )


def _duties(spans: dict[int, Span], user: User) -> Any:
    """A kiosk of a client that the reader may not see has no name."""
    named = case((user.may_see(Site.client_id), Kiosk.name), else_="")
    query = select(
        KioskDuty.technician_id,
        literal("kiosk"),
        KioskDuty.starts_at,
        KioskDuty.ends_at,
        named,
        KioskDuty.is_open,
    )
    query = query.join(KioskDuty.kiosk).join(Kiosk.building).join(Building.site)
    return query.where(KioskDuty.technician_id.in_(spans), _overlaps(KioskDuty, spans))


def _absences(spans: dict[int, Span]) -> Any:
    query = select(
        Absence.technician_id, Absence.kind, Absence.starts_at, Absence.ends_at, literal(""), Absence.is_open
    )
    return query.where(Absence.technician_id.in_(spans), _overlaps(Absence, spans))


def _overlaps(table: Any, spans: dict[int, Span]) -> Any:
    """Whatever touches the longest of the days."""
    if not spans:
        return false()
    begin, end = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    return and_(table.starts_at < end, table.ends_at > begin)
