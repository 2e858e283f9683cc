"""How good the live plan is beside the best that the engine has found for the day, and how old that knowledge is.

Nothing is solved here. A run keeps what the live plan cost when it looked (`weighed.before`) and what its proposal
costs, both on the same facts and in the same prices: that pair is the only comparison that is valid, so it is
told with its time and with how much was changed since. Its figures weigh everybody's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.user import User

ANSWERED = ("proposed", "accepted", "rejected", "superseded")
LONGEST_REACH = 7
# what makes the plan another one than the run has seen
CHANGES = ("job.moved", "job.locked", "job.created", "job.changed", "job.confirmed", "job.mode", "job.returned",
           "shift.extended", "technician.absence", "duty.cut")  # fmt: skip
UPSETS = ("cancelled", "reopened", "declined", "not_completed", "to_visit", "unplanned", "solved_remotely")


@dataclass(frozen=True, slots=True)
class Quality:
    """`percent` and `minutes` are what the live plan cost more than the best, `jobs` how many fewer it served.

    Of an accepted proposal all three are nothing: the best became the plan.
    """

    run_id: int
    found_at: datetime
    accepted: bool
    jobs: int
    percent: float | None
    minutes: float
    changes: int

    @property
    def age_minutes(self) -> float:
        return (now() - self.found_at).total_seconds() / 60


def quality_of(territory: Territory, day: date, user: User) -> Quality | None:
    """None: no run has looked at all of that day yet. Only for who sees all clients."""
    run = _latest(territory, day) if user.every_client else None
    if run is None or run.weighed is None:
        return None
    proposed, accepted = (_event(run, target) for target in ("proposed", "accepted"))
    if proposed is None or (
        accepted and accepted.data.get("part")
    ):  # of a part nobody has said what it costs
        return None
    jobs, over, percent = (0, 0, 0.0) if accepted else _beside(run, run.weighed)
    since = Event.id > accepted.id if accepted else Event.at > (run.started_at or proposed.at)
    return Quality(
        run.id, proposed.at, accepted is not None, jobs, percent, over / 60, _changes(territory, since)
    )


def _latest(territory: Territory, day: date) -> PlanRun | None:
    """The last run of all the work as it is: not of a day that is not so, of a part of it, or of a repair."""
    query = select(PlanRun).where(
        PlanRun.territory_id == territory.id, PlanRun.state.in_(ANSWERED), PlanRun.day <= day,
        PlanRun.day > day - timedelta(days=LONGEST_REACH), PlanRun.assumed.is_(None),
        func.coalesce(PlanRun.scope["kind"].as_string(), "all") == "all",
    )  # fmt: skip
    found = db.session.scalars(query.order_by(PlanRun.id.desc()).limit(20))
    return next((run for run in found if day < run.day + timedelta(days=run.days)), None)


def _event(run: PlanRun, target: str) -> Any:
    query = select(Event.id, Event.at, Event.data).where(
        Event.territory_id == run.territory_id, Event.kind == "run.state",
        Event.data["run"].as_integer() == run.id, Event.data["target"].as_string() == target,
    )  # fmt: skip
    return db.session.execute(query.order_by(Event.id.desc()).limit(1)).first()


def _beside(run: PlanRun, weighed: dict[str, Any]) -> tuple[int, int, float | None]:
    """Jobs that the proposal serves more, seconds that it costs less, and that in percent where that means something.

    What is left out is told as jobs, and its price left out of both costs.
    """
    before = weighed["before"]["total"] - weighed["before"]["unserved"]
    best = sum(run.objective.get(name, 0) for name in weighed["before"] if name not in ("total", "unserved"))
    over = before - best
    return weighed["served"][1] - weighed["served"][0], over, 100 * over / best if best > 0 else None


def _changes(territory: Territory, since: Any) -> int:
    moves = Event.data["move"].as_string()
    upset = (Event.kind == "job.state") & moves.in_(UPSETS)
    query = select(func.count()).select_from(Event).where(Event.territory_id == territory.id, since)
    return db.session.scalar(query.where(or_(Event.kind.in_(CHANGES), upset))) or 0
