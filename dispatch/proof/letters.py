"""Letters that are due, sent one by one, each begun in a transaction of its own so that no try is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from dispatch import mail
from dispatch.extensions import db
from dispatch.models.letter import Letter
from dispatch.proof.paper import language_of, provider

AT_ONCE = 20


def due() -> Sequence[int]:
    if not current_app.config["SETTINGS"].mail_smtp:
        return []
    return db.session.scalars(Letter.due().with_only_columns(Letter.id).limit(AT_ONCE)).all()


def begin(letter_id: int) -> bool:
    """Claim it: whether it is ours to send. The caller commits before it is sent."""
    query = Letter.due().where(Letter.id == letter_id).with_for_update(skip_locked=True)
    letter = db.session.scalar(query.execution_options(populate_existing=True))
    if letter is None:
        return False
    letter.begin()
    return True


def send(letter_id: int) -> None:
    """The caller commits."""
    letter = db.session.get_one(Letter, letter_id)
    try:
        mail.send(compose(letter))
    except mail.Trouble as trouble:
        letter.failed(str(trouble), trouble.for_good)
    else:
        letter.sent()


def compose(letter: Letter) -> EmailMessage:
    """The same message at each try, by its Message-ID."""
    job, settings = letter.report.job, current_app.config["SETTINGS"]
    message = EmailMessage(policy=SMTP)
    with force_locale(language_of(job)):
        message["Subject"] = _one_line(_("Report of your intervention %(number)s", number=job.number))
        text = _("Hello,\n\nthe work on “%(summary)s” is done. The report is attached.\n\n%(provider)s",
                 summary=_one_line(job.ticket.summary), provider=provider())  # fmt: skip
    message["From"], message["To"] = settings.mail_from, letter.recipient
    domain = settings.mail_from.rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<report-{letter.report_id}-{letter.report_version}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Date"] = letter.report.changed_at
    message.set_content(text)
    data = (settings.uploads / letter.attachment.token).read_bytes()
    message.add_attachment(data, maintype="application", subtype="pdf", filename=letter.attachment.filename)
    return message


def _one_line(text: str) -> str:
    return " ".join(text.split())
