"""Signing in: what a guesser meets."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from dispatch.extensions import db
from dispatch.models.user import Session, SignInFailure
from tests.people import PASSWORD, Browser

TRIES = 10


@pytest.fixture
def visitor(app, cast):
    """Makes browsers that have not signed in and that hold a token of the form."""
    cast.paula.set_password(PASSWORD)
    db.session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    return lambda: Browser(app, use_cookies=True)


WRONG = "battery horse"


def guess(browser, email="paula@dispatch.example", password=WRONG):
    return browser.post("/sign-in", data={"email": email, "password": password})


def test_the_right_password_opens_a_session(visitor):
    assert guess(visitor(), password=PASSWORD).status_code == 302
    assert db.session.query(Session).count() == 1


def test_guesses_made_all_at_once_are_counted_like_any_others(visitor):
    with ThreadPoolExecutor(TRIES + 4) as pool:
        answers = [pool.submit(guess, visitor()) for _number in range(TRIES + 4)]
        statuses = [answer.result().status_code for answer in answers]
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= TRIES + 1, "two are looked at at once, no more"


def test_the_address_is_one_and_the_same_however_it_is_written(visitor):
    for spelling in ("Paula@Dispatch.example", " paula@dispatch.example ", "PAULA@DISPATCH.EXAMPLE"):
        guess(visitor(), email=spelling)
    assert {failure.email for failure in db.session.query(SignInFailure)} == {"paula@dispatch.example"}


def test_a_whole_ipv6_network_guesses_as_one(visitor):
    for number in range(3):
        browser = visitor()
        browser.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number + 1}"
        guess(browser)
    assert {failure.address for failure in db.session.query(SignInFailure)} == {"2001:db8:1:2::/64"}


def test_an_unknown_address_is_answered_like_a_wrong_password(visitor):
    known, unknown = guess(visitor()), guess(visitor(), email="nobody@dispatch.example")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert _said(known, "paula") == _said(unknown, "nobody")


def _said(answer, name):
    """The page without what is new in every page, and without the address that was typed."""
    return re.sub(r"[\w-]{30,}\.[\w-]+\.[\w-]+|[0-9a-f]{16}", "", answer.text).replace(f"{name}@", "@")
