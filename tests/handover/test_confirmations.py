"""The requester calls back: what waited for his answer can be planned, at the time he says."""

from __future__ import annotations

import re

import pytest

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.tap import take
from tests import factories as make
from tests.people import signed_in

NINE = make.at("09:00")


@pytest.fixture
def paula(app, cast):
    with at(NINE):
        yield signed_in(app, cast.paula)


@pytest.fixture
def waiting(paula, cast):
    """A follow-up that waits for the answer of an absent user."""
    visit = make.job(technician=cast.tariq, state="working")
    made = take(visit, "not_completed", cast.tariq.user, reason="user_absent", follow_up="new_window")
    db.session.commit()
    return made


def post(browser, job, **data):
    data = {"job": job.number, "version": job.version, **data}
    return browser.post(f"/tickets/{job.ticket.number}/confirmations", data=data)


def test_paula_takes_the_answer_with_one_of_the_times_offered(paula, waiting):
    page = paula.get(f"/tickets/{waiting.ticket.number}").text
    assert "Le demandeur a répondu" in page
    afternoon = re.search(r'<option value="([^"]+)">Cet après-midi', page)[1]
    assert post(paula, waiting, window=afternoon).status_code == 303
    assert (waiting.awaits, waiting.ticket.state) == (None, "open")
    assert waiting.promised_from == make.at("13:00")
    assert "Le demandeur a répondu</button>" not in paula.get(f"/tickets/{waiting.ticket.number}").text


def test_any_time_promises_nothing(paula, waiting):
    post(paula, waiting, window="")
    assert (waiting.awaits, waiting.promised_from) == (None, None)


def test_a_time_that_is_over_meanwhile_is_said_and_confirms_nothing(paula, waiting):
    over = f"{make.at('07:00').isoformat()}/{make.at('08:00').isoformat()}"
    answer = post(paula, waiting, window=over)
    assert "Ce moment est passé" in paula.get(answer.location).text
    assert waiting.awaits == "answer"


def test_who_answers_second_loses(paula, waiting):
    stale = waiting.version
    post(paula, waiting)
    assert post(paula, waiting, version=stale).status_code == 412
    assert post(paula, waiting).status_code == 303  # from the present page: it is said that nothing waits


def test_bastien_cannot_confirm_for_acme(app, cast, waiting):
    assert post(signed_in(app, cast.bastien), waiting).status_code == 404
    assert post(signed_in(app, cast.carole), waiting).status_code == 403
    assert waiting.awaits == "answer"
