"""What a technician has said to his dispatchers and what they answered, as his phone shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from dispatch.extensions import db
from dispatch.jobs import blueprint, queries, wording
from dispatch.jobs.day import Day
from dispatch.models.job import Job
from dispatch.models.word import HELP, LATE_MINUTES, Word


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Somebody who is to be told of a new time, with what opens his own call, text message or letter."""

    job: Job
    who: str | None
    until: datetime
    call: str | None
    message: str | None
    letter: str | None


@blueprint.app_template_global()
def words_said() -> list[Word]:
    """What he has said lately and is not closed; one query."""
    query = Word.of(current_user.technician).options(joinedload(Word.job), joinedload(Word.answered_by))
    return list(db.session.scalars(query))


@blueprint.app_template_global()
def to_be_told(word: Word, day: Day) -> list[Awaiting]:
    """Those whom a delay concerns and who were not told yet, in the order of the day."""
    late = [job for job in day.open if job.number in word.due and job.number not in word.told]
    return [_awaiting(job, datetime.fromisoformat(word.due[job.number]), day.zone) for job in late]


@blueprint.app_template_global()
def late_minutes() -> tuple[int, ...]:
    return LATE_MINUTES


@blueprint.app_template_global()
def help_reasons() -> tuple[str, ...]:
    return HELP


def _awaiting(job: Job, until: datetime, zone: str) -> Awaiting:
    who, number = queries.whom_to_call(job)
    text = _("Hello, this is %(name)s about “%(what)s”. I am late: I expect to be there at %(time)s.",
             name=current_user.name, what=job.ticket.summary, time=until.astimezone(ZoneInfo(zone)).strftime("%H:%M"))  # fmt: skip
    letter = wording.mail_to(job)
    call = wording.dial(number) if number else None
    texts = call if number and wording.takes_texts(number) else None
    return Awaiting(
        job, who, until, call, texts and f"sms:{texts.removeprefix('tel:')}?&body={quote(text)}",
        letter and f"{letter}&body={quote(text)}",
    )  # fmt: skip
