"""Two dispatchers and a technician's day, behind a real server; phones with a memory, which share one."""

from __future__ import annotations

import contextlib
import functools
import itertools
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from dispatch.clock import now
from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import open_every_day
from tests.browser.phones import Phone, holder_of
from tests.people import PASSWORD
from tests.servers import LiveServer, postgresql_database, sqlite_database

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


ON_BOTH = pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)


@dataclass(frozen=True)
class Office:
    """A server for every test that brings a technician of its own, and the application on its database; Diane dispatches."""

    server: LiveServer
    app: Flask


@pytest.fixture(scope="session")
def offices(request, tmp_path_factory):
    """One for each kind of database, opened when it is first asked for."""
    with ExitStack() as open_ones:
        yield functools.cache(lambda kind: open_ones.enter_context(_office(kind, request, tmp_path_factory)))


@contextlib.contextmanager
def _office(kind, request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    with ExitStack() as stack:
        if kind == "sqlite":
            database = sqlite_database(folder)
        else:
            database = stack.enter_context(postgresql_database(request.getfixturevalue("postgres")))
        server = LiveServer(database, folder / "instance")
        stack.callback(server.stop)
        server.start()
        app = make_app(database, folder / "instance")
        with app.app_context():
            make.user("Diane", "dispatcher", every_client=True).set_password(PASSWORD)
            db.session.commit()
        yield Office(server, app)
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def kind():
    """Of the database; cases of the battery ask for it `ON_BOTH`."""
    return "sqlite"


@pytest.fixture
def running(offices, kind):
    return offices(kind).server


@pytest.fixture
def office(offices, kind):
    return offices(kind).app


@pytest.fixture
def held(browser, running, tmp_path):
    """A phone in somebody's hand."""
    phone = Phone(browser, running, tmp_path / "profile")
    yield phone
    phone.kill()


@pytest.fixture
def planned(office):
    """Somebody new with three visits today; numbers of the jobs."""
    name = f"Tariq{next(_people)}"
    today = now().astimezone(make.ZONE).date()
    with office.app_context():
        technician = make.technician(name, day=today)
        technician.user.set_password(PASSWORD)
        made = [make.job(f"{words} {name}", technician=technician, start=make.at(f"{hour}:00", today))
                for hour, words in ((10, "Écran noir"), (11, "Imprimante"), (12, "Téléphone"))]  # fmt: skip
        db.session.commit()
        return [job.number for job in made]


@pytest.fixture
def visits(office, planned, held):
    """As `planned`, and opened once on the phone that is held."""
    held.sign_in(holder_of(office, planned[0]))
    return planned
