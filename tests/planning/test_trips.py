"""Trips of a plan: asked for in the background from a real Valhalla, estimated meanwhile, never waited for."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import text

from dispatch import clock, streets, tasks
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan import Plan
from dispatch.models.technician import Technician
from dispatch.planning import move, run, survey, trips
from dispatch.routing import travel
from dispatch.routing.problem import Location
from tests import factories as make
from tests.people import Cast
from tests.planning.days import plan
from tests.servers import LiveServer
from tests.valhalla import ISLAND, TOWN, Valhalla

HALL, SCHOOL, CLINIC = TOWN.place(0, 0), TOWN.place(0, 5), TOWN.place(7, 7)
LIGHTHOUSE, AT_SEA = ISLAND.place(3, 3), (48.1, -2.2)


def use(router: Any, app: Flask | None = None) -> None:
    app = app or current_app._get_current_object()  # type: ignore[attr-defined]
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], valhalla_url=router.url)


def building(name: str, place: tuple[float, float]) -> Any:
    return make.building(name, latitude=place[0], longitude=place[1])


def walker(place: tuple[float, float] = HALL, **fields: Any) -> Technician:
    return make.technician("Tariq", latitude=place[0], longitude=place[1], **fields)


def visit(name: str, place: tuple[float, float], **fields: Any) -> Job:
    return make.job(name, of=make.ticket(name, building_id=building(name, place).id), **fields)


def ask_router(seconds: float = 60) -> int:
    """What the worker does in the background; how many questions it asked."""
    db.session.commit()
    asked = 0
    for _ in survey.survey(make.territory().id, seconds):
        asked += 1
        db.session.commit()
    return asked


def seconds(*places: tuple[float, float], profile: str = "walk") -> tuple[Any, list[str]]:
    locations = [Location(str(number), *place) for number, place in enumerate(places)]
    matrices, remarks = trips.times(make.territory().id, locations, {profile})
    return matrices[profile], remarks


def estimate(*places: tuple[float, float], profile: str = "walk") -> Any:
    locations = [Location(str(number), *place) for number, place in enumerate(places)]
    return travel.matrices(locations, [profile])[profile]


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


# nobody waits for the network -------------------------------------------------------------------------------


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


@pytest.fixture
def silent() -> Iterator[Any]:
    """A server that would never answer: nobody even takes its calls."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        server_url = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield type("Silent", (), {"url": server_url, "socket": server})


def was_called(silent: Any) -> bool:
    try:
        silent.socket.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_giving_a_job_away_does_not_ask_the_router(
    app_on_both: Flask, session_on_both: Any, silent: Any
) -> None:
    use(silent)
    tariq = walker()
    job, diane = visit("panne", SCHOOL), make.user("Diane", "dispatcher")
    with clock.at(make.at("08:00")):
        move.assign(job, tariq, diane)
        db.session.commit()
        assert job.travel_seconds == estimate(HALL, SCHOOL)[0][1]
        assert Plan.remarks_on(make.territory().id, make.MONDAY) == ["street_router_silent:walk"]
    assert not was_called(silent)


def test_others_write_while_the_router_hangs(
    app_on_both: Flask, session_on_both: Any, small_town: Valhalla, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on_both
    monkeypatch.setattr(streets, "SECONDS", 60)
    monkeypatch.setattr(tasks, "STREET_SECONDS", 60)
    use(small_town, app)
    walker()
    visit("panne", SCHOOL)
    db.session.commit()
    territory_id, waiting = make.territory().id, threading.Event()
    db.session.commit()
    small_town.hang()

    def work() -> None:
        with app.app_context():
            tasks.ask_streets(territory_id)
        waiting.set()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        _until_called(small_town)
        _write_without_patience(territory_id)
        assert not waiting.is_set(), "the router was not waited for, so nothing was tried"
    finally:
        small_town.go_on()
        worker.join(30)


def test_a_run_asks_before_its_transaction_and_plans_on_real_streets(
    cast: Cast, session: Any, town: Valhalla
) -> None:
    use(town)
    tariq = cast.tariq
    tariq.latitude, tariq.longitude = HALL
    job = visit("panne", SCHOOL, lock="technician", lock_technician_id=tariq.id)
    with clock.at(make.at("06:30")):
        asked = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)
        db.session.commit()
        app, run_id = current_app._get_current_object(), asked.id  # type: ignore[attr-defined]
        db.session.commit()
        with app.app_context():
            run.execute(run_id, "worker of the test")
        session.expire_all()
        assert (asked.state, asked.error) == ("proposed", None)
        [trip] = [
            stop["travel"]
            for route in asked.proposal["routes"]
            for stop in route["stops"]
            if stop["job"] == str(job.id)
        ]
    assert trip == seconds(HALL, SCHOOL)[0][0][1] != estimate(HALL, SCHOOL)[0][1]


def test_a_run_goes_on_with_estimates_when_the_router_hangs(
    cast: Cast, session: Any, small_town: Valhalla, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(small_town)
    small_town.hang()
    monkeypatch.setattr(run, "ROUTER_SECONDS", 0.3)
    make.job("panne")
    with clock.at(make.at("06:30")):
        asked = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)
        db.session.commit()
        app, run_id = current_app._get_current_object(), asked.id  # type: ignore[attr-defined]
        db.session.commit()
        with app.app_context():
            run.execute(run_id, "worker of the test")
        session.expire_all()
        assert (asked.state, asked.served) == ("proposed", 1)


def test_the_worker_asks_by_itself(database: str, tmp_path: Any, town: Valhalla) -> None:
    from tests.apps import make_app

    app = make_app(database, tmp_path)
    with app.app_context():
        walker()
        building("école", SCHOOL)
        db.session.commit()
    server = LiveServer(database, tmp_path / "instance", {"VALHALLA_URL": town.url})
    try:
        server.start_worker()
        with app.app_context():
            use(town, app)
            assert _soon(lambda: seconds(HALL, SCHOOL)[1] == []), server.log()
    finally:
        server.stop()


def _until_called(server: Valhalla) -> None:
    """Until a connection to the server is open: /proc/net/tcp lists it with its port, in hexadecimal."""
    port = f":{server.port:04X}"

    def is_called() -> bool:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        return any(line.split()[2].endswith(port) and line.split()[3] == "01" for line in lines)

    assert _soon(is_called)


def _soon(happens: Any, tries: int = 300) -> bool:
    pause = threading.Event()
    for _ in range(tries):
        if happens():
            return True
        db.session.rollback()
        pause.wait(0.1)
    return False


def _write_without_patience(territory_id: int) -> None:
    """One write that gives up at once instead of waiting for a lock."""
    if db.engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(db.engine.url.database, timeout=0)) as connection, connection:
            connection.execute("UPDATE territory SET freeze_minutes = 31 WHERE id = ?", [territory_id])
    else:
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '1ms'"))
            connection.execute(text("LOCK TABLE street_times, territory IN ACCESS EXCLUSIVE MODE"))
