"""The journal of what dispatchers do to the plan, from which planning.undo takes it back.

A verb that changes places wears `@keeps("move")`, or does its work inside `with kept(…)`; one inside another belongs
to the outer. Whatever jobs the session writes meanwhile is noted with its place before and after: nothing is read for
it. What technicians tap is no dispatcher's change and is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan_change import ChangedJob, PlanChange
from dispatch.models.transitions import DESK
from dispatch.models.user import User

Place = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")
# a start that moves by less belongs to the others on the route, whatever was meant
RETIMED_SECONDS = 300
SPOT = ("technician_id", "day", "lock", "lock_technician_id", "lock_start", "not_before")
FIELDS = (
    "technician_id",
    "day",
    "planned_start",
    "state",
    "lock",
    "lock_technician_id",
    "lock_start",
    "waived",
    "not_before",
)


@contextmanager
def kept(territory_id: int | None, by: User | None, kind: str, meant: Collection[int] | None = None, *,
         run_id: int | None = None, undoes: Sequence[int] = ()) -> Iterator[None]:  # fmt: skip
    """Note what the block does to the plan as one change of that kind; nothing when it raises or changes nothing.

    `meant` are the jobs that it is about, besides whatever changes its technician, day or lock; None: all that
    it moves. `by` None: an accepted run of a territory that accepts by itself.
    """
    session = db.session()
    if territory_id is None or "journal" in session.info or (by is not None and by.role not in DESK):
        yield
        return
    seen: dict[int, tuple[Job, Place]] = session.info.setdefault("journal", {})
    event.listen(session, "before_flush", _look)
    try:
        yield
        session.flush()
        noted = sorted(seen.items())  # a session keeps what is dirty in no order
        rows = [row for _id, (job, before) in noted if (row := _row(job, before, meant))]
    finally:
        event.remove(session, "before_flush", _look)
        del session.info["journal"]
    if any(row["meant"] for row in rows):
        change = PlanChange(territory_id=territory_id, at=now(), by_id=by.id if by else None, kind=kind,
                            run_id=run_id, undoes=list(undoes))  # fmt: skip
        session.add(change)
        session.flush()
        session.execute(
            insert(ChangedJob.metadata.tables["plan_change_job"]),
            [{"change_id": change.id, **row} for row in rows],
        )
        session.info["kept"] = change


def keeps(kind: str) -> Callable[[Callable[Concatenate[Job, P], R]], Callable[Concatenate[Job, P], R]]:
    """A verb of one job (`by` among its arguments) whose doing is kept as a change of that kind."""

    def keeping(verb: Callable[Concatenate[Job, P], R]) -> Callable[Concatenate[Job, P], R]:
        said = signature(verb)

        @wraps(verb)
        def kept_verb(job: Job, /, *args: P.args, **kwargs: P.kwargs) -> R:
            by = said.bind(job, *args, **kwargs).arguments["by"]
            with kept(job.territory_id, by, kind, {job.id}):
                return verb(job, *args, **kwargs)

        return kept_verb

    return keeping


def just_kept() -> PlanChange | None:
    """The change that this session has kept last: what can be undone with one click."""
    found: PlanChange | None = db.session().info.get("kept")
    return found


def place_of(job: Job) -> Place:
    """Where a job is and what is fixed of it, as plain values."""
    return _place({name: getattr(job, name) for name in FIELDS})


def spot(place: Place) -> tuple[Any, ...]:
    """What a dispatcher decides of a place; its minute follows from the route."""
    return (is_cancelled(place), *(place.get(name) for name in SPOT))


def is_cancelled(place: Place) -> bool:
    return place.get("state") == "cancelled"


def _look(session: Session, *_flush: Any) -> None:
    seen = session.info["journal"]
    for row in session.dirty:
        if isinstance(row, Job) and row.id not in seen and (before := _before(row)):
            seen[row.id] = (row, before)


def _before(job: Job) -> Place | None:
    """The place that is about to be overwritten; None when it stays."""
    history = {name: inspect(job).attrs[name].history for name in FIELDS}
    if not any(one.has_changes() for one in history.values()):
        return None
    return _place(
        {name: one.deleted[0] if one.deleted else getattr(job, name) for name, one in history.items()}
    )


def _place(values: dict[str, Any]) -> Place:
    out = values["technician_id"] is None or values["state"] == "cancelled"
    place = {name: _plain(value) for name, value in values.items()}
    place["start"] = place.pop("planned_start")
    return place | {"technician_id": None, "day": None, "start": None} if out else place


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _row(job: Job, before: Place, meant: Collection[int] | None) -> dict[str, Any] | None:
    after = place_of(job)
    moved = spot(before) != spot(after)
    if not moved and all(before[name] == after[name] for name in ("start", "waived")):
        return None
    own = moved or (job.id in meant if meant is not None else _minutes_apart(before, after))
    return {"job_id": job.id, "client_id": job.client_id, "meant": own, "before": before, "after": after}


def _minutes_apart(before: Place, after: Place) -> bool:
    if not before["start"] or not after["start"]:
        return False
    starts = (datetime.fromisoformat(before["start"]), datetime.fromisoformat(after["start"]))
    return abs((starts[0] - starts[1]).total_seconds()) >= RETIMED_SECONDS
