"""What a reader can look for on a day: only what is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.board.rows import Day
from dispatch.labels import label
from dispatch.models.transitions import STATES

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sieve:
    """Values and their words, per thing that can be asked for."""

    clients: Choices
    places: Choices
    skills: Choices
    states: Choices

    @classmethod
    def of(cls, day: Day) -> Sieve:
        stops = day.stops
        states = {stop.state for stop in stops}
        return cls(
            clients=_words(stop.client for stop in stops),
            places=_words(stop.place for stop in stops),
            skills=_words(name for route in day.routes for name, _level in route.skills),
            states=[(state, str(label(state, "job"))) for state in STATES if state in states],
        )


def _words(words: Iterable[str]) -> Choices:
    return [(word, word) for word in sorted({*words} - {""}, key=str.casefold)]
