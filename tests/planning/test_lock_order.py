"""Who holds several rows takes them in one order, so that nobody waits for somebody who waits for him.

Somebody holds the first of two jobs until two others wait for it; when he lets go, neither of these may have what
the other one still needs. PostgreSQL only: on SQLite there is one writer at a time.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.tap import take
from dispatch.models.user import User
from dispatch.planning import accept, bulk
from dispatch.planning.retime import freeing
from tests import factories as make
from tests.people import assemble
from tests.planning.sandboxes import asked, worked

pytestmark = pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def cast(app_on_both: Flask, session_on_both: Any, monkeypatch: Any) -> Any:
    monkeypatch.setattr("sys.executable", "/bin/false")  # the solver is lost: a greedy plan takes its place
    with clock.at(make.at("07:00")):
        yield assemble()
    db.session.rollback()
    db.engine.dispose()


@pytest.fixture
def while_held(app_on_both: Flask) -> Callable[..., list[Any]]:
    """Both deeds, one after the other, as far as they come while somebody holds the job; what each raised or gave."""

    def do(job: Job, *deeds: Callable[[], Any]) -> list[Any]:
        held = select(Job).where(Job.id == job.id).with_for_update(of=Job)
        db.session.commit()

        def alone(deed: Callable[[], Any]) -> Any:
            with app_on_both.app_context():
                try:
                    answer = deed()
                    db.session.commit()
                except Exception as refusal:  # noqa: BLE001 - whatever it is, the test looks at it
                    db.session.rollback()
                    return refusal
                return answer

        with ThreadPoolExecutor(len(deeds)) as pool, db.engine.connect() as other:
            db.session.scalars(held).one()
            answers = []
            for number, deed in enumerate(deeds, start=1):
                answers.append(pool.submit(contextvars.copy_context().run, alone, deed))
                for _try in range(200):
                    if other.execute(text(WAITING)).scalar() >= number:
                        break
                    other.rollback()
                    time.sleep(0.02)
            db.session.commit()
            return [one.result(timeout=30) for one in answers]

    return do


def the(kind: Any, name: str) -> Any:
    return db.session.scalars(select(kind).filter_by(name=name)).one()


def test_locks_for_several_and_an_early_beginning(cast: Any, while_held: Any) -> None:
    low = make.job("A", technician=cast.tariq, start=make.at("09:00"), minutes=40)
    high = make.job("B", technician=cast.tariq, start=make.at("11:00"), minutes=240)
    high.state = "accepted"
    db.session.commit()
    seen, high_id = {low.id: low.version, high.id: high.version}, high.id

    def lock() -> int:
        return len(bulk.lock(the(Territory, "Rennes"), seen, "technician", the(User, "Diane")).answers)

    def begin() -> str:
        by, job = the(User, "Tariq"), db.session.get_one(Job, high_id)
        with freeing(job, "working", by):
            db.session.refresh(job, with_for_update={"of": Job})
            take(job, "working", by)
        return job.state

    assert while_held(low, lock, begin) == [2, "working"]


def test_work_left_to_the_engine_and_a_what_if_that_becomes_real(cast: Any, while_held: Any) -> None:
    low, high = make.job("A"), make.job("B")
    found = worked(asked(cast, {"kind": "longer", "job": high.number, "minutes": 90}))
    seen, run_id = {low.id: low.version, high.id: high.version}, found.id

    def leave() -> int:
        return len(bulk.hand_over(the(Territory, "Rennes"), seen, the(User, "Diane")).answers)

    def accepting() -> int:
        return accept.accept(db.session.get_one(PlanRun, run_id), the(User, "Diane")).changed

    answers = while_held(low, leave, accepting)
    assert not [one for one in answers if isinstance(one, Exception)], answers
