"""Street times from a server that speaks Valhalla's JSON, and what happens when there is none."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from flask import Flask

from dispatch import clock, streets
from dispatch.routing.problem import Location
from dispatch.routing.travel import PROFILES, matrix
from tests import factories as make

COLBERT, GARE, ISLAND = (Location(name, *where) for name, where in {
    "colbert": (48.1075, -1.6695), "gare": (48.1035, -1.6722), "island": (48.5, -2.0),
}.items())  # fmt: skip


class Router(ThreadingHTTPServer):
    """Answers as Valhalla does: a minute for each pair, two by bicycle, no way to the island."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[dict[str, Any]] = []
        self.broken: str | None = None
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        router: Any = self.server
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/sources_to_targets"
        router.asked.append(question)
        if router.broken == "slow":
            router.released.wait(5)
        if router.broken == "half":
            return self._say(200, b'{"sources_to_targets": [[')
        if router.broken == "error":
            return self._say(400, b'{"error_code": 171, "error": "No suitable edges near location"}')
        minute = 60 if question["costing"] == "pedestrian" else 120
        cells = [
            [{"from_index": i, "to_index": j, "distance": 1.0, "time": self._time(a, b, minute)}
             for j, b in enumerate(question["targets"])]
            for i, a in enumerate(question["sources"])
        ]  # fmt: skip
        answer = {"algorithm": "timedistancematrix", "units": "kilometers", "sources_to_targets": cells}
        return self._say(200, json.dumps(answer).encode())

    def _time(self, a: dict[str, float], b: dict[str, float], minute: int) -> int | None:
        if a == b:
            return 0
        return None if 48.5 in (a["lat"], b["lat"]) else minute

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(BrokenPipeError):  # nobody waited
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def router() -> Iterator[Router]:
    server = Router()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(app: Flask, router: Router) -> Any:
    """`streets.times` of an application whose street router is `router`."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], valhalla_url=router.url)

    def times(locations: list[Location], *profiles: str) -> Any:
        with app.app_context():
            return streets.times(locations, profiles)

    return times


def test_without_a_router_times_are_great_circle_and_nothing_is_remarked(app: Flask) -> None:
    with app.app_context():
        found, remarks = streets.times([COLBERT, GARE], {"walk"})
    assert found == {"walk": matrix([COLBERT, GARE], PROFILES["walk"])}
    assert remarks == []


def test_times_are_those_of_the_streets_with_what_each_trip_costs_besides(ask: Any) -> None:
    found, remarks = ask([COLBERT, GARE], "walk", "bike")
    assert found["walk"] == [[0, 60], [60, 0]]
    assert found["bike"] == [[0, 180], [180, 0]]
    assert remarks == []


def test_a_place_without_a_way_is_unreachable(ask: Any) -> None:
    found, _remarks = ask([COLBERT, ISLAND], "walk")
    assert found["walk"] == [[0, -1], [-1, 0]]


def test_transit_is_estimated_and_says_so(ask: Any, router: Router) -> None:
    found, remarks = ask([COLBERT, GARE], "transit")
    assert found["transit"] == matrix([COLBERT, GARE], PROFILES["transit"])
    assert remarks == ["no_street_times:transit"]
    assert router.asked == []


def test_only_pairs_that_are_new_are_asked_for(ask: Any, router: Router) -> None:
    ask([COLBERT, GARE], "walk")
    ask([GARE, COLBERT, GARE], "walk")
    assert len(router.asked) == 1
    ask([COLBERT, GARE, ISLAND], "walk")
    assert len(router.asked) == 2


def test_many_places_are_asked_for_in_blocks_that_the_server_takes(ask: Any, router: Router) -> None:
    places = [Location(str(n), 48.0 + n / 1000, -1.6) for n in range(120)]
    found, _remarks = ask(places, "walk")
    assert all(len(one["sources"]) * len(one["targets"]) <= 2500 for one in router.asked)
    assert len(router.asked) == 9
    assert found["walk"][0][119] == found["walk"][119][0] == 60
    assert [row[n] for n, row in enumerate(found["walk"])] == [0] * 120


@pytest.mark.parametrize("broken", ["half", "error"])
def test_an_answer_that_makes_no_sense_is_replaced_by_great_circle_with_a_remark(
    ask: Any, router: Router, broken: str
) -> None:
    router.broken = broken
    found, remarks = ask([COLBERT, GARE], "walk")
    assert found["walk"] == matrix([COLBERT, GARE], PROFILES["walk"])
    assert remarks == ["street_router_silent:walk"]


def test_a_router_that_thinks_too_long_is_not_waited_for(
    ask: Any, router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streets, "TIMEOUT", httpx.Timeout(0.1))
    router.broken = "slow"
    _found, remarks = ask([COLBERT, GARE], "walk")
    router.released.set()
    assert remarks == ["street_router_silent:walk"]


def test_a_router_that_failed_is_left_alone_for_a_minute(ask: Any, router: Router) -> None:
    router.broken = "half"
    with clock.at(make.at("09:00")):
        ask([COLBERT, GARE], "walk", "bike")
        assert len(router.asked) == 1
    router.broken = None
    with clock.at(make.at("09:00") + timedelta(seconds=59)):
        assert ask([COLBERT, GARE], "walk")[1] == ["street_router_silent:walk"]
    with clock.at(make.at("09:00") + timedelta(seconds=61)):
        assert ask([COLBERT, GARE], "walk")[1] == []


def test_a_router_without_streets_at_one_place_is_asked_again_for_others(ask: Any, router: Router) -> None:
    router.broken = "error"
    ask([COLBERT, ISLAND], "walk")
    router.broken = None
    assert ask([COLBERT, GARE], "walk")[1] == []


def test_a_server_that_is_not_there_costs_a_remark(app: Flask, router: Router) -> None:
    router.server_close()
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], valhalla_url=router.url)
    with app.app_context():
        found, remarks = streets.times([COLBERT, GARE], {"walk"})
    assert found["walk"] == matrix([COLBERT, GARE], PROFILES["walk"])
    assert remarks == ["street_router_silent:walk"]
