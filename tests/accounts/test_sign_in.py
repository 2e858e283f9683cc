"""Signing in: what a guesser meets."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dispatch.clock import at as frozen
from dispatch.extensions import db
from dispatch.models.sign_in import KnownPlace, SignInFailure, wait_after
from dispatch.models.user import Session
from tests import factories as make
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


def test_a_look_sets_no_cookie_so_a_slow_one_takes_away_nothing_that_was_put_in_meanwhile(visitor):
    paula = visitor()
    assert "Set-Cookie" in guess(paula, password=PASSWORD).headers
    paula.get("/tickets")  # the session's token is made with the first page
    assert "Set-Cookie" not in paula.get("/tickets").headers


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


# from many addresses ------------------------------------------------------------------------------------

NINE = make.at("09:00")
HOME, ELSEWHERE = "198.51.100.7", "203.0.113.99"


@pytest.fixture
def on_both(app_on_both, session_on_both):
    """As `visitor`, on both databases; says from where."""
    make.user("Paula").set_password(PASSWORD)
    db.session.commit()
    app_on_both.config["WTF_CSRF_ENABLED"] = False

    def come_from(address):
        browser = Browser(app_on_both, use_cookies=True)
        browser.environ_base["REMOTE_ADDR"] = address
        return browser

    return come_from


def attacked(count=2 * TRIES, email="paula@dispatch.example"):
    """Wrong passwords at nine from so many addresses, each tried once; a hash for each would take long."""
    for number in range(count):
        db.session.add(SignInFailure(email=email, address=f"192.0.2.{number}", at=NINE))
    db.session.commit()


def tried(on_both, address, after=timedelta(0), **said):
    with frozen(NINE + after):
        return guess(on_both(address), **said)


def test_many_addresses_have_to_wait_as_one(on_both):
    attacked(2 * TRIES - 1)
    assert tried(on_both, "203.0.113.97").status_code == 401, "the last of the budget"
    assert tried(on_both, ELSEWHERE, password=PASSWORD).status_code == 429
    assert tried(on_both, ELSEWHERE, timedelta(seconds=2)).status_code == 401
    assert tried(on_both, "203.0.113.98", timedelta(seconds=3)).status_code == 429
    assert tried(on_both, "203.0.113.98", timedelta(seconds=5)).status_code == 401


def test_where_paula_has_signed_in_before_she_does_not_notice_the_attack(on_both):
    assert tried(on_both, HOME, password=PASSWORD).status_code == 302
    attacked()
    assert tried(on_both, ELSEWHERE, password=PASSWORD).status_code == 429
    assert tried(on_both, HOME, password=PASSWORD).status_code == 302


def test_what_she_mistypes_at_home_slows_nobody_down_elsewhere(on_both):
    tried(on_both, HOME, password=PASSWORD)
    for _time in range(3 * TRIES):
        db.session.add(SignInFailure(email="paula@dispatch.example", address=HOME, at=NINE))
    assert tried(on_both, HOME, password=PASSWORD).status_code == 429
    assert tried(on_both, ELSEWHERE, password=PASSWORD).status_code == 302


def test_after_five_minutes_without_an_attack_she_signs_in_from_anywhere(on_both):
    attacked(40)
    assert tried(on_both, ELSEWHERE, timedelta(seconds=299), password=PASSWORD).status_code == 429
    assert tried(on_both, ELSEWHERE, timedelta(seconds=300), password=PASSWORD).status_code == 302


def test_one_account_that_is_attacked_slows_no_other(on_both):
    make.user("Denis").set_password(PASSWORD)
    attacked()
    assert tried(on_both, ELSEWHERE, email="denis@dispatch.example", password=PASSWORD).status_code == 302


def test_an_account_that_does_not_exist_is_slowed_like_one_that_does(on_both):
    attacked()
    attacked(email="nobody@dispatch.example")
    answers = [tried(on_both, ELSEWHERE, email=f"{name}@dispatch.example") for name in ("paula", "nobody")]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert _said(answers[0], "paula") == _said(answers[1], "nobody")


def test_a_place_is_remembered_once(on_both):
    tried(on_both, HOME, password=PASSWORD)
    tried(on_both, HOME, timedelta(days=1), password=PASSWORD)
    [place] = db.session.query(KnownPlace)
    assert (place.address, place.seen_at) == (HOME, NINE + timedelta(days=1))


def test_the_wait_doubles_up_to_five_minutes():
    assert [wait_after(over).total_seconds() for over in (0, 1, 2, 8, 9, 10_000)] == [1, 2, 4, 256, 300, 300]
