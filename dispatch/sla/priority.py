"""Priority from impact and urgency, and the time by which a ticket is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from dispatch.sla.calendar import Calendar, add_working

# Rows: impact 1 (highest) to 3; columns: urgency 1 (highest) to 3.
MATRIX = (
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 4),
)

# Working hours to resolve, by priority.
DEFAULT_TARGETS: Mapping[int, int] = MappingProxyType({1: 4, 2: 8, 3: 16, 4: 40})


def priority_of(impact: int, urgency: int) -> int:
    """The priority of a ticket, 1 (shown as P1) to 4.

    `impact` and `urgency` run from 1 (highest) to 3; anything else raises ValueError.
    """
    if impact not in (1, 2, 3) or urgency not in (1, 2, 3):
        raise ValueError(f"impact and urgency run from 1 to 3: got {impact} and {urgency}")
    return MATRIX[impact - 1][urgency - 1]


def due(
    calendar: Calendar,
    opened_at: datetime,
    priority: int,
    targets: Mapping[int, int] = DEFAULT_TARGETS,
) -> datetime:
    """The UTC instant by which a ticket opened at `opened_at` (aware) should be resolved.

    `targets` gives the working hours for each priority. Raises what `add_working` raises, and KeyError
    for a priority without a target.
    """
    return add_working(calendar, opened_at, targets[priority] * 60)
