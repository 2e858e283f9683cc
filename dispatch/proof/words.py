"""A report as screens and its document show it: in the reader's language, with its pictures and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.labels import skill_label
from dispatch.models.client import Equipment
from dispatch.models.job import Job
from dispatch.models.letter import Letter
from dispatch.models.report import Report, needs_of, report_of
from dispatch.models.ticket import Attachment


@dataclass(frozen=True, slots=True)
class Proof:
    """`done` in words, `brief` where minutes cannot tell the time; `checks` are (question, done or not), `parts` are (name, how many)."""

    report: Report
    done: str
    brief: str
    checks: list[tuple[str, bool]]
    parts: list[tuple[str, int]]
    photos: Sequence[Attachment]
    papers: Sequence[Attachment]
    letter: Letter | None
    can_mail: bool


def proofs_of(jobs: Sequence[Job]) -> dict[int, Proof]:
    """By job id, of those that have one."""
    reports = db.session.scalars(select(Report).where(Report.job_id.in_([job.id for job in jobs])))
    return {report.job_id: _shown(report) for report in reports.all()}


def proof_of(job: Job) -> Proof | None:
    report = report_of(job)
    return _shown(report) if report else None


def _shown(report: Report) -> Proof:
    job = report.job
    files = select(Attachment).where(Attachment.job_id == job.id).order_by(Attachment.id)
    kept = db.session.scalars(files).all()
    letters = select(Letter).where(Letter.report_id == report.id).order_by(Letter.id.desc())
    return Proof(
        report, done_words(report), brief_words(report), checks_of(report), parts_of(report),
        [one for one in kept if one.purpose == "photo"], [one for one in kept if one.purpose == "report"],
        db.session.scalar(letters.limit(1)), bool(current_app.config["SETTINGS"].mail_smtp),
    )  # fmt: skip


def done_words(report: Report) -> str:
    """What was done; a job finished with one tap was a request done as it was asked for, or an incident without details."""
    job = report.job
    if report.resolution or job.state != "completed":
        return report.resolution or ""
    if job.ticket.kind == "request":
        return _("Done as requested: %(what)s", what=job.ticket.summary)
    return _("Resolved; the technician gave no details.")


def brief_words(report: Report) -> str:
    """What the taps measured and rounds to nothing was not nothing."""
    return _("less than a minute") if report.minutes is None and report.minutes_worked == 0 else ""


def checks_of(report: Report) -> list[tuple[str, bool]]:
    language = str(get_locale() or "fr")
    asked = needs_of(report.job).checks
    return [(one.label(language), report.checks[one.code]) for one in asked if one.code in report.checks]


def parts_of(report: Report) -> list[tuple[str, int]]:
    query = select(Equipment).where(Equipment.code.in_(report.parts))
    names = {part.code: skill_label(part) for part in db.session.scalars(query)} if report.parts else {}
    return [(names.get(code, code), count) for code, count in sorted(report.parts.items())]
