"""A day as the board shows it: plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from dispatch.models.crowd import Crowd
from dispatch.models.place import Territory
from dispatch.models.transitions import BEGUN, ENDED
from dispatch.sla.calendar import local_instant

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """`late` or `at_risk`, and why: `due`, `start`, `overrun`, `promise`, `too_early` or `lock`, with the instant missed."""

    status: str
    why: str
    instant: datetime


class Stop(NamedTuple):
    """A job that the reader may see; of the classes here the one of which there are hundreds, so the quickest to make."""

    id: int
    number: str
    version: int
    technician_id: int | None
    state: str
    mode: str
    priority: int
    summary: str
    client: str
    place: str
    lock: str
    start: datetime | None
    end: datetime | None
    travel: int
    due: datetime | None
    promised_from: datetime | None
    promised_to: datetime | None
    changed: bool
    waived: bool
    mark: Mark | None = None
    # when it is likely to begin, when that is later than planned
    expected: datetime | None = None
    # who asks, or is the contact there, is to be served with particular care
    vip: bool = False
    # latitude and longitude of the building; None for a call, or where the building is not on the map
    point: tuple[float, float] | None = None
    # the start that somebody locked
    locked_at: datetime | None = None

    @property
    def kind(self) -> str:
        return "job"

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    @property
    def is_movable(self) -> bool:
        """Whether it can be dragged: open and not begun."""
        return self.is_open and self.state not in BEGUN

    @property
    def travel_minutes(self) -> float:
        return self.travel / 60

    @property
    def tone(self) -> str:
        """How a row draws it: ended, late, at risk, begun or still ahead."""
        if not self.is_open:
            return "done"
        if self.mark:
            return "late" if self.mark.status == "late" else "risk"
        return "begun" if self.state in ("travelling", "working", "paused") else ""


@dataclass(frozen=True, slots=True)
class Away:
    """Time without visits: `break`, `kiosk`, `absence`, `pause` or `off` as he has tapped it, or `busy` with work that the reader may not see."""

    kind: str
    start: datetime
    end: datetime
    label: str = ""
    # he has tapped that it has begun, and not that it is over
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a technician last tapped, or where to he was leaving then, and when."""

    point: tuple[float, float]
    place: str
    on_the_way: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Route:
    """A technician's day in order."""

    id: int
    name: str
    profile: str
    skills: tuple[tuple[str, int], ...]
    shifts: tuple[tuple[datetime, datetime], ...]
    seconded_to: str | None
    absent: bool
    items: tuple[Stop | Away, ...] = ()
    seen: Seen | None = None

    @property
    def stops(self) -> list[Stop]:
        return [item for item in self.items if isinstance(item, Stop)]

    @property
    def whereabouts(self) -> Away | None:
        """What he is in by his own tap; a pause at the kiosk is a pause."""
        taps = [item for item in self.items if isinstance(item, Away) and item.is_open]
        return max(taps, key=lambda one: (one.kind != "kiosk", one.start), default=None)

    @property
    def overtime(self) -> tuple[datetime, float] | None:
        """When the last open job ends after the shift, and by how many minutes."""
        last = max((stop.end for stop in self.stops if stop.is_open and stop.end), default=None)
        if last is None or not self.shifts or last <= self.shifts[-1][1]:
            return None
        return last, (last - self.shifts[-1][1]).total_seconds() / 60

    @property
    def work_minutes(self) -> float:
        return (
            sum((stop.end - stop.start).total_seconds() for stop in self.stops if stop.start and stop.end)
            / 60
        )

    @property
    def travel_minutes(self) -> float:
        return sum(stop.travel for stop in self.stops) / 60


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a job is in no route, as the last run found out.

    `outbid_by` are the numbers of the jobs that took its place, `others` how many more there are that
    the reader may not see.
    """

    kind: str
    reasons: Sequence[Any]
    outbid_by: Sequence[str]
    others: int
    fix: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that waits for the dispatcher: `unassigned`, `late`, `at_risk`, `awaits` or `unfinished`."""

    kind: str
    stop: Stop
    technician: str = ""
    explained: Explained | None = None
    awaits: str | None = None
    outcome: str | None = None

    @property
    def weight(self) -> tuple[int, int, datetime]:
        """Worst first: urgent work that nobody does, then what is late; what is only at risk or waits comes later."""
        rank, later = {
            "unassigned": (0, 0),
            "late": (1, 0),
            "unfinished": (2, 0),
            "at_risk": (3, 2),
            "awaits": (4, 9),
        }[self.kind]
        urgent = self.stop.priority + later
        return (urgent, rank, self.stop.due or NEVER)


@dataclass(frozen=True, slots=True)
class Told:
    """A run that has something to say: a proposal that waits, or a failure."""

    id: int
    state: str
    day: date
    days: int
    at: datetime
    served: int
    changes: int
    # a proposal that changes nothing, and whether it was to repair something
    is_empty: bool = False
    is_repair: bool = False
    is_mine: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """The five numbers of the bar about jobs; of the work that the reader may see."""

    planned: int
    unassigned: int
    at_risk: int
    late: int
    travel_minutes: float


@dataclass(frozen=True, slots=True)
class Day:
    """A territory's day."""

    territory: Territory
    day: date
    routes: list[Route] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    # who is at the kiosks that the reader may see; None where there is none, or on another day
    crowd: Crowd | None = None

    @property
    def zone(self) -> str:
        return str(self.territory.zone)

    @property
    def begin(self) -> datetime:
        return local_instant(self.day, 0, self.zone)

    @property
    def end(self) -> datetime:
        return local_instant(self.day, 1440, self.zone)

    @property
    def yesterday(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def tomorrow(self) -> date:
        return self.day + timedelta(days=1)

    @property
    def stops(self) -> list[Stop]:
        return [stop for route in self.routes for stop in route.stops]

    @property
    def figures(self) -> Figures:
        stops = self.stops
        marks = [stop.mark.status for stop in stops if stop.mark]
        unassigned = sum(decision.kind == "unassigned" for decision in self.decisions)
        travel = sum(route.travel_minutes for route in self.routes)
        return Figures(len(stops), unassigned, marks.count("at_risk"), marks.count("late"), travel)
