"""A write under a key is done once: repeated, raced, refused, interrupted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Response, abort
from sqlalchemy import func, select
from werkzeug.exceptions import Conflict, HTTPException, UnprocessableEntity

from dispatch.clock import at, now
from dispatch.extensions import db
from dispatch.models.client import Skill
from dispatch.models.idempotency import Receipt
from dispatch.models.user import User
from dispatch.receipts import RESERVED_SECONDS, answer_once, fingerprint_of
from tests import factories as make

PRINT = fingerprint_of("POST", "/somewhere", b"{}")


@pytest.fixture
def app(app_on_both):
    """On SQLite and on PostgreSQL: case 15 of the battery."""
    return app_on_both


@pytest.fixture
def paula(app, session) -> Iterator[User]:
    """She is asking: refusals are told in her language."""
    found = make.user("Paula")
    session.commit()
    with app.test_request_context("/api/v1/somewhere", method="POST"):
        yield found


def learn(code: str = "vpn", status: int = 201) -> Response:
    """An effect that can be counted: a skill is made."""
    db.session.add(Skill(code=code, label_fr=code, label_en=code))
    return Response(f"learnt {code}", status=status, headers={"Location": f"/skills/{code}"})


def skills() -> int:
    return db.session.scalar(select(func.count(Skill.id))) or 0


def test_a_repeat_replays_the_first_answer_and_does_nothing(paula):
    first = answer_once(paula, "k1", PRINT, learn)
    again = answer_once(paula, "k1", PRINT, lambda: pytest.fail("done twice"))
    assert (again.status_code, again.data, again.headers["Location"]) == (201, first.data, "/skills/vpn")
    assert skills() == 1


def test_the_same_key_of_somebody_else_is_another_key(session, paula):
    denis = make.user("Denis", "dispatcher")
    session.commit()
    answer_once(paula, "k1", PRINT, learn)
    answer_once(denis, "k1", PRINT, lambda: learn("printer"))
    assert skills() == 2


def test_another_request_under_the_same_key_is_refused(paula):
    answer_once(paula, "k1", PRINT, learn)
    with pytest.raises(UnprocessableEntity):
        answer_once(paula, "k1", fingerprint_of("POST", "/elsewhere", b"{}"), learn)


def test_a_fingerprint_tells_where_one_part_ends_and_the_next_begins():
    assert fingerprint_of("ab", "c") != fingerprint_of("a", "bc")


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_nobody_could_mean_is_refused(paula, key):
    with pytest.raises(UnprocessableEntity):
        answer_once(paula, key, PRINT, learn)


@pytest.mark.parametrize("status", [409, 412, 503])
def test_a_refusal_that_a_retry_could_change_is_not_kept_and_has_no_effect(paula, status):
    assert answer_once(paula, "k1", PRINT, lambda: learn(status=status)).status_code == status
    assert skills() == 0
    assert answer_once(paula, "k1", PRINT, learn).status_code == 201
    assert skills() == 1


def test_a_refusal_that_no_retry_changes_is_kept(paula):
    assert answer_once(paula, "k1", PRINT, lambda: learn(status=422)).status_code == 422
    assert answer_once(paula, "k1", PRINT, learn).status_code == 422
    assert skills() == 0


def test_an_abort_takes_its_usual_way_and_frees_the_key(paula):
    def conflict() -> Response:
        learn()
        abort(409)

    assert answer_once(paula, "k1", PRINT, conflict).status_code == 409
    assert skills() == 0
    assert answer_once(paula, "k1", PRINT, learn).status_code == 201


def test_a_mistake_of_ours_frees_the_key(paula):
    def crash() -> Response:
        learn()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_once(paula, "k1", PRINT, crash)
    assert answer_once(paula, "k1", PRINT, learn).status_code == 201
    assert skills() == 1


def test_a_twin_of_one_that_died_waits_for_the_reservation_to_expire(session, paula):
    session.add(Receipt(user_id=paula.id, key="k1", fingerprint=PRINT, reserved_at=now()))
    session.commit()
    with pytest.raises(Conflict):
        answer_once(paula, "k1", PRINT, learn)
    session.rollback()
    with at(now() + timedelta(seconds=RESERVED_SECONDS + 1)):
        assert answer_once(paula, "k1", PRINT, learn).status_code == 201
    assert skills() == 1


def test_one_that_was_so_slow_that_another_took_over_does_nothing(paula):
    def slow() -> Response:
        with at(now() + timedelta(seconds=RESERVED_SECONDS + 1)):
            answer_once(paula, "k1", PRINT, lambda: learn("fast"))
        return learn("slow")

    with pytest.raises(Conflict):
        answer_once(paula, "k1", PRINT, slow)
    assert db.session.scalars(select(Skill.code)).all() == ["fast"]


def test_twenty_twins_at_once_do_it_once(app, session):
    paula_id = make.user("Paula").id
    session.commit()
    start = threading.Barrier(20)

    def send(_number: int) -> int:
        with app.test_request_context():
            start.wait()
            return _status(db.session.get_one(User, paula_id))

    db.session.rollback()
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(send, range(20)))
    assert (201 in statuses, set(statuses) - {201, 409}, skills()) == (True, set(), 1)


def _status(paula: User) -> int:
    try:
        return answer_once(paula, "k1", PRINT, learn).status_code
    except HTTPException as refused:
        return refused.code or 0
