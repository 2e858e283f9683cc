"""The audit trail of a job and of a ticket: who, what, why, from where, and what it was before."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from dispatch.extensions import db
from dispatch.models.event import record
from tests import factories as make
from tests.people import signed_in


@pytest.fixture
def moved(diane, cast):
    """Diane has put the job with Tariq although he has not the skill."""
    job = make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"), skills={"network": 2})
    form = {"technician": cast.tariq.id, "version": job.version, "override_reason": "=Urgence du directeur"}
    assert diane.post(f"/board/jobs/{job.number}/assignment", data=form).status_code == 302
    return job


def exported(browser, url):
    text = browser.get(url).get_data(as_text=True).lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_says_what_was_overridden_why_and_what_it_was_before(diane, moved):
    page = diane.get(f"/board/jobs/{moved.number}/history").text
    assert "rules overridden: =Urgence du directeur" in page
    assert "Overridden: skill" in page
    assert "Zoé 11:00" in page
    line = next(one for one in exported(diane, f"/board/jobs/{moved.number}/history.csv") if one["Reason"])
    assert (line["Before"], line["Who"], line["From where"]) == ("Zoé 11:00", "Diane", "on the board")
    assert line["After"].startswith("Tariq ")
    assert line["Reason"] == "'=Urgence du directeur"
    assert line["Remarks"] == "Overridden: skill"


def test_what_a_phone_sends_later_says_both_times(diane, cast, moved):
    record("job.state", by=cast.tariq.user, job=moved, source="accepted", target="working", move="working",
           claimed_at=make.at("10:00") - timedelta(minutes=25), based_on=1, skipped="travelling")  # fmt: skip
    db.session.commit()
    page = diane.get(f"/board/jobs/{moved.number}/history").text
    assert "09:35 by the phone’s clock, 25\u00a0min before it arrived" in page
    assert "The phone showed an older state" in page
    assert "“I am leaving” was not tapped" in page


def test_jobs_that_ended_on_any_day_and_tickets_are_found_by_number(diane, cast):
    old = make.job(
        "Vieux", technician=cast.zoe, start=make.at("09:00") - timedelta(days=40), state="completed"
    )
    other = make.job("Autre", of=old.ticket)
    record("job.created", by=cast.paula, job=other)
    record("ticket.updated", by=cast.paula, ticket=old.ticket, changed=["phone"])
    db.session.commit()
    found = diane.get(f"/board/history?number={old.number.lower()}", follow_redirects=True).text
    assert f"History of {old.number}" in found
    assert "Handover updated" in found
    whole = diane.get(f"/board/history?number={old.ticket.number}", follow_redirects=True).text
    assert f"History of {old.ticket.number}" in whole
    assert f">{other.number}</a> <bdi>Job created" in whole
    assert len(exported(diane, f"/board/tickets/{old.ticket.number}/history.csv")) == 2
    assert "no job and no ticket" in diane.get("/board/history?number=INT-99999", follow_redirects=True).text


def test_denis_finds_no_history_of_another_client(denis, cast):
    secret = make.job("Secret", owner=make.client("breizh"), technician=cast.zoe)
    for url in (f"jobs/{secret.number}", f"tickets/{secret.ticket.number}"):
        assert denis.get(f"/board/{url}/history").status_code == 404
        assert denis.get(f"/board/{url}/history.csv").status_code == 404
    assert (
        "no job and no ticket"
        in denis.get(f"/board/history?number={secret.number}", follow_redirects=True).text
    )


def test_the_sheet_of_the_shift_has_what_the_next_dispatcher_needs(app, diane, denis, cast):
    make.absence(cast.tariq)
    make.absence(cast.zoe, ("14:00", "15:30"))
    make.job("En retard", technician=cast.zoe, start=make.at("09:00"))
    make.job("Secret", owner=make.client("breizh"))
    diane.post("/board/notes?territory=rennes&day=2026-11-23", data={"text": "Clés au PC sécurité"})
    diane.post("/board/runs?territory=rennes&day=2026-11-23", data={"seconds": 10})
    page = diane.get("/board/shift?territory=rennes&day=2026-11-23").text
    for words in ("Clés au PC sécurité", "En retard", "Secret", "all day", "14:00–15:30", "Queued"):
        assert words in page
    mine = denis.get("/board/shift?territory=rennes&day=2026-11-23").text
    assert "Secret" not in mine
    assert "Clés au PC sécurité" in mine
    assert signed_in(app, cast.carole).get("/board/shift").status_code == 403


def test_a_lock_is_told_once_with_what_it_was_before(diane, cast):
    job = make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    diane.post(f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version})
    page = diane.get(f"/board/jobs/{job.number}/history").text
    assert page.lower().count("technician and time locked") == 1
    assert "before: not locked" in page


def test_the_sheet_of_the_shift_folds_all_but_what_hurts_most(diane, cast):
    jobs = [make.job(f"Panne {number}") for number in range(12)]
    jobs[-1].ticket.impact = jobs[-1].ticket.urgency = jobs[-1].ticket.priority = 1
    db.session.commit()
    page = diane.get("/board/shift?territory=rennes&day=2026-11-23").text
    first, folded = page.split('id="more-waits"')
    assert jobs[-1].number in first
    assert ("2 others" in folded, first.count("Panne"), folded.count("Panne")) == (True, 10, 2)
