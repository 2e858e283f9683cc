"""Random problems with every field of the format, the same for the same seed."""

from __future__ import annotations

import dataclasses
import math
import random
from typing import Any

from dispatch.routing.problem import (
    Break,
    Costs,
    Duty,
    Frozen,
    Job,
    Location,
    Lock,
    Problem,
    Technician,
    replace,
)

HOUR = 3600
SKILLS = ("workstation", "printer", "voip", "vpn", "office")
CLIENTS = ("acme", "borealis", "ciel")
PEOPLE = ("amine", "berthe", "chloe", "david", "elsa", "farid", "gwen", "hugo", "ines", "jules")
SPEEDS = {"walk": 1.3, "car": 7.0}
PENALTIES = (120_000, 60_000, 30_000, 15_000)


def random_problem(seed: int, technicians: int = 3, jobs: int = 8, rich: bool = True) -> Problem:
    """A problem of a given size. `rich` draws every field; otherwise skills, windows, due times and lunch."""
    rng = random.Random(seed)
    places = _places(rng, max(2, min(60, jobs // 2)))
    crew = tuple(_technician(rng, number, len(places), rich) for number in range(technicians))
    work = tuple(_job(rng, number, len(places), crew, rich) for number in range(jobs))
    problem = Problem(
        locations=tuple(Location(f"place{number}") for number in range(len(places))),
        technicians=crew,
        jobs=work,
        travel=_travel(places),
        costs=Costs(max_overtime=rng.choice((0, 1800)) if rich else 0, move=1800),
        frozen=_frozen(rng, crew, len(places)) if rich else (),
    )
    return replace(problem, technicians=_limited(rng, crew)) if rich else problem


def _places(rng: random.Random, count: int) -> list[tuple[float, float]]:
    return [(rng.uniform(0, 6000), rng.uniform(0, 6000)) for _ in range(count)]


def _travel(places: list[tuple[float, float]]) -> dict[str, list[list[int]]]:
    return {
        profile: [[round(1.3 * math.dist(a, b) / speed) for b in places] for a in places]
        for profile, speed in SPEEDS.items()
    }


def _technician(rng: random.Random, number: int, places: int, rich: bool) -> Technician:
    name = PEOPLE[number % len(PEOPLE)] + (str(number // len(PEOPLE)) if number >= len(PEOPLE) else "")
    start = rng.choice((0, 0, HOUR))
    fields: dict[str, Any] = {
        "skills": {skill: rng.randint(1, 3) for skill in rng.sample(SKILLS, 3)},
        "breaks": (Break(2700, (4 * HOUR, 6 * HOUR)),) if rng.random() < 0.7 else (),
        "profile": rng.choice(("car", "walk")) if rich else "car",
    }
    if rich:
        fields |= _entitlements(rng)
        if rng.random() < 0.2:
            begin = rng.choice((2, 7)) * HOUR
            fields["duties"] = (Duty(begin, begin + HOUR, rng.choice((None, rng.randrange(places)))),)
    home = rng.randrange(places)
    return Technician(
        f"{name}/mon", (start, start + 8 * HOUR), name, home, rng.choice((home, None)), **fields
    )


def _limited(rng: random.Random, crew: tuple[Technician, ...]) -> tuple[Technician, ...]:
    """One in five may make few visits; then one in five has to go at the end of the shift."""
    few = tuple(
        dataclasses.replace(one, max_visits=rng.randint(1, 5)) if rng.random() < 0.2 else one for one in crew
    )
    return tuple(dataclasses.replace(one, may_stay=rng.random() >= 0.2) for one in few)


def _entitlements(rng: random.Random) -> dict[str, Any]:
    return {
        "rights": frozenset(f"{client}:local-admin" for client in CLIENTS if rng.random() < 0.5),
        "clearances": frozenset(client for client in CLIENTS if rng.random() < 0.8),
        "tools": frozenset(tool for tool in ("toner-kit", "tester") if rng.random() < 0.6),
        "parts": {part: rng.randint(0, 3) for part in ("mouse", "disk")},
    }


def _job(rng: random.Random, number: int, places: int, crew: tuple[Technician, ...], rich: bool) -> Job:
    fields: dict[str, Any] = {"skills": {rng.choice(SKILLS): 1}, "penalty": rng.choice(PENALTIES)}
    if rng.random() < 0.4:
        fields["windows"] = _windows(rng)
    if rng.random() < 0.5:
        fields["due"] = rng.randrange(2, 10) * HOUR
        fields["lateness_cost"] = rng.choice((1, 2))
    remote = rich and rng.random() < 0.2
    if rich:
        fields |= _demands(rng) | _wishes(rng, crew)
    fields |= (
        {"mode": "remote"} if remote else {"location": rng.randrange(places), "setup": rng.choice((0, 300))}
    )
    return Job(f"J{number}", rng.choice((900, 1800, 2700, 3600)), **fields)


def _windows(rng: random.Random) -> tuple[tuple[int, int], ...]:
    morning = (rng.randrange(0, 2) * HOUR, rng.randrange(2, 4) * HOUR)
    afternoon = (6 * HOUR, rng.randrange(7, 9) * HOUR)
    return rng.choice(((morning,), (afternoon,), (morning, afternoon)))


def _demands(rng: random.Random) -> dict[str, Any]:
    client = rng.choice(CLIENTS)
    fields: dict[str, Any] = {"clearances": frozenset({client}) if rng.random() < 0.5 else frozenset()}
    if rng.random() < 0.2:
        fields["rights"] = frozenset({f"{client}:local-admin"})
    if rng.random() < 0.15:
        fields["tools"] = frozenset({rng.choice(("toner-kit", "tester"))})
    if rng.random() < 0.2:
        fields["parts"] = {rng.choice(("mouse", "disk")): 1}
    if rng.random() < 0.15:
        fields["release"] = rng.randrange(1, 6) * HOUR
    return fields


def _wishes(rng: random.Random, crew: tuple[Technician, ...]) -> dict[str, Any]:
    if not crew:
        return {}
    someone = rng.choice(crew)
    fields: dict[str, Any] = {}
    if rng.random() < 0.15:
        fields["preferred"] = {someone.person: 600}
    if rng.random() < 0.1:
        fields["excluded"] = frozenset({rng.choice(crew).person})
    if rng.random() < 0.3:
        fields["current"] = rng.choice(crew).id
    if rng.random() < 0.15:
        begin = rng.randrange(1, 8) * HOUR
        fields["promised"] = (begin, begin + HOUR)
    if rng.random() < 0.1:
        fields["lock"] = _lock(rng, someone)
    if rng.random() < 0.05:
        fields["waived"] = frozenset({rng.choice(("skill", "right", "clearance", "window"))})
    return fields


def _lock(rng: random.Random, technician: Technician) -> Lock:
    start = rng.randrange(1, 8) * HOUR
    return rng.choice((Lock(technician.id), Lock(technician.id, start), Lock(start=start)))


def _frozen(rng: random.Random, crew: tuple[Technician, ...], places: int) -> tuple[Frozen, ...]:
    return tuple(
        Frozen(technician.id, HOUR + rng.randrange(HOUR), rng.choice((None, rng.randrange(places))))
        for technician in crew
        if rng.random() < 0.15
    )
