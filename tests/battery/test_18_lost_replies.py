"""Cases 18 and 19 at the ledger: every reply is lost once; the technician finishes offline what was given to somebody else."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.clock import at, now
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.planning import move
from tests import factories as make
from tests.battery.invariants import broken_chains, everything_wrong
from tests.battery.senders import Sender
from tests.battery.stands import always_open, stand
from tests.people import PASSWORD, signed_in


@pytest.fixture
def app(app_on_both):
    """On SQLite and on PostgreSQL."""
    return app_on_both


@pytest.fixture
def hours():
    return make.at("13:45"), make.at("13:45")


def test_every_reply_lost_in_turn_leaves_no_double(phone, cast):
    job = make.job(technician=cast.tariq, start=make.at("14:00"))
    for to in ("accepted", "travelling", "working"):
        phone.tapped(job, to)
    phone.did("note", job, note="une seule fois")
    phone.tapped(job, "not_completed", reason="no_access", follow_up="access", contact="Accueil")
    for place in range(len(phone.queue)):
        lost = phone.send(phone.queue[: place + 1])
        again = phone.send(phone.queue[: place + 1])
        assert phone.outcomes(lost)[place] == "applied"
        assert set(phone.outcomes(again)) == {"repeated"}
        assert again.json["results"][place]["version"] == lost.json["results"][place]["version"]
    db.session.expire_all()
    moves = [
        event.data["target"] for event in db.session.query(Event).filter_by(job_id=job.id, kind="job.state")
    ]
    assert moves == ["accepted", "travelling", "working", "not_completed"]
    assert (job.note, len(job.ticket.jobs)) == ("une seule fois", 2)


def test_finished_offline_while_it_was_given_to_somebody_else_at_14_12(app, cast, phone):
    job = make.job(technician=cast.tariq, start=make.at("14:00"))
    for to, clock in {
        "accepted": "14:00",
        "travelling": "14:02",
        "working": "14:10",
        "completed": "14:40",
    }.items():
        phone.tapped(job, to, make.at(clock), **({"note": "réparé"} if to == "completed" else {}))
    with at(make.at("14:12")):
        move.assign(job, cast.zoe, cast.denis, day=make.MONDAY, override_reason="Tariq ne répond pas")
        db.session.commit()
    answer = phone.send(when=make.at("14:44"))
    db.session.expire_all()
    assert (job.technician, job.state) == (cast.zoe, "dispatched")
    assert phone.outcomes(answer) == ["review"] * 4
    assert "Zoé" in answer.json["results"][-1]["detail"]
    with at(make.at("14:44")):
        assert "réparé" in signed_in(app, cast.zoe.user).get(f"/jobs/{job.number}").text
        denis = signed_in(app, cast.denis)
        assert "Tariq" in denis.get("/board/reviews").text
    assert broken_chains() == []


@pytest.mark.battery
def test_every_reply_is_cut_off_on_its_way(database, tmp_path):
    """On a real server: each of forty actions is sent, the line is cut when its reply has begun to come, and it is sent again."""

    def furnish(cast, start) -> None:
        cast.tariq.user.set_password(PASSWORD)
        always_open(make.client())
        for number in range(8):
            make.job(f"appel {number}", mode="remote", building_id=None, technician=cast.tariq,
                     start=start + timedelta(hours=1 + number), state_at=start)  # fmt: skip

    with stand(database, tmp_path, furnish) as desk:
        sender = Sender.of(desk, "tariq")
        numbers = desk.read(lambda: [job.number for job in db.session.scalars(select(Job).order_by(Job.id))])
        steps = [
            (number, step)
            for number in numbers
            for step in ("accepted", "working", "note", "paused", "completed")
        ]
        for place, (number, step) in enumerate(steps):
            action = {"key": str(uuid.UUID(int=place + 1)), "seq": place + 1, "job": number, "at": now().isoformat(), "based_on": 1,
                      "kind": "note" if step == "note" else "transition",
                      "body": {"note": f"vu {place}"} if step == "note" else {"to": step}}  # fmt: skip
            sender.send_and_hang_up([action])
            again = sender.send_until_answered([action])[0]
            assert (again["outcome"], again["first"]) == ("repeated", "applied"), action
        assert set(desk.read(lambda: db.session.scalars(select(Job.state)).all())) == {"completed"}
        told = desk.read(lambda: [job.note for job in db.session.scalars(select(Job).order_by(Job.id))])
        assert told == [f"vu {place}" for place, (_number, step) in enumerate(steps) if step == "note"]
        assert desk.read(everything_wrong) == []
