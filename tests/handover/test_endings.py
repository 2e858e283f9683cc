"""The agent ends a ticket on its page, and nothing typed is lost when it cannot end yet."""

from __future__ import annotations

import pytest

from dispatch.clock import at as frozen
from dispatch.extensions import db
from tests import factories as make
from tests.people import signed_in


@pytest.fixture(autouse=True)
def nine():
    with frozen(make.at("09:00")):
        yield


@pytest.fixture
def paula(app, cast):
    return signed_in(app, cast.paula, language="en")


def cancel(browser, ticket, reason="remplacé hier", version=None):
    data = {"reason": reason, "version": version or ticket.version}
    return browser.post(f"/tickets/{ticket.number}/cancellation", data=data)


def close(browser, ticket):
    return browser.post(f"/tickets/{ticket.number}/closure", data={"version": ticket.version})


def page_of(browser, ticket):
    return browser.get(f"/tickets/{ticket.number}").get_data(as_text=True)


@pytest.mark.parametrize("person", ["paula", "denis", "ahmed"])
def test_an_open_ticket_is_cancelled_with_a_reason_that_its_page_tells(app, cast, person):
    job = make.job(technician=cast.tariq)
    browser = signed_in(app, getattr(cast, person), language="en")
    assert cancel(browser, job.ticket).status_code == 303
    assert (job.ticket.state, job.state) == ("cancelled", "cancelled")
    page = page_of(browser, job.ticket)
    assert "remplacé hier" in page
    assert "Cancel the ticket" not in page
    assert "remplacé hier" in page_of(signed_in(app, cast.carole), job.ticket), (
        "the form says that she reads it"
    )


def test_the_technician_finds_it_taken_off_his_day(app, cast, paula):
    job = make.job(technician=cast.tariq)
    cancel(paula, job.ticket)
    page = signed_in(app, cast.tariq.user).get("/jobs").get_data(as_text=True)
    assert job.number in page
    assert "Paula" in page


def test_while_a_technician_is_on_the_way_the_agent_reads_what_to_do_and_keeps_her_words(paula, cast):
    job = make.job(of=make.ticket(state="in_progress"), technician=cast.tariq, state="travelling")
    answer = cancel(paula, job.ticket)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert f"{job.number} (Tariq)" in page
    assert "remplacé hier" in page
    assert (job.ticket.state, job.state) == ("in_progress", "travelling")


def test_without_a_reason_nothing_is_cancelled(paula):
    job = make.job()
    assert cancel(paula, job.ticket, reason=" ").status_code == 422
    assert (job.ticket.state, job.state) == ("open", "unplanned")


def test_what_has_ended_meanwhile_is_said_so(paula):
    ticket = make.ticket(state="closed")
    answer = cancel(paula, ticket)
    assert answer.status_code == 409
    assert "has ended already" in answer.get_data(as_text=True)


def test_somebody_who_was_slower_ends_nothing(paula):
    ticket = make.ticket()
    db.session.commit()
    stale = ticket.version
    ticket.desk = "999"
    assert cancel(paula, ticket, version=stale).status_code == 412
    assert ticket.state == "open"


def test_a_resolved_ticket_says_when_it_closes_and_is_closed_by_hand(paula):
    ticket = make.ticket(state="resolved", resolved_at=make.at("08:00"))
    assert "Tuesday 1 December" in page_of(paula, ticket)
    assert close(paula, ticket).status_code == 303
    assert ticket.state == "closed"
    assert "Close the ticket" not in page_of(paula, ticket)


def test_what_is_not_resolved_is_not_closed(paula):
    ticket = make.ticket()
    close(paula, ticket)
    assert ticket.state == "open"
    assert "is not resolved" in page_of(paula, ticket)


@pytest.mark.parametrize("person", ["carole", "tariq"])
def test_who_may_not_end_a_ticket_is_offered_nothing(app, cast, person):
    job = make.job(technician=cast.tariq)
    browser = signed_in(
        app, getattr(getattr(cast, person), "user", None) or getattr(cast, person), language="en"
    )
    assert "Cancel the ticket" not in page_of(browser, job.ticket)
    assert cancel(browser, job.ticket).status_code == 403
    assert close(browser, job.ticket).status_code == 403


def test_bastien_ends_no_ticket_of_acme(app, cast):
    ticket = make.ticket()
    assert cancel(signed_in(app, cast.bastien), ticket).status_code == 404
    assert close(signed_in(app, cast.bastien), ticket).status_code == 404
