"""The crew of a study: generated from the demo's profiles with a seed, because no log names a roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from typing import NamedTuple

from dispatch.demo import people
from dispatch.models.client import AdminRight, Skill
from dispatch.models.place import Territory
from dispatch.models.technician import Break, RightGrant, Shift, Technician, TechnicianSkill
from dispatch.sla.calendar import local_instant


class Base(NamedTuple):
    """A place where days begin."""

    name: str
    latitude: float | None
    longitude: float | None


def crew_of_study(size: int, seed: int, day: date, territory: Territory, bases: Sequence[Base],
                  rights: Sequence[AdminRight]) -> list[Technician]:  # fmt: skip
    """So many technicians with the skills, rights, shifts and profiles of the demo's, the same for a seed.

    A right of the demo (`acme:accounts`) stands for the rights of the same code of any client. Absences,
    secondments, kiosk duty and on-call of the demo's story are left aside. Ids are negative, so that nobody
    takes them for rows.
    """
    random = Random(seed)
    pool: list[people.Technician] = []
    while len(pool) < size:
        pool += random.sample(people.TECHNICIANS, len(people.TECHNICIANS))
    return [
        _technician(number, one, day, territory, bases[number % len(bases)] if bases else None, rights)
        for number, one in enumerate(pool[:size])
    ]


def _technician(number: int, one: people.Technician, day: date, territory: Territory, base: Base | None,
                rights: Sequence[AdminRight]) -> Technician:  # fmt: skip
    held = {
        grant.right.partition(":")[2] for grant in one.rights if grant.from_day <= 0 <= (grant.to_day or 0)
    }
    return Technician(
        id=-number - 1,
        code=f"study-{number + 1:02}",
        name=f"{one.name} ({number + 1})",
        territory=territory,
        territory_id=territory.id,
        base_name=base.name if base else "",
        latitude=base.latitude if base else None,
        longitude=base.longitude if base else None,
        ends_at_base=False,
        profile=one.profile,
        tools=list(one.tools),
        parts=dict(one.parts),
        skills=[TechnicianSkill(skill=_skill(code), level=level) for code, level in one.skills.items()],
        rights=[RightGrant(admin_right=right) for right in rights if right.code in held],
        shifts=[_shift(people.SHIFTS[one.shift], day, territory.zone)],
    )


def _skill(code: str) -> Skill:
    return Skill(code=code, label_fr=code, label_en=code)


def _shift(hours: people.Shift, day: date, zone: str) -> Shift:
    def at(minute: int) -> datetime:
        return local_instant(day, minute, zone)

    first, last = hours.meal_window
    breaks = [Break(minutes=hours.meal, earliest=at(first), latest=at(last))] if hours.meal else []
    return Shift(kind="work", starts_at=at(hours.start), ends_at=at(hours.end), breaks=breaks)
