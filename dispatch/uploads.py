"""Files people attach: kept under names nobody can guess, and only ever given back as downloads.

What a browser says of a file is not trusted: its name is cleaned, its type is read from its first bytes.
A file of a form that was refused waits as a draft, named by a signed note in the form.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Response, current_app, send_file
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.ticket import Attachment, Ticket
from dispatch.models.user import User

MOST_FILES = 20
MOST_BYTES = 100 * 1024 * 1024
DRAFT_SECONDS = 24 * 3600
LONGEST_NAME = 120
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
}  # fmt: skip
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')


class TooMuch(ValueError):
    """The ticket would hold more than MOST_FILES files or MOST_BYTES bytes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that was received and belongs to no ticket yet."""

    token: str
    filename: str
    content_type: str
    size: int
    sha256: str

    def note(self, user: User) -> str:
        """What the form carries; only this user can hand it back."""
        return _notes(user).dumps(asdict(self))

    @classmethod
    def of(cls, note: str, user: User) -> Draft | None:
        """The draft a form carried, while its file is still there."""
        try:
            draft = cls(**_notes(user).loads(note, max_age=DRAFT_SECONDS))
        except (BadSignature, TypeError):
            return None
        return draft if (_drafts(user) / draft.token).is_file() else None


def receive(files: Iterable[FileStorage], by: User) -> list[Draft]:
    """Keep what was uploaded; empty fields of a form are passed over."""
    return [_receive(file, by) for file in files if file.filename]


def leave(drafts: Iterable[Draft], by: User) -> list[Draft]:
    """Let the files of a refused form wait for its next try: those for which there is room, the last ones go first.

    There is room for what one ticket may hold, and for DRAFT_FILES and DRAFT_MB in all forms of the account.
    """
    settings, waiting = current_app.config["SETTINGS"], list(drafts)
    sizes = [path.stat().st_size for path in _drafts(by).iterdir()]
    count, size = len(sizes) - settings.draft_files, sum(sizes) - settings.draft_mb * 2**20
    while waiting and (count > 0 or size > 0 or _exceeds(waiting)):
        dropped = waiting.pop()
        discard([dropped], by)
        count, size = count - 1, size - dropped.size
    return waiting


def discard(drafts: Iterable[Draft], by: User) -> None:
    """Forget files that nobody wants to attach any more."""
    for draft in drafts:
        (_drafts(by) / draft.token).unlink(missing_ok=True)


def attach(ticket: Ticket, drafts: Iterable[Draft], by: User) -> list[Attachment]:
    """Make drafts attachments of the ticket. The caller commits. Raises TooMuch and attaches none."""
    drafts = list(drafts)
    if _exceeds([*(one for one in ticket.attachments if one.purpose == "file"), *drafts]):
        raise TooMuch
    return [_attach(ticket, draft, by) for draft in drafts]


def store(
    ticket: Ticket, data: bytes, filename: str, kind: str, by: User | None, token: str, purpose: str, job: Job
) -> Attachment:
    """Keep what we have made ourselves for a job; not counted among what people attach. The caller commits."""
    draft = _folder() / f".{secrets.token_hex(8)}"
    _folder().mkdir(parents=True, exist_ok=True)
    draft.write_bytes(data)
    draft.rename(_folder() / token)
    attachment = Attachment(token=token, filename=filename, content_type=kind, size=len(data), purpose=purpose,
                            sha256=hashlib.sha256(data).hexdigest(), uploaded_at=now(), job_id=job.id,
                            uploaded_by_id=by.id if by else None)  # fmt: skip
    ticket.attachments.append(attachment)
    db.session.flush()
    return attachment


def serve(attachment: Attachment) -> Response:
    """The file as a download, whatever it is: a browser never shows or runs it."""
    answer = send_file(_folder() / attachment.token, mimetype="application/octet-stream", etag=False)
    plain = attachment.filename.encode("ascii", "ignore").decode().replace('"', "") or "file"
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.filename, safe='')}"
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def clean_name(name: str) -> str:
    """A name that is safe to show and to save: no folders, controls or direction marks, at most 120 characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("_", name.encode("utf-8", "ignore").decode()).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if dot and stem and len(suffix) <= 10:
        return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return name[:LONGEST_NAME] or "file"


def sniff(start: bytes) -> str:
    """What the first bytes say the file is."""
    for signature, kind in _SIGNATURES.items():
        if start.startswith(signature):
            return kind
    return "application/octet-stream" if b"\0" in start else "text/plain"


def forget_old_drafts() -> None:
    """Files whose form was never sent again, and what a process that was killed had half written."""
    oldest = now().timestamp() - DRAFT_SECONDS
    for path in (*(_folder() / "drafts").rglob("*"), *_folder().glob(".*")):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _exceeds(files: Sequence[Attachment | Draft]) -> bool:
    """Whether these are more than one ticket holds."""
    return len(files) > MOST_FILES or sum(file.size for file in files) > MOST_BYTES


def _receive(file: FileStorage, by: User) -> Draft:
    token = secrets.token_urlsafe(24)
    size, digest, start = 0, hashlib.sha256(), b""
    with (_drafts(by) / token).open("wb") as kept:
        for block in iter(lambda: cast(BinaryIO, file.stream).read(1 << 16), b""):
            start = start or block[:512]
            size += kept.write(block)
            digest.update(block)
    return Draft(token, clean_name(file.filename or ""), sniff(start), size, digest.hexdigest())


def _attach(ticket: Ticket, draft: Draft, by: User) -> Attachment:
    (_drafts(by) / draft.token).rename(_folder() / draft.token)
    attachment = Attachment(**asdict(draft), uploaded_at=now(), uploaded_by_id=by.id)
    ticket.attachments.append(attachment)
    db.session.flush()
    return attachment


def _folder() -> Path:
    return cast(Path, current_app.config["SETTINGS"].uploads)


def _drafts(user: User) -> Path:
    """What this account has left in forms; a folder of its own, so that it can be counted."""
    folder = _folder() / "drafts" / str(user.id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _notes(user: User) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"draft of {user.id}")
