"""Random small problems that use every rule of the format, for property tests."""

from __future__ import annotations

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
)

PLACES = 4
DAY = 1000
WAIVABLE = tuple(sorted(set(RULES)))

times = st.integers(0, DAY // 20).map(lambda n: n * 20)
some = st.booleans()


@st.composite
def windows(draw: Any) -> tuple[int, int]:
    first, second = draw(times), draw(times)
    return min(first, second), max(first, second)


@st.composite
def matrices(draw: Any) -> list[list[int]]:
    cell = st.one_of(
        st.integers(0, 8).map(lambda n: n * 15), st.integers(0, 60).map(lambda n: -1 if n == 0 else n)
    )
    return [[0 if a == b else draw(cell) for b in range(PLACES)] for a in range(PLACES)]


def names(*words: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(words), max_size=1)


def counts(word: str, most: int) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.just(word), st.integers(1, most), max_size=1)


@st.composite
def technicians(draw: Any, name: str) -> Technician:
    start = draw(st.integers(0, 5)) * 20
    rests = draw(st.lists(st.builds(Break, st.integers(1, 6).map(lambda n: n * 10), windows()), max_size=2))
    duty = st.builds(
        lambda at, long, where: Duty(at, at + long, where),
        times, st.sampled_from((20, 60, 100)), st.one_of(st.none(), st.integers(0, PLACES - 1)),
    )  # fmt: skip
    return Technician(
        id=name, person=name.split("/")[0], shift=(start, start + draw(st.sampled_from((300, 600, 900)))),
        start=draw(st.integers(0, PLACES - 1)),
        end=draw(st.one_of(st.none(), st.integers(0, PLACES - 1))),
        breaks=tuple(rests), duties=tuple(draw(st.lists(duty, max_size=1))),
        skills=draw(counts("printer", 3)), rights=draw(names("local-admin")),
        clearances=draw(names("acme")), tools=draw(names("toner-kit")), parts=draw(counts("mouse", 3)),
    )  # fmt: skip


@st.composite
def jobs(draw: Any, name: str, crew: list[Technician], demanding: bool) -> Job:
    remote = draw(st.integers(0, 3)) == 0
    rare = st.integers(0, 3).map(lambda n: n == 0) if demanding else st.just(False)
    lock = st.builds(Lock, st.sampled_from([t.id for t in crew]), st.one_of(st.none(), times))
    return Job(
        id=name, duration=draw(st.integers(0, 8)) * 15, mode="remote" if remote else "on_site",
        location=None if remote else draw(st.integers(0, PLACES - 1)),
        setup=draw(st.sampled_from((0, 0, 10, 25))),
        release=draw(st.one_of(st.none(), times)),
        windows=tuple(draw(st.lists(windows(), max_size=2))),
        due=draw(st.one_of(st.none(), times)), lateness_cost=draw(st.integers(0, 3)),
        penalty=draw(st.integers(0, 20)) * 500,
        skills=draw(counts("printer", 3)) if draw(rare) else {},
        rights=draw(names("local-admin")) if draw(rare) else frozenset(),
        clearances=draw(names("acme")) if draw(rare) else frozenset(),
        tools=draw(names("toner-kit")) if draw(rare) else frozenset(),
        parts=draw(counts("mouse", 2)) if draw(rare) else {},
        excluded=draw(names(*{t.person for t in crew})) if draw(rare) else frozenset(),
        preferred={crew[0].person: 60} if draw(rare) else {},
        promised=draw(st.one_of(st.none(), windows())),
        lock=draw(lock) if draw(rare) else (Lock(start=draw(times)) if draw(rare) else None),
        waived=draw(st.frozensets(st.sampled_from(WAIVABLE), max_size=2)) if draw(rare) else frozenset(),
        current=draw(st.one_of(st.none(), st.sampled_from([*(t.id for t in crew), "gone/mon"]))),
    )  # fmt: skip


@st.composite
def problems(draw: Any, most_jobs: int = 5, demanding: bool = True) -> Problem:
    crew = [
        draw(technicians(name)) for name in ("amine/mon", "lea/mon", "amine/tue")[: draw(st.integers(1, 3))]
    ]
    held = st.builds(
        Frozen, st.sampled_from([t.id for t in crew]), times, st.one_of(st.none(), st.integers(0, PLACES - 1))
    )
    return Problem(
        locations=tuple(Location(f"place {n}") for n in range(PLACES)),
        technicians=tuple(crew),
        jobs=tuple(draw(jobs(f"J{n}", crew, demanding)) for n in range(draw(st.integers(1, most_jobs)))),
        travel={"walk": draw(matrices())},
        costs=Costs(1, 3, draw(st.sampled_from((0, 60))), 70, 90),
        frozen=tuple(draw(st.lists(held, max_size=1))),
    )
