"""A real Valhalla server behind the tests, on a town made of nothing: streets, an island, rush hours.

Its programs come from scripts/valhalla. The tiles are built once a run; every process of pytest-xdist that
asks for it starts a server of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as initially
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import osm
from tests.servers import ROOT, alone, folder_of_run, free_port

TOWN = osm.Grid(48.1, -1.68, first=1)
ISLAND = osm.Grid(48.1, -1.60, first=1001)  # six kilometres east, and no bridge
FREE_FLOW, RUSH_HOUR = 50, 15  # km/h on every street: without traffic, and from 7 to 19 o'clock


@dataclass
class Valhalla:
    """One server process over a folder of tiles."""

    tiles: Path
    limits: dict[str, Any] = initially(default_factory=dict)
    port: int = initially(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        settings = configuration(self.tiles)
        settings["httpd"]["service"]["listen"] = f"tcp://127.0.0.1:{self.port}"
        for name, limit in self.limits.items():
            known = settings["service_limits"][name]
            settings["service_limits"][name] = known | limit if isinstance(known, dict) else limit
        own = self.tiles.parent / f"valhalla-{self.port}"
        own.with_suffix(".json").write_text(json.dumps(settings))
        with own.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                [programs() / "valhalla_service", own.with_suffix(".json"), "1"], stdout=log, stderr=log
            )
        self._wait(own.with_suffix(".log"))

    def stop(self) -> None:
        """At once: asked kindly it would go on answering for half a minute."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def hang(self) -> None:
        """It takes connections and never answers, until `go_on`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def _wait(self, log: Path) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/status", timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        pytest.fail(f"Valhalla does not answer at {self.url}\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def town() -> Iterator[Valhalla]:
    """A server on TOWN and ISLAND as it comes: it knows no traffic, and takes 2,500 pairs at once."""
    yield from _running(Valhalla(_tiles("town")))


@pytest.fixture(scope="session")
def town_at_rush_hour() -> Iterator[Valhalla]:
    """The same streets with speeds by the hour, and a server that may use them."""
    yield from _running(Valhalla(_tiles("rush-hour", traffic=True), {"max_timedep_distance_matrix": 500_000}))


@pytest.fixture
def small_town() -> Iterator[Valhalla]:
    """A server of the test's own, to be stopped and started, that takes 100 pairs at once."""
    few = {"max_matrix_location_pairs": 100}
    yield from _running(Valhalla(_tiles("town"), {"pedestrian": few, "bicycle": few, "auto": few}))


def _running(server: Valhalla) -> Iterator[Valhalla]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


def programs() -> Path:
    """The folder of Valhalla's programs; fetched on first use."""
    with alone("valhalla"):
        fetched = subprocess.run([ROOT / "scripts" / "valhalla"], capture_output=True, text=True, check=False)
    if fetched.returncode:
        pytest.fail(fetched.stderr)
    return ROOT / fetched.stdout.strip()


def configuration(tiles: Path) -> dict[str, Any]:
    """Valhalla's own defaults, over these tiles."""
    writer = programs().parent / "valhalla_build_config.py"
    command = [sys.executable, writer, "--mjolnir-tile-dir", tiles]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    settings: dict[str, Any] = json.loads(written)
    return settings


def build_tiles(extract: Path, tiles: Path) -> None:
    """Tiles of an .osm.pbf."""
    settings = tiles.with_suffix(".json")
    settings.write_text(json.dumps(configuration(tiles)))
    _run("valhalla_build_tiles", "--config", settings, extract)


def _tiles(name: str, traffic: bool = False) -> Path:
    tiles = folder_of_run() / f"{name}-tiles"
    programs()
    with alone("tiles"):
        if not tiles.with_suffix(".done").exists():
            extract = tiles.with_suffix(".osm.pbf")
            streets = {"highway": "residential"}
            osm.write(
                extract, TOWN.crossings | ISLAND.crossings, [*TOWN.streets(streets), *ISLAND.streets(streets)]
            )
            build_tiles(extract, tiles)
            if traffic:
                _add_speeds(tiles)
            tiles.with_suffix(".done").touch()
    return tiles


def _add_speeds(tiles: Path) -> None:
    """FREE_FLOW and RUSH_HOUR on every edge; an edge is named level/tile/number."""
    [tile] = tiles.rglob("*.gph")
    number = "".join(tile.relative_to(tiles).with_suffix("").parts[1:])
    edges = 2 * sum(len(way.nodes) - 1 for grid in (TOWN, ISLAND) for way in grid.streets({}))
    speeds = tiles.with_name(tiles.name + "-speeds")
    table = (speeds / tile.relative_to(tiles)).with_suffix(".csv")
    table.parent.mkdir(parents=True)
    rows = (f"2/{number}/{edge},{FREE_FLOW},{RUSH_HOUR},\n" for edge in range(edges))
    table.write_text("".join(rows))
    _run("valhalla_add_predicted_traffic", "--config", tiles.with_suffix(".json"), speeds)


def _run(program: str, *arguments: Sequence[str] | Path | str) -> None:
    command = [programs() / program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    if done.returncode:
        pytest.fail(f"{program} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
