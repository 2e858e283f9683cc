"""`flask demo`: a living day whatever the hour, whole as if people had worked it, the same each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dispatch import clock
from dispatch.database import Base
from dispatch.demo import past
from dispatch.demo.build import NotEmpty, fill
from dispatch.extensions import db
from dispatch.models import transitions
from dispatch.models.client import Client
from dispatch.models.entry import Entry
from dispatch.models.event import Event
from dispatch.models.job import Job, Refusal
from dispatch.models.plan import Plan, PlannedBreak, PlanRun
from dispatch.models.technician import Absence, Technician
from dispatch.models.ticket import Ticket
from dispatch.planning import durations
from tests import factories as make
from tests.apps import make_app
from tests.battery.invariants import broken_entries, broken_queues
from tests.demo.demos import build, demo_at

ORDINARY = "2026-11-24T10:30+01:00"
MOMENTS = {
    "a minute past midnight": "2026-11-24T00:01+01:00",
    "at night": "2026-11-24T03:00+01:00",
    "early": "2026-11-24T07:00+01:00",
    "in the morning": ORDINARY,
    "at noon": "2026-11-24T13:00+01:00",
    "after hours": "2026-11-24T18:00+01:00",
    "late": "2026-11-24T22:30+01:00",
    "on a Sunday": "2026-11-22T11:00+01:00",
    "in the hour that comes twice": "2026-10-25T02:30+01:00",
    "at Christmas": "2026-12-25T15:30+01:00",
}
LEGAL = {(move.source, move.target) for move in transitions.MOVES}
SECRETS = {"password_hash", "digest"}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_demo_is_whole_at_any_hour(moment: str, tmp_path: Path) -> None:
    with demo_at(moment, tmp_path):
        jobs = list(db.session.scalars(select(Job).order_by(Job.id)))
        events = list(db.session.scalars(select(Event).order_by(Event.id)))
        assert len(list(db.session.scalars(select(Ticket)))) == 200 + past.VISITS
        assert_each_open_job_has_one_owner_or_none(jobs)
        assert_nobody_is_in_two_places(jobs)
        assert_nobody_has_worked_into_his_break(jobs)
        assert_every_chain_of_moves_is_legal(jobs, events)
        assert_the_log_has_grown_up_to_now(events)


@pytest.mark.parametrize("hour", sorted(MOMENTS.keys() - {"a minute past midnight", "late"}))
def test_a_demo_is_alive_at_nearly_any_hour(hour: str, tmp_path: Path) -> None:
    with demo_at(MOMENTS[hour], tmp_path):
        today = clock.now().astimezone(make.ZONE).date()
        mine = list(db.session.scalars(select(Job).where(Job.day == today)))
        states = [job.state for job in mine]
        waiting = db.session.scalars(select(Job).where(Job.state == "unplanned")).all()
        assert {"working", "travelling", "paused", "dispatched", "accepted", "completed"} <= {*states}
        assert any(job.outcome == "user_absent" for job in mine)
        assert any(job.state == "working" and job.planned_end < clock.now() for job in mine), "one runs late"
        assert any(refusal.day == today for refusal in db.session.scalars(select(Refusal)))
        assert sum(job.explanation is None for job in waiting) >= 12, "work that came since"
        assert_somebody_is_gone_with_work_left(mine)


def test_the_outage_waits_for_a_right_that_ended_yesterday(tmp_path: Path) -> None:
    with demo_at(ORDINARY, tmp_path):
        outage = db.session.scalars(select(Ticket).where(Ticket.priority == 1)).one().jobs[0]
        assert (outage.state, outage.explanation.kind) == ("unplanned", "impossible")
        assert outage.explanation.fix["rule"] == "right"
        assert outage.explanation.fix["technician"] == "Damien Rault"


def test_history_says_how_long_the_usual_visits_take(tmp_path: Path) -> None:
    with demo_at(ORDINARY, tmp_path):
        for client in db.session.scalars(select(Client)):
            durations.learn(client)  # as a worker does with its first beat
        waiting = list(db.session.scalars(select(Job).where(Job.state == "unplanned")))
        told = [job for job in waiting if job.duration_source == "learned"]
        assert {job.ticket.category.code for job in told} == set(past.OFTEN)
        assert all(job.duration_basis["jobs"] >= past.PER_KIND for job in told)


def test_who_called_in_before_the_plan_has_no_work(tmp_path: Path) -> None:
    with demo_at(ORDINARY, tmp_path):
        today = clock.now().astimezone(make.ZONE).date()
        pauline = db.session.scalars(select(Technician).where(Technician.code == "pauline-robin")).one()
        assert pauline.absences
        assert not db.session.scalars(
            select(Job).where(Job.technician_id == pauline.id, Job.day == today)
        ).all()


def test_late_in_the_evening_the_last_ones_work_and_tomorrow_is_planned(tmp_path: Path) -> None:
    with demo_at(MOMENTS["late"], tmp_path):
        today = clock.now().astimezone(make.ZONE).date()
        assert db.session.scalars(select(Job).where(Job.day == today, Job.state == "working")).all()
        ahead = list(db.session.scalars(select(Job).where(Job.day > today)))
        assert len(ahead) > 5
        assert {job.state for job in ahead} == {"planned"}


def test_people_have_come_to_the_kiosks_and_some_are_there(tmp_path: Path) -> None:
    with demo_at(ORDINARY, tmp_path):
        entries = list(db.session.scalars(select(Entry).order_by(Entry.kiosk_id, Entry.number)))
        here = {name: [one for one in entries if one.kiosk.name == name] for name in ("Kiosque IT République", "Kiosque IT Atalante")}  # fmt: skip
        assert all(len(mine) >= 4 for mine in here.values())
        states = {name: [one.state for one in mine] for name, mine in here.items()}
        assert states["Kiosque IT République"][-4:] == ["serving", "on_hold", "waiting", "waiting"]
        assert states["Kiosque IT Atalante"][-2:] == ["serving", "waiting"]
        waits = [one.waited_seconds / 60 for one in entries if one.state == "served"]
        assert 0 < sum(waits) / len(waits) < 15
        assert broken_queues() == broken_entries() == []


def test_every_plan_was_proposed_and_accepted(tmp_path: Path) -> None:
    with demo_at(ORDINARY, tmp_path):
        runs = list(db.session.scalars(select(PlanRun).order_by(PlanRun.id)))
        assert [run.state for run in runs] == ["accepted", "accepted"]
        assert all(run.requested_by.name == "Marc Le Tallec" for run in runs)


def test_two_demos_of_the_same_moment_differ_in_their_secrets_alone(tmp_path: Path) -> None:
    found = []
    with demo_at(ORDINARY, tmp_path / "one"):
        found.append(everything())
    build(ORDINARY, tmp_path / "other")
    app = make_app(f"sqlite:///{tmp_path / 'other' / 'dispatch.db'}", tmp_path)
    with app.app_context():
        found.append(everything())
    assert found[0] == found[1]


def test_a_database_with_users_is_left_alone(session: Any, tmp_path: Path) -> None:
    make.user("Paula")
    with pytest.raises(NotEmpty):
        fill(tmp_path)
    assert not list(tmp_path.glob("demo-accounts*"))


def test_the_command_says_so_and_changes_nothing(app: Flask) -> None:
    with app.app_context():
        make.client()
        db.session.commit()
    answer = app.test_cli_runner().invoke(args=["demo"])
    assert answer.exit_code == 1
    assert "holds clients or users already" in answer.output


def test_if_empty_leaves_a_used_database_quietly(app: Flask) -> None:
    with app.app_context():
        make.client()
        db.session.commit()
    answer = app.test_cli_runner().invoke(args=["demo", "--if-empty"])
    assert (answer.exit_code, answer.output) == (0, "")


def assert_each_open_job_has_one_owner_or_none(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.is_open:
            assert (job.state == "unplanned") == (job.technician_id is None) == (job.day is None), job.number


def assert_nobody_is_in_two_places(jobs: Sequence[Job]) -> None:
    planned: dict[Any, list[Any]] = defaultdict(list)
    worked: dict[Any, list[Any]] = defaultdict(list)
    for job in jobs:
        if job.technician_id is not None and job.planned_start is not None:
            planned[job.technician_id].append((job.planned_start, job.planned_end, job.number))
        if job.working_at is not None:
            worked[job.technician_id].append((job.working_at, job.ended_at or clock.now(), job.number))
    for spans in [*planned.values(), *worked.values()]:
        clashes = [(one, other) for one, other in pairwise(sorted(spans)) if one[1] > other[0]]
        assert not clashes


def assert_nobody_has_worked_into_his_break(jobs: Sequence[Job]) -> None:
    breaks = select(PlannedBreak, Plan.day).join(Plan)
    clashes = [
        (job.number, job.working_at, job.ended_at, meal.starts_at)
        for meal, day in db.session.execute(breaks)
        for job in jobs
        if (job.technician_id, job.day) == (meal.technician_id, day) and job.working_at and job.ended_at
        if job.working_at < meal.ends_at and job.ended_at > meal.starts_at
    ]
    assert not clashes


def assert_every_chain_of_moves_is_legal(jobs: Sequence[Job], events: Sequence[Event]) -> None:
    at = {job.id: "unplanned" for job in jobs}
    for event in events:
        if event.kind == "job.state":
            source, target = event.data["source"], event.data["target"]
            assert source == at[event.job_id], f"job {event.job_id} was not {source}"
            assert (source, target) in LEGAL, f"{event.data['move']} from {source} to {target}"
            at[event.job_id] = target
    assert at == {job.id: job.state for job in jobs}


def assert_the_log_has_grown_up_to_now(events: Sequence[Event]) -> None:
    instants = [event.at for event in events]
    assert instants == sorted(instants)
    assert instants[-1] <= clock.now()


def assert_somebody_is_gone_with_work_left(jobs: Sequence[Job]) -> None:
    absence = db.session.scalars(select(Absence).where(Absence.reason == "Malade")).one()
    assert absence.starts_at <= clock.now() < absence.ends_at
    mine = [job for job in jobs if job.technician_id == absence.technician_id]
    assert any(job.state in ("dispatched", "accepted") for job in mine)


def everything() -> dict[str, list[Any]]:
    """Every row of every table, without what is random by intent."""
    found = {}
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name not in SECRETS]
        rows = db.session.execute(select(*columns).order_by(*table.primary_key.columns))
        found[table.name] = [tuple(row) for row in rows]
    return found
