"""The technicians of the demo as rows: what they can and may do, and when they work."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dispatch.demo import people, places
from dispatch.demo.day import Day
from dispatch.demo.ground import Ground
from dispatch.extensions import db
from dispatch.models.technician import (
    Absence,
    Break,
    KioskDuty,
    Preference,
    RightGrant,
    Secondment,
    Shift,
    SiteAccess,
    Technician,
    TechnicianSkill,
)
from dispatch.models.user import User

# yesterday, today and a week
ROSTER = range(-1, 8)
GONE_FOR = timedelta(minutes=40)
ILL = "Malade"


def hire(ground: Ground, day: Day, users: dict[str, User]) -> dict[str, Technician]:
    """Add everybody with roster, rights and accesses; `users` are their accounts by e-mail address."""
    crew = {one.code: _technician(one, ground, day, users[one.email]) for one in people.TECHNICIANS}
    db.session.flush()
    _preferences(ground, crew)
    db.session.flush()
    return crew


def go_home(technician: Technician, day: Day) -> datetime:
    """He has fallen ill and gone home a while ago, which no plan has heard of yet; returns since when."""
    shift = next(one for one in technician.shifts if one.starts_at < day.now < one.ends_at)
    since = max(shift.starts_at, day.now - GONE_FOR)
    technician.absences.append(Absence(starts_at=since, ends_at=shift.ends_at, reason=ILL))
    return since


def _technician(one: people.Technician, ground: Ground, day: Day, user: User) -> Technician:
    base_name, latitude, longitude = places.BASES[one.base]
    row = Technician(user=user, territory=ground.territory, code=one.code, name=one.name, phone=one.phone,
                     base_name=base_name, latitude=latitude, longitude=longitude, profile=one.profile,
                     tools=list(one.tools), parts=dict(one.parts), max_visits=one.max_visits)  # fmt: skip
    row.skills = [
        TechnicianSkill(skill=ground.skills[code], level=level) for code, level in one.skills.items()
    ]
    row.rights = [_grant(grant, ground, day.today) for grant in one.rights]
    row.accesses = [_access(key, ground) for key in one.accesses]
    row.shifts = [shift for days in ROSTER for shift in _shifts(one, day, days)]
    if one.seconded_to:
        row.secondments = [Secondment(client_id=ground.clients[one.seconded_to].id,
                                      valid_from=day.today - timedelta(days=60))]  # fmt: skip
    if one.duty:
        row.duties = [_duty(one.duty, ground, day, days) for days in ROSTER]
    if one.absence:
        hours = people.SHIFTS[one.shift]
        row.absences = [Absence(starts_at=day.instant(hours.start), ends_at=day.instant(hours.end),
                                reason=one.absence)]  # fmt: skip
    db.session.add(row)
    return row


def _grant(grant: people.Grant, ground: Ground, today: date) -> RightGrant:
    return RightGrant(
        admin_right=ground.rights[grant.right],
        valid_from=today + timedelta(days=grant.from_day),
        valid_to=None if grant.to_day is None else today + timedelta(days=grant.to_day),
        granted_by=grant.granted_by,
    )


def _access(key: str, ground: Ground) -> SiteAccess:
    client, _slash, site = key.partition("/")
    return SiteAccess(client_id=ground.clients[client].id, site_id=ground.sites[key].id if site else None)


def _shifts(one: people.Technician, day: Day, days: int) -> list[Shift]:
    hours = people.SHIFTS[one.shift]
    work = Shift(starts_at=day.instant(hours.start, days), ends_at=day.instant(hours.end, days))
    if hours.meal:
        first, last = hours.meal_window
        work.breaks = [
            Break(minutes=hours.meal, earliest=day.instant(first, days), latest=day.instant(last, days))
        ]
    if not one.on_call:
        return [work]
    night = people.SHIFTS["on_call"]
    standby = Shift(
        kind="on_call", starts_at=day.instant(night.start, days), ends_at=day.instant(night.end, days)
    )
    return [work, standby]


def _duty(duty: people.KioskDuty, ground: Ground, day: Day, days: int) -> KioskDuty:
    return KioskDuty(kiosk=ground.kiosks[duty.building], starts_at=day.instant(duty.start, days),
                     ends_at=day.instant(duty.end, days))  # fmt: skip


def _preferences(ground: Ground, crew: dict[str, Technician]) -> None:
    named = {person.name: person for person in ground.requesters.values()}
    db.session.add_all(
        Preference(client_id=ground.clients[one.client].id, technician_id=crew[one.technician].id, kind=one.kind,
                   minutes=one.minutes, requester_id=named[one.requester].id if one.requester else None)
        for one in people.PREFERENCES
    )  # fmt: skip
