"""Tapping on the phone: done once, told in words, and nothing typed is lost."""

from datetime import timedelta

import pytest

from dispatch.clock import at
from dispatch.models.event import Event
from tests import factories as make
from tests.people import signed_in

TEN = make.at("10:02")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def tariq(app, cast):
    with at(TEN):
        yield signed_in(app, cast.tariq.user)


@pytest.fixture
def job(tariq, cast):
    return make.job("Écran noir", technician=cast.tariq, start=make.at("10:30"))


def tap(browser, job, to, key="k1", headers=None, **said):
    data = {"to": to, "key": key, "based_on": job.version, **said}
    return browser.post(f"/jobs/{job.number}/transitions", data=data, headers=headers or {})


def moves(session, job):
    session.expire_all()
    return [noted.data["target"] for noted in session.query(Event).filter_by(job_id=job.id, kind="job.state")]


def test_without_scripts_a_tap_leads_back_to_the_day(tariq, job):
    answer = tap(tariq, job, "accepted", day=make.MONDAY)
    assert (answer.status_code, answer.location) == (303, "/jobs?day=2026-11-23")
    assert job.state == "accepted"


def test_with_scripts_a_tap_answers_with_the_day_as_it_is_now(tariq, job):
    answer = tap(tariq, job, "accepted", headers=HTMX)
    assert answer.text.lstrip().startswith('<section class="my-day" id="day"')
    assert 'value="travelling"' in answer.text


def test_a_whole_visit_in_four_taps(tariq, job, session):
    for number, to in enumerate(("accepted", "travelling", "working", "completed")):
        assert tap(tariq, job, to, key=f"k{number}").status_code == 303
    assert moves(session, job) == ["accepted", "travelling", "working", "completed"]
    assert job.ticket.state == "resolved"


def test_what_follows_a_declined_job_comes_earlier_on_the_same_page(tariq, job, cast):
    later = make.job("Imprimante", technician=cast.tariq, start=make.at("14:00"))
    answer = tap(tariq, job, "declined", reason="overloaded", headers=HTMX)
    assert later.planned_start < make.at("11:00")
    assert f'datetime="{later.planned_start.isoformat()}"' in answer.text


def test_a_button_pressed_twice_is_done_once(tariq, job, session):
    first, second = tap(tariq, job, "accepted"), tap(tariq, job, "accepted")
    assert (first.status_code, second.status_code) == (303, 303)
    assert moves(session, job) == ["accepted"]


def test_an_outdated_version_informs_and_does_not_refuse(tariq, job, session):
    tap(tariq, job, "accepted", based_on=99)
    assert session.query(Event).filter_by(kind="job.state").one().data["based_on"] == 99


def test_what_was_taken_away_meanwhile_is_told_and_the_note_is_kept(tariq, job, cast, session):
    job.technician_id = cast.zoe.id
    answer = tap(tariq, job, "completed", headers=HTMX, note="écran changé, câble recommandé")
    assert answer.status_code == 409
    assert "écran changé, câble recommandé" in answer.text
    assert job.number in answer.text
    assert answer.headers["HX-Retarget"] == "#day"
    assert moves(session, job) == []


def test_an_illegal_move_names_where_the_job_stands(tariq, job):
    answer = tap(tariq, job, "completed", headers=HTMX, note="fait")
    assert answer.status_code == 409
    assert 'class="callout warn"' in answer.text
    assert job.state == "dispatched"


def test_after_an_illegal_move_the_same_key_may_be_tried_again(tariq, job):
    assert tap(tariq, job, "travelling", headers=HTMX).status_code == 409
    job.state = "accepted"
    assert tap(tariq, job, "travelling").status_code == 303
    assert job.state == "travelling"


def test_what_is_missing_is_asked_for_in_the_sheet_with_what_was_typed(tariq, job):
    job.state = "working"
    answer = tap(tariq, job, "not_completed", headers=HTMX, reason="part_missing", follow_up="part",
                 part="dalle 24″", arrival="2026-11-20", note="commande à passer")  # fmt: skip
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#sheet")
    assert "dalle 24″" in answer.text
    assert "commande à passer" in answer.text
    assert job.state == "working"


def test_the_sheet_can_be_sent_again_under_a_key_of_its_own(tariq, job):
    job.state = "working"
    assert tap(tariq, job, "not_completed", reason="duplicate").status_code == 422
    assert tap(tariq, job, "not_completed", reason="duplicate", note="voir T-1001").status_code == 303
    assert job.outcome == "duplicate"


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ({"reason": "user_absent", "follow_up": "new_window"}, "awaits", "answer"),
        ({"reason": "user_absent", "follow_up": "new_window", "from": "2026-11-24T14:00", "until": "2026-11-24T16:00"},
         "promised_from", make.at("14:00", make.MONDAY + timedelta(days=1))),
        ({"reason": "no_access", "follow_up": "access", "contact": "Accueil"}, "awaits", "access"),
        ({"reason": "part_missing", "follow_up": "part"}, "awaits", "part"),
        ({"reason": "not_enough_time", "follow_up": "continuation", "minutes": "45"}, "duration_minutes", 45),
    ],
)  # fmt: skip
def test_the_follow_up_is_there_in_one_tap(tariq, job, session, said, field, value):
    job.state = "working"
    assert tap(tariq, job, "not_completed", **said).status_code == 303
    session.expire_all()
    assert getattr(job.ticket.jobs[-1], field) == value
    assert job.ticket.jobs[-1].parent_id == job.id


def test_the_right_of_another_client_cannot_be_asked_for(tariq, job):
    job.state = "working"
    foreign = make.right("domain_admin", make.client("breizh"))
    answer = tap(
        tariq,
        job,
        "not_completed",
        reason="other_skill",
        follow_up="other_skill",
        skill=f"right:{foreign.id}",
    )
    assert answer.status_code == 422
    own = make.right("network_admin")
    tap(
        tariq,
        job,
        "not_completed",
        key="k2",
        reason="other_skill",
        follow_up="other_skill",
        skill=f"right:{own.id}",
    )
    assert job.ticket.jobs[-1].admin_right_id == own.id


@pytest.mark.parametrize("window", [{"from": "soon", "until": "later"}, {"from": "2026-11-24T14:00"}])
def test_a_window_that_cannot_be_read_is_asked_for_again(tariq, job, window):
    job.state = "working"
    answer = tap(tariq, job, "not_completed", reason="user_absent", follow_up="new_window", **window)
    assert (answer.status_code, job.state) == (422, "working")


def test_a_declined_job_leaves_the_phone(tariq, job):
    answer = tap(tariq, job, "declined", reason="overloaded", headers=HTMX, back="job")
    assert answer.headers["HX-Redirect"] == "/jobs"
    assert job.state == "unplanned"


def test_a_mistap_is_undone_from_the_list(tariq, job):
    tap(tariq, job, "solved_remotely", note="mot de passe réinitialisé")
    assert 'value="undone"' in tariq.get("/jobs").text
    tap(tariq, job, "undone", key="k2")
    assert (job.state, job.note) == ("dispatched", None)


def test_a_call_that_needs_a_visit_goes_back_to_the_plan(tariq, job):
    job.mode, job.state = "remote", "working"
    tap(tariq, job, "to_visit")
    assert (job.mode, job.state) == ("on_site", "unplanned")


def test_a_note_is_kept_once(tariq, job):
    for _twice in range(2):
        answer = tariq.post(f"/jobs/{job.number}/notes", data={"note": "badge à l’accueil", "key": "k9"})
        assert answer.status_code == 303
    assert job.note == "badge à l’accueil"


def test_an_empty_note_is_asked_for_again(tariq, job):
    assert tariq.post(f"/jobs/{job.number}/notes", data={"note": " ", "key": "k9"}).status_code == 422


def test_nobody_taps_for_somebody_else(app, cast, job):
    with at(TEN):
        zoe = signed_in(app, cast.zoe.user)
        assert tap(zoe, job, "accepted", headers=HTMX).status_code == 409
        assert tap(signed_in(app, cast.diane), job, "accepted").status_code == 403
    assert job.state == "dispatched"


def test_a_write_without_the_token_of_the_session_is_refused(tariq, job):
    del tariq.environ_base["HTTP_X_CSRFTOKEN"]
    assert tap(tariq, job, "accepted").status_code == 400
    assert job.state == "dispatched"


@pytest.mark.parametrize("state", ["dispatched", "accepted", "travelling", "working", "paused"])
@pytest.mark.parametrize("mode", ["on_site", "remote", "kiosk"])
def test_each_state_has_one_main_action_and_its_sheets(tariq, job, state, mode):
    job.state, job.mode = state, mode
    assert tariq.get("/jobs").text.count("button primary act") == 1
    for sheet in ("reasons", "more", "completion"):
        assert tariq.get(f"/jobs/{job.number}/{sheet}").status_code == 200
        assert "dialog-head" in tariq.get(f"/jobs/{job.number}/{sheet}", headers=HTMX).text
