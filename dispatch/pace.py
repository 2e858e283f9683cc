"""How often one caller may ask, counted in the memory of this process: a brake, no ledger."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

MOST_CALLERS = 10_000


class Pace:
    """So many requests per caller in so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self.asked: OrderedDict[str, deque[float]] = OrderedDict()
        self.lock = threading.Lock()

    def admits(self, caller: str) -> bool:
        """Count a request; False when it is one too many."""
        moment = time.monotonic()
        with self.lock:
            times = self.asked.setdefault(caller, deque())
            self.asked.move_to_end(caller)
            while len(self.asked) > MOST_CALLERS:
                self.asked.popitem(last=False)
            while times and times[0] <= moment - self.seconds:
                times.popleft()
            if len(times) >= self.most:
                return False
            times.append(moment)
            return True
