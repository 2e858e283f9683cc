"""“While I was there”: work found on the spot, done at once or to be planned."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.planning import move
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.phones import TEN


@pytest.fixture
def job(phone, cast):
    return make.job("Écran noir", technician=cast.tariq, state="working", start=make.at("09:30"), minutes=60,
                    state_at=make.at("09:30"), working_at=make.at("09:30"),
                    created_at=make.at("08:00"))  # fmt: skip


def found(job):
    db.session.expire_all()
    return list(db.session.scalars(select(Job).where(Job.id != job.id)))


def test_what_he_did_beside_is_a_job_of_his_own_once_and_resolved(phone, job):
    kind = make.category("printer")
    phone.did(
        "found",
        job,
        make.at("09:55"),
        summary="Bac papier",
        category=str(kind.id),
        minutes="10",
        done="yes",
        note="galet nettoyé",
    )
    assert phone.outcomes(phone.send()) == ["applied"]
    assert phone.outcomes(phone.send()) == ["repeated"]
    [made] = found(job)
    assert (made.state, made.technician_id, made.outcome) == ("completed", job.technician_id, "solved")
    assert (made.worked_seconds, made.ended_at, made.building_id) == (600, make.at("09:55"), job.building_id)
    assert (made.ticket.state, made.ticket.category_id, made.client_id) == (
        "resolved",
        kind.id,
        job.client_id,
    )
    assert made.ticket_id != job.ticket_id
    assert job.state == "working"
    assert not everything_wrong()
    assert "Bac papier" in phone.browser.get("/jobs").text


def test_what_he_did_not_do_waits_to_be_planned_with_him_preferred(phone, job):
    phone.did("found", job, TEN, summary="Prise réseau morte", minutes="30", done="no")
    assert phone.outcomes(phone.send()) == ["applied"]
    [made] = found(job)
    assert (made.state, made.technician_id, made.preferred_technician_id) == (
        "unplanned",
        None,
        job.technician_id,
    )
    assert made.duration_minutes == 30
    assert made.ticket.state == "open"
    assert not everything_wrong()


@pytest.mark.parametrize(
    "body",
    [{"summary": " "}, {"minutes": "0"}, {"minutes": "x"}, {"category": "999"}, {"category": "foreign"}],
)
def test_what_makes_no_sense_is_reviewed_and_makes_nothing(phone, job, body):
    if body.get("category") == "foreign":
        body = {"category": str(make.category("safe", make.client("breizh")).id)}
    phone.did("found", job, TEN, **{"summary": "Bac papier", "minutes": "10", "done": "yes", **body})
    assert phone.outcomes(phone.send()) == ["review"]
    assert found(job) == []


def test_it_was_found_whoever_has_the_job_by_now(phone, job, cast):
    phone.did("found", job, make.at("09:50"), summary="Bac papier", minutes="5", done="yes")
    move.assign(job, cast.zoe, cast.diane, override_reason="Zoé est à côté")
    db.session.commit()
    assert phone.outcomes(phone.send()) == ["applied"]
    assert [made.technician_id for made in found(job)] == [cast.tariq.id]


def test_the_form_does_the_same_once(phone, job):
    form = {"summary": "Bac papier", "minutes": "5", "done": "yes", "key": "one-key", "back": "day"}
    for _again in range(2):
        assert phone.browser.post(f"/jobs/{job.number}/finds", data=form).status_code == 303
    assert [made.state for made in found(job)] == ["completed"]
    lacking = {**form, "key": "two", "summary": ""}
    answer = phone.browser.post(f"/jobs/{job.number}/finds", data=lacking, headers={"HX-Request": "true"})
    assert answer.status_code == 422
