"""A what-if from what is assumed to the plan: each kind, and who may assume what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.plan import Explanation, PlanRun
from dispatch.models.technician import Absence
from dispatch.planning import accept, move, run
from dispatch.planning.assuming import WrongAssumption
from dispatch.tasks import tidy
from tests import factories as make
from tests.planning.sandboxes import absent, asked, closed, more, worked


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any, monkeypatch: Any) -> Any:
    """The solver is lost, so that each run has its greedy plan at once."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    with clock.at(make.at("06:30")):
        yield


def test_when_tariq_is_sick_zoe_has_his_work_and_it_is_accepted_as_an_absence(cast, session):
    jobs = [make.job(f"panne {n}", technician=cast.tariq, start=make.at(f"{10 + n}:00")) for n in range(3)]
    found = worked(asked(cast, absent(cast.tariq)))
    assert {item["to"]["technician"] for item in found.diff} == {"Zoé"}
    beside = found.beside
    assert [beside[name]["served"] for name in ("now", "best", "then")] == [3, 3, 3]
    accept.accept(found, cast.diane)
    session.commit()
    assert {job.technician_id for job in jobs} == {cast.zoe.id}
    [absence] = session.scalars(select(Absence))
    assert (absence.technician_id, absence.starts_at) == (cast.tariq.id, make.at("00:00"))
    [told] = session.scalars(select(Event).where(Event.kind == "technician.absence"))
    assert (told.actor_id, told.technician_id) == (cast.diane.id, cast.tariq.id)


def test_who_is_assumed_to_leave_soon_keeps_no_work_after_that_not_even_his_next(cast, session):
    with clock.at(make.at("09:50")):
        job = make.job("panne", technician=cast.tariq, start=make.at("10:00"), minutes=10, state="accepted")
        found = worked(asked(cast, absent(cast.tariq, "09:56", "17:00")))
        assert [(item["job"], item["to"]["technician"]) for item in found.diff] == [(job.id, "Zoé")]
        accept.accept(found, cast.diane)
        session.commit()
    assert job.technician_id == cast.zoe.id


def test_a_kiosk_that_closes_gives_its_hours_back(cast, session):
    make.absence(cast.tariq)
    duty = make.duty(cast.zoe, ("08:30", "17:00"))
    late = make.duty(cast.tariq, ("16:00", "17:00"))
    waiting = make.job("panne", minutes=80)
    found = worked(asked(cast, closed("15:00")))
    assert [found.beside[name]["served"] for name in ("now", "best", "then")] == [0, 0, 1]
    accept.accept(found, cast.diane)
    session.commit()
    assert (duty.ends_at, waiting.technician_id) == (make.at("15:00"), cast.zoe.id)
    assert waiting.planned_start >= make.at("15:00")
    assert late not in session


def test_a_job_that_takes_longer_pushes_others_out_and_takes_longer_when_accepted(cast, session):
    make.absence(cast.tariq)
    first = make.job("migration", technician=cast.zoe, start=make.at("09:00"), lock="technician",
                     lock_technician_id=cast.zoe.id)  # fmt: skip
    other = make.job("panne", technician=cast.zoe, start=make.at("10:00"))
    found = worked(asked(cast, {"kind": "longer", "job": first.number, "minutes": 540}))
    assert [item["job"] for item in found.unassigned] == [other.id]
    accept.accept(found, cast.diane)
    session.commit()
    assert (first.duration_minutes, first.duration_source, other.state) == (540, "said", "unplanned")


def test_a_what_if_and_a_run_do_not_wait_for_each_other_and_replace_nothing(cast, session):
    make.job("panne")
    real = worked(run.request(make.territory(), make.MONDAY, 1, 1, cast.diane))
    explained = [(one.job_id, one.run_id) for one in session.scalars(select(Explanation))]
    trial = asked(cast, absent(cast.tariq))
    with pytest.raises(run.RunUnderWay):
        asked(cast, absent(cast.zoe))
    queued = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)
    run.cancel(queued, cast.diane)
    worked(trial)
    assert (real.state, trial.state) == ("proposed", "proposed")
    other = worked(asked(cast, absent(cast.zoe)))
    worked(run.request(make.territory(), make.MONDAY, 1, 1, cast.diane))
    session.expire_all()
    assert (real.state, trial.state, other.state) == ("superseded", "proposed", "proposed")
    assert [(one.job_id, one.run_id) for one in session.scalars(select(Explanation))] == explained


def test_what_a_dispatcher_moved_meanwhile_wins_over_a_what_if_too(cast, session):
    jobs = [make.job(f"panne {n}") for n in range(4)]
    found = worked(asked(cast, more(2)))
    with clock.at(make.at("06:40")):
        move.assign(jobs[0], cast.tariq, cast.denis, start=make.at("10:00"), lock="both")
        session.commit()
        accept.accept(found, cast.diane)
        session.commit()
    assert (jobs[0].technician_id, jobs[0].planned_start) == (cast.tariq.id, make.at("10:00"))
    assert session.scalars(select(Job.id).where(Job.technician_id.is_(None))).all() == []


def test_denis_assumes_only_what_concerns_his_clients(cast, session):
    breizh = make.client("breizh")
    theirs = make.building("Usine", breizh)
    wrong = [absent(cast.tariq), more(1, building=theirs.id), more(1, category="unknown"), more(0)]
    with pytest.raises(WrongAssumption) as refused:
        asked(cast, *wrong, by=cast.denis)
    assert refused.value.errors == {
        (0, "kind"): "all_clients", (1, "building"): "unknown_code", (2, "category"): "not_of_client",
        (3, "count"): "out_of_range",
    }  # fmt: skip
    mine, all_of_it = asked(cast, more(1), by=cast.denis), make.job("chaudière", owner=breizh)
    worked(mine)
    assert all_of_it.id not in {item["job"] for item in mine.diff}
    accept.accept(mine, cast.denis)
    session.commit()
    assert (mine.state, all_of_it.state) == ("accepted", "unplanned")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (lambda cast: absent(cast.tariq, "11:00", "10:00"), ((0, "to"), "ends_before_it_begins")),
        (lambda cast: absent(cast.tariq, "05:00", "06:00"), ((0, "to"), "over")),
        (lambda cast: closed("09:00") | {"from": make.at("09:00", make.MONDAY + timedelta(days=1))}, ((0, "from"), "other_day")),
        (lambda cast: {"kind": "longer", "job": "INT-9999", "minutes": 5}, ((0, "job"), "unknown_code")),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_where_it_was_said(cast, session, given, error):
    with pytest.raises(WrongAssumption) as refused:
        asked(cast, given(cast))
    assert [*refused.value.errors.items()] == [error]


def test_what_ifs_that_came_to_nothing_are_tidied_and_real_runs_stay(cast, session):
    when = make.at("06:30") - timedelta(days=4)
    fields = {"territory_id": make.territory().id, "day": make.MONDAY, "seconds": 1, "requested_at": when}
    kept = [
        PlanRun(state=state, assumed=trial, **fields)
        for state, trial in (("proposed", None), ("accepted", [{}]), ("queued", [{}]))
    ]
    session.add_all(
        [
            *kept,
            PlanRun(state="rejected", assumed=[{}], **fields),
            PlanRun(state="proposed", assumed=[{}], **fields),
        ]
    )
    session.commit()
    tidy()
    assert session.scalars(select(PlanRun).order_by(PlanRun.id)).all() == kept
