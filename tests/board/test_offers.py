"""What each row answers while a job is held above it."""

from __future__ import annotations

from tests import factories as make
from tests.board.conftest import queries_of


def offers(browser, job):
    return browser.get(f"/board/jobs/{job.number}/offers?territory=rennes&day=2026-11-23").get_json()["items"]


def test_who_fits_says_minutes_and_arrival_and_who_does_not_the_first_rule(diane, cast):
    job = make.job(admin_right_id=make.right().id, minutes=30)
    make.territory()
    told = {one["technician"]: one for one in offers(diane, job)}
    assert set(told) == {cast.tariq.id, cast.zoe.id}
    assert {one["tone"] for one in told.values()} == {"broken"}
    assert "local_admin" in told[cast.zoe.id]["told"]
    assert told[cast.zoe.id]["told"].split(" · ")[1].startswith("+"), "what it would cost, too"
    easy = {one["technician"]: one for one in offers(diane, make.job())}
    assert easy[cast.zoe.id]["tone"] == "fits"
    assert easy[cast.zoe.id]["told"].startswith("+") and "arrives 10:" in easy[cast.zoe.id]["told"]
    assert easy[cast.zoe.id]["day"] == "2026-11-23"


def test_what_it_costs_others_or_after_the_shift_is_said(diane, cast):
    make.job("Toute la journée", technician=cast.zoe, start=make.at("10:00"), minutes=400)
    job = make.job("En plus", minutes=30)
    told = {one["technician"]: one for one in offers(diane, job)}[cast.zoe.id]
    assert (told["tone"], "lateness and overtime like" in told["told"]) == ("late", True), told
    page = diane.get(f"/board/jobs/{job.number}/candidates?territory=rennes&day=2026-11-23").text
    assert "lateness and overtime like" in page


def test_a_job_that_nobody_could_have_says_why_once(diane, cast):
    [only] = offers(diane, make.job("Sans durée", minutes=None))
    assert only["technician"] is None and "no duration" in only["told"]


def test_whoever_does_not_act_for_the_client_finds_no_such_job(denis, cast):
    job = make.job(owner=make.client("breizh"))
    assert denis.get(f"/board/jobs/{job.number}/offers?territory=rennes").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_day(diane, cast):
    job = make.job()
    make.job("Poste 10", technician=cast.zoe, start=make.at("10:30"))
    few = queries_of(diane, f"/board/jobs/{job.number}/offers?territory=rennes&day=2026-11-23")
    for hour in range(11, 17):
        make.job(f"Poste {hour}", technician=cast.zoe, start=make.at(f"{hour}:00"))
    assert queries_of(diane, f"/board/jobs/{job.number}/offers?territory=rennes&day=2026-11-23") == few
