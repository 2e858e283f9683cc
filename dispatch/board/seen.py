"""Where technicians were when they last tapped something: nobody is tracked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, select

from dispatch.board.presence import Span
from dispatch.board.rows import NEVER, Seen
from dispatch.board.stops import place_of, point_of
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.place import Building, Site
from dispatch.models.technician import Technician
from dispatch.models.transitions import BEGUN
from dispatch.models.user import User

FINISHED = ("completed", "not_completed")


def seen_of(spans: Mapping[int, Span], user: User) -> dict[int, Seen]:
    """Per technician the place of his last tap in his day; nothing of those whose last tap is hidden from the reader."""
    last: dict[int, Row[Any]] = {}
    for row in db.session.execute(_taps(spans)):
        if row.at >= spans[row.technician_id][0] and _tells_a_place(row.data):
            last[row.technician_id] = row
    shown = {key: row for key, row in last.items() if user.sees(row.client_id) and point_of(row)}
    return {key: _seen(row) for key, row in shown.items()}


def _taps(spans: Mapping[int, Span]) -> Any:
    """Of every visit the last thing its technician himself said, in order: what was undone is not the last."""
    own = select(func.max(Event.id)).join(Technician, Technician.id == Event.technician_id)
    own = own.where(
        Event.kind == "job.state", Event.technician_id.in_(spans), Event.actor_id == Technician.user_id,
        Event.at >= min((begin for begin, _end in spans.values()), default=NEVER),
    ).group_by(Event.job_id, Event.technician_id)  # fmt: skip
    query = select(
        Event.technician_id, Event.at, Event.claimed_at, Event.data, Event.client_id, Job.mode,
        Building.name.label("building"), Site.name.label("site"), Building.latitude, Building.longitude,
    )  # fmt: skip
    query = query.join(Job, Job.id == Event.job_id).join(Building, Building.id == Job.building_id)
    query = query.join(Site, Site.id == Building.site_id)
    return query.where(Event.id.in_(own), Job.mode != "remote").order_by(Event.id)


def _tells_a_place(told: Mapping[str, Any]) -> bool:
    """Whoever is on his way or has begun there; what ended before it began, or on the telephone, says nothing."""
    went = told["source"] in BEGUN and told.get("move") != "solved_remotely"
    return told["target"] in BEGUN or (told["target"] in FINISHED and went)


def _seen(row: Row[Any]) -> Seen:
    point = point_of(row)
    assert point is not None
    at = min(row.at, row.claimed_at or row.at)
    return Seen(point, place_of(row), row.data["target"] == "travelling", at)
