"""A building without coordinates gets them from its address, and the network is asked as little as possible."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from dispatch import places
from tests import factories as make

ANSWER = {
    "features": [{"geometry": {"coordinates": [-1.6778, 48.1099]}, "properties": {"label": "1 Rue Colbert"}}]
}


@pytest.fixture
def geocoder():
    """A geocoder on loopback that counts what it is asked."""
    places.coordinates.cache_clear()
    server = HTTPServer(("127.0.0.1", 0), Geocoder)
    server.asked, server.status, server.answer = [], 200, ANSWER
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Geocoder(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.answer).encode())

    def log_message(self, *_arguments):
        """Quiet."""


def domain(server):
    return f"http://127.0.0.1:{server.server_port}"


def nowhere(name="Colbert", **fields):
    return make.building(name, latitude=None, longitude=None, address="1 rue Colbert, Rennes", **fields)


def test_a_building_without_coordinates_gets_them_from_its_address(session, geocoder):
    building = nowhere()
    assert places.locate(building, domain(geocoder))
    assert (building.latitude, building.longitude) == (48.1099, -1.6778)


def test_a_building_with_coordinates_asks_nobody(session, geocoder):
    assert places.locate(make.building("Beaulieu"), domain(geocoder))
    assert geocoder.asked == []


def test_the_same_address_is_asked_once(session, geocoder):
    places.locate(nowhere("Colbert"), domain(geocoder))
    places.locate(nowhere("Colbert annexe"), domain(geocoder))
    assert len(geocoder.asked) == 1


def test_the_command_locates_the_buildings_that_came_without(app, session, geocoder):
    building, _other = nowhere(), make.building("Beaulieu")
    session.commit()
    told = run_locate(app, domain(geocoder))
    assert (told.exit_code, told.output) == (0, "1 of 1 buildings without coordinates were located.\n")
    assert building.latitude == 48.1099


def test_the_command_says_so_when_there_is_no_geocoder(app, session):
    told = run_locate(app, "")
    assert told.exit_code == 1
    assert "GEOCODER_DOMAIN" in told.output


def run_locate(app, host):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], geocoder_domain=host)
    return app.test_cli_runner().invoke(args=["locate"])


def test_without_a_configured_host_nobody_is_asked(session):
    assert not places.locate(nowhere(), "")


def test_an_unknown_address_leaves_the_building_as_it_is(session, geocoder):
    geocoder.answer = {"features": []}
    building = nowhere()
    assert not places.locate(building, domain(geocoder))
    assert building.latitude is None


def test_a_geocoder_out_of_order_is_asked_again_later(session, geocoder):
    geocoder.status = 503
    assert not places.locate(nowhere(), domain(geocoder))
    geocoder.status = 200
    assert places.locate(nowhere(), domain(geocoder))
