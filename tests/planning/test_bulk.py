"""What a dispatcher does to several jobs at once: who can be helped is, and of the others it is said why not."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import IllegalMove, Job
from dispatch.models.plan import Plan
from dispatch.planning import bulk
from dispatch.planning.placement import NotPlaceable, RulesBroken
from dispatch.planning.several import MOST, AtStake, Outcome, TooMany
from tests import factories as make
from tests.people import Cast

TUESDAY = make.MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def monday_at_half_past_seven(session: Any) -> Any:
    with clock.at(make.at("07:30")):
        yield


def seen(*jobs: Job) -> dict[int, int]:
    db.session.commit()
    return {job.id: job.version for job in jobs}


def kinds(outcome: Outcome) -> list[Any]:
    return [type(one.refusal) if one.refusal else None for one in outcome.answers]


def test_several_go_to_one_technician_and_do_not_overlap(cast: Cast) -> None:
    early = make.job("A", technician=cast.zoe, start=make.at("09:00"))
    late = make.job("B", technician=cast.zoe, start=make.at("10:00"))
    waiting = make.job("C")
    rest = make.job("D", technician=cast.zoe, start=make.at("11:00"))
    outcome = bulk.move(make.territory(), seen(early, late, waiting), cast.tariq, make.MONDAY, cast.diane)
    db.session.commit()
    assert kinds(outcome) == [None, None, None]
    moved = sorted((early, late, waiting), key=lambda job: job.planned_start)
    assert {job.technician for job in moved} == {cast.tariq}
    assert all(one.planned_end <= other.planned_start for one, other in itertools.pairwise(moved))
    assert rest.planned_start < make.at("11:00")
    told = {(one.kind, one.technician_id) for one in db.session.scalars(select(Event))}
    assert {("job.withdrawn", cast.zoe.id), ("job.assigned", cast.tariq.id)} <= told


def test_one_that_breaks_a_rule_stays_and_the_others_go(cast: Cast) -> None:
    plain, secret = make.job("A"), make.job("B", admin_right_id=make.right().id)
    asked = seen(plain, secret)
    outcome = bulk.move(make.territory(), asked, cast.tariq, make.MONDAY, cast.diane)
    db.session.commit()
    assert kinds(outcome) == [None, RulesBroken]
    assert (plain.technician, secret.technician) == (cast.tariq, None)
    again = bulk.move(make.territory(), seen(secret), cast.tariq, make.MONDAY, cast.diane, "granted by phone")
    db.session.commit()
    assert kinds(again) == [None]
    assert (secret.waived, secret.lock) == ({"right": "granted by phone"}, "technician")
    reasons = select(Event.data).where(Event.kind == "job.moved", Event.job_id == secret.id)
    assert db.session.scalars(reasons).one()["reason"] == "granted by phone"


def test_a_reason_is_kept_only_with_what_it_was_needed_for(cast: Cast) -> None:
    plain, secret = make.job("A"), make.job("B", admin_right_id=make.right().id)
    bulk.move(make.territory(), seen(plain, secret), cast.tariq, make.MONDAY, cast.diane, "by phone")
    db.session.commit()
    assert (plain.waived, plain.lock, secret.waived) == ({}, "none", {"right": "by phone"})


def test_what_is_locked_to_somebody_else_goes_with_a_reason(cast: Cast) -> None:
    job = make.job(
        technician=cast.zoe, start=make.at("10:00"), lock="technician", lock_technician_id=cast.zoe.id
    )
    outcome = bulk.move(make.territory(), seen(job), cast.tariq, make.MONDAY, cast.diane)
    assert kinds(outcome) == [RulesBroken] and job.technician is cast.zoe
    assert kinds(
        bulk.move(make.territory(), seen(job), cast.tariq, make.MONDAY, cast.diane, "Zoé drives")
    ) == [None]
    db.session.commit()
    assert (job.technician, job.lock, job.lock_technician_id) == (cast.tariq, "technician", cast.tariq.id)
    data = db.session.scalars(
        select(Event.data).where(Event.kind == "job.moved", Event.job_id == job.id)
    ).one()
    assert (data["reason"], data["waived"]) == ("Zoé drives", ["lock"])


def test_what_nobody_may_override_is_refused_in_spite_of_a_reason(cast: Cast) -> None:
    make.duty(cast.tariq, ("08:00", "16:50"))
    job = make.job(minutes=60)
    outcome = bulk.move(make.territory(), seen(job), cast.tariq, make.MONDAY, cast.diane, "please")
    assert kinds(outcome) == [RulesBroken]
    assert job.technician is None


def test_a_day_takes_what_fits_and_the_most_urgent_first(cast: Cast) -> None:
    long = [make.job(name, minutes=200) for name in "ABC"]
    long[2].ticket.priority = 1
    outcome = bulk.move(make.territory(), seen(*long), cast.tariq, make.MONDAY, cast.diane)
    assert kinds(outcome)[2] is None
    assert RulesBroken in kinds(outcome)


def test_somebody_was_faster_with_one_of_them(cast: Cast) -> None:
    one, other = make.job("A"), make.job("B")
    asked = {**seen(one, other)}
    asked[other.id] -= 1
    outcome = bulk.move(make.territory(), asked, cast.tariq, make.MONDAY, cast.diane)
    assert kinds(outcome) == [None, StaleDataError]
    assert other.technician is None


def test_what_is_under_way_or_done_stays(cast: Cast) -> None:
    begun = make.job("A", technician=cast.zoe, state="working", working_at=make.at("07:10"))
    done = make.job("B", technician=cast.zoe, state="completed")
    territory = make.territory()
    assert kinds(bulk.move(territory, seen(begun, done), cast.tariq, make.MONDAY, cast.diane)) == [
        IllegalMove, IllegalMove,
    ]  # fmt: skip
    assert kinds(bulk.hand_over(territory, seen(begun, done), cast.diane)) == [IllegalMove, IllegalMove]
    assert kinds(bulk.lock(territory, seen(begun, done), "both", cast.diane)) == [None, IllegalMove]


def test_a_locked_time_is_kept_and_does_not_go_to_another_day(cast: Cast) -> None:
    job = make.job("A", technician=cast.zoe, start=make.at("11:00"))
    bulk.lock(make.territory(), seen(job), "time", cast.diane)
    make.shift(cast.tariq, TUESDAY)
    refused = bulk.move(make.territory(), seen(job), cast.tariq, TUESDAY, cast.diane).answers[0].refusal
    assert isinstance(refused, NotPlaceable)
    assert refused.reason == "time_locked"
    bulk.move(make.territory(), seen(job), cast.tariq, make.MONDAY, cast.diane)
    assert (job.technician, job.planned_start, job.lock) == (cast.tariq, make.at("11:00"), "time")


def test_to_another_day_and_what_is_left_takes_its_time(cast: Cast) -> None:
    make.shift(cast.tariq, TUESDAY)
    early = make.job("A", technician=cast.zoe, start=make.at("09:00"), minutes=60)
    rest = make.job("B", technician=cast.zoe, start=make.at("10:10"))
    bulk.move(make.territory(), seen(early), cast.tariq, TUESDAY, cast.diane)
    assert (early.day, early.technician) == (TUESDAY, cast.tariq)
    assert rest.planned_start < make.at("10:00")


def test_nobody_works_then(cast: Cast) -> None:
    outcome = bulk.move(make.territory(), seen(make.job()), cast.tariq, TUESDAY, cast.diane)
    assert kinds(outcome) == [NotPlaceable]


def test_locks_of_several(cast: Cast) -> None:
    planned, waiting = make.job("A", technician=cast.zoe), make.job("B")
    outcome = bulk.lock(make.territory(), seen(planned, waiting), "both", cast.diane)
    assert kinds(outcome) == [None, NotPlaceable]
    assert (planned.lock, planned.lock_technician_id, planned.lock_start) == (
        "both", cast.zoe.id, planned.planned_start,
    )  # fmt: skip
    bulk.lock(make.territory(), seen(planned), "none", cast.diane)
    assert (planned.lock, planned.lock_technician_id, planned.lock_start) == ("none", None, None)


def test_postponed_work_leaves_the_plan_until_that_day_begins_where_it_is(cast: Cast) -> None:
    job = make.job("A", technician=cast.zoe)
    job.building.site.zone = "Europe/Lisbon"
    rest = make.job("B", technician=cast.zoe, start=make.at("10:00"))
    asked = seen(job)
    assert kinds(bulk.postpone(make.territory(), asked, TUESDAY, cast.diane, "closed", True)) == [None]
    db.session.commit()
    assert (job.state, job.not_before, job.technician) == ("unplanned", make.at("01:00", TUESDAY), None)
    assert rest.planned_start < make.at("10:00")
    told = db.session.scalars(select(Event.data).where(Event.kind == "job.postponed")).one()
    assert told == {"until": TUESDAY.isoformat(), "reason": "closed"}


def test_a_promise_is_not_missed_unasked(cast: Cast) -> None:
    job = make.job("A", promised_from=make.at("14:00"), promised_to=make.at("16:00"))
    job.ticket.due_at = None
    free = make.job("B")
    free.ticket.due_at = None
    outcome = bulk.postpone(make.territory(), seen(job, free), TUESDAY, cast.diane, "closed")
    assert kinds(outcome) == [AtStake, None]
    assert (job.not_before, free.not_before) == (None, make.at("00:00", TUESDAY))
    assert kinds(bulk.postpone(make.territory(), seen(job), TUESDAY, cast.diane, "agreed", True)) == [None]


def test_what_is_left_to_the_engine_is_free(cast: Cast) -> None:
    job = make.job("A", technician=cast.zoe)
    bulk.lock(make.territory(), seen(job), "both", cast.diane)
    waiting = make.job("B")
    assert kinds(bulk.hand_over(make.territory(), seen(job, waiting), cast.diane)) == [None, None]
    assert (job.state, job.lock, job.technician, job.lock_start) == ("unplanned", "none", None, None)


def test_there_is_a_most_of_jobs_at_a_time(cast: Cast) -> None:
    with pytest.raises(TooMany):
        bulk.hand_over(make.territory(), dict.fromkeys(range(1, MOST + 2), 1), cast.diane)


@pytest.mark.parametrize("deed", ["move", "postpone", "hand_over", "lock"])
def test_many_jobs_read_as_often_as_few(cast: Cast, deed: str) -> None:
    counts = []
    Plan.lock(make.territory().id, make.MONDAY)
    for number in (2, 12):
        jobs = [
            make.job(f"{number}-{n}", technician=cast.zoe, start=make.at(f"{8 + n % 8:02}:30"), minutes=5)
            for n in range(number)
        ]
        counts.append(_statements(deed, seen(*jobs), cast))
    assert counts[0] == counts[1], deed


def _statements(deed: str, asked: dict[int, int], cast: Cast) -> int:
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            told.append(statement)

    more: dict[str, tuple[Any, ...]] = {
        "move": (cast.tariq, make.MONDAY, cast.diane),
        "postpone": (TUESDAY, cast.diane, "closed", True),
        "hand_over": (cast.diane,),
        "lock": ("both", cast.diane),
    }
    territory = make.territory()
    _ = cast.tariq.id, cast.diane.id, territory.id
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        outcome = getattr(bulk, deed)(territory, asked, *more[deed])
        db.session.commit()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert outcome.done
    return len(told)
