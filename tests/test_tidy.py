"""What is kept for a while only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.clock import at, now
from dispatch.models.idempotency import Receipt
from dispatch.models.plan_change import ChangedJob, PlanChange
from dispatch.models.sign_in import KnownPlace, SignInFailure
from dispatch.models.user import Session
from dispatch.planning.move import set_lock
from dispatch.tasks import tidy
from tests import factories as make

TEN = make.at("10:00")


@pytest.fixture
def kept(session, cast):
    """One of each, from Monday at ten."""
    with at(TEN):
        Session.begin(cast.paula, hours=14)
        session.add(Receipt(user_id=cast.paula.id, key="k", fingerprint="f", reserved_at=now(), headers={}))
        session.add(SignInFailure(email="paula", address="::1", at=now()))
        session.commit()


def left(session):
    return [
        session.scalar(select(func.count()).select_from(table)) for table in (Receipt, Session, SignInFailure)
    ]


@pytest.mark.parametrize(("days", "expected"), [(6, [1, 1, 1]), (8, [0, 0, 0])])
def test_answers_and_sign_ins_are_forgotten_after_a_week(session, kept, days, expected):
    with at(TEN + timedelta(days=days)):
        tidy()
    assert left(session) == expected


def test_where_somebody_signs_in_from_is_forgotten_after_a_quarter(session, cast):
    with at(TEN):
        KnownPlace.remember(cast.paula, "198.51.100.7")
        session.commit()
    counts = []
    for days in (89, 91):
        with at(TEN + timedelta(days=days)):
            tidy()
        counts.append(session.query(KnownPlace).count())
    assert counts == [1, 0]


def test_a_session_is_kept_while_it_is_open(session, cast):
    with at(TEN):
        Session.begin(cast.paula, hours=24 * 30)
        session.commit()
    with at(TEN + timedelta(days=20)):
        tidy()
    assert left(session)[1] == 1


@pytest.mark.parametrize(("days", "expected"), [(6, [1, 1]), (8, [0, 0])])
def test_what_could_be_undone_is_forgotten_with_its_places(session, cast, days, expected):
    with at(TEN):
        set_lock(make.job(technician=cast.tariq), "technician", cast.diane)
        session.commit()
    with at(TEN + timedelta(days=days)):
        tidy()
    tables = (PlanChange, ChangedJob)
    assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == expected
