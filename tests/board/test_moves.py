"""What a dispatcher does to one job."""

from __future__ import annotations

import re

import pytest

from dispatch import live
from dispatch.extensions import db
from dispatch.models.tap import take
from tests import factories as make
from tests.board.conftest import Htmx
from tests.people import signed_in


@pytest.fixture
def job(cast):
    """Zoé's, at eleven."""
    return make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))


def url(job, noun):
    return f"/board/jobs/{job.number}/{noun}?territory=rennes&day=2026-11-23"


def test_the_panel_shows_the_job_and_its_history(diane, job):
    page = Htmx(diane).get(f"/board/jobs/{job.number}").text
    assert page.lstrip().startswith("<aside")
    assert "Écran noir" in page
    assert "11:00 → 11:30" in page


def test_the_same_address_is_a_whole_page_without_htmx(diane, job):
    page = diane.get(f"/board/jobs/{job.number}").text
    assert "<!doctype html>" in page
    assert 'aria-current="true"' in page


def test_a_move_is_answered_with_its_routes_and_the_rest_of_the_board_follows_with_the_news(diane, cast, job):
    cursor = live.cursor()
    answer = Htmx(diane).post(url(job, "assignment"), technician=cast.tariq.id, version=job.version)
    assert answer.status_code == 200, answer.text
    assert job.technician is cast.tariq
    both = {f"route-{cast.tariq.id}", f"route-{cast.zoe.id}"}
    assert set(swapped(answer)) == {*both, "toasts"} and 'id="detail"' in answer.text
    assert answer.headers["HX-Trigger"] == "close-dialog, written", "who has no stream asks for news then"
    news = Htmx(diane).get(f"/board/news?day={job.day}&after={cursor}")
    assert {"figures", "decide-count", "decisions", "repairs", "cursor", *both} <= set(swapped(news))


def swapped(answer):
    return re.findall(r'id="([\w-]+)"[^>]* hx-swap-oob', answer.text)


def test_without_a_script_a_move_leads_back_to_the_job(diane, cast, job):
    form = {"technician": cast.tariq.id, "version": job.version}
    answer = diane.post(url(job, "assignment"), data=form, follow_redirects=True)
    assert "Moved to Tariq" in answer.text
    assert job.technician is cast.tariq


def test_candidates_are_ranked_with_every_broken_rule(diane, cast, job):
    job.skills = {make.skill("printer").code: 2}
    page = Htmx(diane).get(url(job, "candidates")).text
    assert page.index("Zoé") != -1
    assert page.count("skill printer missing, level 2 needed") == 2
    assert "Override…" in page


@pytest.mark.parametrize(
    ("closes", "there", "why", "way_out"),
    [
        (645, [], "before the place closes", "Choose another day."),
        (
            1080,
            ["08:00", "10:45"],
            "while the requester is there",
            "Agree on another time with the requester.",
        ),
    ],
)
def test_for_a_job_for_which_it_is_too_late_the_way_out_is_told(diane, cast, closes, there, why, way_out):
    make.site(opening_week=[[[480, closes]]] * 7)
    presence = [[make.at(time).isoformat() for time in there]] if there else []
    waiting = make.job(of=make.ticket("Écran noir", available=presence), minutes=60)
    page = Htmx(diane).get(url(waiting, "candidates")).text
    assert f"Has too little time left {why}. {way_out}" in page


def test_a_rule_is_overridden_with_a_reason_only(diane, cast, job):
    job.skills = {make.skill("printer").code: 2}
    refused = Htmx(diane).post(url(job, "assignment"), technician=cast.tariq.id, version=job.version)
    assert refused.status_code == 422
    assert "skill printer missing" in refused.text
    assert refused.headers["HX-Retarget"] == "#sheet"
    assert "Say why" not in refused.text, "nobody has asked for a reason before"
    assert job.technician is cast.zoe
    blank = Htmx(diane).post(
        url(job, "assignment"), technician=cast.tariq.id, version=job.version, override_reason=" "
    )
    assert (blank.status_code, job.technician) == (422, cast.zoe)
    assert "Say why: it is kept in the log." in blank.text
    told = Htmx(diane).post(
        url(job, "assignment"),
        technician=cast.tariq.id,
        version=job.version,
        override_reason="Zoé l’aide par téléphone",
    )
    assert told.status_code == 200
    assert job.technician is cast.tariq
    assert "Zoé l’aide par téléphone" in told.text


def test_a_start_that_does_not_fit_leads_to_one_that_does(diane, cast, job):
    make.job("Au milieu", technician=cast.zoe, start=make.at("14:00"), lock="both", lock_technician_id=cast.zoe.id,
             lock_start=make.at("14:00"))  # fmt: skip
    asked = url(job, "candidates") + "&on=2026-11-23"
    assert 'class="instead"' not in Htmx(diane).get(asked).text
    page = Htmx(diane).get(f"{asked}&at=14:10").text
    form = next(
        part
        for part in page.split("<form")[1:]
        if 'class="instead"' in part and f'value="{cast.zoe.id}"' in part
    )
    fits = re.search(r"Fits at (\d\d:\d\d)", form)[1]
    said = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert "at" not in said and f"Choose Zoé at {fits}" in form
    said.pop("csrf_token")
    assert Htmx(diane).post(url(job, "assignment"), **said).status_code == 200
    assert (job.technician, job.planned_start.replace(second=0), job.lock) == (
        cast.zoe,
        make.at(fits),
        "none",
    )


def test_somebody_faster_is_named_with_what_he_did(app, diane, cast, job):
    from tests.people import signed_in

    seen = job.version
    ahmed = Htmx(signed_in(app, cast.ahmed, "en"))
    assert ahmed.post(url(job, "assignment"), technician=cast.tariq.id, version=seen).status_code == 200
    answer = Htmx(diane).post(url(job, "lock"), lock="both", version=seen)
    assert answer.status_code == 412
    assert "Ahmed, 10:00: Moved by hand to Tariq" in answer.text
    assert "<small>Tariq</small>" in answer.text, "the present state is in front of her"
    assert job.lock == "none"


def test_whoever_was_slower_finds_what_he_had_written(app, diane, cast, job):
    from tests.people import signed_in

    seen = job.version
    Htmx(signed_in(app, cast.ahmed)).post(url(job, "assignment"), technician=cast.tariq.id, version=seen)
    late = Htmx(diane).post(
        url(job, "assignment"), technician=cast.zoe.id, version=seen, override_reason="Zoé est sur place"
    )
    assert late.status_code == 412
    assert "You had written: “Zoé est sur place”" in late.text


def test_a_write_without_a_version_is_refused(diane, cast, job):
    assert Htmx(diane).post(url(job, "assignment"), technician=cast.tariq.id).status_code == 428
    assert job.technician is cast.zoe


def test_a_job_is_locked_and_unlocked(diane, job):
    for lock in ("both", "none"):
        assert Htmx(diane).post(url(job, "lock"), lock=lock, version=job.version).status_code == 200
        assert job.lock == lock


def test_a_job_is_taken_back_cancelled_and_reopened(diane, cast, job):
    htmx = Htmx(diane)
    assert htmx.post(url(job, "withdrawal"), version=job.version).status_code == 200
    assert (job.state, job.technician) == ("unplanned", None)
    assert htmx.post(url(job, "cancellation"), version=job.version, override_reason="moot").status_code == 200
    assert job.state == "cancelled"
    assert htmx.post(url(job, "reopening"), version=job.version).status_code == 200
    assert job.state == "unplanned"


def test_a_cancellation_says_why_to_the_log_and_to_the_technician(app, diane, cast, job):
    refused = Htmx(diane).post(url(job, "cancellation"), version=job.version, override_reason="  ")
    assert (refused.status_code, job.state) == (422, "dispatched")
    assert "Say why" in refused.text and re.search(r'<details class="cancel-job"[^>]* open>', refused.text)
    assert diane.post(url(job, "cancellation"), data={"version": job.version}).status_code == 422, (
        "without a script"
    )
    answer = Htmx(diane).post(url(job, "cancellation"), version=job.version, override_reason="déjà <fait>")
    assert answer.text.count("“déjà &lt;fait&gt;”") == 1, "once in the trail"
    phone = signed_in(app, cast.zoe.user, "en").get("/jobs").text
    assert "cancelled · Diane · “déjà &lt;fait&gt;”" in phone


def test_what_is_not_possible_any_more_says_what_is(diane, cast, job):
    job.state = "working"
    db.session.commit()
    answer = Htmx(diane).post(url(job, "withdrawal"), version=job.version)
    assert answer.status_code == 409
    assert "The job is working." in answer.text


def test_denis_cannot_touch_a_job_of_another_client(denis, cast):
    theirs = make.job("Le leur", owner=make.client("breizh"), technician=cast.zoe)
    assert denis.get(f"/board/jobs/{theirs.number}").status_code == 404
    for noun in ("assignment", "withdrawal", "lock", "cancellation", "reopening"):
        form = {"technician": cast.tariq.id, "lock": "both", "version": theirs.version}
        assert denis.post(url(theirs, noun), data=form).status_code == 404
    assert (theirs.state, theirs.lock, theirs.technician) == ("dispatched", "none", cast.zoe)


def test_a_technician_of_another_territory_is_not_to_be_had(diane, job):
    elsewhere = make.territory("brest")
    stranger = make.technician("Yann", territory_id=elsewhere.id)
    answer = Htmx(diane).post(url(job, "assignment"), technician=stranger.id, version=job.version)
    assert answer.status_code in (404, 409)
    assert job.technician.name == "Zoé"


def test_a_choice_that_breaks_a_promise_says_so(diane, job):
    assert "outside the promised window" not in Htmx(diane).get(url(job, "candidates")).text
    job.promised_from, job.promised_to = make.at("08:00"), make.at("09:00")
    assert "outside the promised window" in Htmx(diane).get(url(job, "candidates")).text


@pytest.fixture
def follow_up(cast):
    """Tariq found nobody; the user is asked for another time."""
    job = make.job("Écran noir", technician=cast.tariq, state="working")
    take(job, "not_completed", cast.tariq.user, reason="user_absent", follow_up="new_window")
    db.session.flush()
    return job.ticket.jobs[-1]


def test_a_follow_up_can_be_moved_once_the_requester_has_answered(diane, follow_up):
    browser = Htmx(diane)
    assert "Move to…" not in browser.get(f"/board/jobs/{follow_up.number}").text
    form = {"version": follow_up.version, "from": "2026-11-23T14:00", "until": "2026-11-23T16:00"}
    answer = browser.post(url(follow_up, "confirmation"), **form)
    assert answer.status_code == 200, answer.text
    assert "Move to…" in answer.text
    assert (follow_up.awaits, follow_up.promised_from) == (None, make.at("14:00"))


def test_a_window_that_makes_no_sense_is_said_in_the_panel(diane, follow_up):
    form = {"version": follow_up.version, "from": "2026-11-23T16:00", "until": "2026-11-23T14:00"}
    answer = Htmx(diane).post(url(follow_up, "confirmation"), **form)
    assert answer.status_code == 422
    assert "This time makes no sense" in answer.text
    assert follow_up.awaits == "answer"
