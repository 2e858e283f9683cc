"""Where a phone wants to be told: who may say so, and which addresses are called at all."""

from __future__ import annotations

import socket

import pytest

from dispatch.extensions import db
from dispatch.models.push import PushSubscription
from dispatch.push import crypt, door
from tests.people import Browser as Visitor
from tests.people import signed_in
from tests.phones import SECRET, Phone
from tests.push.services import Browser

ENDPOINT = "https://push.example.org/abc"


@pytest.fixture
def phone(app, cast):
    return Phone.of(app, cast.tariq.user)


def told(phone, endpoint=ENDPOINT, **more):
    return {"device": phone.device, "endpoint": endpoint, "keys": Browser().keys, **more}


def live(person):
    db.session.expire_all()
    return [one.endpoint for one in PushSubscription.of(person)]


def test_a_phone_is_told_at_one_address_until_it_leaves(phone, cast):
    for endpoint in (ENDPOINT, ENDPOINT, ENDPOINT + "2"):
        assert phone.browser.post("/jobs/push", json=told(phone, endpoint)).status_code == 204
    assert live(cast.tariq.user) == [ENDPOINT + "2"]
    assert phone.browser.post("/jobs/push/removal", json={"endpoint": ENDPOINT + "2"}).status_code == 204
    assert live(cast.tariq.user) == []


def test_the_phone_of_somebody_else_is_not_to_be_had(app, phone, cast):
    zoe = signed_in(app, cast.zoe.user)
    assert zoe.post("/jobs/push", json=told(phone)).status_code == 404
    phone.browser.post("/jobs/push", json=told(phone))
    assert zoe.post("/jobs/push/removal", json={"endpoint": ENDPOINT}).status_code == 204
    assert live(cast.tariq.user) == [ENDPOINT]


def test_a_browser_renews_its_address_with_the_secret_of_the_phone_and_the_old_address(app, phone, cast):
    phone.browser.post("/jobs/push", json=told(phone))
    visitor, fresh = Visitor(app), told(phone, ENDPOINT + "new", old=ENDPOINT)

    def renew(said, secret=phone.secret, **headers):
        return visitor.post("/jobs/push/renewal", json=said, headers={SECRET: secret, **headers}).status_code

    assert renew(fresh, "guessed") == 401
    assert renew({**fresh, "old": "https://push.example.org/other"}) == 404
    assert renew(fresh, Origin="https://evil.example") == 403
    assert renew(fresh) == 204
    assert live(cast.tariq.user) == [ENDPOINT + "new"]


INSIDE = [
    "http://push.example.org/a", "ftp://push.example.org/a", "https://localhost/a", "https://127.0.0.1/a", "https://[::1]/a",
    "https://10.0.0.7/a", "https://169.254.169.254/latest", "https://[::ffff:192.168.1.1]/a", "https://router.local/a",
    "https://intranet/a", "https://me:secret@push.example.org/a", "https://push.example.org:99999/a", "javascript:1", "",
    "https://push.example.org/a b", "https://push.example.org/" + "a" * 2000, "https://[fe80::1]/a", "https://0.0.0.0/",
    "https://224.0.0.1/",
]  # fmt: skip


def test_only_public_https_addresses_are_taken(phone):
    answers = {one: phone.browser.post("/jobs/push", json=told(phone, one)).status_code for one in INSIDE}
    assert answers == dict.fromkeys(INSIDE, 422)


@pytest.mark.parametrize(
    "keys", [None, {}, {"p256dh": "abc", "auth": "abc"}, {"p256dh": 7, "auth": []}, "keys"]
)
def test_keys_that_are_none_are_refused(phone, keys):
    assert phone.browser.post("/jobs/push", json=told(phone, keys=keys)).status_code == 422


def test_a_name_that_leads_inside_is_not_called(app, session, monkeypatch):
    """The name is looked up at every call, and what was looked up is what is called."""
    looked_up = ["93.184.215.14", "10.0.0.7"]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in looked_up]
    monkeypatch.setattr(door.socket, "getaddrinfo", lambda *_asked, **_how: found)
    called = []
    monkeypatch.setattr(door, "_posted", lambda *given: called.append(given[2]))
    db.session.rollback()
    assert door.post(ENDPOINT, b"", "day", False, 60).said == "refused"
    assert called == []
    found.pop()
    door.post(ENDPOINT, b"", "day", False, 60)
    assert called == ["93.184.215.14"]


def test_the_key_is_made_once_and_readable_by_its_owner_only(app, cast):
    settings = app.config["SETTINGS"]
    assert settings.push_secret() == settings.push_secret()
    assert (settings.instance / "push-key").stat().st_mode & 0o777 == 0o600
    page = signed_in(app, cast.tariq.user).get("/jobs/alerts").text
    assert f'data-key="{crypt.encode(crypt.point_of(crypt.key_of(settings.push_secret())))}"' in page
    assert settings.push_secret() not in page


def test_one_is_asked_by_a_button_and_may_switch_all_off(app, cast):
    browser = signed_in(app, cast.tariq.user)
    assert "Être prévenu sur ce téléphone" in browser.get("/jobs/alerts").text
    browser.post("/jobs/alerts/silence", data={"off": "1"})
    assert "Remettre en service" in browser.get("/jobs/alerts").text
    browser.post("/jobs/alerts/silence", data={"off": "0"})
    assert "Remettre en service" not in browser.get("/jobs/alerts").text
