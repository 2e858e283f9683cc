"""Two dispatchers and a technician's day, behind a real server; phones with a memory, which share one."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from dispatch.clock import now
from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import open_every_day
from tests.browser.phones import Phone
from tests.people import PASSWORD
from tests.servers import LiveServer, sqlite_database

_people = itertools.count(1)


@pytest.fixture
def tomorrow():
    return now().astimezone(make.ZONE).date() + timedelta(days=1)


@pytest.fixture
def jobs(server, tmp_path, tomorrow):
    """Numbers of Zoé's jobs of tomorrow; Diane and Ahmed dispatch."""
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        open_every_day()
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


# a phone that is offline now and then -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One server for all tests of a file: each brings a technician of its own."""
    folder = tmp_path_factory.mktemp("offline")
    server = LiveServer(sqlite_database(folder), folder / "instance")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def office(running):
    """The application on the server's database; Diane dispatches."""
    app = make_app(running.database, running.folder)
    with app.app_context():
        make.user("Diane", "dispatcher", every_client=True).set_password(PASSWORD)
        db.session.commit()
    return app


@pytest.fixture
def held(browser, running, tmp_path):
    """A phone in somebody's hand."""
    phone = Phone(browser, running, tmp_path / "profile")
    yield phone
    phone.kill()


@pytest.fixture
def visits(office, held):
    """Somebody new with three visits today, who has opened them once; numbers of the jobs."""
    name = f"Tariq{next(_people)}"
    today = now().astimezone(make.ZONE).date()
    with office.app_context():
        technician = make.technician(name, day=today)
        technician.user.set_password(PASSWORD)
        made = [make.job(f"{words} {name}", technician=technician, start=make.at(f"{hour}:00", today))
                for hour, words in ((10, "Écran noir"), (11, "Imprimante"), (12, "Téléphone"))]  # fmt: skip
        db.session.commit()
        numbers = [job.number for job in made]
    held.sign_in(name)
    return numbers
