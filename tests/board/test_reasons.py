"""Why this technician: one sentence with the runner-up, or with what keeps everybody else out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dispatch.extensions import db
from dispatch.models.technician import RightGrant
from dispatch.planning import move
from dispatch.planning.why import why
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import signed_in


@pytest.fixture
def job(cast):
    """Zoé's, at eleven at Colbert, where she is before and after."""
    for start in ("10:30", "11:40"):
        make.job(f"Voisine {start}", technician=cast.zoe, start=make.at(start))
    return make.job("Écran noir", technician=cast.zoe, start=make.at("11:05"))


def url(job):
    return f"/board/jobs/{job.number}/reason?territory=rennes&day=2026-11-23"


def told(browser, job):
    page = Htmx(browser).get(url(job)).text
    return re.search(r'id="why">.*?<p class="small">(.*?)</p>', page, re.DOTALL)[1]


def test_the_runner_up_is_named_with_what_he_would_cost_more(diane, cast, job):
    found = why(job)
    assert (found.technician.id, found.runner_up.id) == (cast.zoe.id, cast.tariq.id)
    assert found.minutes > 0, "he would come for it alone"
    assert told(diane, job) == (
        f"Zoé costs least: with Tariq, the next best, it would be {found.minutes}\xa0min more."
    )


def test_who_would_cost_less_is_told_too_with_what_a_run_saves_for(diane, cast, job):
    move.assign(job, cast.tariq, cast.diane)
    found = why(job)
    assert found.minutes < 0
    assert told(diane, job) == (
        f"Zoé could do it for {-found.minutes}\xa0min less. A run changes technicians only to save more than 30\xa0min."
    )


def test_the_only_one_who_holds_the_right_is_told_by_it(diane, cast, job):
    job.admin_right_id = make.right().id
    grant = RightGrant(technician_id=cast.zoe.id, admin_right_id=make.right().id)
    db.session.add(grant)
    assert told(diane, job) == "Nobody else holds the right local_admin."
    db.session.add(RightGrant(technician_id=cast.tariq.id, admin_right_id=make.right().id))
    assert "costs least" in told(diane, job)


def test_different_reasons_are_counted(diane, cast, job):
    job.skills = {make.skill("printer").code: 1}
    cast.zoe.skills.append(make.technician("Kim", skills={"printer": 1}).skills[0])
    make.technician("Kim", day=None).skills.clear()
    make.technician("Lou", skills={"printer": 1})
    make.duty(make.technician("Lou", day=None), ("08:00", "17:00"))
    assert told(diane, job).startswith("Nobody else can: 2 without the skill printer level 1, 1 ")


def test_a_lock_is_said_and_does_not_hide_who_else_could(diane, cast, job):
    move.set_lock(job, "both", cast.diane)
    assert told(diane, job).startswith("Locked to Zoé. Zoé costs least: with Tariq")


def test_an_override_is_said_and_helps_nobody_else(diane, cast, job):
    job.admin_right_id = make.right().id
    move.assign(job, cast.tariq, cast.diane, override_reason="ouvert par téléphone")
    assert told(diane, job) == (
        "Locked to Tariq. Overridden for Tariq: admin right. Nobody holds the right local_admin."
    )


def test_when_nobody_else_works_that_is_said(diane, cast, job):
    make.absence(cast.tariq)
    assert told(diane, job) == "Nobody else works that day."


def test_a_technician_who_works_no_more_is_not_compared(diane, cast, job):
    make.absence(cast.zoe)
    assert told(diane, job) == "Nothing to compare: the job or its technician does not work that day."


def test_a_client_that_denis_may_not_see_is_never_named(denis, cast, job):
    breizh = make.client("breizh", name="Breizh Énergie")
    make.secondment(cast.tariq, breizh)
    make.job("Secret", owner=breizh, technician=cast.tariq, start=make.at("11:00"))
    page = Htmx(denis).get(url(job)).text
    assert "Nobody else can: 1 kept from it (exclusion, secondment or refusal)." in page
    assert "Breizh" not in page and "Secret" not in page
    theirs = make.job("Le leur", owner=breizh, technician=cast.zoe, start=make.at("14:00"))
    assert Htmx(denis).get(url(theirs)).status_code == 404


def test_without_a_script_the_sentence_stands_in_the_panel(diane, job):
    page = diane.get(url(job)).text
    assert "<!doctype html>" in page
    assert "Zoé costs least" in page


def test_it_is_computed_only_when_it_is_asked(diane, job):
    page = diane.get(f"/board/jobs/{job.number}").text
    assert "costs least" not in page
    assert f'hx-get="/board/jobs/{job.number}/reason' in page


def test_it_is_said_in_french(app, cast, job):
    assert told(signed_in(app, cast.diane, "fr"), job).startswith("Zoé coûte le moins\xa0: avec Tariq, le meilleur choix ensuite")  # fmt: skip


def test_the_number_of_queries_does_not_grow_with_the_jobs(diane, cast, job):
    few = queries_of(diane, url(job))
    for number in range(6):
        make.job("Encore", technician=cast.tariq, start=make.at("13:00") + timedelta(minutes=35 * number))
    assert queries_of(diane, url(job)) == few
