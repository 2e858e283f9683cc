"""From taps in the log to the minutes in a plan: what is learned, for whom, and who outweighs it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch import tasks
from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.duration import DurationEstimate
from dispatch.models.event import Event
from dispatch.models.handed import Handed
from dispatch.models.intake import amend, hand_over
from dispatch.models.job import Job
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.tap import take
from dispatch.planning import durations
from dispatch.planning.worked import history
from tests import factories as make
from tests import people
from tests.planning.days import plan

TEN = make.at("10:00")
BEFORE = TEN - timedelta(days=30)
YEAR = timedelta(days=365)


@pytest.fixture
def both(app_on_both):
    with app_on_both.app_context():
        yield people.assemble()
        db.session.rollback()


def done(cast, minutes: float, *, category=None, day: date = date(2026, 11, 2), pauses=(), **fields) -> Job:
    """A visit that Tariq did, tap by tap; `pauses` are (after, minutes) pairs."""
    job = make.job(technician=cast.tariq, of=make.ticket(category_id=(category or printer()).id), state="accepted",
                   start=make.at("09:00", day), **fields)  # fmt: skip
    instant = make.at("09:00", day)
    tap(cast, job, "working", instant)
    for after, pause in pauses:
        tap(cast, job, "paused", instant + timedelta(minutes=after))
        tap(cast, job, "working", instant + timedelta(minutes=after + pause))
    length = minutes + sum(pause for _after, pause in pauses)
    tap(cast, job, "completed", instant + timedelta(minutes=length))
    return job


def tap(cast, job: Job, move: str, instant: datetime, **said) -> Job | None:
    with at(instant):
        made = take(job, move, cast.tariq.user, **said)
        db.session.commit()
    return made


def printer(**fields):
    return make.category("printer", duration_minutes=30, **fields)


def worked() -> list[float]:
    with at(TEN):
        return sorted(round(one.minutes, 1) for one in history(make.client(), TEN - YEAR))


def learn(client=None) -> durations.Report:
    with at(TEN):
        report = durations.learn(client or make.client())
        db.session.commit()
    return report


def arrives(**fields) -> Job:
    with at(TEN):
        given = {
            "summary": "Bourrage",
            "category": printer(),
            "building": make.building(),
            "reasons": ("presence",),
        }
        _ticket, job, _new = hand_over(make.client(), Handed(**{**given, **fields}), None)
        db.session.commit()
    return job


def told(job: Job) -> tuple[int | None, str | None]:
    return job.duration_minutes, job.duration_source


# what the log says ----------------------------------------------------------------------------------------


def test_time_worked_is_the_log_s_without_pauses(session, cast):
    done(cast, 40, pauses=[(10, 90)])
    assert worked() == [40]


def test_a_job_left_open_over_a_planned_lunch_is_counted_without_it(session, cast):
    plan_row = Plan.lock(make.territory().id, date(2026, 11, 2))
    lunch = {"starts_at": make.at("09:30", date(2026, 11, 2)), "ends_at": make.at("10:15", date(2026, 11, 2))}
    session.add(PlannedBreak(plan_id=plan_row.id, technician_id=cast.tariq.id, **lunch))
    done(cast, 80)
    done(cast, 50)  # ended during lunch: he took it later
    assert worked() == [35, 50]


def test_taps_that_were_undone_never_happened(session, cast):
    job = make.job(technician=cast.tariq, of=make.ticket(category_id=printer().id), state="accepted")
    start = make.at("09:00", date(2026, 11, 2))
    tap(cast, job, "working", start)
    tap(cast, job, "completed", start + timedelta(minutes=10))
    tap(cast, job, "undone", start + timedelta(minutes=10, seconds=30))
    tap(cast, job, "completed", start + timedelta(minutes=25))
    assert worked() == [25]


def test_work_begun_by_mistake_counts_from_when_it_really_began(session, cast):
    job = make.job(technician=cast.tariq, of=make.ticket(category_id=printer().id), state="accepted")
    start = make.at("09:00", date(2026, 11, 2))
    tap(cast, job, "working", start)
    tap(cast, job, "undone", start + timedelta(seconds=40))
    tap(cast, job, "working", start + timedelta(minutes=30))
    tap(cast, job, "completed", start + timedelta(minutes=50))
    assert worked() == [20]


def test_what_was_too_long_for_one_visit_counts_with_the_visit_that_went_on(session, cast):
    first = make.job(technician=cast.tariq, of=make.ticket(category_id=printer().id), state="accepted")
    start = make.at("09:00", date(2026, 11, 2))
    tap(cast, first, "working", start)
    rest = tap(cast, first, "not_completed", start + timedelta(minutes=60), reason="not_enough_time",
               follow_up="continuation", details={"minutes": 30})  # fmt: skip
    assert told(rest) == (30, "said")
    rest.technician, rest.state = cast.tariq, "accepted"
    tap(cast, rest, "working", start + timedelta(days=1))
    tap(cast, rest, "completed", start + timedelta(days=1, minutes=35))
    assert worked() == [95]


def test_a_job_solved_by_telephone_says_nothing_of_visits(session, cast):
    job = make.job(technician=cast.tariq, of=make.ticket(category_id=printer().id), state="dispatched")
    tap(cast, job, "solved_remotely", make.at("09:00", date(2026, 11, 2)))
    assert worked() == []


# from history to a plan -----------------------------------------------------------------------------------


def test_a_history_of_longer_work_makes_new_jobs_and_the_plan_longer(both):
    for number in range(40):
        done(both, 50 + number % 5)
    assert learn().groups == 4
    job = arrives()
    assert job.duration_source == "learned"
    assert 50 <= job.duration_minutes <= 54
    assert job.duration_basis == {"jobs": 40, "near": 40, "quantile": 70}
    job.ticket.phone = "02 61 91 00 10"
    with at(make.at("08:00")):
        day = plan()
    entry = next(one for one in day.draft.problem.jobs if one.id == str(job.id))
    assert entry.duration == job.duration_minutes * 60
    assert day.who(job) is not None


def test_until_there_is_enough_history_the_catalogue_speaks(session, cast):
    for _number in range(durations.ENOUGH_JOBS - 1):
        done(cast, 60)
    learn()
    assert told(arrives()) == (30, "category")
    done(cast, 60)
    learn()
    assert told(arrives())[1] == "learned"


def test_another_building_keeps_its_own_pace(session, cast):
    slow, fast = make.building("Colbert"), make.building("Gare")
    for number in range(60):
        done(cast, 60 + number % 7)
        done(cast, 20 + number % 7, building_id=fast.id)
    learn()
    assert arrives(building=slow).duration_minutes >= 60
    assert arrives(building=fast).duration_minutes <= 45
    assert arrives(building=slow).duration_basis["near"] == 60


def test_a_call_is_not_planned_as_long_as_a_visit(session, cast):
    for number in range(30):
        done(cast, 60 + number % 5)
        done(cast, 10 + number % 5, mode="remote")
    learn()
    assert arrives(reasons=("time",)).duration_minutes < arrives().duration_minutes


def test_a_client_who_wants_none_has_none(session, cast):
    for _number in range(30):
        done(cast, 60)
    learn()
    make.client().duration_quantile = None
    assert learn().groups == 0
    assert told(arrives()) == (30, "category")
    assert session.scalars(select(DurationEstimate)).all() == []


def test_what_one_client_s_work_takes_says_nothing_of_another_s(session, cast):
    for _number in range(30):
        done(cast, 60)
    learn()
    breizh = make.client("breizh")
    learn(breizh)
    theirs = make.category("printer", breizh, duration_minutes=30)
    with at(TEN):
        _ticket, job, _new = hand_over(breizh, Handed(summary="Bourrage", category=theirs), None)
    assert told(job) == (30, "category")


# who outweighs it -----------------------------------------------------------------------------------------


@pytest.fixture
def learned(session, cast):
    """Printers take an hour, whatever the catalogue says."""
    for _number in range(40):
        done(cast, 60)
    learn()


def test_a_duration_given_by_hand_wins_and_stays(learned):
    job = arrives(duration_minutes=15)
    assert told(job) == (15, "said")
    with at(TEN):
        amend(
            job.ticket, Handed(summary="Bourrage", category=make.category("other", duration_minutes=5)), None
        )
        db.session.commit()
    learn()
    assert told(job) == (15, "said")


def test_a_duration_said_later_outweighs_what_was_learned(learned):
    job = arrives()
    with at(TEN):
        amend(job.ticket, Handed(summary="Bourrage", duration_minutes=20), None)
    assert told(job) == (20, "said")


def test_another_category_brings_its_own_duration(learned):
    job = arrives()
    with at(TEN):
        amend(
            job.ticket, Handed(summary="Bourrage", category=make.category("other", duration_minutes=5)), None
        )
    assert told(job) == (5, "category")


def test_jobs_that_wait_are_told_anew_and_planned_ones_are_not(session, cast):
    waiting = arrives()
    planned = make.job(
        technician=cast.tariq, of=make.ticket(category_id=printer().id), duration_source="category"
    )
    for _number in range(40):
        done(cast, 60)
    assert learn().jobs == 1
    assert told(waiting) == (60, "learned")
    assert told(planned) == (30, "category")


def test_minutes_of_which_nobody_knows_who_said_them_are_left_alone(learned, cast):
    old = make.job(of=make.ticket(category_id=printer().id), minutes=90)
    assert learn().jobs == 0
    assert told(old) == (90, None)


def test_a_waiting_job_without_duration_gets_one(session, cast):
    nameless = make.category("nameless", duration_minutes=None)
    job = arrives(category=nameless)
    assert told(job) == (None, None)
    for _number in range(25):
        done(cast, 40, category=nameless)
    learn()
    assert told(job) == (40, "learned")


# every night ----------------------------------------------------------------------------------------------


def test_each_night_one_worker_looks_once(app, session, cast, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, client_id: woken.append((task, client_id)))
    make.client().duration_quantile = None
    breizh = make.client("breizh")
    session.commit()
    for instant in (TEN, make.at("23:00"), make.at("01:59") + timedelta(days=1)):
        with at(instant):
            tasks.begin_learning()
    assert woken == [("learn_durations", breizh.id)]
    with at(make.at("02:01") + timedelta(days=1)):
        tasks.begin_learning()
    assert len(woken) == 2


def test_the_task_writes_what_it_found(app, session, cast):
    for _number in range(25):
        done(cast, 60)
    with at(TEN):
        tasks.learn_durations(make.client().id)
    session.expire_all()
    assert {one.minutes for one in session.scalars(select(DurationEstimate))} == {60}
    assert session.scalars(select(Event).where(Event.kind == "durations.learned")).one().data["groups"] == 4


# commands and screen --------------------------------------------------------------------------------------


def test_the_command_sets_the_share_and_refuses_others(app, session, cast):
    for number in range(60):
        done(cast, 41 + number)
    run = app.test_cli_runner().invoke
    told = {}
    for share in ("50", "90"):
        with at(TEN):
            assert "4 groups" in run(args=["durations", "set", "--client", "acme", "--share", share]).output
        session.expire_all()
        told[share] = arrives().duration_minutes
    assert told["50"] < told["90"]
    assert "percentage" in run(args=["durations", "set", "--client", "acme", "--share", "30"]).output
    assert "no client" in run(args=["durations", "learn", "--client", "nobody"]).output
    assert "0 groups" in run(args=["durations", "set", "--client", "acme", "--share", "off"]).output


def test_the_dispatcher_reads_where_a_duration_comes_from(app, learned, cast):
    browser = people.signed_in(app, cast.denis)
    page = browser.get(f"/board/jobs/{arrives().number}").text
    assert "apprise : 40 interventions semblables" in page.replace("\xa0", " ")
    assert "70\xa0% n’ont pas pris plus longtemps" in page
    assert "saisie à la main" in browser.get(f"/board/jobs/{arrives(duration_minutes=15).number}").text
