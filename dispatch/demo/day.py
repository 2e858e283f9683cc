"""The demo's clock: every time of the demo is a minute of a day that is always well under way.

The crew of the demo works from 07:30 to 18:30. A newcomer who starts the demo in the evening or at night
would find everything done, or nothing begun: the whole day is moved then, shifts, breaks, opening hours,
kiosk duties and what callers say of their own time, by up to seven and a half hours. At 21:00 the crew
works from 13:00 to midnight. Between 09:30 and 15:00 nothing is moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dispatch.sla.calendar import DAY_MINUTES, local_instant

ZONE = "Europe/Paris"
OPENS, CLOSES = 450, 1140
# between these minutes a working day is well under way
LIVELY = (570, 900)
# moved further, the first shift would begin the day before, or the last one end the day after
FARTHEST = (-450, 330)
STEP = 30
PLANNED_AT = 430


@dataclass(frozen=True, slots=True)
class Day:
    """Today, `now` in it, and by how many minutes everything of the demo is moved."""

    now: datetime
    today: date
    moved: int

    @classmethod
    def around(cls, now: datetime) -> Day:
        local = now.astimezone(ZoneInfo(ZONE))
        return cls(now, local.date(), _moved(local.hour * 60 + local.minute))

    def instant(self, minute: int, days: int = 0) -> datetime:
        """The instant of a minute of the demo's day, `days` from today."""
        return local_instant(self.today, days * DAY_MINUTES + minute + self.moved, ZONE)

    def planned_at(self, days: int = 0) -> datetime:
        """When the dispatcher plans that day: before the first shift, and not before midnight."""
        return max(self.instant(PLANNED_AT, days), local_instant(self.today, days * DAY_MINUTES, ZONE))

    def week(self, spans: tuple[tuple[int, int], ...]) -> list[list[list[int]]]:
        """Opening hours that are the same on all seven days, moved along."""
        return [[[max(0, start + self.moved), end + self.moved] for start, end in spans]] * 7


def _moved(minute: int) -> int:
    first, last = LIVELY
    if minute < first:
        return max(FARTHEST[0], (minute - first) // STEP * STEP)
    if minute > last:
        return min(FARTHEST[1], -((last - minute) // STEP * STEP))
    return 0
