"""The ledger: each action of a phone takes effect once, however often and from however many tabs it is sent.

An entry and its effect are one transaction, begun by inserting the key. A twin waits at the key (PostgreSQL: at the
unique index, SQLite: at the write lock) and then finds the answer; a process that dies in between leaves neither
effect nor key; one that dies after the commit has left the answer for the next try. Nothing is reserved, so nobody
waits for a reservation to expire.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import distinct, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from dispatch.extensions import db
from dispatch.models import astray
from dispatch.models.action import Action
from dispatch.models.device import Device
from dispatch.models.event import record
from dispatch.models.idempotency import Receipt
from dispatch.models.job import FIRST_NUMBER, IllegalMove, Job
from dispatch.models.transitions import Incomplete
from dispatch.replay.incoming import Incoming
from dispatch.replay.kinds import WITHDRAWN, Unfit, apply, texts
from dispatch.replay.moments import Clocks, happened

RETRIES = 3
Refusal = (Unfit, IllegalMove, Incomplete)


class UnderWay(Exception):
    """The same key was sent as a form and is being worked on: to be asked again in a moment."""


class Entered(NamedTuple):
    """The id of an entry, and whether it was made just now."""

    id: int
    is_fresh: bool


def take(device_id: int, said: Incoming, clocks: Clocks) -> Entered:
    """Enter one action of a phone whose technician is signed in, and commit.

    What cannot take effect is entered to be reviewed. Raises UnderWay, and OperationalError when the database is busy;
    nothing was done then, and it can be sent again.
    """
    for _try in range(RETRIES):
        try:
            return _take(device_id, said, clocks)
        except StaleDataError:
            db.session.rollback()
    return _shelve(device_id, said, clocks, Unfit("failed"))


def enter(
    device: Device, said: Incoming, clocks: Clocks, outcome: str, reason: str | None = None
) -> Action | None:
    """Insert the entry; None when the key is there already. The caller commits."""
    job_id, territory_id = _place_of(said.number)
    whose = device.user.technician
    values: dict[str, Any] = {
        "version": 1, "user_id": device.user_id, "device_id": device.id, "job_id": job_id,
        "territory_id": territory_id or (whose and whose.territory_id), "key": said.key, "seq": said.seq,
        "kind": said.kind, "number": said.number, "body": said.body, "based_on": said.based_on,
        "fingerprint": said.fingerprint, "size": said.size, "claimed_at": said.at,
        "received_at": clocks.received_at, "skew_seconds": clocks.skew_seconds, "clock": clocks.fault(said.at),
        "outcome": outcome, "reason": reason, "told": {}, "answer": {},
    }  # fmt: skip
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Action).values(**values).on_conflict_do_nothing(index_elements=["user_id", "key"])
    entered = db.session.scalar(insert.returning(Action.id))
    return db.session.get_one(Action, entered) if entered is not None else None


def found(user_id: int, key: str) -> Action:
    return db.session.scalars(select(Action).where(Action.user_id == user_id, Action.key == key)).one()


def knows(user_id: int, key: str) -> bool:
    """Whether a phone has handed in this key."""
    return (
        db.session.scalar(select(Action.id).where(Action.user_id == user_id, Action.key == key)) is not None
    )


def has_applied(user_id: int, key: str) -> bool:
    """Whether it has taken effect, at once or later."""
    effective = or_(Action.outcome == "applied", Action.decision == "applied")
    query = select(Action.id).where(Action.user_id == user_id, Action.key == key, effective)
    return db.session.scalar(query) is not None


def entries(ids: Sequence[int]) -> dict[int, Action]:
    return {row.id: row for row in db.session.scalars(select(Action).where(Action.id.in_(ids)))}


def note_seen(device_id: int, seqs: Sequence[int], at: datetime) -> None:
    """Keep when the phone was heard of and how far it has come, and commit; a higher number stays."""
    highest = max(seqs, default=0)
    values = {"seen_at": at}
    db.session.execute(update(Device).where(Device.id == device_id).values(**values))
    further = update(Device).where(Device.id == device_id, Device.last_seq < highest)
    db.session.execute(further.values(last_seq=highest))
    db.session.commit()


def resume(device_id: int) -> None:
    """Try again, in their order, what came before something done earlier or before its file; each in a transaction
    of its own."""
    waits = select(Action.id).where(
        Action.device_id == device_id,
        Action.waiting(),
        Action.outcome == "review",
        Action.reason.in_(("waits", "no_file")),
    )
    for action_id in db.session.scalars(waits.order_by(Action.seq)).all():
        _retry(action_id)
    db.session.rollback()


def _take(device_id: int, said: Incoming, clocks: Clocks) -> Entered:
    device = db.session.get_one(Device, device_id)
    entry = enter(device, said, clocks, "applied")
    if entry is None:
        return _repeated(device, said, clocks)
    try:
        if not _done_by_form(entry):
            apply(entry, entry.user)
        db.session.flush()
    except Refusal as refusal:
        return _shelve(device_id, said, clocks, refusal)
    except (StaleDataError, OperationalError, UnderWay):
        raise
    except Exception:  # a mistake of ours must not keep all that follows in the queue for ever
        logging.getLogger(__name__).exception("an action of a phone could not be applied")
        return _shelve(device_id, said, clocks, Unfit("failed"))
    entry.answer = _answer(entry)
    entered = Entered(entry.id, True)
    db.session.commit()
    return entered


def _repeated(device: Device, said: Incoming, clocks: Clocks) -> Entered:
    """The first entry of the key; said otherwise now, it is an entry of its own, to be reviewed."""
    first = found(device.user_id, said.key)
    if is_taken_back(first, said):
        return _taken_back(first)
    first_id, same = first.id, first.fingerprint == said.fingerprint
    db.session.rollback()
    return (
        Entered(first_id, False) if same else _shelve(device.id, otherwise(said), clocks, Unfit("key_reused"))
    )


def is_taken_back(first: Action, said: Incoming) -> bool:
    """A photo and that it was taken back have one key; whichever comes second says nothing new of itself."""
    return {first.kind, said.kind} == {"photo", WITHDRAWN} and first.number == said.number


def _taken_back(first: Action) -> Entered:
    """A photo that had come is with the job; one that waits is for nobody to decide about any more."""
    if first.is_waiting:
        first.decide("discarded", None)
    entered = Entered(first.id, False)
    db.session.commit()
    return entered


def otherwise(said: Incoming) -> Incoming:
    """The same action under a key that stands for what it says."""
    return Incoming(f"{said.key}:{said.fingerprint[:16]}", said.seq, said.at, said.number, said.kind, said.based_on,
                    said.body)  # fmt: skip


def _shelve(device_id: int, said: Incoming, clocks: Clocks, refusal: Exception) -> Entered:
    """Enter it to be reviewed, and keep what it says of work that was done."""
    db.session.rollback()
    device = db.session.get_one(Device, device_id)
    entry = enter(device, said, clocks, "review")
    if entry is None:
        key = said.key
        db.session.rollback()
        return Entered(found(device.user_id, key).id, False)
    entry.reason, entry.told = _reason(entry, refusal)
    if entry.reason in ("moved", "unplanned", "cancelled"):
        _keep_work(entry)
    record("job.deposited", by=entry.user, job=entry.job, reason=entry.reason, territory_id=entry.territory_id,
           to=texts(entry.body).get("to"))  # fmt: skip
    db.session.flush()
    entry.answer = _answer(entry)
    entered = Entered(entry.id, True)
    db.session.commit()
    return entered


def _reason(entry: Action, refusal: Exception) -> tuple[str, dict[str, Any]]:
    """Why it was not applied, as a code and what its sentence needs."""
    if isinstance(refusal, Incomplete):
        return "incomplete", {"field": refusal.field}
    if isinstance(refusal, IllegalMove):
        job = entry.job
        if job is not None and job.state == "cancelled":
            return "cancelled", astray.told_of(job)
        told = {"state": refusal.source, "legal": refusal.legal}
        return ("waits" if _has_gap(entry.device_id, entry.seq) else "illegal"), told
    return (refusal.reason, refusal.told) if isinstance(refusal, Unfit) else ("failed", {})


def _has_gap(device_id: int, seq: int) -> bool:
    """Whether something that the phone did before has not come yet."""
    before = select(func.count(distinct(Action.seq))).where(Action.device_id == device_id, Action.seq < seq)
    return (db.session.scalar(before) or 0) < seq - 1


def _keep_work(entry: Action) -> None:
    job = entry.job
    assert job is not None  # the reasons are those of a job
    db.session.flush()  # a refresh forgets what was not written
    db.session.refresh(job, with_for_update={"of": Job})
    moment = happened(entry.claimed_at, entry.skew_seconds or 0, entry.received_at, job.created_at)
    to = texts(entry.body).get("to", "")
    if entry.kind == "transition":
        astray.keep_work(job, to, entry.user, moment, entry.note, entry.key, entry.clock)


def _retry(action_id: int) -> None:
    db.session.rollback()
    query = select(Action).where(Action.id == action_id).with_for_update()
    entry = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if not entry.is_waiting:
        return
    try:
        apply(entry, entry.user)
        entry.decide("applied", None)
        db.session.commit()
    except (*Refusal, StaleDataError) as refusal:
        db.session.rollback()
        _stop_waiting(action_id, refusal.reason if isinstance(refusal, Unfit) else "illegal")


def _stop_waiting(action_id: int, reason: str) -> None:
    """Everything done before has come, and it still does not fit: somebody has to look at it."""
    entry = db.session.get_one(Action, action_id)
    if not _has_gap(entry.device_id, entry.seq) and reason != entry.reason:
        entry.reason = reason
        db.session.commit()


def _done_by_form(entry: Action) -> bool:
    """Whether the page's form has done it already, and its answer was lost."""
    receipt = db.session.scalar(
        select(Receipt).where(Receipt.user_id == entry.user_id, Receipt.key == entry.key)
    )
    if receipt is not None and receipt.status is None:
        raise UnderWay
    return receipt is not None and receipt.status is not None and receipt.status < 400


def _answer(entry: Action) -> dict[str, Any]:
    """Where the job stands with it: nothing of a job that is not the technician's any more."""
    job = entry.job
    if job is None or not astray.is_his(job, entry.user):
        return {"state": None, "version": None}
    return {"state": job.state, "version": job.version}


def _place_of(number: str | None) -> tuple[int | None, int | None]:
    """The id and the territory of the job of that number, if there is one."""
    if number is None:
        return None, None
    row = db.session.execute(select(Job.id, Job.territory_id).where(Job.id == id_of(number))).one_or_none()
    return (row.id, row.territory_id) if row else (None, None)


def id_of(number: str) -> int:
    """The job's id in its number; 0, which none has, for a number that no table could hold."""
    job_id = int(number.removeprefix("INT-")) - FIRST_NUMBER
    return job_id if 0 < job_id < 2**31 else 0
