"""One job in full, for the panel: its facts, what was overridden, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from dispatch import sentences
from dispatch.board.explanations import explained, known_of, visible_ids
from dispatch.board.when import When
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job, number_of
from dispatch.models.place import Building
from dispatch.models.technician import Technician
from dispatch.models.ticket import Ticket
from dispatch.models.user import User
from dispatch.planning.candidates import Candidate, candidates
from dispatch.planning.placement import Broken
from dispatch.sentences import Vocabulary

HISTORY = 60


class Entry(NamedTuple):
    """Something that happened to the job or its ticket, in words."""

    at: datetime
    what: str
    who: str


def loaded(job: Job) -> Job:
    """The same job with everything the panel shows."""
    query = select(Job).where(Job.id == job.id).options(
        joinedload(Job.ticket).options(joinedload(Ticket.requester), joinedload(Ticket.contact)),
        joinedload(Job.client), joinedload(Job.building).joinedload(Building.site), joinedload(Job.admin_right),
        joinedload(Job.technician), joinedload(Job.explanation),
    )  # fmt: skip
    return db.session.scalars(query).unique().one()


def facts_of(job: Job, user: User) -> dict[str, Any]:
    """What the panel shows beside the job itself."""
    job = loaded(job)
    why = job.explanation
    told = None
    if why:
        told = explained(
            why.kind, why.reasons, why.outbid_by, why.fix, known_of([(why.outbid_by, why.fix)], user)
        )
    return {"history": history_of(job), "moves": set(job.legal_moves(user)), "told": told}


@dataclass(frozen=True, slots=True)
class Choice:
    """A technician for the job, with every broken rule in words."""

    candidate: Candidate
    rules: list[str]
    waivable: bool

    @property
    def number(self) -> int:
        return self.candidate.technician.id


def choices_for(job: Job, when: When, user: User, vocabulary: Vocabulary) -> list[Choice]:
    """Every technician who works then, best first; raises NotPlaceable."""
    return [_choice(one, job, user, vocabulary) for one in candidates(job, when.day, when.start)]


def _choice(one: Candidate, job: Job, user: User, vocabulary: Vocabulary) -> Choice:
    rules = [sentence_of(broken, job, user, vocabulary) for broken in one.broken]
    return Choice(one, rules, all(broken.waivable for broken in one.broken))


def sentence_of(broken: Broken, job: Job, user: User, vocabulary: Vocabulary) -> str:
    """A broken rule in words; of another job on the route only what the reader may know."""
    told = sentences.reason(broken.rule, broken.values, vocabulary)
    if broken.job_id is None or broken.job_id == job.id:
        return told
    visible = visible_ids([broken.job_id], user)
    return f"{number_of(broken.job_id) if visible else _('another job')} · {told}"


def history_of(job: Job) -> list[Entry]:
    """The log of the job and of its ticket, latest first."""
    about = or_(Event.job_id == job.id, and_(Event.ticket_id == job.ticket_id, Event.job_id.is_(None)))
    query = select(Event.at, Event.kind, Event.data, User.name, Technician.name.label("technician"))
    query = query.outerjoin(User, User.id == Event.actor_id)
    query = query.outerjoin(Technician, Technician.id == Event.technician_id)
    rows = db.session.execute(query.where(about).order_by(Event.id.desc()).limit(HISTORY))
    told = (
        Entry(row.at, sentences.event(row.kind, row.data, row.technician or ""), row.name or "")
        for row in rows
    )
    return [entry for entry in told if entry.what]
