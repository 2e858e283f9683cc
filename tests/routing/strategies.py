"""Random small problems that use every rule of the format, for property tests.

Each is made from one drawn seed: a failure replays from it, and making one takes well under a
millisecond, which drawing every field from hypothesis did not.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from dispatch.routing.problem import (
    RULES,
    Break,
    Costs,
    Duty,
    Frozen,
    Job,
    Location,
    Lock,
    Problem,
    Technician,
    Window,
)

PLACES = 4
DAY = 1000


def problems(most_jobs: int = 5) -> st.SearchStrategy[Problem]:
    return st.integers(0, 2**48).map(lambda seed: random_problem(Random(seed), most_jobs))


def random_problem(dice: Random, most_jobs: int) -> Problem:
    """One to three technician-days of two people, and at least one job."""
    crew = [_technician(dice, name) for name in ("amine/mon", "lea/mon", "amine/tue")[: dice.randint(1, 3)]]
    held = Frozen(dice.choice(crew).id, _time(dice), _maybe(dice, lambda: dice.randrange(PLACES)))
    return Problem(
        locations=tuple(Location(f"place {n}") for n in range(PLACES)),
        technicians=tuple(crew),
        jobs=tuple(_job(dice, f"J{n}", crew) for n in range(dice.randint(1, most_jobs))),
        travel={"walk": _matrix(dice)},
        costs=Costs(1, 3, dice.choice((0, 60)), 70, 90),
        frozen=(held,) if dice.random() < 0.3 else (),
    )


def _technician(dice: Random, name: str) -> Technician:
    start = dice.randrange(6) * 20
    return Technician(
        id=name,
        person=name.split("/")[0],
        shift=(start, start + dice.choice((300, 600, 900))),
        start=dice.randrange(PLACES),
        end=_maybe(dice, lambda: dice.randrange(PLACES)),
        breaks=tuple(
            Break(dice.randint(1, 6) * 10, _window(dice)) for _ in range(dice.choice((0, 0, 1, 1, 2)))
        ),
        duties=tuple(_duty(dice) for _ in range(dice.choice((0, 0, 1, 2)))),
        skills=_counts(dice, "printer", 3),
        rights=_names(dice, "local-admin"),
        clearances=_names(dice, "acme"),
        tools=_names(dice, "toner-kit"),
        parts=_counts(dice, "mouse", 3),
        max_visits=dice.choice((None, None, None, 0, 1, 2)),
        may_stay=dice.random() < 0.8,
    )


def _duty(dice: Random) -> Duty:
    start = _time(dice)
    return Duty(start, start + dice.choice((20, 60, 100)), _maybe(dice, lambda: dice.randrange(PLACES)))


def _job(dice: Random, name: str, crew: list[Technician]) -> Job:
    remote = dice.random() < 0.25
    needs: dict[str, Callable[[], Any]] = {
        "skills": lambda: _counts(dice, "printer", 3),
        "rights": lambda: _names(dice, "local-admin"),
        "clearances": lambda: _names(dice, "acme"),
        "tools": lambda: _names(dice, "toner-kit"),
        "parts": lambda: _counts(dice, "mouse", 2),
        "excluded": lambda: _names(dice, dice.choice(crew).person),
        "preferred": lambda: {crew[0].person: 60},
        "lock": lambda: dice.choice(
            (Lock(dice.choice(crew).id, _maybe(dice, lambda: _time(dice))), Lock(start=_time(dice)))
        ),
        "waived": lambda: frozenset(dice.sample(RULES, dice.randint(1, 3))),
    }
    return Job(
        id=name,
        duration=dice.randrange(9) * 15,
        mode="remote" if remote else "on_site",
        location=None if remote else dice.randrange(PLACES),
        setup=dice.choice((0, 0, 10, 25)),
        release=_maybe(dice, lambda: _time(dice)),
        windows=tuple(_window(dice) for _ in range(dice.choice((0, 0, 1, 2)))),
        due=_maybe(dice, lambda: _time(dice)),
        lateness_cost=dice.randrange(4),
        penalty=dice.randrange(21) * 500,
        promised=_maybe(dice, lambda: _window(dice)),
        current=_maybe(dice, lambda: dice.choice([*(t.id for t in crew), "gone/mon"])),
        **{field: make() for field, make in needs.items() if dice.random() < 0.2},
    )


def _matrix(dice: Random) -> list[list[int]]:
    """Neither symmetric nor metric, and now and then no way at all."""

    def cell() -> int:
        return -1 if dice.random() < 0.03 else dice.choice((dice.randrange(9) * 15, dice.randrange(61)))

    return [[0 if a == b else cell() for b in range(PLACES)] for a in range(PLACES)]


def _time(dice: Random) -> int:
    return dice.randrange(DAY // 20 + 1) * 20


def _window(dice: Random) -> Window:
    first, second = sorted((_time(dice), _time(dice)))
    return first, second


def _maybe(dice: Random, make: Callable[[], Any]) -> Any:
    return make() if dice.random() < 0.5 else None


def _names(dice: Random, name: str) -> frozenset[str]:
    return frozenset([name] if dice.random() < 0.5 else [])


def _counts(dice: Random, name: str, most: int) -> dict[str, int]:
    return {name: dice.randint(1, most)} if dice.random() < 0.5 else {}
