"""Several jobs chosen on the board: which ones, and what became of each in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError

from dispatch import sentences
from dispatch.board.explanations import visible_ids
from dispatch.board.panels import told_of
from dispatch.extensions import db
from dispatch.labels import label
from dispatch.models.event import Event
from dispatch.models.job import FIRST_NUMBER, IllegalMove, Job, number_of
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning.placement import NotPlaceable, RulesBroken
from dispatch.planning.several import MOST, Answer, AtStake, Outcome, TooMany
from dispatch.sentences import Vocabulary
from dispatch.web import local_instant


@dataclass(frozen=True, slots=True)
class Chosen:
    """The jobs that were asked for: id -> version seen; `unknown` are numbers that are not there for this reader."""

    seen: dict[int, int]
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A job that stays as it was, and why; `way` is how somebody may insist: `reason`, `insist` or none."""

    number: str
    version: int
    summary: str
    told: str
    way: str = ""


def chosen(territory: Territory) -> Chosen:
    """What the form names, as `INT-1042:3`, in its order; raises TooMany."""
    asked = dict(_pick(text) for text in request.values.getlist("job"))
    if not asked:
        abort(400)
    if len(asked) > MOST:
        raise TooMany(len(asked))
    known = Job.visible_to(current_user).where(Job.territory_id == territory.id, Job.id.in_(asked))
    ids = set(db.session.scalars(known.with_only_columns(Job.id)))
    unknown = [number_of(one) for one in asked if one not in ids]
    return Chosen({one: version for one, version in asked.items() if one in ids}, unknown)


def _pick(text: str) -> tuple[int, int]:
    number, _colon, version = text.upper().removeprefix("INT-").partition(":")
    for part in (number, version):
        if not (part.isascii() and part.isdigit() and len(part) < 10):
            abort(400)
    return int(number) - FIRST_NUMBER, int(version)


def jobs_of(picked: Chosen) -> list[Job]:
    """The jobs of a form still to be filled in, in the order chosen."""
    query = select(Job).where(Job.id.in_(picked.seen)).options(joinedload(Job.ticket))
    found = {job.id: job for job in db.session.scalars(query)}
    return [found[one] for one in picked.seen]


def lines_of(outcome: Outcome, picked: Chosen, territory: Territory) -> list[Line]:
    """Every job that stays as it was, with the reason; read before the transaction ends."""
    db.session.flush()
    refused = outcome.refused
    teller = _Teller(refused, territory)
    lines = [_line(one, teller) for one in refused]
    gone = _("This job is not here any more.")
    return lines + [Line(number, 0, "", gone) for number in picked.unknown]


def _line(answer: Answer, teller: _Teller) -> Line:
    job = answer.job
    told, way = teller.tell(answer)
    return Line(job.number, job.version, job.ticket.summary, told, way)


class _Teller:
    """Puts refusals into words; what they refer to is read once for all of them."""

    def __init__(self, refused: Sequence[Answer], territory: Territory) -> None:
        self.zone = territory.zone
        self.vocabulary = Vocabulary.load(territory.zone)
        rules = [one.refusal for one in refused if isinstance(one.refusal, RulesBroken)]
        others = {broken.job_id for rule in rules for broken in rule.broken if broken.job_id}
        self.visible = visible_ids(others, current_user)
        stale = [one.job.id for one in refused if isinstance(one.refusal, StaleDataError)]
        self.latest = _latest(stale) if stale else {}

    def tell(self, answer: Answer) -> tuple[str, str]:
        """The reason, and how one may insist."""
        job, refusal = answer.job, answer.refusal
        if isinstance(refusal, RulesBroken):
            told = [told_of(one, job.id, self.visible, self.vocabulary) for one in refusal.broken]
            return " · ".join(told), "reason" if all(one.waivable for one in refusal.broken) else ""
        if isinstance(refusal, AtStake):
            return _at_stake(refusal, self.zone), "insist"
        if isinstance(refusal, StaleDataError):
            return _("Somebody was faster. %(what)s", what=self._who(job.id)).strip(), ""
        if isinstance(refusal, NotPlaceable):
            told_why = sentences.left_out(refusal.reason)
            return f"{told_why[:1].upper()}{told_why[1:]}.", ""
        assert isinstance(refusal, IllegalMove)
        return _("The job is %(state)s: decide this one by itself.", state=label(refusal.source, "job")), ""

    def _who(self, job_id: int) -> str:
        told = self.latest.get(job_id)
        if told is None:
            return ""
        event, who, technician = told
        what = sentences.event(event.kind, event.data, technician or "")
        return _("%(who)s, %(time)s: %(what)s.", who=who or _("the engine"),
                 time=local_instant(event.at, self.zone), what=what)  # fmt: skip


def _latest(ids: Sequence[int]) -> dict[int | None, tuple[Event, str | None, str | None]]:
    """The last thing that happened to each of these jobs, who did it, and the technician concerned."""
    last = (
        select(func.max(Event.id))
        .where(Event.job_id.in_(ids), Event.kind.like("job.%"))
        .group_by(Event.job_id)
    )
    query = select(Event, User.name, Technician.name).outerjoin(User, User.id == Event.actor_id)
    query = query.outerjoin(Technician, Technician.id == Event.technician_id).where(Event.id.in_(last))
    return {event.job_id: (event, who, technician) for event, who, technician in db.session.execute(query)}


def _at_stake(refusal: AtStake, zone: str) -> str:
    begins, ends = refusal.promised
    if begins is not None and ends is not None:
        return _(
            "Promised for %(begins)s–%(ends)s.",
            begins=local_instant(begins, zone),
            ends=local_instant(ends, zone),
        )
    return _("Due at %(due)s, before that day.", due=local_instant(refusal.due, zone))


def asked_date(name: str) -> date | None:
    """A day typed or chosen in a form; None when it is none."""
    try:
        return date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return None


def told_lines(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """The same as messages, for a page without scripts."""
    return [(f"{line.number} · {line.told}", "warn") for line in lines]


def context_of(lines: Sequence[Line], **more: Any) -> dict[str, Any]:
    """What the report is drawn with: the lines, and those that somebody may insist on."""
    insisting = [line for line in lines if line.way]
    return {"lines": lines, "ways": {way: [one for one in insisting if one.way == way] for way in ("reason", "insist")},
            **more}  # fmt: skip
