"""One job in full, for the panel: its facts, what was overridden, its history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from dispatch import sentences
from dispatch.board.explanations import explained, known_of, visible_ids
from dispatch.board.trail import recent
from dispatch.board.when import When
from dispatch.extensions import db
from dispatch.models.job import Job, number_of
from dispatch.models.place import Building
from dispatch.models.ticket import Ticket
from dispatch.models.user import User
from dispatch.planning.candidates import Candidate
from dispatch.planning.placement import Broken
from dispatch.planning.unlocked import locked_candidates
from dispatch.sentences import Vocabulary


def loaded(job: Job) -> Job:
    """The same job with everything the panel shows."""
    query = select(Job).where(Job.id == job.id).options(
        joinedload(Job.ticket).options(joinedload(Ticket.requester), joinedload(Ticket.contact)),
        joinedload(Job.client), joinedload(Job.building).joinedload(Building.site), joinedload(Job.admin_right),
        joinedload(Job.technician), joinedload(Job.explanation),
    )  # fmt: skip
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one()


def facts_of(job: Job, user: User, zone: str) -> dict[str, Any]:
    """What the panel shows beside the job itself."""
    job = loaded(job)
    why = job.explanation
    told = None
    if why:
        told = explained(
            why.kind, why.reasons, why.outbid_by, why.fix, known_of([(why.outbid_by, why.fix)], user)
        )
    there = [tuple(datetime.fromisoformat(bound) for bound in span) for span in job.ticket.available or []]
    return {"there": there, "history": recent(job, zone), "moves": set(job.legal_moves(user)), "told": told}


@dataclass(frozen=True, slots=True)
class Choice:
    """A technician for the job, with every broken rule in words; `instead`: what fits, where the start asked for does not."""

    candidate: Candidate
    rules: list[str]
    waivable: bool
    instead: Candidate | None = None

    @property
    def number(self) -> int:
        return self.candidate.technician.id


def choices_for(job: Job, when: When, user: User, vocabulary: Vocabulary) -> list[Choice]:
    """Every technician who works then, best first; raises NotPlaceable."""
    found = locked_candidates(job, when.day, when.start)
    visible = visible_in(found, user)
    others = _at_another_time(job, when, found)
    return [_choice(one, job, visible, vocabulary, others.get(one.technician.id)) for one in found]


def _at_another_time(job: Job, when: When, found: Iterable[Candidate]) -> dict[int, Candidate]:
    """By technician, the best moment of the day asked for, where the start asked for fits somebody not."""
    if when.start is None or all(one.feasible for one in found):
        return {}
    return {one.technician.id: one for one in locked_candidates(job, when.day) if one.feasible}


def visible_in(found: Iterable[Candidate], user: User) -> set[int]:
    """The other jobs whose rules they would break, as far as the reader may see them."""
    return visible_ids(
        [broken.job_id for one in found for broken in one.broken if broken.job_id is not None], user
    )


def _choice(
    one: Candidate, job: Job, visible: set[int], vocabulary: Vocabulary, other: Candidate | None
) -> Choice:
    rules = [told_of(broken, job.id, visible, vocabulary) for broken in one.broken]
    instead = None if one.feasible else other
    return Choice(one, rules, all(broken.waivable for broken in one.broken), instead)


def sentence_of(broken: Broken, job: Job, user: User, vocabulary: Vocabulary) -> str:
    """A broken rule in words; of another job on the route only what the reader may know."""
    other = broken.job_id if broken.job_id not in (None, job.id) else None
    return told_of(broken, job.id, visible_ids([other], user) if other is not None else set(), vocabulary)


def told_of(broken: Broken, job_id: int, visible: set[int], vocabulary: Vocabulary) -> str:
    """The same where it is known which other jobs the reader may see."""
    told = sentences.reason(broken.rule, broken.values, vocabulary)
    if broken.job_id is None or broken.job_id == job_id:
        return told
    other = number_of(broken.job_id) if broken.job_id in visible else _("another job")
    return f"{other} · {told}"
