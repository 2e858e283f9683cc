"""What a run of a scope may touch: each on a small day, solved, checked, and accepted while others go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import current_app

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from dispatch.models.technician import Technician
from dispatch.planning import accept, move, run
from dispatch.planning.build import build
from dispatch.planning.proposal import basis_of
from dispatch.planning.scope import Scope, scoped
from dispatch.planning.solver import fallback
from dispatch.routing.check import failures
from tests import factories as make
from tests.people import Cast, assemble


@pytest.fixture(autouse=True)
def monday_before_dawn(session_on_both: Any) -> Any:
    with clock.at(make.at("06:30")):
        yield


@pytest.fixture
def cast(session_on_both: Any) -> Cast:
    return assemble()


def proposed(cast: Cast, scope: Scope) -> PlanRun:
    """A run of Monday with that scope, planned without the solver's search, checked and published."""
    asked = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane, scope.to_json())
    db.session.commit()
    db.session.expire_all()
    draft = scoped(build(make.territory(), make.MONDAY), scope)
    solution = fallback(draft.problem, start=draft.live_routes())
    assert failures(draft.problem, solution) == ()
    run.publish(asked, draft, basis_of(draft), solution)
    db.session.commit()
    db.session.expire_all()
    return asked


def searched(cast: Cast, scope: Scope) -> PlanRun:
    """The same by the worker, with the real solver in its child process."""
    asked = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane, scope.to_json())
    app, run_id = current_app._get_current_object(), asked.id  # type: ignore[attr-defined]
    db.session.commit()
    with app.app_context():
        run.execute(run_id, "worker of the test")
    db.session.expire_all()
    assert (asked.state, asked.error) == ("proposed", None)
    return asked


def accepted(found: PlanRun, cast: Cast) -> None:
    accept.accept(found, cast.diane)
    db.session.commit()
    db.session.expire_all()
    draft = build(make.territory(), make.MONDAY)
    assert [timed.broken for timed in draft.live() if timed.broken] == []


def place(job: Job) -> tuple[Any, ...]:
    return job.technician_id, job.planned_start, job.planned_end, job.state


def given(who: Technician, *starts: str) -> list[Job]:
    return [make.job(f"panne {start}", technician=who, start=make.at(start)) for start in starts]


def test_only_what_nobody_has_is_placed(cast: Cast) -> None:
    """Tariq has five jobs and Zoé none: a whole run could share them, this one leaves them where they are."""
    his, waiting = given(cast.tariq, "08:30", "09:30", "10:30", "11:30", "13:00"), make.job("nouvelle")
    found = proposed(cast, Scope("unassigned"))
    assert [item["job"] for item in found.diff if item["kind"] in ("moved", "unassigned")] == []
    assert waiting.id in {item["job"] for item in found.diff if item["kind"] == "assigned"}
    accepted(found, cast)
    assert waiting.technician_id is not None
    assert {job.technician_id for job in his} == {cast.tariq.id}


def test_a_job_that_somebody_takes_meanwhile_stays_where_he_put_it(cast: Cast) -> None:
    [his], waiting = given(cast.tariq, "09:00"), [make.job(f"nouvelle {n}") for n in range(3)]
    found = proposed(cast, Scope("unassigned"))
    proposed_for = {item["job"]: item["to"]["technician_id"] for item in found.diff if item["to"]}
    other = cast.zoe if proposed_for[waiting[0].id] == cast.tariq.id else cast.tariq
    move.assign(waiting[0], other, cast.denis)
    move.assign(his, cast.zoe, cast.denis)
    db.session.commit()
    accepted(found, cast)
    assert (waiting[0].technician_id, his.technician_id) == (other.id, cast.zoe.id)
    assert all(job.technician_id for job in waiting)


def test_who_falls_ill_before_the_answer_keeps_what_the_run_was_not_to_touch(cast: Cast) -> None:
    his, waiting = given(cast.tariq, "09:00", "10:00"), make.job("nouvelle")
    found = proposed(cast, Scope("unassigned"))
    before = [place(job) for job in his]
    make.absence(cast.tariq)
    db.session.commit()
    accept.accept(found, cast.diane)
    db.session.commit()
    assert [place(job) for job in his] == before
    assert waiting.technician_id in (cast.zoe.id, None)


def test_a_route_that_no_longer_holds_stays_and_is_said_to(cast: Cast) -> None:
    """Tariq's two jobs lie upon each other, and each is fixed: nothing of it can be timed."""
    at_nine = {"lock": "both", "lock_technician_id": cast.tariq.id, "lock_start": make.at("09:00")}
    his = [make.job(f"fixe {n}", technician=cast.tariq, start=make.at("09:00"), **at_nine) for n in (1, 2)]
    make.job("nouvelle")
    found = proposed(cast, Scope("unassigned"))
    assert [one["reason"] for one in found.left_out] == ["stands"]
    before = [place(job) for job in his]
    accept.accept(found, cast.diane)
    assert [place(job) for job in his] == before


def test_only_the_technicians_named_and_what_nobody_has_are_looked_at(cast: Cast) -> None:
    yann = make.technician("Yann")
    hers, his = given(cast.zoe, "09:10", "12:40"), given(cast.tariq, "08:30", "09:30", "10:30", "11:30")
    waiting = make.job("nouvelle")
    found = proposed(cast, Scope("technicians", frozenset({cast.tariq.id, yann.id})))
    assert not {job.id for job in hers} & {item["job"] for item in found.diff}
    assert waiting.id in {item["job"] for item in found.diff}
    db.session.commit()
    move.assign(his[0], cast.zoe, cast.denis)  # out of the scope by hand
    db.session.commit()
    before = [place(job) for job in hers]
    accepted(found, cast)
    assert his[0].technician_id == cast.zoe.id
    assert [place(job) for job in hers] == before
    assert {job.technician_id for job in [*his[1:], waiting]} <= {cast.tariq.id, yann.id}


def test_why_nobody_gets_a_job_is_not_told_by_a_run_that_did_not_ask_everybody(cast: Cast) -> None:
    cast.zoe.rights.append(make.RightGrant(admin_right_id=make.right().id))
    serveur = make.job("serveur", admin_right_id=make.right().id)
    found = proposed(cast, Scope("technicians", frozenset({cast.tariq.id})))
    assert [item["job"] for item in found.unassigned] == [serveur.id]
    accepted(found, cast)
    assert serveur.explanation is None


def test_what_begins_before_the_instant_stays_as_it_is(cast: Cast) -> None:
    early, late = given(cast.tariq, "08:30", "10:15", "11:20"), given(cast.tariq, "14:30", "15:30", "16:15")
    waiting = make.job("nouvelle")
    before = [place(job) for job in early]
    found = proposed(cast, Scope("from", since=make.at("13:00")))
    assert not {job.id for job in early} & {item["job"] for item in found.diff}
    with clock.at(make.at("06:34")):
        accepted(found, cast)
    assert [place(job) for job in early] == before
    assert all(job.planned_start >= make.at("13:00") for job in [*late, waiting] if job.planned_start)
    assert waiting.technician_id is not None


def test_who_is_too_late_for_the_planned_minute_begins_as_soon_as_he_can(cast: Cast) -> None:
    cast.tariq.shifts[0].starts_at = make.at("09:00")
    [his] = given(cast.tariq, "08:30")
    db.session.flush()
    draft = scoped(build(make.territory(), make.MONDAY), Scope("from", since=make.at("13:00")))
    [held] = draft.problem.jobs
    assert held.lock is not None and draft.horizon.instant(held.lock.start or 0) > make.at("09:00")
    assert failures(draft.problem, fallback(draft.problem)) == ()
    assert held.id == str(his.id)


def test_work_that_has_to_be_done_earlier_is_no_matter_of_that_run(cast: Cast) -> None:
    make.job("avant midi", lock="time", lock_start=make.at("09:00"))
    found = proposed(cast, Scope("from", since=make.at("13:00")))
    assert (found.diff, found.unassigned) == ([], [])


def test_a_repair_gives_the_work_of_somebody_ill_to_others_and_leaves_theirs(cast: Cast) -> None:
    yann = make.technician("Yann")
    his = given(cast.tariq, "08:30", "09:30", "10:30")
    kept = [*given(cast.zoe, "08:40", "11:00"), *given(yann, "09:00", "13:00")]
    owners = [job.technician_id for job in kept]
    make.absence(cast.tariq)
    waiting = make.job("attend un plan")
    cause = {"kind": "absent", "technician": cast.tariq.id, "jobs": [job.id for job in his]}
    found = searched(cast, Scope("repair", cause=cause))
    assert found.scope["cause"] == cause
    accepted(found, cast)
    assert (waiting.technician_id, waiting.explanation) == (None, None)
    assert {job.technician_id for job in his} <= {cast.zoe.id, yann.id}
    assert [job.technician_id for job in kept] == owners


def test_a_scope_comes_back_from_the_table_as_it_was_asked() -> None:
    asked = Scope("from", since=make.at("13:00")), Scope("technicians", frozenset({3, 1})), Scope()
    assert tuple(Scope.of(one.to_json()) for one in asked) == asked
    assert Scope.of({}) == Scope()
    assert not Scope("from", since=make.at("13:00")).keeps(Job(planned_start=make.at("13:00")))
    assert Scope("from", since=make.at("13:00")).keeps(
        Job(planned_start=make.at("13:00") - timedelta(seconds=1))
    )


def test_a_run_of_a_part_leaves_the_proposal_for_the_whole_day_waiting(cast):
    make.job("Écran noir")
    whole, part, again = (proposed(cast, Scope(kind)) for kind in ("all", "unassigned", "all"))
    assert [one.state for one in (whole, part, again)] == ["superseded", "proposed", "proposed"]
