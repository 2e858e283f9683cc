"""Trips of a plan: asked for in the background from a real Valhalla, estimated meanwhile, never waited for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dispatch import clock, streets
from dispatch.extensions import db
from dispatch.planning import survey, trips
from dispatch.routing import travel
from tests import factories as make
from tests.planning.days import plan
from tests.planning.trips_in_town import (
    AT_SEA,
    CLINIC,
    HALL,
    LIGHTHOUSE,
    SCHOOL,
    ask_router,
    building,
    estimate,
    seconds,
    use,
    visit,
    walker,
)
from tests.valhalla import TOWN, Valhalla


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked of the router, with the transactions that are open at that moment."""
    asked: list[Any] = []
    ask = streets.Router._table

    def listening(self: Any, costing: str, sources: Any, targets: Any, at: Any) -> Any:
        asked.append((costing, tuple(sources), tuple(targets)))
        return ask(self, costing, sources, targets, at)

    monkeypatch.setattr(streets.Router, "_table", listening)
    return asked


def test_without_a_router_trips_are_estimates_and_nothing_is_remarked(session: Any) -> None:
    assert seconds(HALL, SCHOOL) == (estimate(HALL, SCHOOL), [])


def test_what_the_router_was_not_asked_yet_is_estimated_with_a_remark(session: Any, town: Valhalla) -> None:
    use(town)
    assert seconds(HALL, SCHOOL) == (estimate(HALL, SCHOOL), ["street_router_silent:walk"])


def test_what_it_has_said_is_used_by_everybody(
    app_on_both: Flask, session_on_both: Any, town: Valhalla
) -> None:
    use(town)
    walker()
    building("école", SCHOOL)
    assert ask_router() > 0
    found, remarks = seconds(HALL, SCHOOL)
    assert remarks == [] and found[0][1] == pytest.approx(706, abs=15) != estimate(HALL, SCHOOL)[0][1]
    assert ask_router() <= 1 and survey.due() == []


def test_a_ride_takes_parking_too_and_no_time_within_a_place(session: Any, town: Valhalla) -> None:
    use(town)
    walker(profile="bike")
    building("école", SCHOOL)
    ask_router()
    with streets.Router(60) as router:
        db.session.rollback()
        ride = router.ask("bike", [HALL], [SCHOOL])["bike"][0, 0]
    assert seconds(HALL, SCHOOL, HALL, profile="bike")[0][0] == [
        0,
        ride + travel.PROFILES["bike"].overhead,
        0,
    ]


def test_a_shift_at_rush_hour_has_the_streets_of_that_hour(session: Any, town_at_rush_hour: Valhalla) -> None:
    use(town_at_rush_hour)
    walker(profile="car")
    building("école", SCHOOL)
    ask_router()
    night, peak = (seconds(HALL, SCHOOL, profile=f"car@{period}")[0][0][1] for period in ("night", "peak"))
    parking = travel.PROFILES["car"].overhead
    assert peak - parking > 2 * (night - parking) > 0
    mixed = seconds(HALL, SCHOOL, profile="car@night5+peak5")[0][0][1]
    assert mixed == pytest.approx((night + peak) / 2, abs=1)


def test_transit_is_estimated_and_says_so(session: Any, town: Valhalla) -> None:
    use(town)
    walker(profile="transit")
    building("école", SCHOOL)
    assert ask_router() == 0
    found, remarks = seconds(HALL, SCHOOL, profile="transit@day")
    assert found == estimate(HALL, SCHOOL, profile="transit@day")
    assert remarks == ["no_street_times:transit"]


def test_no_way_leads_to_the_island_and_the_plan_says_so(session: Any, town: Valhalla) -> None:
    use(town)
    walker()
    job, other = visit("phare", LIGHTHOUSE), visit("panne", SCHOOL)
    ask_router()
    with clock.at(make.at("06:00")):
        day = plan()
    assert (day.who(job), day.rules(job), day.who(other)) == (None, {"travel"}, "Tariq")
    assert day.draft.remarks == []


def test_a_place_without_streets_is_estimated_and_asked_for_again_the_next_day(
    session: Any, town: Valhalla
) -> None:
    use(town)
    walker()
    building("bouée", AT_SEA)
    with clock.at(make.at("09:00")):
        ask_router()
        assert seconds(HALL, AT_SEA) == (estimate(HALL, AT_SEA), ["street_router_silent:walk"])
        assert survey.due() == []
    with clock.at(make.at("09:00") + timedelta(days=1)):
        assert survey.due() == [make.territory().id]


def test_only_the_trips_of_a_new_building_are_asked_for(session: Any, town: Valhalla, questions: Any) -> None:
    use(town)
    walker()
    building("école", SCHOOL)
    ask_router()
    building("clinique", CLINIC)
    db.session.commit()
    questions.clear()
    assert survey.due() == [make.territory().id]
    ask_router()
    pairs = {
        (source, target) for _way, sources, targets in questions for source in sources for target in targets
    }
    assert {frozenset(pair) for pair in pairs if len(set(pair)) == 2} == {
        frozenset((HALL, CLINIC)), frozenset((SCHOOL, CLINIC))
    }  # fmt: skip
    assert seconds(HALL, SCHOOL, CLINIC)[1] == []


def test_old_times_are_used_until_there_are_newer_ones(session: Any, small_town: Valhalla) -> None:
    use(small_town)
    walker()
    building("école", SCHOOL)
    with clock.at(make.at("09:00")):
        ask_router()
    known = seconds(HALL, SCHOOL)
    small_town.stop()
    with clock.at(make.at("09:00") + timedelta(days=31)):
        assert survey.due() == [make.territory().id]
        ask_router()
        assert seconds(HALL, SCHOOL) == known and known[1] == []


def test_the_places_of_a_large_territory_are_all_asked_for(session: Any, small_town: Valhalla) -> None:
    use(small_town)
    walker()
    places = [TOWN.place(row, column) for row in range(8) for column in range(8)]
    for number, place in enumerate(places):
        building(f"bâtiment {number}", place)
    ask_router()
    found, remarks = seconds(*places)
    assert remarks == []
    assert all(cell > 0 for row in range(64) for column, cell in enumerate(found[row]) if row != column)


def test_the_router_comes_back_and_the_next_beat_goes_on(session: Any, small_town: Valhalla) -> None:
    use(small_town)
    walker()
    building("école", SCHOOL)
    small_town.stop()
    with clock.at(make.at("09:00")):
        assert ask_router() <= 1
        assert survey.due() == [] and seconds(HALL, SCHOOL)[1] == ["street_router_silent:walk"]
    small_town.start()
    with clock.at(make.at("09:02")):
        assert survey.due() == [make.territory().id]
        ask_router()
        assert seconds(HALL, SCHOOL)[1] == []


# the hours of a shift --------------------------------------------------------------------------------------


def test_everybody_has_the_trips_of_his_own_way_and_hours(session: Any) -> None:
    make.technician("Amine", profile="walk")
    make.technician("Tariq", profile="car", hours=("07:30", "17:30"))
    make.technician("Zoé", profile="car", hours=("21:00", "23:00"))
    make.job("panne")
    with clock.at(make.at("06:00")):
        problem = plan().draft.problem
    assert {one.person: one.profile for one in problem.technicians} == {
        "amine": "walk", "tariq": "car@day7+peak3", "zoe": "car@night"
    }  # fmt: skip
    assert set(problem.travel) == {"walk", "car@day7+peak3", "car@night"}
    job = problem.jobs[0]
    trips_there = {
        name: rows[problem.technicians[0].start][job.location] for name, rows in problem.travel.items()
    }
    assert trips_there["car@night"] < trips_there["car@day7+peak3"]


@pytest.mark.parametrize("now", ["06:00", "08:15", "16:45"])
def test_the_clock_alone_changes_no_trip(session: Any, now: str) -> None:
    make.technician("Tariq", profile="car", hours=("08:00", "17:00"))
    make.job("panne")
    with clock.at(make.at(now)):
        assert plan().draft.problem.technicians[0].profile == "car@day8+peak2"


def test_the_hours_are_those_of_the_clocks_there_and_of_all_shifts_of_the_day() -> None:
    morning, night = (make.at("07:30"), make.at("09:30")), (make.at("21:00"), make.at("23:00"))
    assert trips.profile_on("car", [morning, night], "Europe/Paris") == "car@night5+peak5"
    assert trips.profile_on("car", [morning], "Europe/London") == "car@day5+peak5"
    saturday = make.MONDAY + timedelta(days=5)
    assert (
        trips.profile_on("car", [(make.at("07:30", saturday), make.at("09:30", saturday))], "Europe/Paris")
        == "car@day"
    )
    assert trips.profile_on("car", [], "Europe/Paris") == "car"
