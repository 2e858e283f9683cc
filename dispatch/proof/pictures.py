"""Photos and signatures of a job: what a phone has handed in becomes a file of the ticket."""

from __future__ import annotations

import base64
import hashlib
import hmac

from flask import current_app
from sqlalchemy import func, select

from dispatch import uploads
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.models.report import note_author, open_report
from dispatch.models.ticket import Attachment
from dispatch.proof import deposits, images

MOST_PHOTOS = 12
MOST_BYTES = 20 * 1024 * 1024
SIGNATURE_SIDE = 800


class Refused(Exception):
    """`reason`: no_file (it has not come yet), no_picture, or too_many."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def keep_photo(action: Action, job: Job) -> None:
    """Raises Refused."""
    _check_room(job)
    photo = _kept(action, job, "photo", images.LONGEST_SIDE)
    report = open_report(job)
    note_author(report, f"photo {photo.id}", action.user, action.claimed_at)
    record("job.proved", by=action.user, job=job, what="photo", claimed_at=action.claimed_at)


def keep_signature(action: Action, job: Job) -> None:
    """The last one counts. Raises Refused."""
    _check_room(job)
    report = open_report(job)
    report.signature = _kept(action, job, "signature", SIGNATURE_SIDE)
    note_author(report, "signature", action.user, action.claimed_at)
    record("job.proved", by=action.user, job=job, what="signature", claimed_at=action.claimed_at)


def _kept(action: Action, job: Job, purpose: str, longest: int) -> Attachment:
    sha256 = action.body.get("sha256")
    raw = deposits.found(action.user_id, action.key, sha256) if isinstance(sha256, str) else None
    if raw is None:
        raise Refused("no_file")
    try:
        clean = images.rewritten(raw, longest)
    except images.Unusable:
        raise Refused("no_picture") from None
    count = _count(job, purpose) + 1
    name = f"{job.number}-{purpose}-{count}.jpg"
    return uploads.store(job.ticket, clean, name, "image/jpeg", action.user, _token(action), purpose, job)


def _check_room(job: Job) -> None:
    """Whether one more fits: signatures count too, so that nobody fills a disk with them."""
    sizes = select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).where(
        Attachment.job_id == job.id, Attachment.purpose.in_(("photo", "signature"))
    )
    count, size = db.session.execute(sizes).one()
    if count >= MOST_PHOTOS or size >= MOST_BYTES:
        raise Refused("too_many")


def _count(job: Job, purpose: str) -> int:
    query = select(func.count()).where(Attachment.job_id == job.id, Attachment.purpose == purpose)
    return db.session.scalar(query) or 0


def _token(action: Action) -> str:
    """192 bits that nobody can guess, the same at each try: a try that died leaves no file that nothing names."""
    secret = str(current_app.secret_key or "").encode()
    digest = hmac.digest(secret, f"picture:{action.user_id}:{action.key}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()
