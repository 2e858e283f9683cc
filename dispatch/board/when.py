"""The day and the start that a dispatcher asks for, as typed and as understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from dispatch.clock import now
from dispatch.models.job import Job
from dispatch.web import long_day

FARTHEST = timedelta(days=366)
# 14:30, and what people type: 14h30, 14h, 1430
CLOCK = re.compile(r"([0-9]{1,2})\s*[:hH]?\s*([0-9]{2})?")


class NoSuchTime(Exception):
    """The day or the start asked for makes no sense; the form says why."""


@dataclass(frozen=True, slots=True)
class When:
    """`on`, `at` and `fold` are what was typed; `errors` says in words what is wrong with each of them.

    `twice` holds both instants of a time that the clocks show twice; `fold` chooses one of them.
    """

    on: str
    at: str
    fold: str
    day: date | None = None
    start: datetime | None = None
    twice: tuple[datetime, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, typed: Mapping[str, str], default: date, zone: str) -> When:
        """What was typed, on the clocks of `zone`; `default` is the day when none was."""
        on, at, fold = (typed.get(name, "").strip()[:40] for name in ("on", "at", "fold"))
        day, wrong_day = _day(on, default, zone)
        errors = {"on": wrong_day} if wrong_day else {}
        if day is None or wrong_day or not at:
            return cls(on, at, fold, day, errors=errors)
        instants, wrong_time = instants_of(at, day, zone)
        start = instants[1 if fold == "1" and len(instants) > 1 else 0] if instants else None
        if start and start < now():
            wrong_time = _("%(time)s has passed. Choose a later time.", time=at)
        errors = {"at": wrong_time} if wrong_time else {}
        shown = f"{start.astimezone(ZoneInfo(zone)):%H:%M}" if start and not wrong_time else at
        return cls(on, shown, fold, day, start, instants if len(instants) > 1 else (), errors)

    def checked(self) -> When:
        """The same; raises NoSuchTime when something is wrong with it."""
        if self.errors:
            raise NoSuchTime
        return self

    def lock_of(self, job: Job) -> str | None:
        """How the job is locked then: a start that somebody has chosen is kept."""
        if self.start is None:
            return None
        return "both" if job.lock in ("technician", "both") else "time"


def _day(text: str, default: date, zone: str) -> tuple[date | None, str]:
    if not text:
        return default, ""
    today = now().astimezone(ZoneInfo(zone)).date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, _("“%(typed)s” is no day. Choose one of the list.", typed=text)
    if day < today:
        return day, _("This day is over. Choose today or a later one.")
    return day, "" if day <= today + FARTHEST else _("This day is more than a year away.")


def instants_of(text: str, day: date, zone: str) -> tuple[tuple[datetime, ...], str]:
    """When the clocks show this time: once, twice in autumn, or never."""
    found = CLOCK.fullmatch(text)
    try:
        clock = time(int(found[1]), int(found[2] or 0)) if found else None
    except ValueError:
        clock = None
    if clock is None:
        return (), _("“%(typed)s” is no time. Write it like 14:30, or leave it empty.", typed=text)
    wall = datetime.combine(day, clock, ZoneInfo(zone))
    if wall.astimezone(UTC).astimezone(wall.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None):
        return (), _("%(time)s does not exist on %(day)s: the clocks are put forward. Choose another time.",
                     time=f"{clock:%H:%M}", day=long_day(day))  # fmt: skip
    both = (wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
    return tuple(dict.fromkeys(both)), ""
