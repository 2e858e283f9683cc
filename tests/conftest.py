"""What every test may ask for: an application (apps), real servers (servers), pages (browsers)."""

from __future__ import annotations

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


def pytest_report_header() -> str:
    return "databases: SQLite; PostgreSQL started on first use"


# Long ones whose other half, on PostgreSQL, is in every run; on SQLite they belong to the battery.
ONE_IS_ENOUGH = (
    "test_1_killed_solver.py", "test_11_moved_while_solving.py", "test_16_history.py::test_what", "test_two_days.py", "test_two_territories.py",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "[sqlite" in item.nodeid and any(name in item.nodeid for name in ONE_IS_ENOUGH):
            item.add_marker(pytest.mark.battery)
