"""Of case 41: tries are limited, every write needs its token, every answer its headers, a disabled user is out at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.user import User
from tests.battery.stands import stand
from tests.people import PASSWORD, signed_in

HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip
TRIES, THREADS = 10, 20
# what stands in for the token there is tried in test_41_phones.py
BY_SECRET = {"sync.create_entries", "sync.create_file", "sync.update_push"}


@pytest.fixture
def desk(database, tmp_path):
    with stand(database, tmp_path, lambda cast, _start: cast.diane.set_password(PASSWORD)) as ready:
        yield ready


def forms(app) -> list[tuple[str, str]]:
    """Address and role of every write that a browser makes."""
    found = []
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/api/") or rule.endpoint in BY_SECRET:
            continue
        roles = sorted(getattr(app.view_functions[rule.endpoint], "roles", ["dispatcher"]))
        _domain, path = rule.build({name: 1 if name.endswith("_id") else "INT-1" for name in rule.arguments})
        found.append((path, roles[0]))
    return found


def test_no_form_is_taken_without_its_token(app, cast):
    people = {person.role: person for person in cast.everybody()}
    taken = []
    for path, role in forms(app):
        browser = signed_in(app, people[role])
        browser.environ_base.pop("HTTP_X_CSRFTOKEN")
        answer = browser.post(path)
        if answer.status_code != 400:
            taken.append((path, answer.status_code))
    assert taken == []


def test_every_answer_carries_the_headers(app, cast):
    diane = signed_in(app, cast.diane)
    for path in ("/board", "/sign-in", "/healthz", "/nowhere", "/api/v1/jobs", "/jobs", "/static/icons.svg"):
        with diane.get(path) as answer:
            assert HEADERS.items() <= dict(answer.headers).items(), path
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe" not in policy and "default-src" in policy, path


def test_twenty_at_once_guess_no_more_than_the_limit(desk):
    """A few that were under way when the limit was reached may still be told that they are wrong."""
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(
            pool.map(lambda number: sign_in(desk.server.url, f"guess {number}"), range(4 * THREADS))
        )
    told = Counter(answer.status_code for answer in answers)
    assert set(told) == {401, 429}
    assert told[401] <= TRIES + THREADS
    assert sign_in(desk.server.url, PASSWORD).status_code == 429


def test_a_disabled_user_is_out_at_once_on_both_of_two_servers(desk):
    other = replace(desk.server, web=None, worker=None)
    other.environment["SECRET_KEY"] = (desk.server.folder / "secret-key").read_text()
    other.start_web()
    try:
        with httpx.Client(base_url=desk.server.url) as one, httpx.Client(base_url=other.url) as two:
            assert sign_in(desk.server.url, PASSWORD, one).status_code == 302
            two.cookies.update(one.cookies)
            assert [browser.get("/board").status_code for browser in (one, two)] == [200, 200]
            with desk.app.app_context():
                db.session.scalars(
                    select(User).where(User.role == "dispatcher", User.every_client)
                ).one().disable()
                db.session.commit()
            assert [browser.get("/board").status_code for browser in (one, two)] == [302, 302]
            assert [desk.send("Diane", "GET", "/jobs").status_code] == [401]
    finally:
        other.stop()


def sign_in(url: str, password: str, browser: httpx.Client | None = None) -> httpx.Response:
    with httpx.Client(base_url=url, timeout=60) as own:
        browser = browser or own
        page = browser.get("/sign-in").text
        token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        said = {"email": "diane@dispatch.example", "password": password, "csrf_token": token}
        return browser.post("/sign-in", data=said)
