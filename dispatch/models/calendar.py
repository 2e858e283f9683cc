"""A client's working hours as the pure layer reads them: its week, its public holidays, its closures."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import holidays

from dispatch.models.client import Client
from dispatch.models.place import Site
from dispatch.sla.calendar import Calendar, CalendarError, Week
from dispatch.sla.priority import due


def calendar_of(client: Client, year: int) -> Calendar:
    """The client's calendar, with the days off of `year`, the one before and the two after."""
    closures = frozenset(closure.day for closure in client.closures)
    return _calendar(client.zone, _frozen(client.working_week), client.holiday_country, closures, year)


def opening_calendar(site: Site, year: int) -> Calendar:
    """When a site can be entered; its client's days off close it too."""
    closures = frozenset(closure.day for closure in site.client.closures)
    return _calendar(site.zone, _frozen(site.opening_week), site.client.holiday_country, closures, year)


def due_at(client: Client, opened_at: datetime, priority: int) -> datetime | None:
    """When a ticket of the client is due (UTC); None while the client's calendar never opens."""
    try:
        return due(calendar_of(client, opened_at.year), opened_at, priority, client.target_hours())
    except CalendarError:
        return None


@lru_cache(maxsize=256)
def _calendar(zone: str, week: Week, country: str, closures: frozenset[date], year: int) -> Calendar:
    return Calendar(zone, week, closures | public_holidays(country, year))


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays from the year before to two years after; `country` is FR, or FR-GP with its part.

    A country that the holidays package does not know has none.
    """
    name, _, part = country.partition("-")
    years = range(year - 1, year + 3)
    try:
        return frozenset(holidays.country_holidays(name, subdiv=part or None, years=years))
    except NotImplementedError:
        return frozenset()


def _frozen(week: list[Any]) -> Week:
    return tuple(tuple((start, end) for start, end in spans) for spans in week)
