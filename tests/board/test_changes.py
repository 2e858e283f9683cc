"""What was changed today, and taking it back: shown first, then done."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.plan_change import PlanChange
from dispatch.planning import move
from dispatch.planning.retime import retime
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import signed_in

HERE = "?territory=rennes&day=2026-11-23"


@pytest.fixture
def jobs(cast):
    """Three jobs of Tariq's afternoon."""
    made = [make.job(name, technician=cast.tariq, start=make.at(at)) for name, at in (("A", "13:00"), ("B", "14:00"), ("C", "15:00"))]  # fmt: skip
    retime(make.territory().id, make.MONDAY, {cast.tariq.id}, None)
    db.session.commit()
    return made


def given(browser, job, technician):
    """The answer to a move from the sheet."""
    sent = {"technician": technician.id, "version": job.version, "on": "2026-11-23"}
    answer = Htmx(browser).post(f"/board/jobs/{job.number}/assignment{HERE}", **sent)
    assert answer.status_code == 200, answer.text
    return answer


def latest():
    return db.session.scalars(select(PlanChange).order_by(PlanChange.id.desc())).first()


def shown(browser, change, **more):
    page = Htmx(browser).get(
        f"/board/changes/{change.id}/reversal{HERE}{'&since=1' if more.get('since') else ''}"
    )
    assert page.status_code == 200
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    return page.text, seen[1]


def test_the_message_after_a_move_takes_it_back_in_one_click(diane, cast, jobs):
    answer = given(diane, jobs[0], cast.zoe)
    send = re.search(r'action="(/board/changes/\d+/reversal[^"]*)"', answer.text)[1].replace("&amp;", "&")
    answer = Htmx(diane).post(send)
    assert (answer.status_code, jobs[0].technician) == (200, cast.tariq)
    assert "Undone: 1 job is back where it was." in answer.text
    assert answer.headers["HX-Trigger"] == "close-dialog"
    again = re.findall(r'action="(/board/changes/\d+/reversal[^"]*)"', answer.text)
    assert len(again) == 1 and again[0] != send  # the undo can be undone


def test_the_changes_of_the_day_are_listed_latest_first(diane, cast, jobs):
    given(diane, jobs[0], cast.zoe)
    given(diane, jobs[1], cast.zoe)
    page = Htmx(diane).get(f"/board/changes{HERE}").text
    told = re.findall(r"(INT-\d+) moves from Tariq to Zoé", page)
    assert list(dict.fromkeys(told)) == [jobs[1].number, jobs[0].number]
    assert "Diane" in page and page.count("All since here") == 1
    assert "All since here" in diane.get(f"/board/changes{HERE}").text  # without a script it is a page


def test_what_would_go_back_and_what_stays_is_said_before(diane, cast, jobs):
    given(diane, jobs[0], cast.zoe)
    first = latest()
    given(diane, jobs[1], cast.zoe)
    for name in ("accepted", "travelling"):
        jobs[1].move(name, cast.zoe.user)
    page, seen = shown(diane, first, since=True)
    assert f"{jobs[0].number} moves from Zoé to Tariq" in page
    assert f"{jobs[1].number} stays with Zoé: travelling" in page
    assert jobs[0].technician == cast.zoe
    answer = Htmx(diane).post(f"/board/changes/{first.id}/reversal{HERE}", seen=seen, since="1")
    assert (answer.status_code, jobs[0].technician, jobs[1].technician) == (200, cast.tariq, cast.zoe)


def test_one_click_that_cannot_do_all_shows_what_stays(diane, cast, jobs):
    given(diane, jobs[0], cast.zoe)
    jobs[0].move("accepted", cast.zoe.user)
    jobs[0].move("working", cast.zoe.user)
    answer = Htmx(diane).post(f"/board/changes/{latest().id}/reversal{HERE}")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (412, "#sheet")
    assert "Not everything can go back" in answer.text and "stays with Zoé: working" in answer.text


def test_the_second_of_two_is_told_who_was_faster(app, diane, cast, jobs):
    given(diane, jobs[0], cast.zoe)
    change = latest()
    _page, seen = shown(diane, change)
    ahmed = signed_in(app, cast.ahmed, "en")
    assert Htmx(ahmed).post(f"/board/changes/{change.id}/reversal{HERE}", seen=seen).status_code == 200
    answer = Htmx(diane).post(f"/board/changes/{change.id}/reversal{HERE}", seen=seen)
    assert answer.status_code == 412
    assert "This was undone already" in answer.text and "Ahmed" in answer.text
    assert jobs[0].technician == cast.tariq
    assert "undone at 10:00 · Ahmed" in Htmx(diane).get(f"/board/changes{HERE}").text


def test_denis_sees_and_undoes_only_what_is_his(denis, diane, cast, jobs):
    theirs = make.job("Secret", owner=make.client("breizh"), technician=cast.tariq, start=make.at("16:00"))
    given(diane, theirs, cast.zoe)
    hidden = latest()
    assert theirs.number not in Htmx(denis).get(f"/board/changes{HERE}").text
    for answer in (
        denis.get(f"/board/changes/{hidden.id}/reversal"),
        denis.post(f"/board/changes/{hidden.id}/reversal"),
    ):
        assert answer.status_code == 404
    both = PlanChange(territory_id=make.territory().id, at=make.at("10:00"), kind="bulk",
                      jobs=[_touched(job) for job in (theirs, jobs[0])])  # fmt: skip
    db.session.add(both)
    db.session.commit()
    assert "not yours to undo" in Htmx(denis).get(f"/board/changes{HERE}").text
    assert denis.post(f"/board/changes/{both.id}/reversal").status_code == 403


def _touched(job):
    from dispatch.models.plan_change import ChangedJob
    from dispatch.planning.journal import place_of

    place = place_of(job)
    return ChangedJob(job_id=job.id, client_id=job.client_id, before=place | {"lock": "both"}, after=place)


def test_what_was_done_before_midnight_is_undone_after_it(app, cast):
    tuesday = make.MONDAY + timedelta(days=1)
    make.shift(cast.zoe, tuesday)
    job = make.job("Demain", technician=cast.tariq, start=make.at("23:00"))
    with clock.at(make.at("22:00")):
        diane = signed_in(app, cast.diane, "en")
        set_off = Htmx(diane).post(f"/board/jobs/{job.number}/withdrawal{HERE}", version=job.version)
        assert set_off.status_code == 200, set_off.text
        tomorrow = make.job("Pour mardi")
        move.assign(tomorrow, cast.zoe, cast.diane, day=tuesday)
        db.session.commit()
        moved = latest()
    with clock.at(make.at("02:00", tuesday)):
        diane = signed_in(app, cast.diane, "en")
        page = Htmx(diane).get(f"/board/changes{HERE}").text
        assert "23 Nov 22:00" in page
        assert Htmx(diane).post(f"/board/changes/{moved.id}/reversal{HERE}").status_code == 200
        assert tomorrow.technician is None
        page, _seen = shown(diane, db.session.scalars(select(PlanChange).order_by(PlanChange.id)).first())
        assert f"{job.number} stays without a technician: that day is over" in page
    with clock.at(make.at("10:01", tuesday)):
        diane = signed_in(app, cast.diane, "en")
        assert diane.get(f"/board/changes/{moved.id}/reversal").status_code == 404


def test_a_change_of_yesterday_is_past(diane, cast, jobs):
    given(diane, jobs[0], cast.zoe)
    change = latest()
    change.at = make.at("21:59", make.date(2026, 11, 22))
    db.session.commit()
    assert diane.get(f"/board/changes/{change.id}/reversal").status_code == 404
    assert "Nothing to undo" in Htmx(diane).get(f"/board/changes{HERE}").text


def test_ten_more_changes_cost_no_more_queries(diane, cast, jobs):
    move.set_lock(jobs[0], "technician", cast.diane)
    few = queries_of(diane, f"/board/changes{HERE}")
    for number in range(10):
        move.set_lock(jobs[number % 3], ("none", "technician")[number % 2], cast.ahmed)
        db.session.commit()
    assert queries_of(diane, f"/board/changes{HERE}") <= few + 1  # Ahmed's name


def test_without_a_script_a_reversal_ends_on_the_board(diane, cast, jobs):
    answer = diane.post(f"/board/jobs/{jobs[0].number}/assignment{HERE}", data={"technician": cast.zoe.id, "version": jobs[0].version},
                        follow_redirects=True)  # fmt: skip
    assert f'href="/board/changes/{latest().id}/reversal"' in answer.text
    answer = diane.post(f"/board/changes/{latest().id}/reversal{HERE}", follow_redirects=True)
    assert "Undone: 1 job is back where it was." in answer.text


def test_work_that_nobody_had_before_and_after_is_told_too(diane, cast):
    job = make.job("D")
    sent = {"job": f"{job.number}:{job.version}", "on": "2026-11-25", "override_reason": "fermé"}
    Htmx(diane).post(f"/board/selection/postponement{HERE}", **sent)
    assert (
        f"{job.number} is postponed to Wednesday 25 November" in Htmx(diane).get(f"/board/changes{HERE}").text
    )
    page, _seen = shown(diane, latest())
    assert f"<span>{job.number} waits for a technician</span>" in page
    Htmx(diane).post(f"/board/changes/{latest().id}/reversal{HERE}")
    assert job.not_before is None
    page, _seen = shown(diane, latest())  # taken back again
    assert f"<span>{job.number} is postponed to Wednesday 25 November</span>" in page
    Htmx(diane).post(f"/board/jobs/{job.number}/cancellation{HERE}", version=job.version, override_reason="x")
    page, _seen = shown(diane, latest())
    assert f"<span>{job.number} waits for a technician</span>" in page


def test_a_reversal_of_more_jobs_costs_no_more_queries(diane, cast):
    read = []
    for number in (2, 6):
        made = [make.job(technician=cast.zoe, start=make.at(f"{11 + n}:00")) for n in range(number)]
        db.session.commit()
        sent = [f"{job.number}:{job.version}" for job in made]
        Htmx(diane).post(f"/board/selection/withdrawal{HERE}", job=sent)
        read.append(queries_of(diane, f"/board/changes/{latest().id}/reversal{HERE}"))
    assert read[0] == read[1]
