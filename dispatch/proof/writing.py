"""Documents of reports that are due: made, attached to the ticket, and put into the mail, once a version."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select

from dispatch import uploads
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.mail import is_address
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.letter import Letter
from dispatch.models.report import Report
from dispatch.models.ticket import Attachment
from dispatch.models.transitions import UNDO_SECONDS
from dispatch.proof import paper

# a mistap is taken back within the minute, and a phone's photos come one by one
REST = timedelta(seconds=UNDO_SECONDS + 30)
AT_ONCE = 20


def due() -> Sequence[int]:
    """Reports of completed jobs that say something else than their document, and rest."""
    query = select(Report.id).join(Job).where(
        Job.state == "completed", Report.written != Report.version, Report.changed_at <= now() - REST
    )  # fmt: skip
    return db.session.scalars(query.order_by(Report.changed_at).limit(AT_ONCE)).all()


def write(report_id: int) -> None:
    """Make the document and its letter. Of two workers the second changes nothing. The caller commits."""
    query = select(Report).where(Report.id == report_id).with_for_update(of=Report)
    report = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if report.written == report.version:
        return
    job = report.job
    report.written = report.version + 1  # what this change itself makes of it
    db.session.flush()
    number = 1 + _written_before(job)
    data, name = paper.write(job, number), f"{job.number}-{number}.pdf"
    kept = uploads.store(
        job.ticket, data, name, "application/pdf", None, secrets.token_urlsafe(24), "report", job
    )
    _post(report, kept)
    record("job.proved", job=job, what="paper")


def _written_before(job: Job) -> int:
    query = select(func.count()).where(Attachment.job_id == job.id, Attachment.purpose == "report")
    return db.session.scalar(query) or 0


def _post(report: Report, kept: Attachment) -> None:
    requester = report.job.ticket.requester
    address = (requester.email or "").strip() if requester else ""
    if current_app.config["SETTINGS"].mail_smtp and is_address(address):
        db.session.add(Letter(report_id=report.id, report_version=report.version, attachment_id=kept.id,
                              recipient=address, due_at=now()))  # fmt: skip
