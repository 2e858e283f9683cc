"""What a job or a ticket waits for, and that it is there."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from dispatch.models.job import Job


def awaited(code: str) -> str:
    """What a job waits for before it can be planned."""
    told = {
        "answer": _("Waits for the requester's answer"),
        "access": _("Waits until access is arranged"),
        "part": _("Waits for a part"),
        "supplier": _("Waits for a supplier"),
        "problem": _("Waits until a known problem is solved"),
        "evidence": _("Waits for evidence"),
    }
    return told.get(code, code)


def under_way(jobs: Iterable[Job]) -> str:
    """Why a ticket cannot be cancelled yet, and what to do."""
    told = ", ".join(
        f"{job.number} ({job.technician.name})" if job.technician else job.number for job in jobs
    )
    return _("Somebody is on the way or at work: %(jobs)s. Call the technician: he ends the job, "
             "or a dispatcher cancels it. Then cancel the ticket.", jobs=told)  # fmt: skip


def confirmed(code: str) -> str:
    """That what a job waited for is there."""
    told = {
        "answer": _("The requester has answered"),
        "access": _("Access is arranged"),
        "part": _("The part is there"),
    }
    return told.get(code, _("Nothing is missing any more"))
