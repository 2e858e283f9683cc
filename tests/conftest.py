"""What every test may ask for: an application (apps), real servers (servers), pages (browsers)."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

pytest_plugins = ["tests.results", "tests.servers", "tests.apps", "tests.browsers", "tests.valhalla"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """The catalogues are kept as text; the application reads them compiled."""
    catalogues = session.config.rootpath / "dispatch" / "translations"
    if not hasattr(session.config, "workerinput") and any(catalogues.rglob("*.po")):
        compiler = [sys.executable, "-m", "babel.messages.frontend", "-q", "compile"]
        subprocess.run([*compiler, "-d", str(catalogues)], check=True)


def pytest_collection_finish() -> None:
    """What was imported stays; looking through it for garbage again and again took every test some time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_report_header() -> str:
    return "databases: SQLite; PostgreSQL started on first use"
