"""`--results FILE`: outcome, seconds and recorded figures of every test as JSON, for `make battery`.

A test says a figure with pytest's own `record_property("jobs", 400)`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--results", type=Path, help="write outcome, seconds and figures of every test to this file"
    )


def pytest_configure(config: pytest.Config) -> None:
    if path := config.getoption("--results"):
        config.pluginmanager.register(Results(path))


class Results:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.cases: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.cases.append({
                "case": report.nodeid, "outcome": report.outcome, "seconds": round(report.duration, 2),
                **dict(report.user_properties),
            })  # fmt: skip

    def pytest_sessionfinish(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({"machine": _machine(), "cases": self.cases}, indent=2) + "\n")


def _machine() -> dict[str, Any]:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return {"commit": commit.stdout.strip(), "cores": os.cpu_count(), "python": platform.python_version()}
