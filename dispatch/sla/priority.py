"""Priority from impact and urgency, and the time by which a ticket is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from dispatch.sla.calendar import Calendar, add_working


class Priority(StrEnum):
    """P1 is the most pressing; comparing the names compares the priorities."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


# Rows: impact 1 (highest) to 3; columns: urgency 1 (highest) to 3.
MATRIX = (
    (Priority.P1, Priority.P2, Priority.P3),
    (Priority.P2, Priority.P3, Priority.P4),
    (Priority.P3, Priority.P4, Priority.P4),
)

# Working minutes to resolve: 4, 8, 16 and 40 hours.
DEFAULT_TARGETS: Mapping[str, int] = MappingProxyType(
    {Priority.P1: 240, Priority.P2: 480, Priority.P3: 960, Priority.P4: 2400}
)


def priority_of(impact: int, urgency: int) -> Priority:
    """The priority of a ticket; `impact` and `urgency` run from 1 (highest) to 3, else ValueError."""
    if impact not in (1, 2, 3) or urgency not in (1, 2, 3):
        raise ValueError(f"impact and urgency run from 1 to 3: got {impact} and {urgency}")
    return MATRIX[impact - 1][urgency - 1]


def due(
    calendar: Calendar,
    opened_at: datetime,
    priority: str,
    targets: Mapping[str, int] = DEFAULT_TARGETS,
) -> datetime:
    """The UTC instant by which a ticket opened at `opened_at` (aware) should be resolved.

    `targets` gives the working minutes for each of "P1" to "P4". Raises what `add_working` raises, and
    KeyError for a priority without a target.
    """
    return add_working(calendar, opened_at, targets[priority])
