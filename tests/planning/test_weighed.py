"""A proposal beside the live plan: what it asks of whom, and which promised times it moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dispatch import clock
from dispatch.models.job import Job
from dispatch.planning.build import build
from dispatch.planning.draft import Draft
from dispatch.planning.proposal import basis_of, differences
from dispatch.planning.run import publish, request
from dispatch.planning.solver import fallback
from dispatch.planning.weighed import weighed
from dispatch.routing.check import price
from dispatch.routing.solution import Solution
from tests import factories as make
from tests.people import Cast


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any) -> Any:
    with clock.at(make.at("06:30")):
        yield


def draft() -> Draft:
    make.db.session.flush()
    make.db.session.expire_all()
    return build(make.territory(), make.MONDAY)


def beside(of: Draft, **orders: list[Job]) -> dict[str, Any]:
    """The proposal that gives these jobs, in this order, to the technicians with these codes."""
    wanted = {f"{code}/{make.MONDAY}": [str(job.id) for job in jobs] for code, jobs in orders.items()}
    routes = tuple(timed.route for timed in of.timed(wanted))
    return weighed(of, Solution(routes, (), price(of.problem, routes)))


def test_who_gets_work_and_who_gives_it_up(cast: Cast) -> None:
    first = make.job("écran", technician=cast.zoe, start=make.at("08:30"), minutes=60)
    second = make.job("souris", technician=cast.zoe, start=make.at("09:40"), minutes=30)
    found = beside(draft(), zoe=[first], tariq=[second])
    tariq, zoe = found["days"]
    assert (tariq["technician"], tariq["came"], tariq["gone"], tariq["work"]) == ("Tariq", 1, 0, 1800)
    assert (zoe["technician"], zoe["came"], zoe["gone"], zoe["work"]) == ("Zoé", 0, 1, -1800)
    assert tariq["end"][0] is None and tariq["end"][1] is not None
    assert zoe["end"][1] < zoe["end"][0]
    assert found["served"] == [2, 2]
    assert tariq["holds"] and zoe["holds"]


def test_a_proposal_that_is_the_live_plan_says_nothing(cast: Cast) -> None:
    job = make.job("écran", technician=cast.zoe, start=make.at("08:30"))
    of = draft()
    found = beside(of, zoe=[job])
    assert (found["days"], found["promises"]) == ([], [])
    assert found["before"]["total"] == price(of.problem, of.live_routes()).total


def promised(name: str, **fields: Any) -> Job:
    window = {"promised_from": make.at("09:00"), "promised_to": make.at("10:00")}
    return make.job(name, minutes=60, **window, **fields)


def test_promises_that_break_come_first(cast: Cast) -> None:
    early = promised("écran", technician=cast.tariq, start=make.at("09:00"))
    other = make.job("clavier", technician=cast.zoe, start=make.at("08:30"), minutes=150)
    late = promised("souris", technician=cast.zoe, start=make.at("11:00"))
    found = beside(draft(), zoe=[late], tariq=[other, early])
    broken, mended = found["promises"]
    assert (broken["number"], broken["kind"], broken["client_id"]) == (
        early.number,
        "broken",
        early.client_id,
    )
    assert [datetime.fromisoformat(one) for one in broken["window"]] == [make.at("09:00"), make.at("10:00")]
    assert broken["outside"][0] == 0 and broken["outside"][1] > 0
    assert (mended["number"], mended["kind"], mended["outside"][1]) == (late.number, "mended", 0)


def test_a_route_that_can_no_longer_be_kept_has_no_figures(cast: Cast) -> None:
    make.territory().max_overtime_minutes = 0
    with clock.at(make.at("14:00")):
        full = make.job("longue", technician=cast.zoe, start=make.at("14:15"), minutes=150)
        kept = promised("promise", technician=cast.zoe, start=make.at("16:45"))
        found = beside(draft(), zoe=[full], tariq=[kept])
    zoe, tariq = found["days"]
    assert (zoe["technician"], zoe["holds"], zoe["lost"], zoe["end"][0]) == ("Zoé", False, 1, None)
    assert zoe["end"][1] is not None
    assert {zoe[name] for name in ("came", "gone", "travel", "work", "lateness", "overtime")} == {0}
    assert (tariq["technician"], tariq["holds"], tariq["came"]) == ("Tariq", True, 1)
    assert found["served"] == [1, 2]
    assert [(one["kind"], one["start"][0]) for one in found["promises"]] == [("missed", None)]


def test_a_run_keeps_it_with_what_it_has_seen(cast: Cast, session: Any) -> None:
    make.job("écran")
    asked, of = request(make.territory(), make.MONDAY, 1, 0, cast.diane), draft()
    assert asked.weighed is None
    publish(asked, of, basis_of(of), fallback(of.problem))
    session.commit()
    session.expire_all()
    assert asked.weighed is not None
    assert asked.weighed["served"] == [0, 1]
    assert asked.weighed["before"]["unserved"] > 0 == asked.objective["unserved"]


def test_a_change_says_what_it_misses_before_and_after(cast: Cast) -> None:
    late = make.ticket("écran", due_at=make.at("09:30"))
    job = make.job(of=late, technician=cast.zoe, start=make.at("09:30"), minutes=60)
    job.promised_from, job.promised_to = make.at("09:00"), make.at("10:00")
    first = make.job("souris", minutes=150)
    of = draft()
    wanted = {f"zoe/{make.MONDAY}": [str(first.id), str(job.id)]}
    routes = tuple(timed.route for timed in of.timed(wanted))
    changes = differences(of, Solution(routes, (), price(of.problem, routes)))
    [change] = [one for one in changes if one["job"] == job.id]
    assert change["from"] | {"late": 3600, "outside": 0} == change["from"]
    begins = datetime.fromisoformat(change["to"]["start"])
    assert change["to"]["outside"] == (begins - make.at("10:00")).total_seconds() > 0
    assert change["to"]["late"] == (begins - make.at("08:30")).total_seconds()
