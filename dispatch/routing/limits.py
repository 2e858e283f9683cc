"""How long a solve may take, and what it says on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: after `seconds`, after so many `iterations` of the engine (then repeatable), or both.

    `processes` may search at the same time, besides the one that waits for them when there are several.
    """

    seconds: float | None = None
    iterations: int | None = None
    processes: int = 1

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise ValueError("limits: give seconds, iterations, or both")
        for name in ("seconds", "iterations"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"limits: {name} must not be negative")
        if self.processes < 1:
            raise ValueError("limits: processes must be at least 1")


@dataclass(frozen=True, slots=True)
class Progress:
    """A better plan: after `seconds`, at `cost` (seconds of travel), with so many jobs `served`."""

    seconds: float
    cost: int
    served: int


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Clock:
    """The monotonic time since the first line of `solve`, against its limits."""

    limits: Limits
    stop: Callable[[], bool] = never
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def deadline(self, share: float = 1.0, reserve: float = 0.0) -> float | None:
        """The monotonic second at which a share of the time is spent, less a reserve; None without a limit."""
        if self.limits.seconds is None:
            return None
        return self.began + max(0.0, share * (self.limits.seconds - reserve))

    def over(self, reserve: float = 0.0) -> bool:
        """Whether the time is up, or somebody asked to stop."""
        deadline = self.deadline(reserve=reserve)
        return self.stop() or (deadline is not None and time.monotonic() >= deadline)
