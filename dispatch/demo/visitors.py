"""Who comes to the demo's kiosks today: the morning's are served, and a few are there at the moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import select

from dispatch.clock import now
from dispatch.demo.day import Day
from dispatch.demo.ground import Ground
from dispatch.demo.requesters import NAMES
from dispatch.demo.timeline import Timeline
from dispatch.extensions import db
from dispatch.models import queue
from dispatch.models.entry import Entry
from dispatch.models.technician import KioskDuty, Technician

# building -> client, first and last minute at which somebody comes, minutes between two of them
KIOSKS = {"republique": ("acme", 512, 1050, (8, 21)), "atalante": ("breizh-energie", 520, 990, (13, 31))}
# what they come for: kind of work, in their words
MATTERS = (
    ("account", "Mot de passe oublié"), ("vpn", "VPN bloqué depuis ce matin"), ("workstation_failure", "Écran bleu au démarrage"),
    ("mailbox", "Boîte partagée invisible"), ("printer", "Badge refusé à l’imprimante"), ("softphone", "Casque muet en réunion"),
    ("screen_dock", "Station d’accueil à échanger"), ("software", "Logiciel à installer"), ("office_suite", None),
    ("slow_workstation", "Portable très lent"), (None, "Retrait d’un portable"), ("account", None),
)  # fmt: skip
# minutes before the present: when somebody came, and what has happened with him since
AT_THE_MOMENT = {
    "republique": ((24, (("called", 12), ("serving", 11))), (21, (("on_hold", 13),)), (17, ()), (6, ())),
    "atalante": ((9, (("called", 8), ("serving", 7))), (3, ())),
}
# so long before the present the last of the others has gone
EARLIER = 25
GIVES_UP_EVERY, MISSING_EVERY = 13, 11


@dataclass(frozen=True, slots=True)
class Visit:
    """When somebody comes, and each move with its instant."""

    arrives: datetime
    moves: tuple[tuple[str, datetime], ...]


def come(ground: Ground, day: Day, timeline: Timeline) -> None:
    """Put everybody who comes today on the timeline, each with a matter and a name of the client's people."""
    for building, (client, *_hours) in KIOSKS.items():
        random = Random(f"visitors {building}")
        names, matters = random.sample(NAMES[client], len(NAMES[client])), list(MATTERS)
        for number, visit in enumerate([*_before(building, day, random), *_present(building, day)]):
            kind, subject = matters[(number * 5) % len(matters)]
            said = {"subject": subject, "visitor": names[number % len(names)] if number % 4 else None}
            arrive = partial(_arrive, ground, building, client, kind, said, visit, timeline)
            timeline.at(visit.arrives, arrive)


def _before(building: str, day: Day, random: Random) -> Iterator[Visit]:
    """One desk, one after the other: who comes while somebody is served waits until that one has gone."""
    _client, minute, last, gaps = KIOSKS[building]
    free, number = float(minute), 0
    while minute < last:
        number += 1
        called = max(minute + random.uniform(0.4, 2), free)
        if number % GIVES_UP_EVERY == 0 and called - minute > 5:
            moves: tuple[tuple[str, float], ...] = (("left", minute + 5),)
        elif number % MISSING_EVERY == 0:
            moves, free = (("called", called), ("no_show", called + 2)), called + 2.5
        else:
            ended = called + 1 + random.uniform(4, 14)
            moves, free = (("called", called), ("serving", called + 0.8), ("served", ended)), ended + 0.5
        visit = Visit(_at(day, minute), tuple((name, _at(day, when)) for name, when in moves))
        if visit.moves[-1][1] > day.now - timedelta(minutes=EARLIER):
            return
        yield visit
        minute += random.randint(*gaps)


def _present(building: str, day: Day) -> Iterator[Visit]:
    _client, first, last, _gaps = KIOSKS[building]
    if not day.instant(first) < day.now - timedelta(minutes=EARLIER) < day.now < day.instant(last):
        return
    for ago, moves in AT_THE_MOMENT[building]:
        yield Visit(day.now - timedelta(minutes=ago),
                    tuple((name, day.now - timedelta(minutes=when)) for name, when in moves))  # fmt: skip


def _at(day: Day, minute: float) -> datetime:
    return day.instant(0) + timedelta(minutes=minute)


def _arrive(ground: Ground, building: str, client: str, kind: str | None, said: dict[str, str | None], visit: Visit,
            timeline: Timeline) -> None:  # fmt: skip
    kiosk, technician = ground.kiosks[building], _on_duty(ground, building)
    assert technician.user is not None
    category = ground.categories[client, kind] if kind else None
    entry = queue.check_in(kiosk, technician.user, category=category, **said)
    for name, when in visit.moves:
        timeline.at(when, partial(_move, ground, building, entry, name))


def _move(ground: Ground, building: str, entry: Entry, name: str) -> None:
    technician = _on_duty(ground, building)
    assert technician.user is not None
    if name == "called":
        queue.call_next(ground.kiosks[building], technician.user, technician)
    else:
        entry.move(name, technician.user)


def _on_duty(ground: Ground, building: str) -> Technician:
    """Who is at the kiosk then."""
    mine = select(Technician).join(KioskDuty).where(KioskDuty.kiosk_id == ground.kiosks[building].id)
    found = db.session.scalars(mine.where(KioskDuty.starts_at <= now(), KioskDuty.ends_at > now()))
    return found.first() or db.session.scalars(mine.order_by(KioskDuty.id).limit(1)).one()
