"""What a change of a route breaks beside what was broken before it."""

from __future__ import annotations

from typing import Any

from dispatch.routing.solution import Violation, further


def broken(rule: str, job: str | None = None, **values: Any) -> Violation:
    return Violation(rule, "amine", job, "", values={"from": 0, **values})


def rules(after: list[Violation], before: list[Violation]) -> list[str]:
    return [one.rule for one in further(after, before)]


def test_what_stays_as_it_is_is_no_news() -> None:
    day = [
        broken("duty", **{"from": 100, "earliest": 160}), broken("duty", **{"from": 900}),
        broken("break", duration=60), broken("lock", "J1", earliest=700), broken("overtime", over=60), broken("travel", "J2"),
    ]  # fmt: skip
    assert rules(day, day) == []


def test_what_is_broken_further_is() -> None:
    assert rules([broken("lock", "J1", earliest=701)], [broken("lock", "J1", earliest=700)]) == ["lock"]
    assert rules([broken("overtime", over=61)], [broken("overtime", over=60)]) == ["overtime"]
    assert rules([broken("window", "J1", earliest=5)], [broken("window", "J1", earliest=9)]) == []
    assert rules([broken("lock", "J2", earliest=1)], [broken("lock", "J1", earliest=700)]) == ["lock"]


def test_of_several_duties_each_is_looked_at() -> None:
    late, dropped = {"from": 100, "earliest": 160}, {"from": 100}
    second = {"from": 900, "earliest": 5000}
    assert rules([broken("duty", **late), broken("duty", **second)], [broken("duty", **second)]) == ["duty"]
    assert rules([broken("duty", **dropped)], [broken("duty", **late)]) == ["duty"]
    assert rules([broken("duty", **late)], [broken("duty", **dropped)]) == []
