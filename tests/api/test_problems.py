"""Who may call at all, and how refusals look."""

from __future__ import annotations

import pytest

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.user import Token
from tests import factories as make
from tests.api.callers import PREFIX, calling, key
from tests.people import Browser, signed_in

TICKETS = f"{PREFIX}/tickets"


def test_without_a_token_the_answer_asks_for_one(app, cast):
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic cGF1bGE6eA=="}):
        answer = Browser(app).get(TICKETS, headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.content_type == "application/problem+json"


def test_a_signed_in_browser_is_nobody_to_the_api(app, cast):
    browser = signed_in(app, cast.paula)
    assert browser.get(TICKETS).status_code == 401
    assert browser.post(TICKETS, json={"client": "acme", "summary": "x"}).status_code == 401


def test_a_token_ends_with_its_revocation_and_with_its_users_account(app, cast):
    paula, denis = calling(app, cast.paula), calling(app, cast.denis)
    db.session.query(Token).filter_by(user_id=cast.paula.id).one().revoked_at = now()
    cast.denis.disable()
    assert [paula.get(TICKETS).status_code, denis.get(TICKETS).status_code] == [401, 401]


def test_a_token_that_may_only_read_does_not_write(app, cast):
    reader = calling(app, cast.paula, scopes=["read"])
    assert reader.get(TICKETS).status_code == 200
    assert reader.post(TICKETS, json={"client": "acme", "summary": "x"}).status_code == 403
    writer = calling(app, cast.paula, scopes=["write"])
    assert writer.get(TICKETS).status_code == 403


def test_every_refusal_under_api_is_a_problem_document_in_the_users_language(app, cast):
    paula = calling(app, cast.paula, language="en")
    for status, answer in (
        (404, paula.get(f"{PREFIX}/nothing")),
        (404, paula.get(f"{TICKETS}/T-9999")),
        (405, paula.delete(TICKETS)),
        (403, paula.get(f"{PREFIX}/plans/2026-11-23")),
        (400, paula.post(TICKETS, data="{", content_type="application/json")),
        (400, paula.post(TICKETS, data="[" * 100_000, content_type="application/json")),
        (400, paula.post(TICKETS, data="9" * 5_000, content_type="application/json")),
        (415, paula.post(TICKETS, data="<ticket/>", content_type="text/xml")),
        (415, paula.post(TICKETS, data={"client": "acme"})),
        (422, paula.post(TICKETS)),
        (422, paula.post(TICKETS, json=[])),
        (422, paula.post(TICKETS, json="text")),
        (422, paula.post(TICKETS, json={"client": "acme", "summary": "x"}, headers=key("k" * 201))),
    ):
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
        assert answer.json["status"] == status
        assert answer.json["title"]
        assert answer.json["detail"]
    assert "GET" in paula.delete(TICKETS).headers["Allow"]


def test_a_mistake_of_ours_is_a_problem_document_without_its_details(app, cast, monkeypatch):
    def break_down(*_arguments):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("dispatch.api.tickets.hand_over", break_down)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    paula = calling(app, cast.paula)
    for headers in ({}, key("k")):
        answer = paula.post(TICKETS, json={"client": "acme", "summary": "x"}, headers=headers)
        assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
        assert "secret" not in answer.text


@pytest.mark.parametrize(
    "payload",
    ["' OR 1=1 --", '"; DROP TABLE job', "{{7*7}}", "%", "\\", "*)(uid=*", "(a+)+$", "😀", "../../etc"],
)
def test_payloads_are_only_text(app, cast, payload):
    make.job(technician=cast.tariq)
    denis = calling(app, cast.denis)
    for address in ("tickets", "jobs", "plans", "plan-runs"):
        assert denis.get(f"{PREFIX}/{address}/{payload}").status_code in (404, 405)
    for query in ({"client": payload}, {"state": payload}, {"cursor": payload}):
        answer = denis.get(TICKETS, query_string=query)
        assert (answer.status_code == 422) or (answer.json["items"] == [])
    assert denis.get(f"{PREFIX}/jobs", query_string={"technician": payload}).json["items"] == []
