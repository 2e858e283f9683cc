"""Several people and programs at once, with real threads on either database."""

from __future__ import annotations

import contextvars
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from dispatch.models.plan_change import PlanChange
from dispatch.models.tap import take
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning import accept, bulk, move, run, undo
from dispatch.planning.build import build
from dispatch.planning.proposal import basis_of
from dispatch.planning.solver import fallback
from tests import factories as make
from tests.people import assemble

ROUNDS = 4
Deed = Callable[[], Any]


@pytest.fixture(autouse=True)
def monday_at_seven(app_on_both: Flask, session_on_both: Any) -> Any:
    with clock.at(make.at("07:00")):
        assemble()
        yield
    db.session.rollback()
    db.engine.dispose()


@pytest.fixture
def at_once(app_on_both: Flask) -> Callable[..., list[Any]]:
    """Do all of it at the same moment, each in a transaction of its own; what each returned or raised."""

    def do(*deeds: Deed) -> list[Any]:
        db.session.commit()  # the test holds nothing that anybody would wait for
        together = threading.Barrier(len(deeds))

        def alone(deed: Deed) -> Any:
            with app_on_both.app_context():
                together.wait()
                try:
                    answer = deed()
                    db.session.commit()
                except Exception as refusal:  # noqa: BLE001
                    db.session.rollback()
                    return refusal
                return answer

        with ThreadPoolExecutor(len(deeds)) as pool:
            asked = [pool.submit(contextvars.copy_context().run, alone, deed) for deed in deeds]
            answers = [one.result() for one in asked]
        db.session.rollback()
        db.session.expire_all()
        return answers

    return do


def the(kind: Any, name: str) -> Any:
    return db.session.scalars(select(kind).filter_by(name=name)).one()


def assign(job_id: int, technician: str, **how: Any) -> Deed:
    return lambda: move.assign(
        db.session.get_one(Job, job_id), the(Technician, technician), the(User, "Diane"), **how
    )


def proposed() -> int:
    """A run of Monday with its proposal, without the search of the solver."""
    asked = run.request(make.territory(), make.MONDAY, 1, 1, None)
    draft = build(make.territory(), make.MONDAY)
    run.publish(asked, draft, basis_of(draft), fallback(draft.problem))
    db.session.commit()
    return asked.id


def accepting(run_id: int) -> Deed:
    return lambda: accept.accept(db.session.get_one(PlanRun, run_id), None).changed


def overlaps() -> list[tuple[Job, Job]]:
    """I2: pairs of jobs that one technician would have to do at once."""
    jobs = db.session.scalars(select(Job).where(Job.technician_id.is_not(None)).order_by(Job.planned_start))
    by_person: dict[int | None, list[Job]] = {}
    for job in jobs:
        by_person.setdefault(job.technician_id, []).append(job)
    return [
        (one, other)
        for route in by_person.values()
        for one, other in itertools.pairwise(route)
        if one.planned_end > other.planned_start
    ]


def test_two_jobs_given_to_one_technician_for_the_same_minute_never_overlap(at_once):
    for _ in range(ROUNDS):
        one, other = make.job(), make.job()
        at = {"start": make.at("10:00"), "lock": "both"}
        answers = at_once(assign(one.id, "Tariq", **at), assign(other.id, "Tariq", **at))
        refused = [answer for answer in answers if answer is not None]
        assert len(refused) == 1 and refused[0].broken, answers
        assert not overlaps()
        for job in (one, other):
            if job.technician_id:
                move.take_back(job, the(User, "Diane"))


def test_one_proposal_is_accepted_once(at_once):
    for _ in range(ROUNDS):
        make.job(minutes=20)
        run_id = proposed()
        answers = at_once(*[accepting(run_id)] * 3)
        assert sorted(type(answer).__name__ for answer in answers) == ["Superseded", "Superseded", "int"]
        assert not overlaps()


def test_a_move_by_hand_survives_an_acceptance_at_the_same_moment(at_once):
    for _ in range(ROUNDS):
        moved = make.job(minutes=30)
        make.job(minutes=30)
        run_id = proposed()
        answers = at_once(accepting(run_id), assign(moved.id, "Zoé", lock="technician"))
        assert isinstance(answers[0], int) and answers[1] is None, answers
        assert (moved.technician.name, moved.lock) == ("Zoé", "technician")
        assert not overlaps()


def test_a_tap_and_an_acceptance_both_count(at_once):
    job = make.job(technician=the(Technician, "Tariq"), start=make.at("10:00"))
    for _ in range(6):
        make.job()
    run_id, job_id = proposed(), job.id

    def tap() -> None:
        held = db.session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one()
        take(held, "accepted", the(User, "Tariq"))

    answers = at_once(tap, accepting(run_id))
    assert answers[0] is None and isinstance(answers[1], int), answers
    assert job.state == "accepted"


def test_of_several_requests_one_is_queued(at_once):
    ask = lambda: run.request(the_territory(), make.MONDAY, 1, 1, None).id  # noqa: E731
    answers = at_once(*[ask] * 3)
    assert sorted(type(answer).__name__ for answer in answers) == ["RunUnderWay", "RunUnderWay", "int"]


def test_of_several_workers_one_takes_the_run(at_once):
    asked = run.request(make.territory(), make.MONDAY, 1, 1, None).id
    answers = at_once(*[lambda who=who: run._claim(asked, who) for who in ("one", "two", "three")])
    assert sorted(answers) == [False, False, True]


def test_a_proposal_is_either_accepted_or_rejected(at_once):
    make.job()
    run_id = proposed()
    reject = lambda: accept.reject(db.session.get_one(PlanRun, run_id), the(User, "Diane"))  # noqa: E731
    answers = at_once(accepting(run_id), reject)
    assert [type(answer).__name__ for answer in answers].count("Superseded") == 1
    assert db.session.get_one(PlanRun, run_id).state in ("accepted", "rejected")


def test_several_jobs_and_one_of_them_are_moved_at_the_same_moment(at_once):
    for _ in range(ROUNDS):
        jobs = [make.job(minutes=10) for _ in range(4)]
        db.session.commit()
        seen = {job.id: job.version for job in jobs}
        one = jobs[2].id
        answers = at_once(
            several(seen, "Tariq"),
            assign(one, "Zoé", version=seen[one]),
            several(dict(reversed(seen.items())), "Zoé"),
        )
        single = {one} if answers[1] is None else set()
        given = [answers[0], single, answers[2]]
        assert sum(map(len, given)) == len(set().union(*given)) == len(jobs), answers
        assert isinstance(answers[1], StaleDataError | None), answers
        assert not overlaps()


def several(seen: dict[int, int], technician: str) -> Deed:
    """Whom of them it moved."""

    def do() -> set[int]:
        who, by = the(Technician, technician), the(User, "Diane")
        return {job.id for job in bulk.move(the_territory(), seen, who, make.MONDAY, by).done}

    return do


def test_a_tap_counts_while_several_are_left_to_the_engine(at_once):
    for _ in range(ROUNDS):
        jobs = [
            make.job(technician=the(Technician, "Tariq"), start=make.at(f"{9 + n:02}:00")) for n in range(3)
        ]
        db.session.commit()
        seen = {job.id: job.version for job in jobs}
        tapped = jobs[0].id

        def tap(tapped=tapped) -> None:
            held = db.session.scalars(select(Job).where(Job.id == tapped).with_for_update()).one()
            take(held, "accepted", the(User, "Tariq"))

        def leave(seen=seen) -> set[int]:
            return {one.job.id for one in bulk.hand_over(the_territory(), seen, the(User, "Diane")).refused}

        kept = at_once(tap, leave)[1]
        assert (jobs[0].state == "accepted", kept) in ((True, {tapped}), (False, set()))
        assert [job.state for job in jobs[1:]] == ["unplanned", "unplanned"]


def the_territory() -> Any:
    return the(type(make.territory()), "Rennes")


def undoing(who: str) -> Deed:
    """Undo the latest change as it is seen now."""
    change = db.session.scalars(select(PlanChange).order_by(PlanChange.id.desc())).first()
    seen, change_id = undo.undo_of([change]).seen, change.id
    return lambda: undo.undo([db.session.get_one(PlanChange, change_id)], the(User, who), seen)


def test_of_two_who_undo_the_same_change_one_is_refused(at_once):
    for _ in range(ROUNDS):
        job = make.job(technician=the(Technician, "Tariq"), start=make.at("10:00"), minutes=20)
        db.session.commit()
        move.assign(job, the(Technician, "Zoé"), the(User, "Diane"))
        answers = at_once(undoing("Diane"), undoing("Ahmed"))
        assert [type(one) for one in answers].count(StaleDataError) == 1, answers
        assert job.technician.name == "Tariq" and not overlaps()


def test_a_job_that_is_begun_while_it_is_undone_goes_back_before_or_stays(at_once):
    """Zoé begins it at the moment at which Diane takes it from her: one of both is told."""
    for _ in range(ROUNDS):
        job = make.job(technician=the(Technician, "Tariq"), start=make.at("10:00"), minutes=20)
        db.session.commit()
        move.assign(job, the(Technician, "Zoé"), the(User, "Diane"))
        job.move("accepted", the(User, "Zoé"))
        job_id = job.id

        def begin(job_id: int = job_id) -> None:
            held = db.session.scalars(select(Job).where(Job.id == job_id).with_for_update(of=Job)).one()
            take(held, "travelling", the(User, "Zoé"))

        answers = at_once(undoing("Diane"), begin)
        assert sum(isinstance(one, Exception) for one in answers) == 1, answers
        assert (job.technician.name, job.state) in (("Tariq", "dispatched"), ("Zoé", "travelling"))
        assert not [pair for pair in overlaps() if all(one.is_open for one in pair)]
        move.cancel(job, the(User, "Diane"))
