"""Asking for a run, and reading what it proposes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from tests import factories as make


def run(state="proposed", **fields):
    found = PlanRun(territory_id=make.territory().id, day=make.MONDAY, seconds=30, state=state,
                    requested_at=make.at("09:50"), **fields)  # fmt: skip
    db.session.add(found)
    db.session.flush()
    return found


def item(job, kind, before=None, after=None):
    return {"job": job.id, "number": job.number, "client_id": job.client_id, "summary": job.ticket.summary,
            "priority": 3, "kind": kind, "from": before, "to": after}  # fmt: skip


def place(technician, clock):
    return {
        "technician_id": technician.id,
        "technician": technician.name,
        "start": make.at(clock).isoformat(),
    }


def test_before_a_run_it_is_said_who_and_what_would_be_left_out(diane, cast):
    make.technician("Yann", day=None)
    make.job("Sans durée", minutes=None)
    page = diane.get("/board/runs/new?day=2026-11-23").text
    assert "Yann" in page
    assert "has no shift that day" in page
    assert "has no duration" in page


def test_the_time_that_the_operator_has_set_is_chosen_beforehand(app, diane):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], solver_seconds=45)
    assert '<option value="45" selected>' in diane.get("/board/runs/new?day=2026-11-23").text
    diane.post("/board/runs?day=2026-11-23", data={"days": 1})
    assert db.session.scalars(select(PlanRun.seconds)).one() == 45


def test_diane_asks_for_a_run_and_there_is_never_a_second_one(diane, cast):
    for _twice in range(2):
        answer = diane.post(
            "/board/runs?day=2026-11-23", data={"days": 1, "seconds": 10}, follow_redirects=True
        )
    assert "under way already" in answer.text
    found = db.session.scalars(select(PlanRun)).one()
    assert (found.state, found.seconds, found.requested_by) == ("queued", 10, cast.diane)
    assert "Run waiting for a worker" in answer.text


def test_a_run_is_stopped(diane):
    found = run("running")
    diane.post(f"/board/runs/{found.id}/cancellation")
    db.session.refresh(found)
    assert found.state == "cancelled"
    assert "The run was stopped" in diane.get(f"/board/runs/{found.id}").text


def test_progress_asks_again_while_the_run_lasts_and_then_shows_its_end(diane):
    found = run("running", progress=0.4, best_cost=3600, served=12)
    told = diane.get(f"/board/runs/{found.id}/progress").text
    assert "every 1s" in told
    assert "12 s of 30 s" in told
    found.state = "proposed"
    told = diane.get(f"/board/runs/{found.id}/progress").text
    assert "every 1s" not in told
    assert "Read the proposal" in told


def test_a_proposal_is_read_as_sentences(diane, cast):
    moved, new = make.job("VPN bloqué", technician=cast.zoe), make.job("Écran noir")
    found = run(diff=[item(moved, "moved", place(cast.zoe, "14:10"), place(cast.tariq, "13:30")),
                      item(new, "assigned", None, place(cast.zoe, "15:20"))])  # fmt: skip
    page = diane.get(f"/board/runs/{found.id}").text
    assert f"{moved.number} moves from Zoé to Tariq, 14:10 → 13:30" in page
    assert f"{new.number} goes to Zoé at 15:20" in page


def test_denis_reads_only_of_his_own_client(denis, cast):
    theirs = make.job("Secret", owner=make.client("breizh"), technician=cast.zoe)
    left = {**item(theirs, "impossible"), "reasons": [], "outbid_by": [], "fix": None}
    found = run(diff=[item(theirs, "unassigned", place(cast.zoe, "14:10"))], unassigned=[left],
                left_out=[{"what": "job", "id": 1, "name": theirs.number, "reason": "no_place", "client_id": theirs.client_id}])  # fmt: skip
    page = denis.get(f"/board/runs/{found.id}").text
    assert theirs.number not in page
    assert "Secret" not in page
    assert "It also changes work of other clients." in page
    assert "Not yours to accept" in page


@pytest.mark.parametrize("noun", ["acceptance", "rejection"])
def test_denis_answers_only_runs_that_keep_to_his_clients(denis, cast, noun):
    whole, own = run(), run("rejected", client_ids=[make.client("acme").id])
    assert denis.post(f"/board/runs/{whole.id}/{noun}").status_code == 403
    assert denis.post(f"/board/runs/{own.id}/{noun}").status_code == 412
    db.session.refresh(whole)
    assert whole.state == "proposed"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("superseded", "The plan has moved on"),
        ("failed", "The run has failed"),
        ("cancelled", "The run was stopped"),
        ("rejected", "This proposal was rejected"),
        ("accepted", "This proposal was accepted"),
    ],
)
def test_every_end_of_a_run_is_explained(diane, state, sentence):
    assert sentence in diane.get(f"/board/runs/{run(state).id}").text


def test_rejecting_leaves_the_plan_alone(diane, cast):
    job = make.job(technician=cast.zoe)
    found = run(diff=[item(job, "unassigned", place(cast.zoe, "09:00"))])
    assert "Proposal rejected" in diane.post(f"/board/runs/{found.id}/rejection", follow_redirects=True).text
    db.session.refresh(found)
    assert (found.state, job.technician) == ("rejected", cast.zoe)


@pytest.mark.parametrize("noun", ["acceptance", "rejection"])
def test_what_was_answered_already_cannot_be_answered_again(diane, noun):
    found = run("rejected")
    answer = diane.post(f"/board/runs/{found.id}/{noun}")
    assert answer.status_code == 412
    assert "This proposal was rejected" in answer.text


def test_a_search_of_any_length_is_not_to_be_had(diane):
    assert diane.post("/board/runs", data={"days": 1, "seconds": 86400}).status_code == 400
