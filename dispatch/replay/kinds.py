"""What a phone can have done, kind by kind: the one place where an entry of the ledger takes effect.

Whoever adds a kind (a photo, a signature) writes one function here. An entry of a kind that is not known lies to be
reviewed; it is never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models import astray
from dispatch.models.action import Action
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job
from dispatch.models.report import fill
from dispatch.models.tap import take
from dispatch.models.transitions import MOVES, Incomplete
from dispatch.models.user import User
from dispatch.models.whereabouts import LONGEST
from dispatch.planning.late import hold_route
from dispatch.planning.retime import FREEING, freeing
from dispatch.planning.whereabouts import UnderWay
from dispatch.proof import pictures
from dispatch.replay.details import details_of, note_of
from dispatch.replay.incoming import instant
from dispatch.replay.moments import happened
from dispatch.replay.presence import be
from dispatch.replay.proof import said_of
from dispatch.replay.words import ON_A_JOB, close, find_beside, say

# what became of a photo before it was sent
WITHDRAWN = "withdrawn"
TAPS = frozenset({move.name for move in MOVES if "technician" in move.by} | {"undone"})
# said of a job that is in that state already, these are true and change nothing
_REPEATABLE = frozenset({"accepted", "travelling", "working", "paused", "completed"})
# what a dispatcher may let count on a job that is somebody else's: that it was done, never that it was declined
_ON_ANOTHERS = astray.WORK | {"accepted"}


class Unfit(Exception):
    """The entry cannot take effect; `reason` is its code, `told` what the sentence needs."""

    def __init__(self, reason: str, **told: Any) -> None:
        super().__init__(reason)
        self.reason, self.told = reason, told


def apply(action: Action, by: User, anyhow: bool = False) -> None:
    """Let the entry take effect, as done by this user.

    `anyhow`: a dispatcher has decided so, and whose the job is by now does not matter. Raises Unfit, IllegalMove or
    Incomplete, and has changed nothing then. The caller commits.
    """
    kind = KINDS.get(action.kind)
    if kind is None:
        raise Unfit("unknown_kind", kind=action.kind)
    kind(action, by, anyhow)


def texts(body: Mapping[str, Any]) -> dict[str, str]:
    """The values as a form would say them; what no form could say is left out."""
    plain = {name: value for name, value in body.items() if isinstance(value, str | int | float)}
    return {name: str(value) for name, value in plain.items() if not isinstance(value, bool)}


def see(by: User, until: datetime, shown: list[str], withdrawn: list[int]) -> None:
    """What was changed is acknowledged, as far as it was on the screen."""
    for job in db.session.scalars(Job.visible_to(by).where(Job.changed_at <= until)):
        if job.number in shown:
            job.see(by)
    if withdrawn and by.technician:
        record("day.seen", by=by, technician_id=by.technician.id, until=max(withdrawn))


def _transition(action: Action, by: User, anyhow: bool) -> None:
    said = texts(action.body)
    name = said.get("to", "")
    if name not in TAPS:
        raise Unfit("unknown_move", to=name[:40])
    freed = freeing(_named(action, by, anyhow), name, by) if name in FREEING else nullcontext()
    with freed:
        job = _held(action, by, anyhow)
        if not astray.is_his(job, action.user) and name not in _ON_ANOTHERS:
            raise Unfit(astray.reason_of(job), **astray.told_of(job))
        if name in _REPEATABLE and job.state == name:
            _add_note(job, said, by, action.claimed_at)
        else:
            _take(job, name, action, said, by, anyhow)
        if name == "completed":
            fill(job, said_of(said, job), action.user, action.claimed_at)


def _is_of_an_earlier_tap(action: Action, job: Job) -> bool:
    """Whether it was said before what made the job's present state: it would take back something else."""
    said = happened(
        action.claimed_at, action.skew_seconds or 0, action.received_at, datetime.min.replace(tzinfo=UTC)
    )
    return said < job.state_at


def _take(job: Job, name: str, action: Action, said: Mapping[str, str], by: User, anyhow: bool) -> None:
    made = (said.get("follow_up") or None) if name == "not_completed" else None
    moment = happened(action.claimed_at, action.skew_seconds or 0, action.received_at, job.state_at)
    if anyhow and name == "undone" and _is_of_an_earlier_tap(action, job):
        raise IllegalMove(name, job.state, job.legal_moves(by))
    take(job, name, by, reason=said.get("reason") or None, note=note_of(said), follow_up=made,
         details=details_of(said, job) if made else None, based_on=_looked_at(action, job), at_claimed=action.claimed_at,
         happened=moment, clock=action.clock)  # fmt: skip


def _looked_at(action: Action, job: Job) -> int | None:
    """The version that he was looking at: the present one where nothing but his own taps has changed the job since.

    Taps that wait behind each other all name the version that the phone knew before the first.
    """
    if action.based_on == job.version:
        return job.version
    mine = select(Action.answer).where(
        Action.device_id == action.device_id, Action.job_id == job.id, Action.outcome == "applied", Action.seq < action.seq
    )  # fmt: skip
    last = db.session.scalar(mine.order_by(Action.seq.desc()).limit(1))
    return job.version if last and last.get("version") == job.version else action.based_on


def _add_note(job: Job, said: Mapping[str, str], by: User, claimed_at: datetime | None) -> None:
    if text := note_of(said):
        job.add_note(text, by, claimed_at)


def _note(action: Action, by: User, _anyhow: bool) -> None:
    """Notes are the technician's: kept whoever has the job by now, under his name when it is not his."""
    text = note_of(texts(action.body))
    if not text:
        raise Incomplete("note")
    job = _held(action, by, anyhow=True)
    if astray.is_his(job, by):
        job.add_note(text, by, action.claimed_at)
    else:
        astray.add_note(job, text, action.user, by, action.claimed_at)


def _seen(action: Action, by: User, _anyhow: bool) -> None:
    until = instant(action.body.get("until"))
    if until is None:
        raise Incomplete("until")
    shown, withdrawn = action.body.get("jobs"), action.body.get("withdrawn")
    numbers = [one for one in withdrawn if type(one) is int] if isinstance(withdrawn, list) else []
    see(by, until, shown if isinstance(shown, list) else [], numbers)


def _picture(action: Action, by: User, _anyhow: bool) -> None:
    """What was photographed or signed is kept whoever has the job by now, under his name."""
    job = _held(action, by, anyhow=True)
    try:
        (pictures.keep_photo if action.kind == "photo" else pictures.keep_signature)(action, job)
    except pictures.Refused as refused:
        raise Unfit(refused.reason) from None


def _withdrawn(_action: Action, _by: User, _anyhow: bool) -> None:
    """A photo that was taken back before it was sent: it keeps its key and its number, and does nothing."""


def _word(action: Action, by: User, anyhow: bool) -> None:
    """That he is late, that he needs help, that he has told somebody, that he has read the answer."""
    said = texts(action.body)
    if said.get("say") not in ON_A_JOB:
        return close(said, action.user, by)
    hold_route(_named(action, by, anyhow))
    job = _held(action, by, anyhow)
    at = happened(action.claimed_at, action.skew_seconds or 0, action.received_at, job.created_at)
    return say(job, said, action.user, by, at)


def _found(action: Action, by: User, _anyhow: bool) -> None:
    """Work found beside a job: it was found whoever has that job by now."""
    job = _held(action, by, anyhow=True)
    at = happened(action.claimed_at, action.skew_seconds or 0, action.received_at, job.created_at)
    find_beside(job, texts(action.body), action.user, by, at)


def _presence(action: Action, by: User, _anyhow: bool) -> None:
    """A pause, a kiosk, the end of his shift: of no job in particular."""
    since = action.received_at - LONGEST
    at = happened(action.claimed_at, action.skew_seconds or 0, action.received_at, since)
    try:
        be(texts(action.body), action.user, by, at)
    except UnderWay as busy:
        raise Unfit("under_way", number=busy.job.number) from None


def _named(action: Action, by: User, anyhow: bool) -> Job:
    """The job that the entry is about; one that was never his is not told from one that does not exist."""
    return _fit(action.job, action, by, anyhow)


def _fit(job: Job | None, action: Action, by: User, anyhow: bool) -> Job:
    if job is None or not (astray.is_his(job, action.user) or astray.was_his(job, action.user)):
        raise Unfit("not_yours")
    if not anyhow and not astray.is_his(job, by):
        raise Unfit(astray.reason_of(job), **astray.told_of(job))
    return job


def _held(action: Action, by: User, anyhow: bool) -> Job:
    """The same, kept to this transaction and looked at again: two taps on it follow one another."""
    db.session.flush()  # what is read again forgets what was not written
    query = select(Job).where(Job.id == action.job_id).with_for_update(of=Job)
    held = db.session.scalar(query.execution_options(populate_existing=True))
    return _fit(held, action, by, anyhow)


KINDS: dict[str, Callable[[Action, User, bool], None]] = {
    "transition": _transition,
    "note": _note,
    "seen": _seen,
    "photo": _picture,
    "signature": _picture,
    WITHDRAWN: _withdrawn,
    "word": _word,
    "found": _found,
    "presence": _presence,
}
