"""The street map below the board's map is an operator's choice."""

from __future__ import annotations

import pytest

from dispatch.config import Settings
from tests.apps import make_app
from tests.servers import sqlite_database

TILES = "https://tiles.example/{z}/{x}/{y}.png"


def policy(app):
    return app.test_client().get("/sign-in").headers["Content-Security-Policy"]


def test_pictures_come_from_the_server_of_the_tiles_and_from_nowhere_else(app, tmp_path):
    assert "img-src 'self' data: blob:;" in policy(app)
    with_tiles = make_app(sqlite_database(tmp_path), tmp_path, map_tiles=TILES)
    assert "img-src 'self' data: blob: https://tiles.example;" in policy(with_tiles)
    own = make_app(sqlite_database(tmp_path), tmp_path, map_tiles="/tiles/{z}/{x}/{y}.png")
    assert policy(own) == policy(app)


def test_an_address_without_its_three_places_stops_the_start():
    assert Settings.from_environment({"MAP_TILES": TILES}).map_tiles == TILES
    with pytest.raises(ValueError, match="MAP_TILES"):
        Settings.from_environment({"MAP_TILES": "https://tiles.example/map.png"})
