"""When the demo's tickets come in, and how a draft becomes what a phone agent hands over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from dispatch.demo.catalogue import CLIENTS
from dispatch.demo.content import Draft
from dispatch.demo.day import Day
from dispatch.demo.ground import Ground
from dispatch.demo.past import OFTEN
from dispatch.models.handed import Handed
from dispatch.models.intake import hand_over
from dispatch.models.job import Job
from dispatch.models.user import User

# how many tickets came on the two days before yesterday, yesterday, and early today; the rest came since
EARLIER, YESTERDAY, EARLY = 64, 100, 20
WORKDAY = (480, 1080)
SYSTEMS = {client.code: client.system for client in CLIENTS}
# what callers say who name no hours: any time, in the morning, around noon, in the afternoon, late
LOOSE = (((450, 1110),), ((450, 720),), ((690, 930),), ((810, 1020),), ((900, 1110),))
AVAILABLE_DAYS = 3
INCOMPLETE_EVERY = 27
TYPED_EVERY = 12
PROMISED_EVERY = 5
SAID_EVERY = 4


@dataclass(frozen=True, slots=True)
class Arrival:
    """A draft, when it comes in, the first day (from today) its requester speaks of, and how it is told."""

    draft: Draft
    at: datetime
    days: int
    number: int

    @property
    def incomplete(self) -> bool:
        """Imported without what the agent would have asked for."""
        return self.number % INCOMPLETE_EVERY == INCOMPLETE_EVERY - 1

    @property
    def usual_length(self) -> bool:
        """Of work that has been done often, the agent leaves it to history how long it takes."""
        return self.draft.category in OFTEN and self.number % SAID_EVERY != 0

    @property
    def promised(self) -> bool:
        return bool(self.draft.available) and self.number % PROMISED_EVERY == 0

    @property
    def system_known(self) -> bool:
        """Some are typed here first and have no record in the client's tool."""
        return self.number % TYPED_EVERY != TYPED_EVERY - 1


def arrivals(drafts: list[Draft], day: Day) -> Iterator[Arrival]:
    """Every draft with its time; the outage, first of the drafts, just before today is planned."""
    random = Random("arrivals")
    dawn = day.planned_at()
    since = (day.now - dawn).total_seconds()
    for number, draft in enumerate(drafts):
        if number == 0:
            yield Arrival(draft, day.instant(410), 0, number)
        elif number <= EARLIER:
            yield Arrival(draft, day.instant(random.randint(*WORKDAY), random.choice((-3, -2))), -1, number)
        elif number <= EARLIER + YESTERDAY:
            yield Arrival(draft, day.instant(random.randint(*WORKDAY), -1), 0, number)
        elif number <= EARLIER + YESTERDAY + EARLY:
            yield Arrival(draft, day.instant(random.randint(380, 429)), 0, number)
        else:
            yield Arrival(draft, dawn + timedelta(seconds=round(since * random.random())), 0, number)


def come_in(arrival: Arrival, ground: Ground, day: Day, agent: User) -> Job:
    """Hand the draft over, as the agent, at the clock's present time."""
    draft = arrival.draft
    handed = _handed(arrival, ground, day)
    if arrival.incomplete:
        handed = replace(handed, building=None, floor=None, desk=None, asset=None, steps_tried=None)
    _ticket, job, _new = hand_over(ground.clients[draft.client], handed, agent)
    assert job is not None
    job.tools, job.parts = list(draft.tools), dict(draft.parts)
    if arrival.promised:
        job.promised_from, job.promised_to = _windows(arrival, day)[0]
    return job


def _handed(arrival: Arrival, ground: Ground, day: Day) -> Handed:
    draft = arrival.draft
    system = SYSTEMS[draft.client] if arrival.system_known else None
    return Handed(
        summary=draft.summary,
        reasons=draft.reasons,
        steps_tried=draft.steps_tried,
        system=system,
        external_id=draft.external_id if system else None,
        kind=draft.kind,
        description=draft.description,
        category=ground.categories[draft.client, draft.category],
        requester=ground.requesters[draft.requester],
        contact=ground.requesters[draft.contact] if draft.contact else None,
        building=ground.buildings[draft.building],
        floor=draft.floor,
        desk=draft.desk,
        phone=draft.phone,
        asset=draft.asset,
        admin_right=ground.rights[f"{draft.client}:{draft.right}"] if draft.right else None,
        impact=draft.impact,
        urgency=draft.urgency,
        available=_windows(arrival, day),
        duration_minutes=None if arrival.usual_length else draft.minutes,
        unknown=frozenset(draft.unknown),
    )


def _windows(arrival: Arrival, day: Day) -> tuple[tuple[datetime, datetime], ...]:
    """The hours that the requester named, on the day he speaks of and the next ones."""
    return tuple(
        (day.instant(start, days), day.instant(end, days))
        for days in range(arrival.days, arrival.days + AVAILABLE_DAYS)
        for start, end in arrival.draft.available or LOOSE[arrival.number % len(LOOSE)]
    )
