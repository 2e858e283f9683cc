"""What a counter shows: its queue in order, whoever is at a desk, and what has become of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.labels import label, skill_label
from dispatch.models import queue
from dispatch.models.client import Category
from dispatch.models.crowd import LONG_WAIT, Crowd, crowds
from dispatch.models.entry import Entry
from dispatch.models.entry_states import AT_DESK, ENDED
from dispatch.models.event import Event
from dispatch.models.place import Kiosk
from dispatch.models.user import User
from dispatch.security import find_or_404


@dataclass(frozen=True, slots=True)
class Counter:
    """A kiosk's day at a moment: `mine` is who is at the reader's own desk, `desks` who is at the others."""

    kiosk: Kiosk
    at: datetime
    mine: Entry | None
    desks: Sequence[Entry]
    waiting: Sequence[Entry]
    on_hold: Sequence[Entry]
    ended: Sequence[Entry]

    @property
    def zone(self) -> str:
        return str(self.kiosk.building.site.zone)

    @property
    def longest(self) -> float:
        """Minutes."""
        return max((self.wait(entry) for entry in self.waiting), default=0.0)

    @property
    def is_long(self) -> bool:
        return self.longest > LONG_WAIT.total_seconds() / 60

    def wait(self, entry: Entry) -> float:
        return entry.wait(self.at) / 60


def kiosk_of(kiosk_id: int) -> Kiosk:
    return find_or_404(Kiosk.visible_to(current_user).where(Kiosk.id == kiosk_id))


def entry_of(kiosk_id: int, entry_id: int) -> Entry:
    mine = Entry.visible_to(current_user)
    return find_or_404(mine.where(Entry.kiosk_id == kiosk_id, Entry.id == entry_id))


def counter_of(kiosk: Kiosk, user: User) -> Counter:
    everybody = queue.everybody(kiosk)
    his = user.technician.id if user.technician else 0
    at_desk = [entry for entry in everybody if entry.state in AT_DESK]
    ended = [entry for entry in everybody if entry.state in ENDED]
    mine = next((entry for entry in at_desk if entry.technician_id == his), None)
    return Counter(
        kiosk,
        now(),
        mine,
        [entry for entry in at_desk if entry is not mine],
        [entry for entry in everybody if entry.state == "waiting"],
        [entry for entry in everybody if entry.state == "on_hold"],
        sorted(ended, key=lambda entry: (entry.state_at, entry.number), reverse=True),
    )


def kiosks_of(user: User) -> list[tuple[Kiosk, Crowd]]:
    """The reader's kiosks, each with who is there."""
    mine = list(db.session.scalars(Kiosk.visible_to(user)))
    found = crowds(mine)
    return [(kiosk, found[kiosk.id]) for kiosk in mine]


def categories_of(kiosk: Kiosk) -> list[tuple[str, str]]:
    """What the kiosk's client knows as kinds of work, in the reader's language."""
    query = select(Category).where(Category.client_id == kiosk.building.site.client_id)
    known = [(category.code, skill_label(category)) for category in db.session.scalars(query)]
    return sorted(known, key=lambda one: one[1].casefold())


def meanwhile(entry: Entry) -> str:
    """What has become of it since somebody's page was drawn, and who did it."""
    query = select(Event.data, User.name).outerjoin(User, User.id == Event.actor_id)
    query = query.where(Event.kind == "entry.state", Event.data["entry"].as_integer() == entry.id)
    of_here = Event.territory_id == entry.kiosk.building.site.territory_id
    data, who = db.session.execute(query.where(of_here).order_by(Event.id.desc()).limit(1)).one()
    if data["move"] == "called" and who:
        return _("Number %(number)s was called by %(who)s meanwhile.", number=entry.number, who=who)
    what = label(data["move"], "entry_told")
    return _("Number %(number)s has changed meanwhile: %(what)s (%(who)s).", number=entry.number, what=what,
             who=who or _("Dispatch"))  # fmt: skip
