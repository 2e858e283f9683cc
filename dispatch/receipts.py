"""Writes that carry a key are done exactly once, however often and however concurrently they arrive.

The reservation of a key is committed first, in a short transaction of its own. The effect and its
answer are then committed together, on the condition that the reservation is still ours: a process that
dies in between leaves nothing done, and one that was so slow that its reservation expired cannot do it
a second time. Screens and the API share this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, make_response
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Conflict, HTTPException, UnprocessableEntity

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.idempotency import Receipt
from dispatch.models.user import User

RESERVED_SECONDS = 60
LONGEST_KEY = 200
# a retry could be answered otherwise, so these answers are not kept
_MAY_CHANGE = frozenset({401, 403, 408, 409, 412, 425, 428, 429})
_KEPT_HEADERS = ("Content-Type", "Location", "ETag", "HX-Redirect", "HX-Trigger")


@dataclass(frozen=True, slots=True)
class _Reservation:
    """The right to act under a key; the instant tells it from one that replaced it."""

    receipt_id: int
    reserved_at: datetime


def answer_once(user: User, key: str, fingerprint: str, act: Callable[[], Any]) -> Response:
    """The answer of `act`, done once per user and key; a repeat gets the first answer again.

    `fingerprint` stands for the request (see `fingerprint_of`). `act` works in the session, does not
    commit, and returns what a view returns; what was pending before is rolled back. Raises UnprocessableEntity when the key was used for another
    request or is too long, Conflict while a twin is under way.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise UnprocessableEntity(_("An idempotency key has 1 to 200 characters."))
    found = _reserve(user.id, key, fingerprint)
    if isinstance(found, Response):
        return found
    try:
        return _settle(found, _answer_of(act))
    except BaseException:
        _release(found)
        raise


def fingerprint_of(*parts: str | bytes | None) -> str:
    """A digest of what makes a request itself: method, path and body."""
    texts = [part if isinstance(part, bytes) else (part or "").encode() for part in parts]
    return hashlib.sha256(b"\0".join(b"%d:%s" % (len(text), text) for text in texts)).hexdigest()


def _reserve(user_id: int, key: str, fingerprint: str) -> _Reservation | Response:
    """Reserve the key and commit, or find what was answered under it."""
    db.session.rollback()
    instant = now()
    is_first = _insert_if_absent(
        user_id=user_id, key=key, fingerprint=fingerprint, reserved_at=instant, headers={}
    )
    receipt = db.session.scalars(
        select(Receipt).where(Receipt.user_id == user_id, Receipt.key == key).with_for_update()
    ).one()
    if receipt.fingerprint != fingerprint:
        raise UnprocessableEntity(_("This idempotency key was used for another request."))
    if receipt.status is not None:
        return _replay(receipt)
    if not is_first:
        _take_over(receipt, instant)
    reservation = _Reservation(receipt.id, instant)
    db.session.commit()
    return reservation


def _insert_if_absent(**values: Any) -> bool:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Receipt).values(**values).on_conflict_do_nothing()
    return db.session.scalar(insert.returning(Receipt.id)) is not None


def _replay(receipt: Receipt) -> Response:
    answer = Response(receipt.body or "", status=receipt.status, headers=receipt.headers)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _take_over(receipt: Receipt, instant: datetime) -> None:
    """A reservation that its owner let expire is anybody's; a fresh one is a twin's."""
    if instant - receipt.reserved_at < timedelta(seconds=RESERVED_SECONDS):
        raise Conflict(_("The same request is being worked on. Ask again in a moment."))
    receipt.reserved_at = instant


def _answer_of(act: Callable[[], Any]) -> Response:
    """What `act` answers; its refusals take the way that they take without a key."""
    try:
        answer = make_response(act())
        db.session.flush()
        return answer
    except (HTTPException, StaleDataError) as refusal:
        return make_response(current_app.handle_user_exception(refusal))


def _settle(reservation: _Reservation, answer: Response) -> Response:
    """Commit the effect together with its answer; a refusal has no effect to commit."""
    if answer.status_code >= 400:
        db.session.rollback()
    if answer.status_code in _MAY_CHANGE or answer.status_code >= 500:
        _release(reservation)
        return answer
    kept = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    body = answer.get_data(as_text=True)
    settled = update(Receipt).where(*_ours(reservation))
    values = {"status": answer.status_code, "headers": kept, "body": body}
    if db.session.connection().execute(settled.values(values)).rowcount != 1:
        db.session.rollback()
        raise Conflict(_("The same request is being worked on. Ask again in a moment."))
    db.session.commit()
    return answer


def _release(reservation: _Reservation) -> None:
    """Nothing was done: the key is free again."""
    db.session.rollback()
    db.session.connection().execute(delete(Receipt).where(*_ours(reservation)))
    db.session.commit()


def _ours(reservation: _Reservation) -> tuple[Any, ...]:
    return (
        Receipt.id == reservation.receipt_id,
        Receipt.reserved_at == reservation.reserved_at,
        Receipt.status.is_(None),
    )
