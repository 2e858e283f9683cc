"""Technicians to technician-days: what each may do on that day, and when he is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dispatch.models.job import Job
from dispatch.models.place import Site
from dispatch.models.technician import Break, Shift, Technician
from dispatch.planning.draft import LeftOut, Slot
from dispatch.planning.horizon import Horizon, Places
from dispatch.planning.presence import Held, Presence, Span, free_from, kiosk_at, presence_of
from dispatch.planning.trips import profile_on
from dispatch.routing import problem as routing
from dispatch.sla.calendar import local_instant

LEAST_REMAINING_MINUTES = 5


class Visit(NamedTuple):
    """When a visit ended, and the index of its place."""

    ended_at: datetime
    place: int


class Visits(NamedTuple):
    """What people have visited already, by technician: the last visit, and when those ended that are counted."""

    last: Mapping[int, Visit]
    counted: Mapping[int, Sequence[datetime]]


class Crew(NamedTuple):
    """The technician-days of a problem, who they are, what they are busy with, and who is left out."""

    days: list[routing.Technician]
    slots: dict[str, Slot]
    frozen: list[routing.Frozen]
    left_out: list[LeftOut]


def crew_of(technicians: Sequence[Technician], begun: Sequence[Job], visits: Visits, sites: Sequence[Site],
            held: Collection[int], horizon: Horizon, places: Places) -> Crew:  # fmt: skip
    """Build the technician-days.

    `begun` is work under way, `visits` what people have visited already, `held` the technicians that
    jobs are locked to: they get an empty day when they do not work, so that the lock can be named.
    """
    crew = Crew([], {}, [], [])
    busy: dict[int, list[Job]] = defaultdict(list)
    for job in begun:
        if job.technician_id is not None:
            busy[job.technician_id].append(job)
    for technician in technicians:
        _add_days(crew, technician, sites, horizon, places)
        if technician.id in held:
            _add_empty_day(crew, technician, sites, horizon, places)
        _freeze(crew, technician, busy[technician.id], visits.last.get(technician.id), horizon, places)
        _take_off(crew, technician, busy[technician.id], visits.counted.get(technician.id, ()), horizon)
    return crew


def _add_days(
    crew: Crew, technician: Technician, sites: Sequence[Site], horizon: Horizon, places: Places
) -> None:
    """His days inside the horizon; those on which he is not there are told by reason."""
    out: dict[str, list[date]] = defaultdict(list)
    for day in horizon.dates_of(technician.id):
        shifts = _shifts(technician, day, horizon)
        presence = presence_of(technician, shifts, horizon.now)
        reason = _why_out(technician, shifts, presence, horizon)
        if presence is not None and reason is None:
            _add_day(crew, technician, day, presence, sites, horizon, places)
        elif reason is not None and _is_told(technician, day, horizon):
            out[reason].append(day)
    for reason, days in out.items():
        told = () if reason == "no_base" else tuple(days)
        crew.left_out.append(LeftOut("technician", technician.id, technician.name, reason, days=told))


def _shifts(technician: Technician, day: date, horizon: Horizon) -> list[Shift]:
    """The shifts that begin on a day; they may end on the next one."""
    return [one for one in technician.shifts if one.kind == "work" and horizon.day_of(one.starts_at) == day]


def _why_out(
    technician: Technician, shifts: Sequence[Shift], presence: Presence | None, horizon: Horizon
) -> str | None:
    if technician.latitude is None or technician.longitude is None:
        return "no_base"
    if not shifts:
        return "no_shift"
    if presence is None:
        ends = [one.starts_at for one in technician.absences if one.kind == "off"]
        has_gone = any(shift.starts_at <= end <= shift.ends_at for shift in shifts for end in ends)
        is_over = all(one.ends_at <= horizon.now for one in shifts)
        return "shift_over" if has_gone or is_over else "absent"
    return None


def _is_told(technician: Technician, day: date, horizon: Horizon) -> bool:
    """Who is in the night of the day before is there on the first day, whatever comes after it."""
    return day in horizon.dates and not (technician.id in horizon.nights and day == horizon.first)


def _add_empty_day(
    crew: Crew, technician: Technician, sites: Sequence[Site], horizon: Horizon, places: Places
) -> None:
    works = any(slot.technician is technician for slot in crew.slots.values())
    if not works and technician.latitude is not None and technician.longitude is not None:
        nothing = Presence((horizon.begin, horizon.begin))
        _add_day(crew, technician, horizon.first, nothing, sites, horizon, places)


def _add_day(crew: Crew, technician: Technician, day: date, presence: Presence, sites: Sequence[Site],
             horizon: Horizon, places: Places) -> None:  # fmt: skip
    assert technician.latitude is not None and technician.longitude is not None
    base = places.add(f"base:{technician.code}", technician.latitude, technician.longitude)
    name = _name(technician, day)
    crew.slots[name] = Slot(technician, day)
    crew.days.append(routing.Technician(
        id=name,
        person=technician.code,
        shift=(horizon.seconds(presence.span[0]), horizon.seconds(presence.span[1])),
        start=base,
        end=base if technician.ends_at_base else None,
        profile=profile_on(technician.profile, presence.shifts, horizon.zone),
        breaks=tuple(_break(meal, presence.span, horizon) for meal in presence.breaks),
        duties=tuple(_duty(held, horizon, places) for held in presence.held),
        skills={skill.skill.code: skill.level for skill in technician.skills},
        rights=frozenset(grant.admin_right.key for grant in technician.rights if grant.holds_on(day)),
        clearances=frozenset(_clearances(technician, day, sites)),
        tools=frozenset(technician.tools),
        parts={code: int(count) for code, count in technician.parts.items()},
        max_visits=technician.max_visits,
        may_stay=not presence.is_cut,
    ))  # fmt: skip


def _name(technician: Technician, day: date) -> str:
    return f"{technician.code}/{day.isoformat()}"


def _break(meal: Break, span: Span, horizon: Horizon) -> routing.Break:
    length = timedelta(minutes=meal.minutes)
    earliest, latest = max(meal.earliest, span[0]), min(meal.latest, span[1] - length)
    return routing.Break(meal.minutes * 60, (horizon.seconds(earliest), horizon.seconds(latest)))


def _duty(held: Held, horizon: Horizon, places: Places) -> routing.Duty:
    building = held.building
    place = None
    if building is not None and building.latitude is not None and building.longitude is not None:
        place = places.add(f"building:{building.id}", building.latitude, building.longitude)
    return routing.Duty(horizon.seconds(held.span[0]), horizon.seconds(held.span[1]), place)


def _clearances(technician: Technician, day: date, sites: Sequence[Site]) -> Iterable[str]:
    held = [access for access in technician.accesses if access.holds_on(day)]
    for site in sites:
        for access in held:
            if access.client_id == site.client_id and access.site_id in (None, site.id):
                yield f"site:{site.id}"
                break


def _freeze(crew: Crew, technician: Technician, begun: Sequence[Job], last: Visit | None, horizon: Horizon,
            places: Places) -> None:  # fmt: skip
    """Hold a technician until the work he has begun is done; without any he starts where he was last."""
    name = _going_on(crew, technician, horizon)
    if name is None:
        return
    since = local_instant(crew.slots[name].day, 0, horizon.zone)
    free_at = free_from(technician, horizon.now)
    place = last.place if last is not None and last.ended_at >= since else None
    stands = kiosk_at(technician, horizon.now)
    if stands is not None and stands.latitude is not None and stands.longitude is not None:
        place = places.add(f"building:{stands.id}", stands.latitude, stands.longitude)
    if not begun and place is None:
        return
    for job in sorted(begun, key=lambda one: (one.state == "paused", one.state_at)):
        free_at += _remaining(job, horizon.now)
        building = job.building if job.mode == "on_site" else None
        if building is not None and building.latitude is not None and building.longitude is not None:
            place = places.add(f"building:{building.id}", building.latitude, building.longitude)
    crew.frozen.append(routing.Frozen(name, horizon.seconds_after(free_at), place))


def _take_off(crew: Crew, technician: Technician, begun: Sequence[Job], ended: Sequence[datetime],
              horizon: Horizon) -> None:  # fmt: skip
    """Lower the visits that he may still make on the day that is going on; one that was waived came on top."""
    name = _going_on(crew, technician, horizon)
    if name is None or technician.max_visits is None:
        return
    since = local_instant(crew.slots[name].day, 0, horizon.zone)
    made = sum(at >= since for at in ended)
    made += sum(job.mode == "on_site" and "visits" not in job.waived for job in begun)
    at = next(at for at, day in enumerate(crew.days) if day.id == name)
    crew.days[at] = replace(crew.days[at], max_visits=max(0, technician.max_visits - made))


def _going_on(crew: Crew, technician: Technician, horizon: Horizon) -> str | None:
    """The technician-day that is today's, or after midnight still the night's."""
    days = (day for day in horizon.dates_of(technician.id) if day <= horizon.today)
    names = (_name(technician, day) for day in days)
    return next((name for name in names if name in crew.slots), None)


def _remaining(job: Job, now: datetime) -> timedelta:
    """How long work under way will still take, never less than a few minutes."""
    whole = timedelta(minutes=job.duration_minutes or 30)
    if job.state == "travelling":
        arrival = job.state_at + timedelta(seconds=job.travel_seconds)
        return max(arrival - now, timedelta(0)) + whole
    done = timedelta(seconds=job.worked_seconds)
    if job.state == "working":
        done += now - job.state_at
    return max(whole - done, timedelta(minutes=LEAST_REMAINING_MINUTES))
