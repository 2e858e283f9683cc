"""What a dispatcher makes of entries that lie to be reviewed or are held: they take effect, become a note, or are discarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.extensions import db
from dispatch.models import astray
from dispatch.models.action import Action
from dispatch.models.job import IllegalMove, Job
from dispatch.models.plan import Plan
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User
from dispatch.planning.retime import place_of, retime
from dispatch.replay.kinds import Unfit, apply


def hold(seen: Mapping[int, int], by: User) -> list[Action]:
    """The entries, kept to this transaction, in the order in which they were done.

    `seen` is the version of each that the dispatcher looked at. One that is out of his sight is not found. Raises
    StaleDataError when somebody else has decided, or the phone has sent what was missing, meanwhile.
    """
    mine = Action.visible_to(by).with_only_columns(Action.id)
    query = select(Action).where(Action.id.in_(seen), Action.id.in_(mine)).order_by(Action.seq, Action.id)
    locked = query.with_for_update(of=Action).execution_options(populate_existing=True)
    entries = list(db.session.scalars(locked))
    if any(not one.is_waiting or one.version != seen[one.id] for one in entries):
        raise StaleDataError("decided meanwhile")
    return entries


def accept(entries: Sequence[Action], by: User) -> None:
    """Let what was done count, whoever the job belongs to: the assignment stays, whoever did it is named.

    What something later has overtaken is kept as it is. Raises the last refusal when nothing can take effect any
    more: IllegalMove, Incomplete or Unfit. The caller commits.
    """
    jobs = {one.job_id: one.job for one in entries if one.job is not None}
    places = {place for job in jobs.values() if (place := _place(job))}
    for territory_id, day, _who in sorted(places):
        Plan.lock(territory_id, day)
    for job in jobs.values():
        _made_ready(job, [one for one in entries if one.job is job], by)
    done = [one for one in entries if _applied(one, by)]
    if not done:
        _refuse(entries, by)
    for one in entries:
        if one in done:
            one.decide("applied", by)
        elif one.seq < done[-1].seq and one.job_id == done[-1].job_id:
            one.decide("kept", by)
    _tell(done)
    for territory_id, day, who in sorted(places):
        retime(territory_id, day, {who}, by)


def keep(entries: Sequence[Action], words: Sequence[str], by: User) -> None:
    """Write them down as notes of the job, in these words (none: just closed), and change nothing else. Raises Unfit without a job."""
    for one, text in zip(entries, words, strict=True):
        if one.job is None:
            raise Unfit("not_yours")
        if text:
            _held(one.job).add_note(text, by)
        one.decide("kept", by)


def discard(entries: Sequence[Action], remark: str, by: User) -> None:
    """Close them without effect; says why. Raises Incomplete without a reason."""
    if not remark.strip():
        raise Incomplete("remark")
    for one in entries:
        one.decide("discarded", by, remark.strip())


def _made_ready(job: Job, entries: Sequence[Action], by: User) -> None:
    """A job that was sent anew since, and on which somebody worked, was accepted by working on it."""
    if not any(one.body.get("to") in astray.WORK for one in entries):
        return
    _held(job)
    if job.state == "planned":
        job.move("dispatched", by)
    if job.state == "dispatched":
        job.move("accepted", _actor(entries[0], by))


def _applied(entry: Action, by: User) -> bool:
    """Whether it took effect; a refusal has changed nothing."""
    try:
        apply(entry, _actor(entry, by), anyhow=True)
        db.session.flush()
    except (IllegalMove, Incomplete, Unfit):
        return False
    return True


def _refuse(entries: Sequence[Action], by: User) -> None:
    """Say of the last one why not."""
    apply(entries[-1], _actor(entries[-1], by), anyhow=True)


def _actor(entry: Action, by: User) -> User:
    """Whoever did it, as long as he is a technician; else the dispatcher answers for it."""
    whose = entry.user
    return whose if whose.is_active and whose.role == "technician" and whose.technician else by


def _tell(done: Sequence[Action]) -> None:
    """Whoever has the job hears that somebody else's work on it counts."""
    for job, whose in {one.job_id: (one.job, one.user) for one in done}.values():
        if job is not None:
            astray.tell_owner(job, whose)


def _place(job: Job) -> tuple[int, date, int] | None:
    place = place_of(job)
    return (place[0], place[1], min(place[2])) if place else None


def _held(job: Job) -> Job:
    db.session.flush()  # a refresh forgets what was not written
    db.session.refresh(job, with_for_update={"of": Job})
    return job
