"""Other systems read what was changed in the plan, and take it back."""

from __future__ import annotations

import pytest

from dispatch.extensions import db
from dispatch.planning import move
from tests import factories as make
from tests.api.callers import PREFIX, calling, key

CHANGES = f"{PREFIX}/plan-changes"


@pytest.fixture
def jobs(cast):
    """Two of Tariq's, which Diane has given to Zoé one after the other."""
    made = [make.job(name, technician=cast.tariq, start=make.at(at)) for name, at in (("A", "13:00"), ("B", "14:00"))]  # fmt: skip
    db.session.commit()
    for job in made:
        move.assign(job, cast.zoe, cast.diane)
        db.session.commit()
    return made


def test_what_was_changed_is_listed_latest_first(app, cast, jobs):
    items = calling(app, cast.diane, "en").get(CHANGES).json["items"]
    assert [one["text"].partition(",")[0] for one in items] == [
        f"{job.number} moves from Tariq to Zoé" for job in reversed(jobs)
    ]
    assert {(one["by"], one["may_undo"], one["undone_at"]) for one in items} == {("Diane", True, None)}
    assert items[0]["at"].endswith("+01:00")


def test_a_change_says_what_would_go_back_and_a_reversal_does_it_once(app, cast, jobs):
    diane = calling(app, cast.diane, "en")
    change = diane.get(CHANGES).json["items"][0]["id"]
    found = diane.get(f"{CHANGES}/{change}").json
    assert (len(found["back"]), found["stays"]) == (1, [])
    done = diane.post(f"{CHANGES}/{change}/reversal", json={"seen": found["seen"]}, headers=key("once"))
    assert (done.status_code, done.json["back"]) == (200, found["back"])
    assert jobs[1].technician is cast.tariq
    again = diane.post(f"{CHANGES}/{change}/reversal", json={"seen": found["seen"]}, headers=key("once"))
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    late = diane.post(f"{CHANGES}/{change}/reversal")
    assert (late.status_code, late.json["current"]["undone_by"]) == (412, "Diane")
    assert diane.post(f"{CHANGES}/{done.json['change']}/reversal").status_code == 200, "an undo is undone too"
    assert jobs[1].technician is cast.zoe


def test_everything_since_goes_back_as_far_as_it_was_shown(app, cast, jobs):
    diane = calling(app, cast.diane, "en")
    first = diane.get(CHANGES).json["items"][-1]["id"]
    for name in ("accepted", "travelling"):
        jobs[1].move(name, cast.zoe.user)
    db.session.commit()
    refused = diane.post(f"{CHANGES}/{first}/reversal", json={"since": True})
    assert refused.status_code == 412, "not all of it can go back, and nobody has seen what stays"
    current = refused.json["current"]
    assert (len(current["back"]), current["stays"]) == (1, [f"{jobs[1].number} stays with Zoé: travelling"])
    assert diane.get(f"{CHANGES}/{first}?since=true").json["seen"] == current["seen"]
    done = diane.post(f"{CHANGES}/{first}/reversal", json={"since": True, "seen": current["seen"]})
    assert (done.status_code, jobs[0].technician, jobs[1].technician) == (200, cast.tariq, cast.zoe)


def test_denis_takes_back_only_what_is_all_his(app, cast, jobs):
    both = make.job("Secret", owner=make.client("breizh"), technician=cast.tariq, start=make.at("15:00"))
    db.session.commit()
    move.assign(both, cast.zoe, cast.diane)
    db.session.commit()
    mine = calling(app, cast.diane).get(CHANGES).json["items"][0]["id"]
    denis = calling(app, cast.denis)
    assert [one["id"] for one in denis.get(CHANGES).json["items"]] == [mine - 1, mine - 2]
    assert denis.get(f"{CHANGES}/{mine}").status_code == 404
    assert denis.post(f"{CHANGES}/{mine}/reversal").status_code == 404
    assert calling(app, cast.zoe.user).get(CHANGES).status_code == 403
