"""Case 36: what a body says beyond its question is refused or ignored, and nothing is written across clients."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.ticket import Requester, Ticket
from dispatch.models.user import User
from tests import factories as make
from tests.api.callers import PREFIX, calling
from tests.battery.invariants import mixed_clients
from tests.battery.two_clients import of_breizh, people_of_acme
from tests.people import PASSWORD, signed_in

# what nobody may say of himself, of a job or of a ticket
EXTRAS: dict[str, Any] = {
    "technician_id": 2, "building_id": 2, "client_id": 2, "role": "administrator", "email": "x@dispatch.example",
    "is_admin": True, "every_client": True, "lock": "both", "locked": True, "state": "completed", "id": 999,
    "version_id": 9, "agent_id": 1, "actor_id": 1, "created_at": "2020-01-01T00:00:00Z", "opened_at": "2020-01-01",
    "due_at": "2030-01-01T00:00:00Z", "priority": 1, "waived": {"skill": "x"}, "worked_seconds": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday_morning():
    with at(make.at("08:30")):
        yield


@pytest.fixture
def breizh(app, session):
    return of_breizh()


@pytest.fixture
def acme(app, session, breizh):
    people = people_of_acme()
    make.building()
    make.category()
    db.session.commit()
    return people


@pytest.fixture
def job(acme):
    return db.session.scalars(select(Job).where(Job.client_id == make.client("acme").id)).one()


@pytest.mark.parametrize("name", EXTRAS)
def test_the_api_refuses_a_field_that_it_does_not_ask_for(app, acme, job, name):
    denis, tariq = calling(app, acme["dispatcher"]), calling(app, acme["technician"])
    before = _counts()
    for caller, method, path, body in (
        (denis, "POST", "/tickets", {"client": "acme", "summary": "Écran noir"}),
        (denis, "PUT", f"/jobs/{job.number}/assignment", {"technician": "tariq", "version": job.version}),
        (tariq, "POST", f"/jobs/{job.number}/transitions", {"to": "accepted", "version": job.version}),
        (denis, "POST", "/plan-runs", {"day": "2026-11-23", "seconds": 1}),
    ):
        if name in ("lock",) and path.endswith("assignment"):
            continue  # a question of this one
        answer = caller.open(PREFIX + path, method=method, json={**body, name: EXTRAS[name]})
        assert answer.status_code == 422, (path, answer.text)
        assert name in answer.text
    assert _counts() == before


def test_the_api_finds_nothing_of_another_client_by_name_or_id(app, acme, breizh, job):
    denis = calling(app, acme["dispatcher"])
    ticket = {"client": "acme", "summary": "Écran noir"}
    before = _counts()
    foreign = [
        ("POST", "/tickets", {**ticket, "client": "breizh"}),
        ("POST", "/tickets", {**ticket, "client": breizh.client.id}),
        ("POST", "/tickets", {**ticket, "place": {"building": breizh.building.id}}),
        ("POST", "/tickets", {**ticket, "place": {"building": breizh.building.name}}),
        ("POST", "/tickets", {**ticket, "category": breizh.category.code}),
        ("POST", "/tickets", {**ticket, "admin_right": breizh.right.code}),
        ("PUT", f"/jobs/{job.number}/assignment", {"technician": "yann", "version": job.version}),
        ("PUT", f"/jobs/{job.number}/assignment", {"technician": breizh.technician.id, "version": job.version}),
        ("POST", "/plan-runs", {"day": "2026-11-23", "seconds": 1, "territory": "brest"}),
        ("POST", "/plan-runs", {"day": "2026-11-23", "seconds": 1, "territory": breizh.territory.id}),
    ]  # fmt: skip
    for method, path, body in foreign:
        answer = denis.open(PREFIX + path, method=method, json=body)
        assert answer.status_code in (404, 422), (body, answer.text)
    assert _counts() == before


def test_a_person_of_another_client_is_never_taken_over_by_name_or_address(app, acme, breizh):
    breizh.requester.email = "nolwenn@breizh.example"
    person = {"name": breizh.requester.name, "email": "nolwenn@breizh.example", "phone": "0"}
    body = {"client": "acme", "summary": "Écran noir", "requester": person}
    assert calling(app, acme["phone_agent"]).post(f"{PREFIX}/tickets", json=body).status_code == 201
    db.session.expire_all()
    assert breizh.requester.phone != "0"
    assert mixed_clients() == []


def test_the_handover_form_takes_nothing_of_another_client(app, acme, breizh):
    paula = signed_in(app, acme["phone_agent"])
    foreign = {
        "requester_id": breizh.requester.id, "building": breizh.building.id, "category": breizh.category.id,
        "admin_right": breizh.right.id,
    }  # fmt: skip
    for name, value in foreign.items():
        paula.post("/tickets", data=_answers() | {name: value})
        assert mixed_clients() == [], name
    paula.post("/tickets", data=_answers() | {"client": breizh.client.id})
    assert _of_breizh() == 1


def test_the_handover_form_ignores_what_it_does_not_ask(app, acme, breizh):
    paula = signed_in(app, acme["phone_agent"])
    assert paula.post("/tickets", data=_answers() | EXTRAS).status_code == 303
    ticket = db.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert (ticket.client_id, ticket.state, ticket.priority) == (make.client("acme").id, "open", 3)
    assert ticket.agent.name == "Paula"
    assert (ticket.jobs[0].technician_id, ticket.jobs[0].lock) == (None, "none")
    assert ticket.opened_at == make.at("08:30")


def test_a_tap_changes_the_state_and_nothing_else(app, acme, job):
    tariq = signed_in(app, acme["technician"])
    said = {**EXTRAS, "to": "accepted", "key": "k1", "based_on": job.version}
    before = (job.technician_id, job.client_id, job.lock, job.worked_seconds, job.waived, job.created_at)
    assert tariq.post(f"/jobs/{job.number}/transitions", data=said).status_code == 303
    db.session.expire_all()
    assert job.state == "accepted"
    assert before == (
        job.technician_id,
        job.client_id,
        job.lock,
        job.worked_seconds,
        job.waived,
        job.created_at,
    )


def test_a_follow_up_needs_no_right_of_another_client(app, acme, breizh, job):
    job.state = "working"
    said = {
        "to": "not_completed", "reason": "other_skill", "follow_up": "other_skill", "skill": f"right:{breizh.right.id}",
        "key": "k2", "note": "x",
    }  # fmt: skip
    answer = signed_in(app, acme["technician"]).post(f"/jobs/{job.number}/transitions", data=said)
    assert answer.status_code == 422
    assert mixed_clients() == []
    assert job.state == "working"


def test_the_board_gives_no_work_to_a_technician_of_another_territory(app, acme, breizh, job):
    denis = signed_in(app, acme["dispatcher"])
    said = {"technician": breizh.technician.id, "version": job.version, "override_reason": "essai"}
    assert denis.post(f"/board/jobs/{job.number}/assignment", data=said).status_code == 404
    db.session.expire_all()
    assert job.technician_id == acme["technician"].technician.id


def test_a_lock_locks_and_does_nothing_else(app, acme, job):
    denis = signed_in(app, acme["dispatcher"])
    said = {**EXTRAS, "version": job.version, "lock": "both", "state": "completed"}
    denis.post(f"/board/jobs/{job.number}/lock", data=said)
    db.session.expire_all()
    assert (job.lock, job.state, job.client_id) == ("both", "dispatched", make.client("acme").id)


def test_looking_at_news_sees_nothing_of_somebody_else(app, acme, breizh):
    breizh.job.changed_at = make.at("08:00")
    said = {"job": breizh.job.number, "until": "2030-01-01T00:00:00+00:00"}
    signed_in(app, acme["technician"]).post("/jobs/sightings", data=said)
    db.session.expire_all()
    assert breizh.job.seen_at is None


@pytest.mark.parametrize("path", ["/sign-in", "/language"])
def test_nobody_makes_himself_somebody_else(app, acme, path):
    paula = acme["phone_agent"]
    paula.set_password(PASSWORD)
    said = {
        **EXTRAS,
        "email": paula.email,
        "password": PASSWORD,
        "language": "en",
        "user_id": 1,
        "name": "Root",
    }
    before = (paula.role, paula.email, paula.every_client, paula.name, paula.id)
    assert signed_in(app, paula).post(path, data=said).status_code == 302
    db.session.expire_all()
    assert before == (paula.role, paula.email, paula.every_client, paula.name, paula.id)


def _answers() -> dict[str, Any]:
    return {
        "client": make.client("acme").id, "requester": "Camille Bihan", "phone": "02 61 91 00 10",
        "building": make.building().id, "floor": "3", "desk": "312", "category": make.category().id,
        "summary": "Écran noir", "asset": "PC-4471", "steps_tried": "redémarrage", "reasons": ["presence"],
        "impact": "2", "urgency": "2", "available": "2026-11-23T09:00:00+00:00/2026-11-23T11:00:00+00:00",
    }  # fmt: skip


def _of_breizh() -> int:
    return db.session.scalar(
        select(func.count()).select_from(Ticket).where(Ticket.client_id != make.client("acme").id)
    )


def _counts() -> list[int]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table)) for table in (Ticket, Job, Requester, User)
    ]
