"""Technicians to technician-days: what each may do on that day, and when he is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dispatch.models.job import Job
from dispatch.models.place import Site
from dispatch.models.technician import Shift, Technician
from dispatch.planning.draft import LeftOut, Slot
from dispatch.planning.horizon import Horizon, Places
from dispatch.routing import problem as routing

LEAST_REMAINING_MINUTES = 5


class Crew(NamedTuple):
    """The technician-days of a problem, who they are, what they are busy with, and who is left out."""

    days: list[routing.Technician]
    slots: dict[str, Slot]
    frozen: list[routing.Frozen]
    left_out: list[LeftOut]


def crew_of(technicians: Sequence[Technician], begun: Sequence[Job], last_places: dict[int, int],
            sites: Sequence[Site], held: Collection[int], horizon: Horizon, places: Places) -> Crew:  # fmt: skip
    """Build the technician-days.

    `begun` is work under way, `last_places` where people were last (an index), `held` the technicians
    that jobs are locked to: they get an empty day when they do not work, so that the lock can be named.
    """
    crew = Crew([], {}, [], [])
    busy: dict[int, list[Job]] = defaultdict(list)
    for job in begun:
        if job.technician_id is not None:
            busy[job.technician_id].append(job)
    for technician in technicians:
        for day in horizon.dates:
            _add(crew, technician, day, sites, horizon, places)
        if technician.id in held:
            _add_empty_day(crew, technician, sites, horizon, places)
        _freeze(crew, technician, busy[technician.id], last_places.get(technician.id), horizon, places)
    return crew


def _add(
    crew: Crew, technician: Technician, day: date, sites: Sequence[Site], horizon: Horizon, places: Places
) -> None:
    reason = None
    if technician.latitude is None or technician.longitude is None:
        reason = "no_base"
    shifts = [
        shift for shift in technician.shifts if shift.kind == "work" and _local_day(shift, horizon) == day
    ]
    if not shifts:
        reason = reason or "no_shift"
    if reason is None:
        present = [free for shift in shifts if (free := _present(technician, shift, horizon))]
        for number, (shift, span) in enumerate(present):
            name = f"{technician.code}/{day.isoformat()}" + (f"/{number + 1}" if number else "")
            crew.days.append(_technician_day(name, technician, day, shift, span, sites, horizon, places))
            crew.slots[name] = Slot(technician, day)
        if not present:
            over = all(shift.ends_at <= horizon.now for shift in shifts)
            reason = "shift_over" if over else "absent"
    if reason:
        crew.left_out.append(LeftOut("technician", technician.id, technician.name, reason))


def _add_empty_day(
    crew: Crew, technician: Technician, sites: Sequence[Site], horizon: Horizon, places: Places
) -> None:
    works = any(slot.technician is technician for slot in crew.slots.values())
    if works or technician.latitude is None or technician.longitude is None:
        return
    name = f"{technician.code}/{horizon.first.isoformat()}"
    nothing = Shift(starts_at=horizon.begin, ends_at=horizon.begin)
    span = (horizon.begin, horizon.begin)
    crew.days.append(_technician_day(name, technician, horizon.first, nothing, span, sites, horizon, places))
    crew.slots[name] = Slot(technician, horizon.first)


def _local_day(shift: Shift, horizon: Horizon) -> date | None:
    if not horizon.origin <= shift.starts_at < horizon.end:
        return None
    return max(
        day for day in horizon.dates if Horizon(horizon.zone, day, 1, horizon.now).origin <= shift.starts_at
    )


def _present(
    technician: Technician, shift: Shift, horizon: Horizon
) -> tuple[Shift, tuple[datetime, datetime]] | None:
    """What is left of a shift from now on, cut by absences at its ends; None when nothing is."""
    start, end = max(shift.starts_at, horizon.now), shift.ends_at
    for absence in sorted(technician.absences, key=lambda one: one.starts_at):
        if absence.starts_at <= start < absence.ends_at:
            start = absence.ends_at
    for absence in sorted(technician.absences, key=lambda one: one.ends_at, reverse=True):
        if absence.starts_at < end <= absence.ends_at:
            end = absence.starts_at
    return (shift, (start, end)) if start < end else None


def _technician_day(name: str, technician: Technician, day: date, shift: Shift, span: tuple[datetime, datetime],
                    sites: Sequence[Site], horizon: Horizon, places: Places) -> routing.Technician:  # fmt: skip
    assert technician.latitude is not None and technician.longitude is not None
    base = places.add(f"base:{technician.code}", technician.latitude, technician.longitude)
    return routing.Technician(
        id=name,
        person=technician.code,
        shift=(horizon.seconds(span[0]), horizon.seconds(span[1])),
        start=base,
        end=base if technician.ends_at_base else None,
        profile=technician.profile,
        breaks=tuple(_breaks(shift, span, horizon)),
        duties=tuple(_duties(technician, span, horizon, places)),
        skills={skill.skill.code: skill.level for skill in technician.skills},
        rights=frozenset(grant.admin_right.key for grant in technician.rights if grant.holds_on(day)),
        clearances=frozenset(_clearances(technician, day, sites)),
        tools=frozenset(technician.tools),
        parts={code: int(count) for code, count in technician.parts.items()},
    )


def _breaks(shift: Shift, span: tuple[datetime, datetime], horizon: Horizon) -> Iterable[routing.Break]:
    """Breaks whose latest begin is still ahead and that fit into what is left of the shift."""
    for rest in shift.breaks:
        length = timedelta(minutes=rest.minutes)
        earliest, latest = max(rest.earliest, span[0]), min(rest.latest, span[1] - length)
        if earliest <= latest:
            yield routing.Break(rest.minutes * 60, (horizon.seconds(earliest), horizon.seconds(latest)))


def _duties(technician: Technician, span: tuple[datetime, datetime], horizon: Horizon,
            places: Places) -> Iterable[routing.Duty]:  # fmt: skip
    """Kiosk duty at its place, and absences that lie inside the shift."""
    for duty in technician.duties:
        start, end = max(duty.starts_at, span[0]), min(duty.ends_at, span[1])
        building = duty.kiosk.building
        if start < end and building.latitude is not None and building.longitude is not None:
            place = places.add(f"building:{building.id}", building.latitude, building.longitude)
            yield routing.Duty(horizon.seconds(start), horizon.seconds(end), place)
    for absence in technician.absences:
        if span[0] < absence.starts_at and absence.ends_at < span[1]:
            yield routing.Duty(horizon.seconds(absence.starts_at), horizon.seconds(absence.ends_at))


def _clearances(technician: Technician, day: date, sites: Sequence[Site]) -> Iterable[str]:
    held = [access for access in technician.accesses if access.holds_on(day)]
    for site in sites:
        for access in held:
            if access.client_id == site.client_id and access.site_id in (None, site.id):
                yield f"site:{site.id}"
                break


def _freeze(crew: Crew, technician: Technician, begun: Sequence[Job], last_place: int | None, horizon: Horizon,
            places: Places) -> None:  # fmt: skip
    """Hold a technician until the work he has begun is done; without any he starts where he was last."""
    today = [
        name
        for name, slot in crew.slots.items()
        if slot.technician is technician and slot.day == horizon.first
    ]
    if not today or horizon.now < horizon.origin or (not begun and last_place is None):
        return
    free_at, place = horizon.now, last_place
    for job in sorted(begun, key=lambda one: one.state_at):
        free_at += _remaining(job, horizon.now)
        building = job.building
        if building is not None and building.latitude is not None and building.longitude is not None:
            place = places.add(f"building:{building.id}", building.latitude, building.longitude)
    for name in today:
        crew.frozen.append(routing.Frozen(name, horizon.seconds(free_at), place))


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
