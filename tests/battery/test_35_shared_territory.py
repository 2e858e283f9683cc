"""Case 35 where two clients share a territory: of Breizh's work Acme's dispatcher learns that time is taken, no more."""

from __future__ import annotations

import pytest

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from tests import factories as make
from tests.api.callers import PREFIX, calling
from tests.battery.two_clients import SECRET
from tests.people import signed_in


@pytest.fixture
def run(app, cast):
    """Tariq has a visit for Breizh, another waits, and Diane's proposal speaks of both."""
    owner = make.client("breizh")
    visit, waiting = (make.job(f"{SECRET} {number}", owner=owner, technician=who) for number, who in
                      ((1, cast.tariq), (2, None)))  # fmt: skip
    told = {"client_id": owner.id, "summary": SECRET, "priority": 1}
    place = {"technician_id": cast.tariq.id, "technician": "Tariq", "start": make.at("09:00").isoformat()}
    row = PlanRun(
        territory_id=make.territory().id, day=make.MONDAY, seconds=1, state="proposed", requested_at=make.at("07:00"),
        client_ids=None, basis={"jobs": {}}, proposal={}, served=2, objective={},
        diff=[{**told, "job": visit.id, "number": visit.number, "kind": "assigned", "from": None, "to": place}],
        unassigned=[{**told, "job": waiting.id, "number": waiting.number, "kind": "not_found", "reasons": [],
                     "outbid_by": [], "fix": None}],
        left_out=[{"what": "job", "id": waiting.id, "name": SECRET, "reason": "no_phone", "client_id": owner.id}],
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    with at(make.at("08:00")):
        yield row


def test_the_board_of_acme_says_nothing_of_breizh(app, cast, run):
    denis = signed_in(app, cast.denis)
    for path in ("/board?day=2026-11-23", "/board/runs/new?day=2026-11-23", f"/board/runs/{run.id}",
                 f"/board/runs/{run.id}/progress", "/board/news?after=0&day=2026-11-23"):  # fmt: skip
        for headers in ({}, {"HX-Request": "true"}):
            assert SECRET not in denis.get(path, headers=headers).get_data(as_text=True), path


def test_the_api_says_nothing_of_breizh_to_acme(app, cast, run):
    denis = calling(app, cast.denis)
    for path in (f"/plan-runs/{run.id}", "/plans/2026-11-23", "/jobs", "/tickets"):
        answer = denis.get(PREFIX + path)
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text, path


def test_nobody_answers_a_run_that_moves_work_which_he_may_not_see(app, cast, run):
    denis, caller = signed_in(app, cast.denis), calling(app, cast.denis)
    for answer in ("acceptance", "rejection"):
        assert denis.post(f"/board/runs/{run.id}/{answer}").status_code in (403, 404)
        assert caller.post(f"{PREFIX}/plan-runs/{run.id}/{answer}").status_code in (403, 404)
    db.session.expire_all()
    assert run.state == "proposed"


def test_who_sees_both_clients_sees_it_all(app, cast, run):
    assert SECRET in signed_in(app, cast.diane).get(f"/board/runs/{run.id}").get_data(as_text=True)
