"""A ticket cancelled or closed by a program: versions, keys, refusals."""

from __future__ import annotations

import pytest

from dispatch.clock import at as frozen
from dispatch.extensions import db
from tests import factories as make
from tests.api.callers import PREFIX, calling, key, seen


@pytest.fixture
def paula(app, cast):
    return calling(app, cast.paula, language="en")


def path(ticket):
    return f"{PREFIX}/tickets/{ticket.number}"


def take(caller, ticket, to, reason=None, **more):
    body = {"to": to, **({"reason": reason} if reason else {})}
    return caller.post(f"{path(ticket)}/transitions", json=body, **more)


def test_a_ticket_is_cancelled_with_its_jobs(paula, cast):
    job = make.job(technician=cast.tariq)
    shown = paula.get(path(job.ticket))
    assert shown.json["legal"] == ["cancelled"]
    answer = take(paula, job.ticket, "cancelled", "remplacé", headers=seen(shown))
    assert answer.status_code == 200
    assert (answer.json["state"], answer.json["jobs"][0]["state"], answer.json["legal"]) == (
        "cancelled", "cancelled", [],
    )  # fmt: skip
    assert answer.headers["ETag"] != shown.headers["ETag"]


def test_a_resolved_ticket_is_closed(paula):
    ticket = make.ticket(state="resolved", resolved_at=make.at("07:00"))
    shown = paula.get(path(ticket))
    assert shown.json["legal"] == ["closed"]
    answer = take(paula, ticket, "closed", headers=seen(shown))
    assert (answer.json["state"], answer.json["closed_at"] is not None) == ("closed", True)


def test_a_version_is_needed_and_a_stale_one_shows_the_ticket_as_it_is(paula):
    ticket = make.ticket()
    shown = paula.get(path(ticket))
    assert take(paula, ticket, "cancelled", "remplacé").status_code == 428
    ticket.desk = "999"
    db.session.commit()
    answer = take(paula, ticket, "cancelled", "remplacé", headers=seen(shown))
    assert (answer.status_code, answer.json["current"]["place"]["desk"]) == (412, "999")
    assert ticket.state == "open"


def test_under_a_key_it_is_done_once_whatever_the_version(paula):
    ticket = make.ticket()
    first, again = (take(paula, ticket, "cancelled", "remplacé", headers=key("c")) for _time in range(2))
    assert (first.status_code, again.json, again.headers["Idempotency-Replayed"]) == (200, first.json, "true")


@pytest.mark.parametrize(
    ("state", "to", "legal"), [("open", "closed", ["cancelled"]), ("closed", "closed", [])]
)
def test_an_illegal_move_names_the_legal_ones(paula, state, to, legal):
    answer = take(paula, make.ticket(state=state), to, headers=key(state))
    assert (answer.status_code, answer.json["legal"], answer.json["state"]) == (409, legal, state)
    assert "dispatched" not in answer.json["detail"]


def test_while_somebody_is_at_it_the_job_is_named(paula, cast):
    job = make.job(of=make.ticket(state="in_progress"), technician=cast.tariq, state="working")
    answer = take(paula, job.ticket, "cancelled", "remplacé", headers=key("c"))
    assert (answer.status_code, answer.json["jobs"]) == (409, [job.number])
    assert f"{job.number} (Tariq)" in answer.json["detail"]


def test_a_cancellation_needs_a_reason(paula):
    ticket = make.ticket()
    answer = take(paula, ticket, "cancelled", headers=key("c"))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["reason"])
    assert ticket.state == "open"


@pytest.mark.parametrize(("person", "status"), [("carole", 403), ("tariq", 403), ("bastien", 404)])
def test_who_may_not_ends_nothing(app, cast, person, status):
    ticket = make.job(technician=cast.tariq).ticket
    user = getattr(getattr(cast, person), "user", None) or getattr(cast, person)
    assert take(calling(app, user), ticket, "cancelled", "x", headers=key("c")).status_code == status
    assert ticket.state == "open"


def test_a_contact_is_offered_no_move(app, cast):
    with frozen(make.at("08:00")):
        assert calling(app, cast.carole).get(path(make.ticket())).json["legal"] == []
