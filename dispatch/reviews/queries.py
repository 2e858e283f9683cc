"""What waits to be reviewed, together as it was done: what one person did on one job is decided at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from dispatch.extensions import db
from dispatch.labels import skill_label
from dispatch.models.action import Action
from dispatch.models.client import Equipment
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.report import needs_of
from dispatch.models.ticket import Ticket
from dispatch.models.user import User
from dispatch.reviews import blueprint

MOST = 300
RECENT = 20


@dataclass(frozen=True, slots=True)
class Group:
    """What one person did on one job, in his order."""

    user: User
    job: Job | None
    entries: Sequence[Action]
    # what the fields of its report are called
    names: Mapping[str, str]

    @property
    def zone(self) -> str:
        territory = self.entries[0].territory
        return territory.zone if territory else "Europe/Paris"


def groups_for(user: User, territory: Territory | None = None) -> list[Group]:
    """What waits, whoever has waited longest first."""
    query = _whole(Action.visible_to(user).where(Action.waiting()))
    if territory is not None:
        query = query.where(Action.territory_id == territory.id)
    entries = db.session.scalars(query.order_by(Action.id).limit(MOST)).all()
    first = {_whose(one): place for place, one in reversed(list(enumerate(entries)))}
    entries = sorted(entries, key=lambda one: (first[_whose(one)], one.device_id, one.seq))
    grouped = [list(same) for _key, same in groupby(entries, key=_whose)]
    parts = _part_names() if grouped else {}
    return [Group(same[0].user, same[0].job, same, parts | _check_names(same[0].job)) for same in grouped]


def _part_names() -> dict[str, str]:
    parts = db.session.scalars(select(Equipment).where(Equipment.kind == "part"))
    return {f"part-{part.code}": skill_label(part) for part in parts}


def _check_names(job: Job | None) -> dict[str, str]:
    language = str(get_locale() or "fr")
    return {f"check-{one.code}": one.label(language) for one in needs_of(job).checks} if job else {}


def decided_for(user: User) -> Sequence[Action]:
    """What was decided last, so that nobody looks for it."""
    query = _whole(Action.visible_to(user).where(Action.decision.is_not(None)))
    return db.session.scalars(query.order_by(Action.decided_at.desc()).limit(RECENT)).all()


@blueprint.app_template_global()
def reviews_waiting(territory: Territory) -> int:
    """How many entries of the territory wait for this dispatcher."""
    visible = Action.visible_to(current_user).where(Action.waiting(), Action.territory_id == territory.id)
    return db.session.scalar(visible.with_only_columns(func.count(Action.id))) or 0


def _whole(query: Select[Action]) -> Select[Action]:
    return query.options(
        joinedload(Action.user), joinedload(Action.device), joinedload(Action.territory), joinedload(Action.decided_by),
        joinedload(Action.job).joinedload(Job.ticket).joinedload(Ticket.category), joinedload(Action.job).joinedload(Job.client),
        joinedload(Action.job).joinedload(Job.technician),
    )  # fmt: skip


def _whose(entry: Action) -> tuple[int, int]:
    return entry.user_id, entry.job_id or -entry.id
