"""What was done on a job, as its technician says it: the proof of intervention, one a job.

Completing asks only for what the category wants (`Category.proof`). What is missing all the same, because a phone
carried an older question, is named on the report and never keeps the work from counting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.models.ticket import Attachment
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User

CAUSES = ("hardware", "software", "configuration", "network", "handling", "supplier", "wear", "other")
UNSIGNED = ("refused", "absent")
MOST_MINUTES = 24 * 60
MOST_OF_A_PART = 99


class Report(Base):
    """`authors` tells for each field who said it and when; `written` is the version that the last document shows."""

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), unique=True)
    resolution: Mapped[str | None]
    cause: Mapped[str | None]
    # when the time that the taps tell is not the time that was worked
    minutes: Mapped[int | None]
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    checks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    signer: Mapped[str | None]
    unsigned: Mapped[str | None]
    unsigned_why: Mapped[str | None]
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id", ondelete="SET NULL"))
    authors: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_at: Mapped[datetime] = mapped_column(index=True)
    written: Mapped[int] = mapped_column(default=0)

    job: Mapped[Job] = relationship()
    signature: Mapped[Attachment | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def lacks(self) -> list[str]:
        """What its category asks for and nobody has said."""
        return [field for field, is_there in _asked(self.job, _said_of(self)) if not is_there]

    @property
    def minutes_worked(self) -> int:
        return self.minutes if self.minutes is not None else round(self.job.worked_seconds / 60)


@dataclass(frozen=True, slots=True)
class Check:
    """A question of a category's checklist."""

    code: str
    fr: str
    en: str

    def label(self, language: str) -> str:
        return self.en if language == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Needs:
    """What a category wants to know when its work is done."""

    resolution: bool = False
    cause: bool = False
    signature: bool = False
    checks: tuple[Check, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.resolution or self.cause or self.signature or self.checks)


def needs_of(job: Job) -> Needs:
    category = job.ticket.category
    said = category.proof if category else {}
    checks = tuple(Check(one["code"], one["fr"], one["en"]) for one in said.get("checks", ()))
    return Needs(bool(said.get("resolution")), bool(said.get("cause")), bool(said.get("signature")), checks)


def report_of(job: Job) -> Report | None:
    return db.session.scalar(select(Report).where(Report.job_id == job.id))


def open_report(job: Job) -> Report:
    """The report of a job that is held; made when something is first said."""
    found = report_of(job)
    if found is None:
        found = Report(job=job, changed_at=now())
        db.session.add(found)
        db.session.flush()
    return found


def check(job: Job, said: Mapping[str, Any]) -> None:
    """Raise Incomplete with the first field that the category asks for and that was not said."""
    for field, is_there in _asked(job, said):
        if not is_there:
            raise Incomplete(field)


def fill(job: Job, said: Mapping[str, Any], by: User, at: datetime | None = None) -> Report:
    """Write down what was said on completing; what was not said stays. The parts leave the technician's stock once."""
    report = open_report(job)
    if "parts" in said:
        _take_from_stock(job.technician, report.parts, said["parts"])
    for field, value in said.items():
        if value != getattr(report, field):
            setattr(report, field, value)
            note_author(report, field, by, at)
    report.changed_at = now()
    record("job.proved", by=by, job=job, what="report", claimed_at=at)
    return report


def note_author(report: Report, field: str, by: User, at: datetime | None = None) -> None:
    said = {"by": by.id, "name": by.name, "at": (at or now()).isoformat()}
    report.authors = {**report.authors, field: said}
    report.changed_at = now()


def parts_offered(job: Job) -> dict[str, int]:
    """By code, what the technician may have used, with how many the job was to need."""
    carried = job.technician.parts if job.technician else {}
    return {code: int(job.parts.get(code, 0)) for code in sorted({*carried, *job.parts})}


def _asked(job: Job, said: Mapping[str, Any]) -> list[tuple[str, bool]]:
    needs, checks = needs_of(job), said.get("checks", {})
    asked = [
        (needs.resolution, "note", bool(said.get("resolution"))),
        (needs.cause, "cause", bool(said.get("cause"))),
        (bool(needs.checks), "checks", all(one.code in checks for one in needs.checks)),
        (needs.signature, "signer", bool(said.get("signer") or said.get("unsigned"))),
        (bool(said.get("unsigned")), "unsigned_why", bool(said.get("signer") and said.get("unsigned_why"))),
    ]
    return [(field, is_there) for is_wanted, field, is_there in asked if is_wanted]


def _said_of(report: Report) -> dict[str, Any]:
    fields = ("resolution", "cause", "checks", "signer", "unsigned", "unsigned_why")
    return {field: getattr(report, field) for field in fields}


def _take_from_stock(whose: Technician | None, before: Mapping[str, int], used: Mapping[str, int]) -> None:
    if whose is None:
        return
    stock = dict(whose.parts)
    for code in {*before, *used} & stock.keys():
        stock[code] = max(0, int(stock[code]) - used.get(code, 0) + before.get(code, 0))
    whose.parts = stock
