"""When a technician is there on a day: his shifts less his absences, his breaks, and what he is held for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from dispatch.models.place import Building
from dispatch.models.technician import Absence, Break, KioskDuty, Shift, Technician
from dispatch.models.whereabouts import LONGEST

Span = tuple[datetime, datetime]
# what he has begun by a tap and not ended goes on for that long at least
LEAST_REMAINING = timedelta(minutes=5)
# a pause so near the window of a meal break is that break
NEAR_A_MEAL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch in which he does nothing else: at a building on kiosk duty, or away wherever he is."""

    span: Span
    building: Building | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """One day of one technician: from the first minute to the last, and what is not free between them."""

    span: Span
    held: tuple[Held, ...] = ()
    breaks: tuple[Break, ...] = ()
    # the whole shifts, also what is over of them
    shifts: tuple[Span, ...] = ()
    # whether an absence ends the day, so that nothing can come after it
    is_cut: bool = False


def presence_of(technician: Technician, shifts: Sequence[Shift], begin: datetime) -> Presence | None:
    """What is left of a day's shifts from `begin` on; None when nothing is.

    Several shifts are one day with gaps, so that nobody is in two places where they touch.
    """
    left = [(shift, span) for shift in shifts if (span := _left_of(shift, technician, begin))]
    if not left:
        return None
    worked = _union(span for _shift, span in left)
    whole = (worked[0][0], worked[-1][1])
    away = _union([*_gaps(worked), *_clipped(_absences(technician, begin), whole)])
    held = (*(Held(span) for span in away), *_duties(technician, whole, away, begin))
    meals = (
        meal for shift, span in left for meal in shift.breaks
        if _has_room(meal, span, held) and not any(is_meal(away, meal) for away in technician.absences)
    )  # fmt: skip
    hours = tuple((shift.starts_at, shift.ends_at) for shift in shifts)
    is_cut = whole[1] < max(end for _begin, end in hours)
    return Presence(whole, tuple(sorted(held, key=lambda one: one.span)), tuple(meals), hours, is_cut)


def _left_of(shift: Shift, technician: Technician, begin: datetime) -> Span | None:
    """A shift from `begin` on, cut by absences at its ends."""
    start, end = max(shift.starts_at, begin), shift.ends_at
    absences = _absences(technician, begin)
    for absent in absences:
        if absent[0] <= start < absent[1]:
            start = absent[1]
    for absent in reversed(absences):
        if absent[0] < end <= absent[1]:
            end = absent[0]
    return (start, end) if start < end else None


def free_from(technician: Technician, now: datetime) -> datetime:
    """When he can do something: after the pause that he is in."""
    pauses = [one for one in technician.absences if one.kind == "pause" and one.starts_at <= now]
    return max([now, *(_end(one, now) for one in pauses)])


def kiosk_at(technician: Technician, now: datetime) -> Building | None:
    """Where he stands: as he has tapped it, else where he is expected by now."""
    begun = [one for one in technician.duties if one.starts_at <= now < _end(one, now)]
    return max(begun, key=lambda one: (one.is_open, one.starts_at)).kiosk.building if begun else None


def is_meal(away: Absence, meal: Break) -> bool:
    """Whether a pause that he has taken is that meal break: about then, and as long."""
    near = meal.earliest - NEAR_A_MEAL <= away.starts_at <= meal.latest + NEAR_A_MEAL
    return away.kind == "pause" and near and away.ends_at - away.starts_at >= timedelta(minutes=meal.minutes)


def _absences(technician: Technician, now: datetime) -> list[Span]:
    return _union((absence.starts_at, _end(absence, now)) for absence in technician.absences)


def _end(stay: Absence | KioskDuty, now: datetime) -> datetime:
    """When it is over; one that he has begun and not ended is not over yet, whatever was expected."""
    if not stay.is_open or now - stay.starts_at > LONGEST:
        return stay.ends_at
    return max(stay.ends_at, now + LEAST_REMAINING)


def _duties(technician: Technician, whole: Span, away: Sequence[Span], now: datetime) -> Iterable[Held]:
    """Kiosk duty inside the day; who is absent is not on duty, and nobody is at two kiosks at once."""
    taken = list(away)
    for duty in sorted(technician.duties, key=lambda one: (one.starts_at, one.id or 0)):
        building = duty.kiosk.building
        if building.latitude is None or building.longitude is None:
            continue
        free = _without(_clipped([(duty.starts_at, _end(duty, now))], whole), taken)
        yield from (Held(span, building) for span in free)
        taken += free


def _has_room(meal: Break, span: Span, held: Sequence[Held]) -> bool:
    """Whether the meal can begin in its window beside what he is held for; if not, nobody asks for it."""
    length = timedelta(minutes=meal.minutes)
    earliest, latest = max(meal.earliest, span[0]), min(meal.latest, span[1] - length)
    begins = [earliest, *(one.span[1] for one in held)]
    return any(
        earliest <= start <= latest
        and all(start + length <= one.span[0] or one.span[1] <= start for one in held)
        for start in begins
    )


def _gaps(worked: Sequence[Span]) -> list[Span]:
    return [(one[1], other[0]) for one, other in pairwise(worked)]


def _clipped(spans: Iterable[Span], whole: Span) -> list[Span]:
    found = ((max(start, whole[0]), min(end, whole[1])) for start, end in spans)
    return [(start, end) for start, end in found if start < end]


def _union(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def _without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    for start, end in taken:
        pieces = [piece for a, b in spans for piece in ((a, min(b, start)), (max(a, end), b))]
        spans = [(a, b) for a, b in pieces if a < b]
    return list(spans)
