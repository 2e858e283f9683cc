"""When a job may be done: opening hours, the requester's presence, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatch.models.calendar import calendar_of, opening_calendar
from dispatch.models.job import Job
from dispatch.planning.horizon import Horizon
from dispatch.sla.calendar import Calendar, open_intervals

Spans = tuple[tuple[datetime, datetime], ...]
Windows = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Hours:
    """The hours of jobs inside a horizon; each calendar is read once."""

    horizon: Horizon
    # when the last route of the horizon has ended, be it a night's
    until: datetime
    released: dict[int, datetime] = field(default_factory=dict)
    _openings: dict[tuple[str, int], Spans] = field(default_factory=dict)
    # by hours, length and earliest start: most jobs of a place have the same
    _windows: dict[tuple[Spans, int, datetime], Windows] = field(default_factory=dict)

    def spans(self, job: Job) -> Spans:
        """When the job may be under way: opening hours and, where it was said, the requester's presence."""
        spans, said = self._open(job), _presence(job)
        return _intersect(spans, said) if said else spans

    def windows(self, job: Job, spans: Spans) -> Windows:
        """Bounds of the start: the work has to end while the place is open and the requester there."""
        earliest = max(self.horizon.begin, job.not_before or self.horizon.begin, self._release(job))
        asked = (spans, job.duration_minutes or 0, earliest)
        if asked not in self._windows:
            length = timedelta(minutes=asked[1])
            found = [(max(begin, earliest), end - length) for begin, end in spans]
            seconds = self.horizon.seconds
            self._windows[asked] = tuple((seconds(a), seconds(b)) for a, b in found if a <= b)
        return self._windows[asked]

    def closed(self, job: Job, spans: Spans) -> str:
        """Why no start is possible inside the horizon: not these days, or not any more."""
        later = (job.not_before or self.horizon.begin) >= self.horizon.end
        said = _presence(job)
        if later or any(end > self.horizon.end for _begin, end in said):
            return "other_day"
        if self._had_fitted(job, spans):
            return "missed" if said else "too_late"
        return "impossible_window" if said or spans else "closed"

    def _had_fitted(self, job: Job, spans: Spans) -> bool:
        """Whether it is the clock alone that leaves it no start."""
        origin, length = self.horizon.origin, timedelta(minutes=job.duration_minutes or 0)
        earliest = max(origin, job.not_before or origin, self.released.get(job.id, origin))
        return any(max(begin, earliest) + length <= end for begin, end in spans)

    def _open(self, job: Job) -> Spans:
        on_site = job.mode == "on_site" and job.building is not None
        key = ("site", job.building.site_id) if on_site and job.building else ("client", job.client_id)
        if key not in self._openings:
            calendar = self._calendar(job, on_site)
            self._openings[key] = self._opened(calendar)
        return self._openings[key]

    def _opened(self, calendar: Calendar) -> Spans:
        """From the first midnight, where a night's opening may be going on, to the end of the last route."""
        begin, end = self.horizon.origin, self.until
        days = (self.horizon.first + timedelta(days=number) for number in range(-1, self.horizon.days + 1))
        spans = (span for day in days for span in open_intervals(calendar, day))
        return _joined((a, b) for a, b in spans if a < end and b > begin)

    def _calendar(self, job: Job, on_site: bool) -> Calendar:
        year = self.horizon.first.year
        if on_site and job.building is not None:
            return opening_calendar(job.building.site, year)
        return calendar_of(job.client, year)

    def _release(self, job: Job) -> datetime:
        return self.released.get(job.id, self.horizon.begin)


def _presence(job: Job) -> Spans:
    """When the requester said to be there; a window agreed on later, which has its price, replaces it."""
    if job.promised_from is not None or not job.ticket.available:
        return ()
    return tuple((_instant(begin), _instant(end)) for begin, end in job.ticket.available)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> Spans:
    """The same hours with those that touch made one: work may go on over midnight."""
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return tuple(joined)


def _intersect(one: Spans, other: Spans) -> Spans:
    pairs = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple(sorted((start, end) for start, end in pairs if start < end))
