"""The job list of a signed-in technician as Lighthouse sees it: a mid-range phone on slow 4G, which it simulates.

Needs Node 20 or newer with npm, which nothing else here does; Lighthouse itself is pinned in `lighthouse/` and installed
beside it on first use.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from dispatch.clock import now
from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.battery.senders import token_of
from tests.browsers import CHROMIUM
from tests.people import PASSWORD

pytestmark = [pytest.mark.battery, pytest.mark.browser]
HERE = Path(__file__).parent / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
WANTED, RUNS = 95, 3


@pytest.fixture(scope="module")
def lighthouse() -> Path:
    """The program, installed as the lock file says."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            pytest.fail(f"{program} is missing: make battery needs Node 20 or newer with npm for Lighthouse")
    program = HERE / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        subprocess.run(["npm", "ci", "--no-fund", "--no-audit"], cwd=HERE, check=True)
    return program


@pytest.fixture
def cookie(server, tmp_path) -> str:
    """Tariq's, who has a day of six visits with one done; what the browser sends."""
    today = now().astimezone(make.ZONE).date()
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        tariq = make.technician("Tariq", day=today)
        tariq.user.set_password(PASSWORD)
        for hour in range(9, 15):
            make.job(f"Poste {hour} ne démarre plus", technician=tariq, start=make.at(f"{hour:02}:00", today),
                     state="completed" if hour == 9 else "dispatched")  # fmt: skip
        make.job("Écran noir", technician=tariq, start=make.at("09:00", today + timedelta(days=1)))
        db.session.commit()
    with httpx.Client(base_url=server.url, timeout=60) as browser:
        said = {
            "email": "tariq@dispatch.example",
            "password": PASSWORD,
            "csrf_token": token_of(browser, "/sign-in"),
        }
        assert browser.post("/sign-in", data=said).status_code == 302
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def test_the_job_list_is_fast_accessible_and_well_made(lighthouse, server, cookie, tmp_path, record_property):
    reports = [
        looked_at(lighthouse, f"{server.url}/jobs", cookie, tmp_path / f"{run}.json") for run in range(RUNS)
    ]
    assert all(report["finalDisplayedUrl"] == f"{server.url}/jobs" for report in reports), (
        "it was not signed in"
    )
    for name in CATEGORIES:
        score = median(100 * report["categories"][name]["score"] for report in reports)
        record_property(name, score)
        assert score >= WANTED, f"{name}: {score}\n" + "\n".join(complaints(reports[0], name))


def looked_at(program: Path, url: str, cookie: str, out: Path) -> dict[str, Any]:
    """One run in a browser of its own."""
    headers = out.with_suffix(".headers")
    headers.write_text(json.dumps({"Cookie": cookie}))
    done = subprocess.run(
        [str(program), url, "--quiet", "--output=json", f"--output-path={out}", f"--extra-headers={headers}",
         f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"],
        env={**os.environ, "CHROME_PATH": str(CHROMIUM)}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(out.read_text())
    return report


def complaints(report: dict[str, Any], category: str) -> list[str]:
    """What keeps the score from being full, heaviest first."""
    parts = sorted(report["categories"][category]["auditRefs"], key=lambda part: -part["weight"])
    found = ((part["weight"], report["audits"][part["id"]]) for part in parts)
    return [f"{weight} {one['id']}: {one['title']} {one.get('displayValue', '')}" for weight, one in found
            if one["score"] is not None and one["score"] < 1]  # fmt: skip
