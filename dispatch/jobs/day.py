"""A technician's day as his phone shows it: what is next, what comes beside it, when each job will begin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatch.clock import now
from dispatch.models.job import Job
from dispatch.models.place import Kiosk
from dispatch.planning.forecast import Span, forecast, later

# whose turn it is: the first job in one of the first of these states
TURNS = (("travelling", "working"), ("dispatched", "accepted"), ("paused",))


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that is not for jobs: a meal break, or duty at a kiosk."""

    starts_at: datetime
    ends_at: datetime
    kiosk: Kiosk | None = None

    @property
    def minutes(self) -> float:
        return (self.ends_at - self.starts_at).total_seconds() / 60


class Timed(NamedTuple):
    """A job as a forecast sees it."""

    state: str
    start: datetime | None
    end: datetime | None
    travel: int


class Withdrawn(NamedTuple):
    """A job that was taken away since the technician last looked: the event that says so, and why, where somebody said it."""

    event_id: int
    at: datetime
    who: str | None
    summary: str
    cancelled: bool
    note: str = ""


@dataclass(frozen=True)
class Day:
    """A technician's day in the order in which it is to be done; `today` is that of the shift going on."""

    day: date
    today: date
    zone: str
    profile: str
    jobs: list[Job]
    pauses: list[Pause]
    rights: frozenset[int]
    counts: dict[date, int]
    withdrawn: list[Withdrawn]
    next: Job | None = field(init=False)
    expected: dict[int, Span] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "next", self._next())
        object.__setattr__(self, "expected", self._expected())

    @property
    def is_night(self) -> bool:
        """Whether the shift going on began yesterday."""
        return self.today < now().astimezone(ZoneInfo(self.zone)).date()

    @property
    def open(self) -> list[Job]:
        return [job for job in self.jobs if job.is_open]

    @property
    def done(self) -> list[Job]:
        return [job for job in self.jobs if not job.is_open]

    @property
    def rest(self) -> list[Job | Pause]:
        """What comes beside the next job: the other jobs, breaks and duties not over yet, by time."""
        pauses = [pause for pause in self.pauses if pause.ends_at > now()]
        others: list[Job | Pause] = [job for job in self.open if job is not self.next]
        return sorted([*others, *pauses], key=begins)

    @property
    def changed(self) -> list[Job]:
        return [job for job in self.open if job.changed_since_seen and job.state != "planned"]

    @property
    def ends_at(self) -> datetime | None:
        return max((end for _begin, end in self.expected.values()), default=None)

    def probably(self, job: Job) -> datetime | None:
        """When the job is likely to begin, if that is worth telling beside the planned time."""
        return later(job.planned_start, self.expected[job.id][0]) if job.id in self.expected else None

    def may_use(self, job: Job) -> bool:
        """Whether the technician holds the admin right that the job needs, on that day."""
        return job.admin_right_id is None or job.admin_right_id in self.rights

    def _next(self) -> Job | None:
        """What is under way, else the first that is not waiting, else what is paused."""
        return next((job for turn in TURNS for job in self.open if job.state in turn), None)

    def _expected(self) -> dict[int, Span]:
        """Begin and end of the open jobs, from what is under way; as planned on other days."""
        timed = [job for job in self.open if job.planned_start and job.planned_end]
        timed.sort(key=lambda job: (job is not self.next, begins(job)))
        stops = [Timed(job.state, job.planned_start, job.planned_end, job.travel_seconds) for job in timed]
        return dict(zip((job.id for job in timed), forecast(stops, now()), strict=True))


def begins(item: Job | Pause) -> datetime:
    if isinstance(item, Pause):
        return item.starts_at
    return item.planned_start or item.created_at
