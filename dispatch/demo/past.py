"""The two months before the demo's days: visits of the two kinds that come most often, from which durations are learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.demo.day import Day
from dispatch.demo.ground import Ground
from dispatch.demo.timeline import Timeline
from dispatch.extensions import db
from dispatch.models.client import Category, Client
from dispatch.models.handed import Handed
from dispatch.models.intake import hand_over
from dispatch.models.job import Job
from dispatch.models.tap import take
from dispatch.models.technician import Technician
from dispatch.models.ticket import Requester
from dispatch.models.user import User

# what was wrong, and how such work compares with what the catalogue says of it
OFTEN = {
    "printer": (("Bourrage papier", "Impression recto verso décalée", "Bac 2 non reconnu"), 1.2),
    "workstation_failure": (("Poste qui ne démarre plus", "Session bloquée au démarrage"), 0.8),
}
PER_KIND = 24
VISITS = 2 * len(OFTEN) * PER_KIND
# minutes of the demo's day at which the visits of a day begin
BEGIN = (560, 640, 840, 920)
FIRST_DAY = -60
NOTICE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """What is to be done at whose place, who does it, and when he begins."""

    client: Client
    category: Category
    who: Technician
    begin: datetime


def live(ground: Ground, crew: dict[str, Technician], day: Day, dispatcher: User, timeline: Timeline) -> None:
    """Every visit handed over, done and closed at its time; the first beat of a worker learns from them."""
    random = Random("past")
    field = [crew[code] for code in sorted(crew) if crew[code].user is not None]
    visits = [(client, kind) for client in ground.clients.values() for kind in OFTEN] * PER_KIND
    for number, (client, kind) in enumerate(visits):
        days, turn = divmod(number, len(BEGIN))
        begin = day.instant(BEGIN[turn], FIRST_DAY + 2 * days)
        visit = Visit(client, ground.categories[client.code, kind], field[number % len(field)], begin)
        timeline.at(begin - NOTICE, partial(_hand_over, visit, OFTEN[kind], dispatcher, random, timeline))


def _hand_over(visit: Visit, usual: tuple[tuple[str, ...], float], dispatcher: User, random: Random,
               timeline: Timeline) -> None:  # fmt: skip
    summaries, pace = usual
    requester = random.choice(_callers(visit.client))
    given = Handed(summary=random.choice(summaries), reasons=("presence",), steps_tried="Redémarrage.",
                   category=visit.category, requester=requester, building=requester.building,
                   floor=requester.floor, desk=requester.desk, phone=requester.phone, impact=3, urgency=3)  # fmt: skip
    _ticket, job, _new = hand_over(visit.client, given, dispatcher)
    assert job is not None
    job.technician, job.day = visit.who, visit.begin.astimezone(ZoneInfo(visit.client.zone)).date()
    job.move("planned", dispatcher)
    job.move("dispatched", dispatcher)
    worked = round((visit.category.duration_minutes or 30) * pace * random.lognormvariate(0, 0.3))
    taps = (
        ("accepted", -20),
        ("travelling", -15),
        ("working", 0),
        ("completed", worked),
        ("closed", worked + 1),
    )
    for move, minutes in taps:
        timeline.at(visit.begin + timedelta(minutes=minutes), partial(_tap, job, move))


def _tap(job: Job, move: str) -> None:
    if move == "closed":
        job.ticket.set_state("closed", None)
        return
    assert job.technician is not None and job.technician.user is not None
    take(job, move, job.technician.user)


def _callers(client: Client) -> list[Requester]:
    query = select(Requester).where(Requester.client_id == client.id, Requester.building_id.is_not(None))
    return list(db.session.scalars(query.order_by(Requester.id)))
