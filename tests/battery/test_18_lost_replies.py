"""Cases 18 and 19 at the ledger: every reply is lost once; the technician finishes offline what was given to somebody else."""

from __future__ import annotations

import pytest

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.planning import move
from tests import factories as make
from tests.battery.invariants import broken_chains
from tests.people import signed_in
from tests.phones import Phone


@pytest.fixture
def phone(app_on_both, session_on_both):
    from tests.people import assemble

    with at(make.at("13:45")):
        cast = assemble()
        found = Phone.of(app_on_both, cast.tariq.user)
        found.cast = cast
        yield found


def test_every_reply_lost_in_turn_leaves_no_double(phone):
    job = make.job(technician=phone.cast.tariq, start=make.at("14:00"))
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


def test_finished_offline_while_it_was_given_to_somebody_else_at_14_12(app_on_both, phone):
    cast = phone.cast
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
        assert "réparé" in signed_in(app_on_both, cast.zoe.user).get(f"/jobs/{job.number}").text
        denis = signed_in(app_on_both, cast.denis)
        assert "Tariq" in denis.get("/board/reviews").text
    assert broken_chains() == []
