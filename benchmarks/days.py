"""Days made from a seed: technicians in a city, and plain vehicle routing with time windows (after Solomon)."""

from __future__ import annotations

import math
import random

import numpy as np

from dispatch.routing.problem import Job, Location, Problem, Technician, Window

HOUR = 3600
MINUTE = 60
SKILLS = ("workstation", "printer", "voip", "vpn", "office", "server")
CLIENTS = ("acme", "borealis", "ciel", "delta", "ecume")
DURATIONS = (1200, 1800, 2400, 2700, 3600)
TEAMS = 12
CITY = 20_000
"""Metres from side to side."""

SPEED = 8.3
DETOUR = 1.3
REQUIRED = 10_000_000
"""The penalty of a job that nobody may leave out."""

Point = tuple[float, float]


def city_day(seed: int, technicians: int, jobs: int, share: float, hours: tuple[float, float]) -> Problem:
    """A day of 8 hours: a `share` of the jobs has a window of so many `hours` (from, to); all go home at the end.

    Technicians come in a dozen kinds (skills with levels, rights at clients); half as many sites as jobs.
    """
    dice = random.Random(f"{seed} {technicians} {jobs} {share}")
    sites = [_site(dice) for _ in range(jobs // 2)]
    homes = [(dice.uniform(0, CITY), dice.uniform(0, CITY)) for _ in range(technicians)]
    kinds = [_kind(dice) for _ in range(TEAMS)]
    return Problem(
        locations=tuple(Location(f"site {n}") for n in range(len(sites)))
        + tuple(Location(f"home {n}") for n in range(technicians)),
        technicians=tuple(
            Technician(
                f"T{n}", (0, 8 * HOUR), start=len(sites) + n, end=len(sites) + n, skills=skills, rights=rights
            )
            for n, (skills, rights) in enumerate(dice.choice(kinds) for _ in homes)
        ),
        jobs=tuple(_job(dice, n, len(sites), share, hours) for n in range(jobs)),
        travel={"car": _streets(dice, sites + homes)},
    )


def region_day(seed: int, technicians: int, jobs: int) -> Problem:
    """A day of several cities of that kind side by side, one per hundred technicians: as dense, only larger.

    Half of the jobs have a window of two to three hours. Three sites per technician: a travel matrix has the
    square of its places, and whoever has thousands of jobs a day has them at the same buildings again and again.
    """
    dice = random.Random(f"region {seed} {technicians} {jobs}")
    across = max(1, round(math.sqrt(technicians / 100)))
    cities = [(CITY * (n % across), CITY * (n // across)) for n in range(max(1, round(technicians / 100)))]
    sites = [_in_city(dice, cities, _site(dice)) for _ in range(3 * technicians)]
    homes = [
        _in_city(dice, cities, (dice.uniform(0, CITY), dice.uniform(0, CITY))) for _ in range(technicians)
    ]
    kinds = [_kind(dice) for _ in range(TEAMS)]
    return Problem(
        locations=tuple(Location(f"place {n}") for n in range(len(sites) + technicians)),
        technicians=tuple(
            Technician(f"T{n}", (0, 8 * HOUR), start=home, end=home, skills=skills, rights=rights)
            for n, home in enumerate(range(len(sites), len(sites) + technicians))
            for skills, rights in [dice.choice(kinds)]
        ),
        jobs=tuple(_job(dice, n, len(sites), 0.5, (2, 3)) for n in range(jobs)),
        travel={"car": _quick_streets(seed, sites + homes)},
    )


def _in_city(dice: random.Random, cities: list[Point], point: Point) -> Point:
    city = dice.choice(cities)
    return city[0] + point[0], city[1] + point[1]


def _site(dice: random.Random) -> Point:
    """Two of three lie around one of five centres."""
    if dice.random() < 1 / 3:
        return dice.uniform(0, CITY), dice.uniform(0, CITY)
    angle = dice.randrange(5) * 2 * math.pi / 5
    return (
        CITY * (0.5 + 0.3 * math.cos(angle)) + dice.gauss(0, 1200),
        CITY * (0.5 + 0.3 * math.sin(angle)) + dice.gauss(0, 1200),
    )


def _kind(dice: random.Random) -> tuple[dict[str, int], frozenset[str]]:
    skills = {skill: dice.choice((1, 2, 2, 3)) for skill in dice.sample(SKILLS, dice.choice((3, 4)))}
    return skills, frozenset(client for client in CLIENTS if dice.random() < 0.6)


def _job(dice: random.Random, number: int, sites: int, share: float, hours: tuple[float, float]) -> Job:
    windows: tuple[Window, ...] = ()
    if dice.random() < share:
        opens, width = dice.uniform(0, 7) * HOUR, dice.uniform(*hours) * HOUR
        windows = ((int(opens), int(opens + width)),)
    return Job(
        f"J{number}",
        dice.choice(DURATIONS),
        location=dice.randrange(sites),
        windows=windows,
        skills={dice.choice(SKILLS): dice.choice((1, 1, 1, 2, 2, 3))},
        rights=frozenset([dice.choice(CLIENTS)] if dice.random() < 0.25 else []),
    )


def _streets(dice: random.Random, places: list[Point]) -> list[list[int]]:
    """Seconds of travel, up to a tenth longer one way than the other."""
    return [
        [
            0 if a is b else MINUTE + round(math.dist(a, b) * DETOUR / SPEED * dice.uniform(1, 1.1))
            for b in places
        ]
        for a in places
    ]


def _quick_streets(seed: int, places: list[Point]) -> np.ndarray:
    """The same for thousands of places, as an array."""
    points = np.array(places)
    metres = np.hypot(*(points[:, None, axis] - points[None, :, axis] for axis in (0, 1)))
    slower = np.random.default_rng(seed).uniform(1, 1.1, metres.shape)
    seconds = (MINUTE + np.rint(metres * DETOUR / SPEED * slower)).astype(np.int32)
    np.fill_diagonal(seconds, 0)
    return seconds


def solomon_like(kind: str, seed: int) -> Problem:
    """100 customers, 25 equal vehicles from one depot, a load, all required; `kind` is C1, R1, RC1, C2, R2 or RC2."""
    dice = random.Random(f"{kind} {seed}")
    shape, wide = kind[:-1], kind.endswith("2")
    service = 90 if shape == "C" else 10
    horizon = {"C1": 1236, "R1": 230, "RC1": 240, "C2": 3390, "R2": 1000, "RC2": 960}[kind] * MINUTE
    points = [(50.0, 50.0), *_customers(dice, shape)]
    travel = [[math.ceil(MINUTE * math.dist(a, b)) for b in points] for a in points]
    load = {"C1": 200, "R1": 200, "RC1": 200, "C2": 700, "R2": 1000, "RC2": 1000}[kind]
    return Problem(
        locations=tuple(Location(str(n)) for n in range(len(points))),
        technicians=tuple(Technician(f"V{n}", (0, horizon), end=0, parts={"load": load}) for n in range(25)),
        jobs=tuple(
            _customer(dice, n, travel[0][n], horizon, service * MINUTE, wide) for n in range(1, len(points))
        ),
        travel={"van": travel},
    )


def _customers(dice: random.Random, shape: str) -> list[Point]:
    centres = [(dice.uniform(10, 90), dice.uniform(10, 90)) for _ in range(10)]
    clustered = {"C": 100, "R": 0, "RC": 50}[shape]
    near = [
        (x + dice.gauss(0, 3), y + dice.gauss(0, 3)) for x, y in (centres[n % 10] for n in range(clustered))
    ]
    return near + [(dice.uniform(0, 100), dice.uniform(0, 100)) for _ in range(100 - clustered)]


def _customer(dice: random.Random, number: int, away: int, horizon: int, service: int, wide: bool) -> Job:
    """A window around a time at which a vehicle of its own could come."""
    latest = horizon - away - service
    middle = dice.uniform(away, latest)
    half = horizon * (dice.uniform(0.05, 0.15) if wide else dice.uniform(0.02, 0.1))
    window = (max(0, int(middle - half)), min(latest, max(away, int(middle + half))))
    return Job(
        f"C{number}",
        service,
        location=number,
        windows=(window,),
        penalty=REQUIRED,
        parts={"load": dice.choice((5, 10, 15, 20, 30))},
    )
