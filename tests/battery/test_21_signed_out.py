"""Case 21: what a phone holds of a session that is over, or an account that was ended, waits for a dispatcher."""

from __future__ import annotations

import pytest

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.user import User
from dispatch.replay import quarantine
from tests import factories as make
from tests.people import signed_in
from tests.phones import SECRET, TEN


@pytest.fixture
def app(app_on_both):
    """On SQLite and on PostgreSQL."""
    return app_on_both


@pytest.fixture
def job(phone, cast):
    """One that Tariq has had on his phone, and worked on offline."""
    from dispatch.planning import move

    job = make.job(mode="remote", building_id=None)
    move.assign(job, cast.tariq, cast.denis, day=make.MONDAY)
    for to in ("accepted", "working", "completed"):
        phone.tapped(
            job, to, make.at("10:00"), **({"note": "mot de passe refait"} if to == "completed" else {})
        )
    return job


def sign_out(phone, cast, app):
    phone.browser.post("/sign-out")


def disable(phone, cast, app):
    cast.tariq.user.disable()


def become_dispatcher(phone, cast, app):
    cast.tariq.user.role = "dispatcher"


def leave(phone, cast, app):
    cast.tariq.left_at = make.at("09:00")


def hand_over(phone, cast, app):
    phone.browser = signed_in(app, cast.zoe.user)


WAYS = [(sign_out, "signed_out"), (disable, "disabled"), (become_dispatcher, "not_technician"), (leave, "not_technician"),
        (hand_over, "other_user")]  # fmt: skip


@pytest.mark.parametrize(("end", "reason"), WAYS)
def test_the_queue_is_held_neither_applied_nor_lost_and_the_phone_forgets(app, cast, phone, job, end, reason):
    end(phone, cast, app)
    answer = phone.send()
    assert phone.outcomes(answer) == ["held"] * 3
    assert (answer.json["signed_in"], answer.json["wipe"]) == (False, True)
    assert {one["reason"] for one in answer.json["results"]} == {reason}
    db.session.expire_all()
    assert (job.state, job.also_worked) == ("dispatched", [])
    assert db.session.query(Action).filter(Action.waiting()).count() == 3
    assert phone.outcomes(phone.send()) == ["repeated"] * 3


@pytest.mark.parametrize(
    ("end", "outcomes"), [(sign_out, []), (disable, ["held"] * 3), (hand_over, ["held"] * 3)]
)
def test_whoever_is_there_and_can_sign_in_again_is_asked_to_first(app, cast, phone, job, end, outcomes):
    end(phone, cast, app)
    with at(TEN):
        said = phone.envelope(phone.queue) | {"only_signed_in": True}
        answer = phone.browser.post("/jobs/sync", json=said, headers={SECRET: phone.secret})
    assert phone.outcomes(answer) == outcomes
    assert (answer.json["signed_in"], answer.json["wipe"]) == (False, bool(outcomes))
    assert db.session.query(Action).count() == len(outcomes)


@pytest.mark.parametrize("end", [sign_out, disable])
def test_a_dispatcher_lets_it_count(app, cast, phone, job, end):
    end(phone, cast, app)
    phone.send()
    denis = signed_in(app, cast.denis)
    assert "3 gestes reçus des téléphones sont à revoir" in denis.get("/board?territory=rennes").text
    page = denis.get("/board/reviews").text
    assert "mot de passe refait" in page and "A phone" in page
    rows = db.session.query(Action).order_by(Action.seq).all()
    said = {"action": [f"{row.id}:{row.version}" for row in rows], "decision": "apply"}
    assert denis.post("/board/reviews", data=said).status_code == 303
    db.session.expire_all()
    assert (job.state, job.technician_id) == ("completed", cast.tariq.id)
    assert [row.decision for row in rows] == ["applied"] * 3


def test_what_is_disabled_in_the_middle_of_a_queue_is_held_from_there(app, cast, phone, job, monkeypatch):
    from dispatch.replay import ledger

    take = ledger.take

    def then_disable(*said):
        entered = take(*said)
        db.session.get_one(User, user_id).disable()
        db.session.commit()
        return entered

    user_id = cast.tariq.user.id
    monkeypatch.setattr(ledger, "take", then_disable)
    assert phone.outcomes(phone.send()) == ["applied", "held", "held"]


def test_the_quarantine_has_a_limit_that_is_named_and_keeps_nothing_beyond(app, phone, job, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_HELD", 2)
    answer = phone.send(browser=app.test_client())
    assert (answer.status_code, answer.json["limit"]) == (429, "2 actions")
    assert db.session.query(Action).count() == 0
    assert phone.outcomes(phone.send(phone.queue[:2], browser=app.test_client())) == ["held"] * 2


def test_what_is_held_without_a_job_is_for_those_who_act_for_every_client(app, cast, phone):
    phone.did("note", None, note="sans intervention")
    phone.send(browser=app.test_client())
    assert "sans intervention" not in signed_in(app, cast.denis).get("/board/reviews").text
    assert "sans intervention" in signed_in(app, cast.diane).get("/board/reviews").text
