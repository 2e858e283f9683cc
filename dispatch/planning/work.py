"""Jobs to the solver's jobs: what each needs, who may do it, what leaving it out costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from dispatch.models.job import Job
from dispatch.models.technician import Preference
from dispatch.planning import prices
from dispatch.planning.draft import LeftOut, Slot
from dispatch.planning.horizon import Horizon, Places
from dispatch.planning.hours import Hours, Windows
from dispatch.routing import problem as routing
from dispatch.routing.rules import PERSON_RULES

SAME_TECHNICIAN_MINUTES = 15


class Seat(NamedTuple):
    """What jobs ask of a technician-day, read once for all of them; `lent` are the clients who have him that day."""

    name: str
    who: int
    person: str
    day: date
    lent: frozenset[int]


def _seat(name: str, slot: Slot) -> Seat:
    technician = slot.technician
    lent = frozenset(one.client_id for one in technician.secondments if one.holds_on(slot.day))
    return Seat(name, technician.id, technician.code, slot.day, lent)


@dataclass(slots=True)
class Work:
    """Translates jobs one by one against the technician-days of the problem."""

    horizon: Horizon
    hours: Hours
    places: Places
    slots: dict[str, Slot]
    preferences: Sequence[Preference]
    fixed: frozenset[int] = frozenset()
    left_out: list[LeftOut] = field(default_factory=list)
    _seats: list[Seat] = field(init=False)
    _names: dict[tuple[int, date], str] = field(init=False)
    _lent: bool = field(init=False)
    # seconds of the horizon
    _begin: int = field(init=False)
    _until: int = field(init=False)

    def __post_init__(self) -> None:
        self._seats = [_seat(name, slot) for name, slot in self.slots.items()]
        self._names = {(seat.who, seat.day): seat.name for seat in self._seats}
        self._lent = any(seat.lent for seat in self._seats)
        self._begin, self._until = (
            self.horizon.seconds(one) for one in (self.horizon.begin, self.hours.until)
        )

    def translate(self, job: Job) -> routing.Job | None:
        """The solver's job, or None and an entry in `left_out`."""
        reason = self._missing(job)
        windows: Windows = ()
        if reason is None:
            spans = self.hours.spans(job)
            windows = self.hours.windows(job, spans)
            reason = None if windows or job.lock_start else self.hours.closed(job, spans)
        if reason is not None:
            self.left_out.append(LeftOut("job", job.id, job.number, reason, job.client_id))
            return None
        return self._job(job, windows)

    def _missing(self, job: Job) -> str | None:
        building = job.building
        if not job.duration_minutes:
            return "no_duration"
        if job.awaits:
            return "awaits"
        if job.mode == "on_site" and (
            building is None or building.latitude is None or building.longitude is None
        ):
            return "no_place"
        if job.mode == "remote" and not (
            job.ticket.phone or (job.ticket.requester and job.ticket.requester.phone)
        ):
            return "no_phone"
        if job.lock in ("technician", "both") and self._locked_to(job) is None:
            return "locked_to_absent"
        return None

    def _job(self, job: Job, windows: Windows) -> routing.Job:
        ticket, horizon = job.ticket, self.horizon
        on_site = job.mode == "on_site"
        due = max(horizon.seconds(ticket.due_at), self._begin) if ticket.due_at else None
        latest = self._until - due if due is not None else 0
        current = self._current(job)
        lock = self._lock(job, current)
        return routing.Job(
            id=str(job.id),
            mode="on_site" if on_site else "remote",
            duration=(job.duration_minutes or 0) * 60,
            location=self._location(job) if on_site else None,
            setup=_setup(job) if on_site else 0,
            release=horizon.seconds(self.hours.released[job.id]) if job.id in self.hours.released else None,
            windows=windows,
            due=due,
            lateness_cost=prices.lateness_cost(ticket.priority),
            penalty=prices.penalty(
                ticket.priority, prices.waited_days(ticket.opened_at, horizon.now), job.carried_over, latest
            ),
            skills={code: int(level) for code, level in job.skills.items()},
            rights=frozenset([job.admin_right.key]) if job.admin_right else frozenset(),
            clearances=_clearances(job) if on_site else frozenset(),
            tools=frozenset(job.tools),
            parts={code: int(count) for code, count in job.parts.items()},
            excluded=self._excluded(job),
            preferred=self._preferred(job),
            promised=self._promised(job),
            lock=lock,
            waived=_waived(job, lock),
            current=current,
        )

    def _location(self, job: Job) -> int:
        building = job.building
        assert building is not None and building.latitude is not None and building.longitude is not None
        return self.places.add(f"building:{building.id}", building.latitude, building.longitude)

    def _excluded(self, job: Job) -> frozenset[str]:
        """Who may not: excluded by the client or requester, declined that day, seconded elsewhere."""
        if not (self.preferences or job.refusals or self._lent):
            return frozenset()
        people = {p.technician_id for p in self._preferences(job) if p.kind == "excludes"}
        refused = {(refusal.technician_id, refusal.day) for refusal in job.refusals}
        if not people and not refused and not self._lent:
            return frozenset()
        return frozenset(
            seat.name for seat in self._seats
            if seat.who in people or (seat.who, seat.day) in refused or seat.lent - {job.client_id}
        )  # fmt: skip

    def _preferred(self, job: Job) -> dict[str, int]:
        if not self.preferences and job.preferred_technician_id is None:
            return {}
        prices_by_person = {p.technician_id: p.minutes for p in self._preferences(job) if p.kind == "prefers"}
        if job.preferred_technician_id is not None:
            prices_by_person[job.preferred_technician_id] = SAME_TECHNICIAN_MINUTES
        if not prices_by_person:
            return {}
        people = {seat.who: seat.person for seat in self._seats}
        return {people[who]: minutes * 60 for who, minutes in prices_by_person.items() if who in people}

    def _preferences(self, job: Job) -> list[Preference]:
        return [
            p for p in self.preferences
            if p.client_id == job.client_id and p.requester_id in (None, job.ticket.requester_id)
        ]  # fmt: skip

    def _promised(self, job: Job) -> tuple[int, int] | None:
        if job.promised_from is None or job.promised_to is None:
            return None
        return (self.horizon.seconds(job.promised_from), self.horizon.seconds(job.promised_to))

    def _current(self, job: Job) -> str | None:
        if job.technician_id is None or job.day is None:
            return None
        return self._names.get((job.technician_id, job.day))

    def _lock(self, job: Job, current: str | None) -> routing.Lock | None:
        """What a person fixed. A locked time that has passed binds no more: who has the job keeps it."""
        if job.id in self.fixed and current is not None and job.planned_start is not None:
            return routing.Lock(current, self._ahead(job.planned_start))
        technician = self._locked_to(job) if job.lock in ("technician", "both") else None
        start = None
        if job.lock in ("time", "both") and job.lock_start is not None:
            start = self._ahead(job.lock_start)
            technician = technician or (current if start is None else None)
        return routing.Lock(technician, start) if technician is not None or start is not None else None

    def _ahead(self, instant: datetime) -> int | None:
        return self.horizon.seconds(instant) if instant >= self.horizon.begin else None

    def _locked_to(self, job: Job) -> str | None:
        """The technician-day of a lock: that of the plan, else the first one of that technician."""
        mine = [seat for seat in self._seats if seat.who == job.lock_technician_id]
        return next((seat.name for seat in mine if seat.day == job.day), mine[0].name if mine else None)


def _waived(job: Job, lock: routing.Lock | None) -> frozenset[str]:
    """The rules overridden for the job; those of the person only while it is locked to that person."""
    if not job.waived:
        return frozenset()
    waived = frozenset(job.waived) & frozenset(routing.RULES)
    return waived if lock is not None and lock.technician is not None else waived - frozenset(PERSON_RULES)


def _setup(job: Job) -> int:
    """Seconds from the door to the desk: badge and reception, then the floors."""
    assert job.building is not None
    return job.building.access_minutes * 60 + abs(_floor(job.floor)) * job.building.seconds_per_floor


@lru_cache(maxsize=1024)
def _floor(text: str | None) -> int:
    digits = "".join(c for c in text or "" if c.isdigit())
    return min(int(digits), 60) if digits else 0


def _clearances(job: Job) -> frozenset[str]:
    site = job.building.site if job.building else None
    return frozenset([f"site:{site.id}"]) if site and site.needs_access else frozenset()
