"""What has happened to the live plan that a repair could mend: offered by itself, worst first.

Everything is read from the day that the board shows anyway; two queries say what was tried or put off already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from dispatch.board.rows import Away, Day, Decision, Route, Stop
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.plan import ACTIVE, PlanRun
from dispatch.models.plan_change import PlanChange
from dispatch.models.put_off import PutOff
from dispatch.models.transitions import BEGUN
from dispatch.models.user import User
from dispatch.planning.scope import Scope

URGENT = 2
# a run with such an end has looked at its cause, and somebody at its result
TRIED = ("proposed", "accepted", "rejected")
RUNS_READ = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """A cause that a repair could mend; `cause` is what the run keeps of it, with `key` to know it again by."""

    cause: dict[str, Any]
    name: str = ""

    @property
    def key(self) -> str:
        return str(self.cause["key"])

    @property
    def names(self) -> dict[int, str]:
        return {self.cause["technician"]: self.name} if self.name else {}

    @property
    def scope(self) -> dict[str, Any]:
        return Scope("repair", cause=self.cause).to_json()


@dataclass(frozen=True, slots=True)
class Repairs:
    """What is offered, and whether a run is under way, which has to end first."""

    offers: Sequence[Offer] = ()
    under_way: bool = False


def repairs_of(board: Day, user: User) -> Repairs:
    """What to offer this user for the day that his board shows."""
    found = list(causes(board, now()))
    mine = (
        PlanRun.territory_id == board.territory.id,
        PlanRun.assumed.is_(None),
    )  # no run waits for a what-if
    runs = select(PlanRun.state, PlanRun.scope, PlanChange.undone_at).outerjoin(
        PlanChange, PlanChange.run_id == PlanRun.id
    ).where(*mine)  # fmt: skip
    latest = db.session.execute(runs.order_by(PlanRun.id.desc()).limit(RUNS_READ)).all()
    looked = [row for row in latest if row.state in TRIED and row.undone_at is None]
    tried = {row.scope.get("cause", {}).get("key") for row in looked}
    later = PutOff.by(user, [one.key for one in found])
    offers = [one for one in found if one.key not in tried and one.key not in later]
    return Repairs(offers, any(row.state in ACTIVE for row in latest))


def causes(board: Day, at: datetime) -> Iterator[Offer]:
    """Who is away from his work, which urgent work nobody has, who is too late, whose user was not there."""
    if board.end <= at:
        return
    yield from (offer for route in board.routes if (offer := _absent(board, route, at)))
    yield from _urgent(board)
    if board.begin <= at:
        there = [route for route in board.routes if _absent(board, route, at) is None]
        yield from (offer for route in there if (offer := _late(board, route)))
        yield from (offer for one in board.decisions if (offer := _user_absent(board, one, at)))


def _absent(board: Day, route: Route, at: datetime) -> Offer | None:
    """Work that lies where he is absent; what he has begun, or is locked to him, no run would take from him."""
    away = [
        item for item in route.items if isinstance(item, Away) and item.kind == "absence" and item.end > at
    ]
    jobs = [stop for stop in route.stops if _is_free(stop) and any(_meet(stop, one) for one in away)]
    if not jobs:
        return None
    begin, end = min(one.start for one in away), max(one.end for one in away)
    last = max((close for _open, close in route.shifts), default=end)
    said: dict[str, Any] = {"until": min(end, last).isoformat()}
    if begin > at:
        said["from"] = begin.isoformat()
    return _offer(board, "absent", jobs, route, **said)


def _is_free(stop: Stop) -> bool:
    return stop.is_open and stop.state not in BEGUN and stop.lock in ("none", "time")


def _meet(stop: Stop, away: Away) -> bool:
    return stop.start is not None and stop.end is not None and stop.start < away.end and away.start < stop.end


def _late(board: Day, route: Route) -> Offer | None:
    """Work that was planned in time and will not be, because something before it takes longer."""
    jobs = [stop for stop in route.stops if _is_free(stop) and _slips(stop)]
    return _offer(board, "late", jobs, route) if jobs else None


def _slips(stop: Stop) -> bool:
    if stop.expected is None or stop.start is None or stop.end is None:
        return False
    end = stop.expected + (stop.end - stop.start)
    due = stop.due is not None and stop.end <= stop.due < end
    return due or (stop.promised_to is not None and stop.start <= stop.promised_to < stop.expected)


def _urgent(board: Day) -> Iterator[Offer]:
    """Urgent work that nobody has, and of which no run has said yet why."""
    jobs = [one.stop for one in _waiting(board) if one.stop.priority <= URGENT and one.explained is None]
    if jobs:
        yield _offer(board, "urgent", jobs)


def _user_absent(board: Day, one: Decision, at: datetime) -> Offer | None:
    """The user was not there and nothing follows: the technician has time, when there is something to do with it."""
    route = next((route for route in board.routes if route.id == one.stop.technician_id), None)
    waiting = len(_waiting(board))
    there = route is not None and not route.absent and any(end > at for _begin, end in route.shifts)
    if one.kind != "unfinished" or one.outcome != "user_absent" or route is None or not there or not waiting:
        return None
    return _offer(board, "user_absent", [one.stop], route, waiting=waiting)


def _waiting(board: Day) -> list[Decision]:
    """Work that nobody has, and somebody could do."""
    hopeless = ("impossible", "left_out")
    return [
        one for one in board.decisions
        if one.kind == "unassigned" and (one.explained is None or one.explained.kind not in hopeless)
    ]  # fmt: skip


def _offer(board: Day, kind: str, stops: Sequence[Stop], route: Route | None = None, **said: Any) -> Offer:
    jobs, who = sorted(stop.id for stop in stops), route.id if route else None
    key = f"{board.day}:{kind}:{who or ''}:{'-'.join(map(str, jobs))}"
    return Offer(
        {"key": key, "kind": kind, "technician": who, "jobs": jobs, **said}, route.name if route else ""
    )
