"""Of case 41: the queue of a phone is taken without a form's token, and so from nobody but that phone and our own pages."""

from __future__ import annotations

import json

import pytest

from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.device import Device
from tests import factories as make
from tests.people import signed_in
from tests.phones import SECRET, Phone


@pytest.fixture
def job(phone, cast):
    return make.job(technician=cast.tariq, start=make.at("11:00"))


def nothing_was_kept(job) -> bool:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Action).count() == 0 and job.state == "dispatched"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({SECRET: ""}, 401),
        ({SECRET: "guessed"}, 401),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"X-Dispatch-Epoch": "0"}, 426),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_what_another_site_or_a_stranger_sends_is_refused_and_not_kept(phone, job, headers, status):
    phone.tapped(job, "accepted")
    answer = phone.send(headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert nothing_was_kept(job)


def test_our_own_pages_are_let_in(phone, job):
    phone.tapped(job, "accepted")
    answer = phone.send(headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})
    assert phone.outcomes(answer) == ["applied"]


def test_the_secret_of_one_phone_opens_no_other(app, cast, phone, job):
    other = Phone.of(app, cast.zoe.user)
    phone.tapped(job, "accepted")
    assert phone.send(headers={SECRET: other.secret}).status_code == 401
    assert nothing_was_kept(job)


def test_the_secret_is_long_is_shown_once_and_is_not_in_the_table(phone):
    row = db.session.query(Device).one()
    assert len(phone.secret) >= 43 and len(phone.device) == 32  # 256 and 128 bits
    assert phone.secret not in (row.digest, row.key, row.name)


def test_the_secret_opens_nothing_but_the_deposit(app, phone, job):
    stranger = app.test_client()
    for path in ("/jobs", f"/jobs/{job.number}", "/jobs/review", "/jobs/devices", "/api/v1/jobs"):
        assert stranger.get(path, headers={SECRET: phone.secret}).status_code in (302, 401), path
    told = phone.send([], browser=stranger).json
    assert (told["signed_in"], told["wipe"], told["jobs"], told["results"]) == (False, True, {}, [])


def test_a_deposit_without_a_session_reads_nothing_of_the_job(app, phone, job):
    phone.tapped(job, "accepted")
    [told] = phone.send(browser=app.test_client()).json["results"]
    assert (told["outcome"], told["state"], told["version"]) == ("held", None, None)


@pytest.mark.parametrize("broken", [
    b"", b"[]", b"{", b'{"device": 1}', b'{"device": "x", "sent_at": "today", "actions": []}',
    b'{"device": "x", "sent_at": "2026-11-23T10:00:00+01:00", "actions": {}}', b"[" * 100_000, b"\xff\xfe",
    b'{"device": "x", "sent_at": "2026-11-23T10:00:00+01:00", "actions": [NaN]}',
])  # fmt: skip
def test_a_queue_that_cannot_be_read_is_refused_whole(phone, broken):
    answer = phone.browser.post("/jobs/sync", data=broken, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


@pytest.mark.parametrize("field", [
    {"key": "short"}, {"key": 7}, {"key": "a" * 101}, {"seq": 0}, {"seq": True}, {"seq": 2**31}, {"seq": "1"},
])  # fmt: skip
def test_an_action_without_a_usable_key_or_number_is_named(phone, job, field):
    good, bad = phone.tapped(job, "accepted"), phone.tapped(job, "travelling")
    answer = phone.send([good, {**bad, **field}])
    assert (answer.status_code, list(answer.json["errors"])) == (422, [f"actions.1.{next(iter(field))}"])
    assert nothing_was_kept(job)


@pytest.mark.parametrize("field", [
    {"at": "0001-01-01T00:00:00+14:00"}, {"at": "9999-12-31T23:59:59-12:00"}, {"at": "yesterday"}, {"at": 5},
    {"job": "INT-" + "9" * 12}, {"job": "'; --"}, {"job": 7}, {"based_on": 2**80}, {"body": None},
    {"body": {"to": ["accepted"]}}, {"body": {"to": "accepted", "minutes": 10**400}}, {"kind": "🙃"},
])  # fmt: skip
def test_whatever_else_is_odd_is_kept_and_answered(phone, job, field):
    assert phone.send([{**phone.tapped(job, "accepted"), **field}]).status_code == 200
    assert db.session.query(Action).count() == 1


def test_more_than_a_queue_may_hold_is_refused_with_its_limit(phone, job):
    many = [phone.did("note", job, note="x") for _ in range(101)]
    refused = phone.send(many)
    assert (refused.status_code, "100" in refused.json["errors"]["actions"]) == (422, True)
    large = json.dumps(phone.envelope([phone.did("note", job, note="x" * 300_000)]))
    answer = phone.browser.post(
        "/jobs/sync", data=large, content_type="application/json", headers={SECRET: phone.secret}
    )
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert nothing_was_kept(job)


def test_a_phone_that_was_given_up_hands_in_nothing_and_is_told_to_forget(app, cast, phone, job):
    device = db.session.query(Device).one()
    phone.tapped(job, "accepted")
    assert signed_in(app, cast.zoe.user).post(f"/jobs/devices/{device.id}/revocation").status_code == 404
    assert signed_in(app, cast.ahmed).post(f"/jobs/devices/{device.id}/revocation").status_code == 303
    answer = phone.send()
    assert (answer.status_code, answer.json["wipe"]) == (410, True)
    assert nothing_was_kept(job)
    assert "Abandonné" in signed_in(app, cast.tariq.user).get("/jobs/devices").text


def test_whoever_holds_a_phone_that_was_given_up_is_signed_out_on_it(app, cast, phone, job):
    """Also when it was known already and somebody has signed in on it again: the first contact says which phone it is."""
    device, again = db.session.query(Device).one(), signed_in(app, cast.tariq.user)
    assert " data-held" not in again.get("/jobs").text
    assert phone.send([], browser=again).status_code == 200
    assert " data-held" in again.get("/jobs").text
    elsewhere, zoe = signed_in(app, cast.tariq.user), signed_in(app, cast.zoe.user)
    assert phone.send([], browser=zoe).status_code == 200
    assert elsewhere.post(f"/jobs/devices/{device.id}/revocation").status_code == 303
    for held in (phone.browser, again):
        assert held.get("/jobs").status_code == 302
        assert held.post("/jobs/device").status_code in (302, 401)
    assert elsewhere.get("/jobs").status_code == 200
    late = signed_in(app, cast.tariq.user)
    assert phone.send([], browser=late).status_code == 410
    assert late.get("/jobs").status_code == 302
    assert zoe.get("/jobs").status_code == 200


def test_an_account_has_only_so_many_phones(phone, monkeypatch):
    monkeypatch.setattr("dispatch.models.device.MOST_DEVICES", 2)
    made = [phone.browser.post("/jobs/device").status_code for _ in range(2)]
    assert made == [201, 429]
