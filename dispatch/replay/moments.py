"""When something was done, from two clocks that need not agree.

The order is the server's. What a phone says is kept as it says it. The minutes of work come from the phone as
far as it can be believed: corrected by how wrong its clock is while it sends, not before the job's state began,
not after it was received.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# a clock that is wrong by less, or a message that was under way that long, is nobody's trouble
TOLERANCE = timedelta(minutes=2)
_INT32 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the phone's clock showed when it sent, and ours when it arrived."""

    sent_at: datetime
    received_at: datetime

    @property
    def skew_seconds(self) -> int:
        """How far the phone's clock was behind ours; negative when it was ahead."""
        seconds = int((self.received_at - self.sent_at).total_seconds())
        return max(-_INT32, min(_INT32, seconds))

    def fault(self, at: datetime | None) -> str | None:
        """What is wrong with the phone's clock: `unreadable`, `off` (now), `ahead` (it was set back since)."""
        if at is None:
            return "unreadable"
        if abs(self.skew_seconds) > TOLERANCE.total_seconds():
            return "off"
        return "ahead" if at - TOLERANCE > self.sent_at else None


def happened(
    claimed_at: datetime | None, skew_seconds: int, received_at: datetime, since: datetime
) -> datetime:
    """When it counts as done, for a job whose state began at `since`; never before that, nor after it was received."""
    if claimed_at is None:
        return received_at
    skew = timedelta(seconds=skew_seconds)
    try:
        moment = claimed_at + skew if abs(skew) > TOLERANCE else claimed_at
    except OverflowError:
        return received_at
    return max(since, min(moment, received_at))
