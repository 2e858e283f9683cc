"""What it costs not to serve a job: its priority, its age, and never less than serving it late.

The prices are in seconds of travel. A P1 is worth more than the longest day of the oldest lower work, so
that it is never left for any; below it the claim grows with the days waited until any P4 outbids a new P2,
so that nothing waits for ever.
"""

from __future__ import annotations

from datetime import datetime

PENALTY_MINUTES = {1: 4_000_000, 2: 2_000, 3: 800, 4: 300}
LATENESS_COST = {1: 4, 2: 3, 3: 2, 4: 1}
GROWTH_PER_DAY = 0.15
LARGEST_GROWTH = 20.0
CARRIED_OVER_DAYS = 2


def lateness_cost(priority: int) -> int:
    """Seconds of travel per second late."""
    return LATENESS_COST[priority]


def penalty(priority: int, waited_days: float, carried_over: int, latest_lateness: int) -> int:
    """The price of leaving a job out, in seconds.

    `waited_days` since the ticket came, `carried_over` times that its day ended before it was begun,
    `latest_lateness` seconds by which it can be late at most inside the horizon: being served late is
    always better than not being served.
    """
    days = max(0.0, waited_days) + CARRIED_OVER_DAYS * carried_over
    growth = 1.0 if priority == 1 else min(LARGEST_GROWTH, 1 + GROWTH_PER_DAY * days)
    return round(PENALTY_MINUTES[priority] * 60 * growth) + max(0, latest_lateness) * lateness_cost(priority)


def waited_days(opened_at: datetime, now: datetime) -> float:
    return (now - opened_at).total_seconds() / 86_400
