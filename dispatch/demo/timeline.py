"""What happens in the demo, in the order of the clock, so that the event log reads like one that grew."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from dispatch import clock


@dataclass(slots=True)
class Timeline:
    """Deeds with their instants; a deed may add later ones."""

    _deeds: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def at(self, instant: datetime, deed: Callable[[], object]) -> None:
        heapq.heappush(self._deeds, (instant, next(self._numbers), deed))

    def play(self, until: datetime) -> None:
        """Do everything up to `until`, each deed at its own time; what lies later never happens."""
        while self._deeds and self._deeds[0][0] <= until:
            instant, _number, deed = heapq.heappop(self._deeds)
            with clock.at(instant):
                deed()
