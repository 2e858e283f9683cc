"""Monday at ten in Rennes, and dispatchers at the board."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from dispatch import clock
from dispatch.extensions import db
from tests import factories as make
from tests.people import signed_in


@pytest.fixture(autouse=True)
def ten_o_clock(session):
    with clock.at(make.at("10:00")):
        yield


@pytest.fixture
def diane(app, cast):
    """Diane's browser: she dispatches for everybody."""
    return signed_in(app, cast.diane, "en")


@pytest.fixture
def denis(app, cast):
    """Denis' browser: he dispatches for Acme only."""
    return signed_in(app, cast.denis, "en")


class Htmx:
    """The same browser, asking as htmx does."""

    def __init__(self, browser):
        self.browser = browser

    def get(self, url):
        return self.browser.get(url, headers={"HX-Request": "true"})

    def post(self, url, **data):
        return self.browser.post(url, data=data, headers={"HX-Request": "true"})


def seen(browser, url):
    """What a page says, without the tokens that are new each time."""
    answer = browser.get(url)
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    return re.sub(r'(name="csrf_token" value=|"X-CSRFToken": )"[^"]+"', "", text)


def queries_of(browser, url):
    """How many times this page reads."""
    told = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            told.append(statement)

    db.session.commit()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert browser.get(url).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(told)
