"""Two dispatchers and a technician's day, behind a real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from dispatch.clock import now
from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.people import PASSWORD
from tests.servers import LiveServer


@pytest.fixture
def tomorrow():
    return now().astimezone(make.ZONE).date() + timedelta(days=1)


@pytest.fixture
def jobs(server, tmp_path, tomorrow):
    """Numbers of Zoé's jobs of tomorrow; Diane and Ahmed dispatch."""
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        for name in ("Diane", "Ahmed"):
            make.user(name, "dispatcher", every_client=True).set_password(PASSWORD)
        zoe = make.technician("Zoé", day=tomorrow)
        made = [
            make.job(f"Poste {hour}", technician=zoe, start=make.at(f"{hour}:00", tomorrow))
            for hour in (10, 11, 14)
        ]
        make.job("Sans technicien")
        db.session.commit()
        return [job.number for job in made]


def sign_in(page: Page, server: LiveServer, name: str) -> None:
    page.goto(f"{server.url}/sign-in")
    page.fill("#email", f"{name}@dispatch.example")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board**")
