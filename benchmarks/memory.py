"""The memory of a process and its children together, looked at while they run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

EVERY = 0.2
"""Seconds between two looks."""


def watched(command: list[str], environment: dict[str, str]) -> tuple[str, int]:
    """Standard output of the command, and the most megabytes that it and its children held at a look.

    Shared pages count once (PSS). Raises RuntimeError with its last error lines when the command fails.
    """
    with (
        tempfile.TemporaryFile("w+") as printed,
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            command, stdout=printed, stderr=complaints, text=True, env=os.environ | environment
        ) as process,
    ):
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(_kilobytes(pid) for pid in _family(process.pid)))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(EVERY)
        printed.seek(0)
        complaints.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}: {complaints.read()[-2000:]}")
        return printed.read(), peak // 1024


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    members = [pid]
    for member in members:
        for path in Path(f"/proc/{member}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                members += [int(child) for child in path.read_text().split()]
    return members


def _kilobytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def processor_load() -> float:
    """The load of the machine over the last minute: above 1, others were at work beside a measurement."""
    return round(os.getloadavg()[0], 2)


def now() -> str:
    """The time of a result."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
