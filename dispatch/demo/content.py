"""The tickets of the demo, drawn from phrases, people and places; the same on each run.

A draft says what was handed over. When it came in and what became of it is decided by whoever turns
drafts into rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as counter
from random import Random

from dispatch.demo.catalogue import CLIENTS, Category, Client, category
from dispatch.demo.errands import REQUESTS
from dispatch.demo.phrases import INCIDENTS, OUTAGE, Phrase
from dispatch.demo.requesters import Requester, requesters

OUTAGE_BUILDING = "colbert"
ROOMS = ("Ouessant", "Bréhat", "Groix", "Molène", "Cézembre", "Hoëdic")
SINCE = ("ce matin", "hier après-midi", "lundi", "une heure environ", "deux jours", "le début de la semaine")
ERRORS = ("l’erreur 0x80070005", "l’erreur 691", "l’erreur 1603", "l’erreur 0x8004010F", "l’erreur 403")
# When people say they are at their desk: mostly any time; minutes after local midnight.
AVAILABILITIES = ((), (), (), (), ((510, 720),), ((810, 1020),), ((540, 690), (840, 990)))


@dataclass(frozen=True, slots=True)
class Draft:
    """One ticket as a phone agent handed it over.

    `requester` and `contact` are e-mail addresses; `category` and `building` codes; `right` the code of
    an admin right of the client; `available` spans of minutes after local midnight, none = any time;
    `unknown` the fields of which the agent said that nobody knew.
    """

    client: str
    external_id: str
    kind: str
    category: str
    summary: str
    description: str
    steps_tried: str
    reasons: tuple[str, ...]
    requester: str
    contact: str | None
    building: str
    floor: str | None
    desk: str | None
    phone: str
    asset: str | None
    right: str | None
    impact: int
    urgency: int
    minutes: int
    tools: tuple[str, ...]
    parts: tuple[tuple[str, int], ...]
    available: tuple[tuple[int, int], ...]
    unknown: tuple[str, ...]

    @property
    def mode(self) -> str:
        return "on_site" if "presence" in self.reasons else "remote"


def drafts(count: int = 200, seed: str = "drafts") -> list[Draft]:
    """`count` tickets; the first is the outage that nobody may take today."""
    random = Random(seed)
    people = requesters()
    numbers = {"acme": counter(12_408), "breizh-energie": counter(20_417)}
    writers = {client.code: Writer(client, people, random) for client in CLIENTS}
    phrases = _phrases(random)
    tickets: list[Draft] = []
    for index in range(count):
        phrase = OUTAGE if index == 0 else next(phrases)
        client = "acme" if index == 0 or random.random() < 0.58 else "breizh-energie"
        tickets.append(writers[client].write(phrase, next(numbers[client])))
    return tickets


def _phrases(random: Random) -> Iterator[Phrase]:
    """Every phrase once, shuffled, and again: the same words never come close to each other."""
    while True:
        deck = [*INCIDENTS, *REQUESTS]
        random.shuffle(deck)
        yield from deck


class Writer:
    """Fills phrases in with the people, the assets and the places of one client."""

    def __init__(self, client: Client, people: list[Requester], random: Random) -> None:
        self.client, self.random = client, random
        self.people = [person for person in people if person.client == client.code]
        self.written: set[tuple[str, str]] = set()

    def write(self, phrase: Phrase, number: int) -> Draft:
        person, colleague = self._two_people(phrase)
        kind_of_work = category(self.client.code, phrase.category)
        asset = self._asset(person)
        words = self._words(person, colleague, asset)
        place = OUTAGE_BUILDING if phrase is OUTAGE else person.building
        unknown = self._unknown(phrase)
        moved = place != person.building
        return Draft(
            client=self.client.code,
            external_id=self._external_id(kind_of_work, number),
            kind=kind_of_work.kind,
            category=phrase.category,
            summary=_sentence(phrase.summary, words),
            description=_sentence(phrase.description, words),
            steps_tried=_sentence(phrase.steps_tried, words),
            reasons=phrase.reasons,
            requester=person.email,
            contact=colleague.email if phrase.mode == "on_site" and self.random.random() < 0.15 else None,
            building=place,
            floor="1" if moved else person.floor,
            desk=None if moved or "desk" in unknown else person.desk,
            phone=person.phone,
            asset=None if "asset" in unknown else asset,
            right=(phrase.right or kind_of_work.right) if "admin_rights" in phrase.reasons else None,
            impact=self._impact(phrase),
            urgency=1 if person.vip else phrase.urgency,
            minutes=self._minutes(phrase),
            tools=kind_of_work.tools if phrase.mode == "on_site" else (),
            parts=phrase.parts,
            available=() if phrase is OUTAGE else self.random.choice(AVAILABILITIES),
            unknown=unknown,
        )

    def _two_people(self, phrase: Phrase) -> tuple[Requester, Requester]:
        """Who calls and a colleague; nobody calls twice about the same thing."""
        fresh = [person for person in self.people if (phrase.summary, person.email) not in self.written]
        person = self.random.choice(fresh)
        self.written.add((phrase.summary, person.email))
        return person, self.random.choice([other for other in self.people if other is not person])

    def _words(self, person: Requester, colleague: Requester, asset: str) -> dict[str, str]:
        house = person.building.replace("-", "")[:4].upper()
        return {
            "asset": asset,
            "printer": f"IMP-{house}-{self.random.randint(1, 9):02d}",
            "application": self.random.choice(self.client.applications),
            "since": self.random.choice(SINCE),
            "colleague": colleague.name,
            "of_colleague": f"{'d’' if colleague.name[0] in 'AEÉHIO' else 'de '}{colleague.name}",
            "room": self.random.choice(ROOMS),
            "error": self.random.choice(ERRORS),
        }

    def _asset(self, person: Requester) -> str:
        return f"PC-{self.client.asset_prefix}-{4100 + 7 * self.people.index(person):05d}"

    def _external_id(self, kind_of_work: Category, number: int) -> str:
        if self.client.system == "servicenow":
            return f"{'INC' if kind_of_work.kind == 'incident' else 'RITM'}{number:07d}"
        return str(number)

    def _unknown(self, phrase: Phrase) -> tuple[str, ...]:
        """Sometimes nobody knows the desk or the asset; both are said, never left blank."""
        if phrase is OUTAGE:
            return ("desk", "asset")
        return self.random.choices(((), ("asset",), ("desk",)), (85, 10, 5))[0]

    def _impact(self, phrase: Phrase) -> int:
        """One ticket in four concerns more people than the words say; only the outage is a P1."""
        return 2 if phrase.impact == 3 and self.random.random() < 0.25 else phrase.impact

    def _minutes(self, phrase: Phrase) -> int:
        return max(10, phrase.minutes + self.random.choice((-5, 0, 0, 5, 10)))


def _sentence(text: str, words: dict[str, str]) -> str:
    filled = text.format(**words)
    return filled[0].upper() + filled[1:]
