"""The cheapest way out as a button: what it would mean is shown, and then done as it was shown."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.plan_change import PlanChange
from dispatch.models.technician import RightGrant
from dispatch.planning.apply import explain_in_tables
from tests import factories as make
from tests.board.conftest import Htmx

WHERE = "?territory=rennes&day=2026-11-23"


@pytest.fixture
def job(cast):
    """It needs a right that nobody has; the last run named Tariq."""
    job = make.job("Compte verrouillé", admin_right_id=make.right().id)
    fix = {
        "technician_id": cast.tariq.id, "technician": "Tariq", "day": "2026-11-23", "rule": "right",
        "values": {"missing": ["acme:local_admin"]}, "detail": "",
    }  # fmt: skip
    explain_in_tables(
        [{"job": job.id, "kind": "impossible", "reasons": [fix], "outbid_by": [], "fix": fix}], None
    )
    db.session.commit()
    return job


def sheet(browser, job):
    return Htmx(browser).get(f"/board/jobs/{job.number}/fix{WHERE}").text


def seen(page):
    return re.search(r'name="seen" value="([^"]+)"', page)[1]


def do(browser, job, page, **data):
    return Htmx(browser).post(
        f"/board/jobs/{job.number}/fix{WHERE}", version=job.version, seen=seen(page), **data
    )


def test_the_work_list_leads_to_it_and_it_says_what_it_would_mean(diane, job):
    board = diane.get(f"/board{WHERE}").text
    assert f"/board/jobs/{job.number}/fix" in board
    page = sheet(diane, job)
    assert "Override and give it to Tariq" in page
    assert "Overridden: " in page
    assert "The situation has changed" not in page


def test_one_press_does_it_and_the_reason_is_logged(diane, cast, job):
    answer = do(diane, job, sheet(diane, job), override_reason="granted by phone")
    assert answer.status_code == 200, answer.text
    assert (job.technician, job.waived) == (cast.tariq, {"right": "granted by phone"})
    assert "granted by phone" in answer.text
    assert f'id="route-{cast.tariq.id}"' in answer.text


def test_a_reason_of_blanks_is_asked_for_again_in_its_place(diane, job):
    answer = do(diane, job, sheet(diane, job), override_reason="  ")
    assert (answer.status_code, job.technician) == (422, None)
    assert answer.headers["HX-Retarget"] == "#sheet"
    assert "Override and give it to Tariq" in answer.text
    assert "Say why: it is kept in the log." in answer.text


def test_what_has_changed_is_said_and_nothing_else_is_done(diane, cast, job):
    page = sheet(diane, job)
    cast.tariq.rights.append(RightGrant(admin_right_id=make.right().id))
    make.absence(cast.tariq)
    db.session.commit()
    answer = do(diane, job, page, override_reason="granted by phone")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (412, "#sheet")
    assert "Nothing was done." in answer.text
    assert job.technician is None


def test_a_reason_that_holds_no_more_is_replaced_on_the_board(diane, cast, job):
    for one in (cast.tariq, cast.zoe):
        make.absence(one)
    db.session.commit()
    page = sheet(diane, job)
    assert "No single change lets it in." in page and 'id="explain-again"' in page
    assert f"/board/jobs/{job.number}/fix" in diane.get(f"/board{WHERE}").text
    url = f"/board/jobs/{job.number}/explanation{WHERE}"
    assert Htmx(diane).post(url, version=job.version + 1).status_code == 412
    answer = Htmx(diane).post(url, version=job.version)
    assert answer.status_code == 200 and "It says now why nobody has it" in answer.text
    assert f"/board/jobs/{job.number}/fix" not in diane.get(f"/board{WHERE}").text
    assert 'id="explain-again"' not in sheet(diane, job)


def test_what_somebody_has_by_now_is_told(diane, cast, job):
    page, version = sheet(diane, job), job.version
    job.admin_right_id = None
    db.session.commit()
    Htmx(diane).post(
        f"/board/jobs/{job.number}/assignment{WHERE}", technician=cast.zoe.id, version=job.version
    )
    assert "Zoé has it now." in sheet(diane, job)
    late = Htmx(diane).post(f"/board/jobs/{job.number}/fix{WHERE}", version=version, seen=seen(page))
    assert late.status_code in (409, 412)
    assert job.technician is cast.zoe


def test_without_a_script_it_is_a_page_and_leads_back_to_the_job(diane, cast, job):
    page = diane.get(f"/board/jobs/{job.number}/fix{WHERE}").text
    assert "<!doctype html>" in page
    data = {"version": job.version, "seen": seen(page), "override_reason": "by phone"}
    answer = diane.post(f"/board/jobs/{job.number}/fix{WHERE}", data=data, follow_redirects=True)
    assert "Goes to Tariq" in answer.text


def test_late_work_leads_to_whoever_makes_it_in_time(diane, cast):
    late = make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    late.ticket.due_at = make.at("11:10")
    board = diane.get(f"/board{WHERE}").text
    assert f'id="fix-late-{late.number}"' in board


def test_undoing_a_fix_that_made_a_shift_longer_says_that_the_shift_stays_so(diane, cast):
    make.absence(cast.zoe)
    job = make.job("Longue panne", minutes=60)
    make.job("Avant", technician=cast.tariq, start=make.at("10:00"), minutes=400, lock="both",
             lock_technician_id=cast.tariq.id, lock_start=make.at("10:00"))  # fmt: skip
    fix = {"technician_id": cast.tariq.id, "technician": "Tariq", "day": "2026-11-23", "rule": "shift",
           "values": {"seconds": 7200}, "detail": ""}  # fmt: skip
    explain_in_tables(
        [{"job": job.id, "kind": "impossible", "reasons": [fix], "outbid_by": [], "fix": fix}], None
    )
    db.session.commit()
    assert do(diane, job, sheet(diane, job)).status_code == 200
    [change] = db.session.scalars(select(PlanChange))
    page = Htmx(diane).get(f"/board/changes/{change.id}/reversal{WHERE}").text
    assert 'id="stays-extended"' in page and f"{job.number} leaves the day of Tariq" in page
    assert f"{job.number} goes to Tariq" in Htmx(diane).get(f"/board/changes{WHERE}").text
