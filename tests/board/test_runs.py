"""Asking for a run, and reading what it proposes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.planning.build import build
from dispatch.planning.proposal import basis_of
from dispatch.planning.run import publish
from dispatch.planning.solver import fallback
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import signed_in


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


def test_a_day_that_is_over_is_not_planned_any_more(app, diane, cast):
    for days, status in ((1, 422), (3, 302)):
        answer = diane.post(
            "/board/runs?territory=rennes&day=2026-11-21", data={"days": days, "scope": "all"}
        )
        assert answer.status_code == status
    assert db.session.scalars(select(PlanRun.day)).all() == [make.MONDAY - timedelta(days=2)]
    assert (
        "This day is over"
        in diane.post("/board/runs?territory=rennes&day=2026-11-22", data={"scope": "all"}).text
    )


TUESDAY = make.MONDAY + timedelta(days=1)


def test_the_days_on_which_somebody_is_out_follow_the_number_of_days_asked(app, diane, cast):
    make.shift(cast.zoe, TUESDAY)
    yann = make.technician("Yann", day=None)
    make.shift(yann, TUESDAY)
    make.job("Sans durée", minutes=None)
    htmx = Htmx(diane)
    one = htmx.get("/board/runs/new?day=2026-11-23").text
    assert 'Yann</span> <span class="muted">has no shift that day<' in one and "Tariq</span> <" not in one
    two = htmx.get("/board/runs/new?day=2026-11-23&days=2").text
    assert 'Yann</span> <span class="muted">has no shift on Monday 23<' in two
    assert 'Tariq</span> <span class="muted">has no shift on Tuesday 24<' in two
    assert two.count("has no duration") == 1 and "Zoé</span> <" not in two
    three = htmx.get("/board/runs/new?day=2026-11-23&days=3").text
    assert "has no shift on Tuesday 24 and Wednesday 25" in three
    french = signed_in(app, cast.diane, "fr").get("/board/runs/new?day=2026-11-23&days=3").text
    assert "n’a pas de plage de travail mardi 24 et mercredi 25" in french


def test_without_a_script_the_days_are_links_and_the_chosen_one_is_sent(diane, cast):
    page = diane.get("/board/runs/new?day=2026-11-23&days=3").text
    assert "/board/runs/new?territory=rennes&amp;day=2026-11-23&amp;days=5" in page
    assert '<option value="3" selected>' in page
    assert diane.get("/board/runs/new?days=4").status_code == 400


def test_a_job_that_can_be_done_on_one_of_the_days_is_not_left_out(diane, cast):
    make.shift(cast.zoe, TUESDAY)
    job = make.job("Demain", not_before=make.at("00:00", TUESDAY))
    assert job.number in diane.get("/board/runs/new?day=2026-11-23").text
    assert job.number not in diane.get("/board/runs/new?day=2026-11-23&days=2").text


def test_a_technician_is_one_line_with_all_his_reasons(diane, cast):
    make.absence(cast.tariq)
    page = diane.get("/board/runs/new?day=2026-11-23&days=2").text
    assert "is absent on Monday 23; has no shift on Tuesday 24" in page
    assert page.count(">Tariq</span> <") == 1


def test_a_proposal_of_two_days_is_read_day_by_day(diane, cast):
    first, second, night = make.job("Lundi"), make.job("Mardi"), make.job("Après minuit")
    after = {**place(cast.tariq, "08:30"), "start": make.at("08:30", TUESDAY).isoformat()}
    late = {**after, "day": "2026-11-23", "start": make.at("00:30", TUESDAY).isoformat()}
    found = run(days=2, diff=[item(second, "assigned", None, after), item(first, "assigned", None, place(cast.zoe, "15:20")),
                              item(night, "assigned", None, late)])  # fmt: skip
    page = diane.get(f"/board/runs/{found.id}").text
    assert "Proposal for Monday 23 – Tuesday 24 November" in page
    order = ["Monday 23 November <span", "Lundi", "Tuesday 24 November <span", "Mardi"]
    assert [page.index(text) for text in order] == sorted(page.index(text) for text in order)
    assert page.index("Après minuit") < page.index("Tuesday 24 November <span")
    assert (
        "A proposal for Monday 23 – Tuesday 24 November is waiting" in diane.get("/board?day=2026-11-23").text
    )


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
    changed = item(make.job("VPN bloqué"), "assigned", None, place(make.technician("Tariq"), "14:10"))
    found = run("running", progress=0.4, best_cost=3600, served=12, diff=[changed])
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


def test_each_change_says_what_it_would_miss(diane, cast):
    new, moved, mended, promised = (make.job(text, technician=cast.zoe) for text in "ABCD")
    late = {"late": 45 * 60, "outside": 0}
    found = run(diff=[
        item(new, "assigned", None, place(cast.zoe, "15:20") | late),
        item(moved, "moved", place(cast.zoe, "09:00") | {"late": 0}, place(cast.tariq, "15:20") | late),
        item(mended, "moved", place(cast.zoe, "15:00") | late, place(cast.tariq, "09:00") | {"late": 0}),
        item(promised, "retimed", place(cast.zoe, "09:00"), place(cast.zoe, "11:20") | {"outside": 20 * 60}),
    ])  # fmt: skip
    page = diane.get(f"/board/runs/{found.id}").text
    lines = {job: text_of(page, job.number) for job in (new, moved, mended, promised)}
    assert "Late · 45\u00a0min" in lines[new] and "not late now" not in lines[new]
    assert "Late · 45\u00a0min not late now" in lines[moved]
    assert "No longer late" in lines[mended]
    assert "Promise missed · 20\u00a0min too late" in lines[promised]


def text_of(page, number):
    [line] = [one for one in re.findall(r"<li[^>]*>.*?</li>", page, re.S) if f">{number} " in one]
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", line))


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


def test_whose_times_stay_as_they_were_is_said_when_a_proposal_is_accepted(diane, cast):
    make.job("longue", technician=cast.zoe, start=make.at("08:05"), minutes=500)
    make.job("écran")
    found = run()
    with clock.at(make.at("06:30")):
        draft = build(make.territory(), make.MONDAY)
        publish(found, draft, basis_of(draft), fallback(draft.problem))
    db.session.commit()
    page = diane.post(f"/board/runs/{found.id}/acceptance", follow_redirects=True).text
    assert "Proposal accepted: 1 job changed." in page
    assert "Zoé keeps the times of the route" in page


def test_the_log_of_a_job_and_the_runs_of_the_day_say_for_what_a_run_was(diane, cast):
    urgent = make.job("écran")
    scope = {"kind": "repair", "cause": {"kind": "urgent", "key": "urgent", "jobs": [urgent.id]}}
    found = run(scope=scope)
    with clock.at(make.at("06:30")):
        draft = build(make.territory(), make.MONDAY)
        publish(found, draft, basis_of(draft), fallback(draft.problem))
    db.session.commit()
    diane.post(f"/board/runs/{found.id}/acceptance")
    assert urgent.technician_id is not None
    page = diane.get(f"/board/jobs/{urgent.number}/history").text
    assert f'<a href="/board/runs/{found.id}">repair: an urgent job without a technician</a>' in page
    assert "repair: an urgent job without a technician" in diane.get("/board/shift?day=2026-11-23").text


def gain(technician, **changes):
    same = {"holds": True, "lost": 0, "came": 0, "gone": 0, "travel": 0, "work": 0, "lateness": 0, "overtime": 0,
            "end": [make.at("16:05").isoformat(), make.at("16:40").isoformat()], "burden": 1}  # fmt: skip
    whose = {"technician_id": technician.id, "technician": technician.name, "day": "2026-11-23"}
    return {**whose, **same, **changes}


def promise(job, kind, start, outside):
    window = [make.at("14:00").isoformat(), make.at("15:00").isoformat()]
    starts = [make.at(one).isoformat() if one else None for one in start]
    return {**item(job, kind), "window": window, "start": starts, "outside": outside}


def weighed(days=(), promises=(), served=(4, 5), **before):
    cost = {"travel": 3600, "lateness": 0, "overtime": 0, "moves": 0, "promise": 0, "preference": 0, **before}
    return {
        "jobs": {},
        "weighed": {"before": cost, "served": list(served), "days": days, "promises": promises},
    }


def test_a_proposal_says_what_it_asks_of_whom(diane, cast):
    basis = weighed([gain(cast.tariq, holds=False, lost=1), gain(cast.zoe, came=1, travel=720)])
    page = diane.get(f"/board/runs/{run(basis=basis).id}").text
    assert "Who gains or loses" in page
    tariq = "Tariq: the times of the live plan can no longer be kept, 1 job too many"
    zoe = "Zoé: 1 job more, 12\u00a0min more travel, ends at 16:40 instead of 16:05"
    assert page.index(tariq) < page.index(zoe)


def test_the_figures_stand_beside_those_of_the_live_plan(diane, cast):
    found = run(
        basis=weighed(travel=3600, promise=600), objective={"travel": 5400, "promise": 600, "total": 6000}
    )
    page = diane.get(f"/board/runs/{found.id}").text
    assert '<span class="was">4 →</span> 5<' in page
    assert '<span class="was">1\u00a0h\u00a000 →</span> 1\u00a0h\u00a030<' in page
    assert "<dd>10\u00a0min</dd>" in page, "what stays the same is told once"
    assert "only what still fits is counted" not in page
    found.basis = weighed([gain(cast.zoe, holds=False)])
    assert "only what still fits is counted" in diane.get(f"/board/runs/{found.id}").text


def test_a_run_of_older_days_shows_its_figures_alone(diane):
    found = run(objective={"travel": 5400, "total": 5400}, served=5)
    page = diane.get(f"/board/runs/{found.id}").text
    assert "<dd>1\u00a0h\u00a030</dd>" in page and "→ the proposal" not in page


def test_promised_times_that_break_are_marked_and_come_first(diane, cast):
    one, other = make.job("Écran noir"), make.job("VPN bloqué")
    promises = [
        promise(one, "broken", ("14:30", "15:20"), [0, 1200]),
        promise(other, "mended", ("15:30", "14:10"), [1800, 0]),
    ]
    page = diane.get(f"/board/runs/{run(basis=weighed(promises=promises)).id}").text
    late = page.index(
        f"{one.number}: promised between 14:00 and 15:00, would start at 15:20 instead of 14:30, 20\u00a0min too late"
    )
    assert (
        page.rindex('<li class="late warned">', 0, late)
        < late
        < page.index("would start at 14:10 instead of 15:30, as promised")
    )
    assert page.count('<li class="late warned">') == 1


def test_beyond_eight_lines_the_others_are_folded(diane, cast):
    people = [make.technician(f"Personne {number}") for number in range(11)]
    page = diane.get(f"/board/runs/{run(basis=weighed([gain(one, came=1) for one in people])).id}").text
    assert "3 others" in page
    assert page.index("Personne 7") < page.index('id="more-gains"') < page.index("Personne 8")


def test_denis_reads_neither_promises_nor_days_of_other_clients(denis, cast):
    mine, theirs = make.job("Écran"), make.job("Secret", owner=make.client("breizh"))
    promises = [
        promise(theirs, "broken", ("14:30", "15:20"), [0, 1200]),
        promise(mine, "broken", ("14:40", None), [0, None]),
    ]
    basis = weighed([gain(cast.zoe, came=3)], promises)
    page = denis.get(f"/board/runs/{run(basis=basis).id}").text
    assert f"{mine.number}: promised between 14:00 and 15:00, would be left without a technician" in page
    assert theirs.number not in page and "Secret" not in page and "15:20" not in page
    assert "Who gains or loses" not in page, "this run weighs the work of everybody"
    own = run(basis=basis, client_ids=[make.client("acme").id])
    assert "Zoé: 3 jobs more" in denis.get(f"/board/runs/{own.id}").text


def test_the_number_of_queries_does_not_grow_with_technicians_and_promises(diane, cast):
    def shown(count):
        people = [make.technician(f"Personne {number}") for number in range(count)]
        promises = [promise(make.job(), "broken", ("14:30", "15:20"), [0, 1200]) for _ in range(count)]
        return f"/board/runs/{run(basis=weighed([gain(one, came=1) for one in people], promises)).id}"

    few, many = shown(1), shown(12)
    assert queries_of(diane, few) == queries_of(diane, many)


def test_a_part_of_a_proposal_is_accepted(diane, cast):
    one, other = make.job("écran"), make.job("clavier")
    found = run()
    draft = build(make.territory(), make.MONDAY)
    publish(found, draft, basis_of(draft), fallback(draft.problem))
    db.session.commit()
    page = diane.get(f"/board/runs/{found.id}").text
    assert page.count('type="checkbox" name="job"') == 2 and "those of the whole proposal" in page
    answer = diane.post(f"/board/runs/{found.id}/acceptance", data={"part": 1}, follow_redirects=True)
    assert "Tick at least one change" in answer.text
    told = diane.post(
        f"/board/runs/{found.id}/acceptance", data={"part": 1, "job": one.id}, follow_redirects=True
    ).text
    assert "Proposal accepted: 1 job changed." in told
    assert "1 change was not accepted." in told
    assert "/reversal" in told
    assert one.technician is not None and other.technician is None
