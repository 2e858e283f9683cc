"""A run of Monday and Tuesday: Tariq works on Monday only, Zoé on both days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dispatch import clock
from dispatch.planning import accept, run
from dispatch.planning.build import build_in, horizon_of
from dispatch.planning.proposal import basis_of, reasons
from dispatch.planning.solver import fallback
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.people import Cast

MONDAY, TUESDAY, WEDNESDAY = (make.MONDAY + timedelta(days=number) for number in range(3))


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any, cast: Cast) -> Iterator[None]:
    with clock.at(make.at("06:30")):
        make.shift(cast.zoe, TUESDAY)
        yield


def draft_of(days: int) -> Any:
    make.db.session.flush()
    make.db.session.expire_all()
    return build_in(make.territory(), horizon_of(make.territory(), MONDAY, days))


def left_out(days: int) -> set[tuple[Any, ...]]:
    return {(entry.name, entry.reason, *entry.days) for entry in draft_of(days).left_out}


def accepted(cast: Cast, days: int = 2) -> int:
    asked = run.request(make.territory(), MONDAY, days, 0, cast.diane)
    draft = draft_of(days)
    run.publish(asked, draft, basis_of(draft), fallback(draft.problem))
    return accept.accept(asked, cast.diane).changed


def test_the_days_on_which_somebody_is_out_are_named(cast: Cast) -> None:
    make.absence(cast.zoe, day=TUESDAY)
    yann = make.technician("Yann", day=None, latitude=None, longitude=None)
    make.shift(yann)
    assert left_out(1) == {("Yann", "no_base")}
    assert left_out(3) == {
        ("Tariq", "no_shift", TUESDAY, WEDNESDAY), ("Zoé", "absent", TUESDAY), ("Zoé", "no_shift", WEDNESDAY),
        ("Yann", "no_base"),
    }  # fmt: skip


def test_a_job_is_left_out_once_and_only_when_no_day_can_have_it(cast: Cast) -> None:
    make.job("sans durée", minutes=None)
    tuesday, wednesday = (make.job(not_before=make.at("00:00", day)) for day in (TUESDAY, WEDNESDAY))
    found = [entry for entry in draft_of(2).left_out if entry.what == "job"]
    assert sorted(entry.reason for entry in found) == ["no_duration", "other_day"]
    assert [entry.id for entry in found if entry.reason == "other_day"] == [wednesday.id]
    assert str(tuesday.id) in draft_of(2).jobs


def test_only_what_lies_in_the_territory_s_horizon_is_sent_to_the_phones(cast: Cast, session: Any) -> None:
    today = make.job("lundi", of=make.ticket(due_at=make.at("17:00")))
    later = make.job("mardi", not_before=make.at("00:00", TUESDAY))
    assert accepted(cast) == 2
    session.commit()
    assert (today.state, today.day) == ("dispatched", MONDAY)
    assert (later.state, later.day, later.technician) == ("planned", TUESDAY, cast.zoe)
    assert everything_wrong() == []


def test_a_longer_horizon_sends_both_days(cast: Cast) -> None:
    make.territory().horizon_days = 1
    later = make.job("mardi", not_before=make.at("00:00", TUESDAY))
    accepted(cast)
    assert later.state == "dispatched"


def test_what_does_not_fit_on_monday_goes_to_tuesday(cast: Cast) -> None:
    jobs = [make.job(f"longue {number}", minutes=7 * 60) for number in range(3)]
    accepted(cast)
    assert sorted((job.technician.name, job.day) for job in jobs if job.technician) == [
        ("Tariq", MONDAY), ("Zoé", MONDAY), ("Zoé", TUESDAY),
    ]  # fmt: skip


def test_the_reasons_of_two_days_name_the_person_and_the_day(cast: Cast) -> None:
    make.job("serveur", admin_right_id=make.right().id)
    draft = draft_of(2)
    [entry] = reasons(draft, fallback(draft.problem))
    assert {(one["technician"], one["day"]) for one in entry["reasons"]} == {
        ("Tariq", "2026-11-23"), ("Zoé", "2026-11-23"), ("Zoé", "2026-11-24"),
    }  # fmt: skip
