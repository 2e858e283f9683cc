"""Technicians to technician-days: what each may do on that day, and when he is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatch.models.job import Job
from dispatch.models.place import Site
from dispatch.models.technician import Break, Shift, Technician
from dispatch.planning.draft import LeftOut, Slot
from dispatch.planning.horizon import Horizon, Places
from dispatch.planning.presence import Held, Presence, Span, presence_of
from dispatch.planning.trips import profile_on
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
    shifts = [one for one in technician.shifts if one.kind == "work" and _local_day(one, horizon) == day]
    presence = presence_of(technician, shifts, horizon.now)
    if technician.latitude is None or technician.longitude is None:
        reason = "no_base"
    elif not shifts:
        reason = "no_shift"
    elif presence is None:
        reason = "shift_over" if all(one.ends_at <= horizon.now for one in shifts) else "absent"
    else:
        _add_day(crew, technician, day, presence, sites, horizon, places)
        return
    crew.left_out.append(LeftOut("technician", technician.id, technician.name, reason))


def _add_empty_day(
    crew: Crew, technician: Technician, sites: Sequence[Site], horizon: Horizon, places: Places
) -> None:
    works = any(slot.technician is technician for slot in crew.slots.values())
    if not works and technician.latitude is not None and technician.longitude is not None:
        nothing = Presence((horizon.begin, horizon.begin))
        _add_day(crew, technician, horizon.first, nothing, sites, horizon, places)


def _local_day(shift: Shift, horizon: Horizon) -> date | None:
    """The day of the horizon on which a shift begins; it may end on the next one."""
    if not horizon.origin <= shift.starts_at < horizon.end:
        return None
    return shift.starts_at.astimezone(ZoneInfo(horizon.zone)).date()


def _add_day(crew: Crew, technician: Technician, day: date, presence: Presence, sites: Sequence[Site],
             horizon: Horizon, places: Places) -> None:  # fmt: skip
    assert technician.latitude is not None and technician.longitude is not None
    base = places.add(f"base:{technician.code}", technician.latitude, technician.longitude)
    name = f"{technician.code}/{day.isoformat()}"
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
    ))  # fmt: skip


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


def _freeze(crew: Crew, technician: Technician, begun: Sequence[Job], last_place: int | None, horizon: Horizon,
            places: Places) -> None:  # fmt: skip
    """Hold a technician until the work he has begun is done; without any he starts where he was last."""
    today = horizon.now.astimezone(ZoneInfo(horizon.zone)).date()
    name = f"{technician.code}/{today.isoformat()}"
    if name not in crew.slots or (not begun and last_place is None):
        return
    free_at, place = horizon.now, last_place
    for job in sorted(begun, key=lambda one: (one.state == "paused", one.state_at)):
        free_at += _remaining(job, horizon.now)
        building = job.building if job.mode == "on_site" else None
        if building is not None and building.latitude is not None and building.longitude is not None:
            place = places.add(f"building:{building.id}", building.latitude, building.longitude)
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
