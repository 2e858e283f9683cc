"""What is known of work done, and which of it can be believed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

# kinds of work from the wide to the narrow, such as (category, mode, level, building); each prefix is a group
Group = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Worked:
    """One piece of work: minutes in hand without pauses, and the narrowest group it belongs to."""

    minutes: float
    group: Group

    def __post_init__(self) -> None:
        if not self.group:
            raise ValueError("work belongs to a group: its category at least")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a duration can be, in minutes. Shorter is a slip of the thumb, longer was left open overnight."""

    least: float = 1.0
    most: float = 480.0

    def __post_init__(self) -> None:
        if not (0 < self.least < self.most and isfinite(self.most)):
            raise ValueError(f"bounds must be 0 < least < most, not {self.least} and {self.most}")

    def holds(self, minutes: float) -> bool:
        """Whether it can be believed; zero, negative and not-a-number cannot."""
        return self.least <= minutes <= self.most

    def clip(self, minutes: float) -> float:
        return min(max(minutes, self.least), self.most)


def by_group(history: Iterable[Worked], bounds: Bounds) -> dict[Group, list[float]]:
    """The believable minutes of every group, the widest (), which holds all of them, included."""
    found: dict[Group, list[float]] = {(): []}
    for work in history:
        if bounds.holds(work.minutes):
            for length in range(len(work.group) + 1):
                found.setdefault(work.group[:length], []).append(work.minutes)
    return found


def checked(usual: Mapping[Hashable, float], bounds: Bounds) -> dict[Hashable, float]:
    """The usual minutes of each category; raises ValueError for one that no work can take."""
    for category, minutes in usual.items():
        if not (minutes > 0 and isfinite(minutes)):
            raise ValueError(f"the usual duration of {category!r} is {minutes}")
    return {category: bounds.clip(minutes) for category, minutes in usual.items()}
