"""When something drops out of a route, or grows on it, the rest of the day is timed again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch import clock
from dispatch.models.handed import Handed
from dispatch.models.intake import amend
from dispatch.models.job import Job
from dispatch.models.plan import Plan
from dispatch.models.tap import take
from dispatch.planning.retime import follow, freeing, retime
from tests import factories as make
from tests.people import Cast

TEN = make.at("10:00")


@pytest.fixture(autouse=True)
def ten_o_clock(session: Any) -> Any:
    with clock.at(TEN):
        yield


@pytest.fixture
def visit(cast: Cast) -> Job:
    """What Tariq is to do at half past ten."""
    return make.job("A", technician=cast.tariq, start=make.at("10:30"), minutes=60)


@pytest.fixture
def later(cast: Cast, visit: Job) -> Job:
    """What he is to do after that."""
    return make.job("B", technician=cast.tariq, start=make.at("11:35"))


def tapped(job: Job, cast: Cast, name: str, **told: Any) -> None:
    with freeing(job, name, cast.tariq.user):
        take(job, name, cast.tariq.user, **told)


def test_what_follows_a_declined_job_comes_earlier(cast: Cast, visit: Job, later: Job) -> None:
    tapped(visit, cast, "declined", reason="overloaded")
    assert later.planned_start < make.at("11:00")


def test_what_follows_a_visit_that_was_needless_comes_earlier(cast: Cast, visit: Job, later: Job) -> None:
    tapped(visit, cast, "solved_remotely")
    assert later.planned_start < make.at("11:00")


def test_an_undone_ending_puts_the_rest_back_behind_the_job(cast: Cast, visit: Job, later: Job) -> None:
    visit.state = "working"
    tapped(visit, cast, "not_completed", reason="duplicate", note="comme T-1004")
    assert later.planned_start < make.at("11:00")
    tapped(visit, cast, "undone")
    assert later.planned_start >= make.at("11:00")


def test_nobody_is_alerted_of_what_his_own_tap_did(cast: Cast, visit: Job, later: Job) -> None:
    tapped(visit, cast, "declined", reason="overloaded")
    assert not later.changed_since_seen


def test_a_tap_that_frees_nothing_leaves_the_times_alone(cast: Cast, visit: Job, later: Job) -> None:
    tapped(visit, cast, "accepted")
    assert later.planned_start == make.at("11:35")


def test_who_begins_before_his_time_is_planned_where_he_is(cast: Cast, later: Job) -> None:
    tapped(later, cast, "accepted")
    with clock.at(make.at("11:20")):
        tapped(later, cast, "working")
    assert (later.planned_start, later.planned_end) == (make.at("11:20"), make.at("11:50"))


def test_what_was_planned_meanwhile_makes_way_for_a_job_begun_before_its_time(
    cast: Cast, visit: Job, later: Job
) -> None:
    tapped(later, cast, "accepted")
    with clock.at(make.at("10:20")):
        tapped(later, cast, "working")
        assert visit.planned_start >= later.planned_end == make.at("10:50")
        tapped(later, cast, "undone")
    assert later.planned_start >= visit.planned_end


def test_a_job_that_grows_pushes_what_follows_and_its_technician_is_told(
    cast: Cast, visit: Job, later: Job
) -> None:
    visit.ticket.category = make.category()
    amend(visit.ticket, Handed(summary="A", duration_minutes=120), cast.paula)
    follow(visit.ticket, TEN, cast.paula)
    assert visit.planned_end - visit.planned_start == timedelta(minutes=120)
    assert later.planned_start >= visit.planned_end
    assert later.change["what"] == "retimed"


def test_a_job_that_moves_to_another_territory_leaves_the_plan(cast: Cast, visit: Job, later: Job) -> None:
    brest = make.site("Brest", territory_id=make.territory("brest").id)
    amend(visit.ticket, Handed(summary="A", building=make.building("Brest", at_site=brest)), cast.paula)
    follow(visit.ticket, TEN, cast.paula)
    assert (visit.state, visit.technician_id) == ("unplanned", None)
    assert later.planned_start < make.at("11:00")


def test_a_change_that_concerns_no_job_times_nothing_again(cast: Cast, visit: Job, later: Job) -> None:
    amend(visit.ticket, Handed(summary="Écran noir et bruit"), cast.paula)
    follow(visit.ticket, TEN, cast.paula)
    assert later.planned_start == make.at("11:35")


def test_a_route_that_cannot_be_timed_legally_stays_as_it_is(cast: Cast, visit: Job, later: Job) -> None:
    make.duty(cast.tariq, ("10:15", "16:55"))
    retime(make.territory().id, make.MONDAY, {cast.tariq.id}, cast.diane)
    assert (visit.planned_start, later.planned_start) == (make.at("10:30"), make.at("11:35"))


def test_work_that_cannot_be_done_any_more_is_not_planned_over(cast: Cast, visit: Job, later: Job) -> None:
    visit.ticket.available = [[make.at("08:00").isoformat(), make.at("09:00").isoformat()]]
    retime(make.territory().id, make.MONDAY, {cast.tariq.id}, cast.diane)
    assert later.planned_start == make.at("11:35")


def test_a_day_that_is_over_stays_as_it_was(cast: Cast, visit: Job) -> None:
    with clock.at(TEN + timedelta(days=1)):
        assert retime(make.territory().id, make.MONDAY, {cast.tariq.id}, None) == 0
    assert visit.planned_start == make.at("10:30")


def test_whoever_looks_at_the_plan_hears_of_it(cast: Cast, visit: Job) -> None:
    before = Plan.lock(make.territory().id, make.MONDAY).version
    retime(make.territory().id, make.MONDAY, {cast.tariq.id}, cast.diane)
    assert Plan.lock(make.territory().id, make.MONDAY).version == before + 1


def test_work_of_today_that_was_not_sent_yet_is_sent_when_somebody_else_frees_the_time(
    cast: Cast, visit: Job, later: Job
) -> None:
    """Planned yesterday for today: a tap, which may not dispatch, times it again all the same."""
    later.state = "planned"
    tapped(visit, cast, "declined", reason="overloaded")
    assert (later.state, later.planned_start < make.at("11:00")) == ("dispatched", True)
