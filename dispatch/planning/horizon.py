"""The horizon of a problem: instants to seconds and back, and the places it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.routing.problem import Location
from dispatch.sla.calendar import local_instant

# the numbers of a rule that are seconds of the horizon; those of the others are lengths, levels or places
INSTANTS = {
    "window": ("fixed", "earliest", "closes", "start"),
    "release": ("fixed", "release"),
    "shift": ("end", "limit"),
    "overtime": ("end", "limit"),
    "break": ("from", "to"),
    "duty": ("from", "to", "earliest"),
    "lock": ("fixed", "earliest"),
}


@dataclass(frozen=True, slots=True)
class Horizon:
    """`days` local days of `zone` from `first` on; the solver counts seconds from the first midnight.

    A day is that of the shifts which begin on it, so the last one may end on the morning after. `nights` are
    the technicians still in a shift of the day before, with that day: their route is looked at too.
    """

    zone: str
    first: date
    days: int
    now: datetime
    nights: Mapping[int, date] = field(default_factory=dict)
    # the first midnight, and the first instant that can still be planned: asked for several times for each job
    origin: datetime = field(init=False, compare=False)
    begin: datetime = field(init=False, compare=False)

    def __post_init__(self) -> None:
        origin = local_instant(self.first, 0, self.zone)
        object.__setattr__(self, "origin", origin)
        object.__setattr__(self, "begin", max(self.now, origin))

    @property
    def end(self) -> datetime:
        return local_instant(self.first, 1440 * self.days, self.zone)

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def route_dates(self) -> list[date]:
        """The days of all routes that are looked at."""
        return sorted({*self.nights.values(), *self.dates})

    def dates_of(self, technician_id: int) -> list[date]:
        """The days on which this technician may have a route."""
        night = self.nights.get(technician_id)
        return [night, *self.dates] if night is not None else self.dates

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.zone)).date()

    @property
    def today(self) -> date:
        return self.day_of(self.now)

    def seconds(self, instant: datetime) -> int:
        return round((instant - self.origin).total_seconds())

    def seconds_after(self, instant: datetime) -> int:
        """The first second by which it has passed: what comes after work under way does not begin within its last one."""
        return ceil((instant - self.origin).total_seconds())

    def instant(self, seconds: int) -> datetime:
        return (self.origin + timedelta(seconds=seconds)).astimezone(UTC)

    def dated(self, rule: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The numbers of a broken rule, its times as RFC 3339 texts that mean the same on every day."""
        dated = {key: self._text(values[key]) for key in INSTANTS.get(rule, ()) if key in values}
        if "windows" in values:
            dated["windows"] = [[self._text(bound) for bound in window] for window in values["windows"]]
        return {**values, **dated}

    def _text(self, seconds: Any) -> Any:
        return self.instant(seconds).isoformat() if isinstance(seconds, int) else seconds


@dataclass(slots=True)
class Places:
    """The locations of a problem, each added once; their index is how the solver names them."""

    locations: list[Location] = field(default_factory=list)
    indexes: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, latitude: float, longitude: float) -> int:
        if name not in self.indexes:
            self.indexes[name] = len(self.locations)
            self.locations.append(Location(name, latitude, longitude))
        return self.indexes[name]
