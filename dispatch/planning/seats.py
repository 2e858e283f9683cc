"""Where a job is in the plan, as the log keeps it before and after a change."""

from __future__ import annotations

from typing import Any

from dispatch.models.job import Job

Seat = dict[str, Any]


def seat_of(job: Job) -> Seat | None:
    """Technician, day and start; None outside the plan."""
    if job.technician is None or job.planned_start is None:
        return None
    return {"technician_id": job.technician_id, "technician": job.technician.name,
            "day": job.day.isoformat() if job.day else None, "start": job.planned_start.isoformat()}  # fmt: skip
