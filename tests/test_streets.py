"""The door to the street router: a real Valhalla on a small town, and servers that misbehave."""

from __future__ import annotations

import contextlib
import csv
import itertools
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from dispatch import clock, streets
from dispatch.extensions import db
from dispatch.models.street import UNKNOWN, UNREACHABLE
from dispatch.routing.travel import PROFILES
from tests import factories as make
from tests.servers import ROOT
from tests.valhalla import FREE_FLOW, ISLAND, RUSH_HOUR, TOWN, Valhalla, build_tiles

HALL, SCHOOL, CLINIC = TOWN.place(0, 0), TOWN.place(0, 5), TOWN.place(7, 7)
LIGHTHOUSE = ISLAND.place(3, 3)
AT_SEA = (48.1, -2.2)
ABROAD = (43.0, 5.0)
MONACO = Path(os.environ.get("DISPATCH_DATA", ROOT.parent / "shared" / "data")) / "osm"


class Broken(ThreadingHTTPServer):
    """A server that answers every question with the same status and text."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status, self.text = 200, ""
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        server.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(server.status)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(server.text.encode())

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def broken() -> Iterator[Broken]:
    server = Broken()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(app: Flask) -> Any:
    """The seconds that a server says, per way."""

    def ask(server: Any, profile: str, sources: Any, targets: Any = None, seconds: float = 60) -> Any:
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], valhalla_url=f"{server.url}/")
        with app.app_context(), streets.Router(seconds) as router:
            return router.ask(profile, sources, targets or sources)

    return ask


def test_on_foot_five_blocks_are_a_kilometre_at_walking_pace(ask: Any, town: Valhalla) -> None:
    seconds = ask(town, "walk", [HALL, SCHOOL])["walk"]
    assert np.diag(seconds).tolist() == [0, 0]
    assert seconds[0, 1] == seconds[1, 0] == pytest.approx(1000 / (5.1 / 3.6), rel=0.05)


def test_there_and_back_by_bicycle_is_quicker_than_on_foot(ask: Any, town: Valhalla) -> None:
    walk = ask(town, "walk", [HALL, CLINIC])["walk"]
    bike = ask(town, "bike", [HALL, CLINIC])["bike"]
    assert 0 < bike[0, 1] < walk[0, 1] / 2


def test_a_server_without_traffic_has_its_car_times_stretched_at_rush_hours(ask: Any, town: Valhalla) -> None:
    found = ask(town, "car", [HALL, CLINIC])
    day, paces = found["car@day"][0, 1], PROFILES["car"].paces
    assert found["car@peak"][0, 1] == round(day * paces["peak"].way)
    assert found["car@night"][0, 1] == round(day * paces["night"].way)


def test_a_server_with_traffic_is_asked_for_each_period(ask: Any, town_at_rush_hour: Valhalla) -> None:
    found = {way: seconds[0, 1] for way, seconds in ask(town_at_rush_hour, "car", [HALL, CLINIC]).items()}
    assert found["car@peak"] == found["car@day"]  # Valhalla's rush hour lasts from seven to seven
    assert found["car@peak"] / found["car@night"] == pytest.approx(FREE_FLOW / RUSH_HOUR, rel=0.05)


def test_no_way_leads_to_an_island(ask: Any, town: Valhalla) -> None:
    for way, seconds in itertools.chain(
        *(ask(town, one, [HALL, LIGHTHOUSE]).items() for one in streets.COSTINGS)
    ):
        assert seconds.tolist() == [[0, UNREACHABLE], [UNREACHABLE, 0]], way


def test_a_place_without_streets_leaves_the_others_their_times(ask: Any, town: Valhalla) -> None:
    seconds = ask(town, "walk", [HALL, AT_SEA, SCHOOL])["walk"]
    assert seconds[0, 2] > 0 < seconds[2, 0]
    assert (seconds[1] == UNKNOWN).all() and (seconds[:, 1] == UNKNOWN).all()


def test_places_too_far_apart_leave_the_others_their_times(ask: Any, town: Valhalla) -> None:
    seconds = ask(town, "walk", [HALL, SCHOOL], [CLINIC, ABROAD])["walk"]
    assert (seconds[:, 0] > 0).all() and (seconds[:, 1] == UNKNOWN).all()


def test_more_than_the_server_takes_at_once_is_asked_for_in_parts(
    ask: Any, town: Valhalla, small_town: Valhalla
) -> None:
    places = [TOWN.place(row, column) for row in range(5) for column in range(6)]
    found = ask(small_town, "walk", places)["walk"]
    whole = ask(town, "walk", places)["walk"]
    assert (found == whole).all() and (whole + np.eye(30) > 0).all()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, '{"error": "out of memory"}'),
        (400, '{"error_code": 106, "error": "Try any of"}'),
        (400, "<html>"),
        (400, "[]"),
        (404, "not here"),
        (302, ""),
        (200, "<html>welcome to the hotel</html>"),
        (200, '{"sources_to_targets": [['),
        (200, '{"sources_to_targets": [[{"time": 1}]]}'),
        (200, '{"sources_to_targets": [[{"time": -9}, {"time": 1}], [{"time": 1}, {"time": 1}]]}'),
        (200, '{"sources_to_targets": [[{"time": 1e300}, {"time": 1}], [{"time": 1}, {"time": 1}]]}'),
        (200, '{"sources_to_targets": null}'),
        (200, "7"),
    ],
)
def test_what_makes_no_sense_is_no_answer(ask: Any, broken: Broken, status: int, text: str) -> None:
    broken.status, broken.text = status, text
    with pytest.raises(streets.NoAnswer):
        ask(broken, "walk", [HALL, SCHOOL])


def test_a_server_that_is_not_there_is_no_answer(ask: Any, small_town: Valhalla) -> None:
    small_town.stop()
    with pytest.raises(streets.NoAnswer):
        ask(small_town, "walk", [HALL, SCHOOL])


@pytest.mark.parametrize("address", ["nonsense", "http://[::1", "ftp://example.org"])
def test_an_address_that_is_none_is_no_answer(app: Flask, address: str) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], valhalla_url=address)
    with app.app_context(), streets.Router(5) as router, pytest.raises(streets.NoAnswer):
        router.ask("walk", [HALL], [SCHOOL])


def test_a_server_that_hangs_is_waited_for_no_longer_than_one_wants(ask: Any, small_town: Valhalla) -> None:
    small_town.hang()
    with pytest.raises(streets.NoAnswer):
        ask(small_town, "walk", [HALL, SCHOOL], seconds=0.3)


def test_a_server_that_failed_is_left_alone_for_a_minute_and_then_asked_again(
    ask: Any, town: Valhalla, broken: Broken
) -> None:
    broken.status = 500
    nine = make.at("09:00")
    for later in (0, 59):
        with clock.at(nine + timedelta(seconds=later)), pytest.raises(streets.NoAnswer):
            ask(broken, "walk", [HALL, SCHOOL])
    assert broken.asked == 1
    with clock.at(nine + timedelta(seconds=61)), pytest.raises(streets.NoAnswer):
        ask(broken, "walk", [HALL, SCHOOL])
    assert broken.asked == 2


def test_a_server_comes_back(ask: Any, small_town: Valhalla) -> None:
    small_town.stop()
    with clock.at(make.at("09:00")), pytest.raises(streets.NoAnswer):
        ask(small_town, "walk", [HALL, SCHOOL])
    small_town.start()
    with clock.at(make.at("09:02")):
        assert ask(small_town, "walk", [HALL, SCHOOL])["walk"][0, 1] > 0


def test_nobody_asks_inside_a_transaction(app: Flask, session: Any, broken: Broken) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], valhalla_url=broken.url)
    make.territory()
    with streets.Router(5) as router:
        with pytest.raises(RuntimeError, match="inside a transaction"):
            router.ask("walk", [HALL], [SCHOOL])
        db.session.rollback()
        broken.status = 500
        assert broken.asked == 0
        with pytest.raises(streets.NoAnswer):
            router.ask("walk", [HALL], [SCHOOL])
    assert broken.asked == 1


@pytest.mark.skipif(
    not (MONACO / "monaco.osm.pbf").exists(),
    reason=f"no monaco.osm.pbf under {MONACO} (set DISPATCH_DATA): only the town made of nothing was asked for",
)
def test_the_public_buildings_of_monaco_are_within_an_hours_walk(
    ask: Any, tmp_path: Path, record_property: Any
) -> None:
    with (MONACO / "monaco_public_buildings.csv").open() as rows:
        places = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(rows)]
    build_tiles(MONACO / "monaco.osm.pbf", tmp_path / "tiles")
    server = Valhalla(tmp_path / "tiles")
    try:
        server.start()
        walk, car = ask(server, "walk", places)["walk"], ask(server, "car", places)
    finally:
        server.stop()
    record_property("buildings", len(places))
    apart = ~np.eye(len(places), dtype=bool)
    assert (walk[apart] >= 0).all() and walk.max() < 3600
    assert (car["car@peak"] >= car["car@day"]).all() and (car["car@peak"] != car["car@day"]).any()
