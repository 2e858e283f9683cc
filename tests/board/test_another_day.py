"""A job moved to another day, or to a start that somebody chooses."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.technician import RightGrant
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import signed_in

TUESDAY = make.MONDAY + timedelta(days=1)
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)


@pytest.fixture
def job(cast):
    """Zoé's, on Monday at eleven; both technicians work on Tuesday too."""
    for technician in (cast.tariq, cast.zoe):
        make.shift(technician, TUESDAY)
    return make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))


def url(job, noun, **asked):
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"/board/jobs/{job.number}/{noun}?territory=rennes&day=2026-11-23{more}"


def move(browser, job, technician, **form):
    return Htmx(browser).post(
        url(job, "assignment"), technician=technician.id, version=job.version, **{"on": TUESDAY, **form}
    )


def days_of(page):
    select = page[page.index('id="on"') : page.index("</select>")]
    return re.findall(r'<option value="([^"]*)"', select)


def test_one_chooses_among_today_and_the_days_that_somebody_works(diane, cast, job):
    make.shift(make.technician("Lou", day=None), make.MONDAY + timedelta(days=3))
    make.shift(make.technician("Yann", day=None, territory_id=make.territory("brest").id), make.MONDAY + timedelta(days=2))  # fmt: skip
    page = diane.get(url(job, "candidates")).text
    assert days_of(page) == ["2026-11-23", "2026-11-24", "2026-11-26"]
    assert '<option value="2026-11-23" selected>Today</option>' in page


def test_the_technicians_of_that_day_are_shown_with_what_each_would_break(diane, cast, job):
    job.admin_right_id = make.right().id
    grant = RightGrant(technician_id=cast.zoe.id, admin_right_id=make.right().id, valid_to=make.MONDAY)
    db.session.add(grant)
    today = Htmx(diane).get(url(job, "candidates")).text
    assert today.count("does not hold the right local_admin that day") == 1, "Zoé does, on Monday"
    later = Htmx(diane).get(url(job, "candidates", on=TUESDAY)).text
    assert later.count("does not hold the right local_admin that day") == 2
    assert '<h3 class="small">Tuesday 24 November</h3>' in later


def test_a_job_is_moved_to_the_best_moment_of_another_day(diane, cast, job):
    answer = move(diane, job, cast.tariq)
    assert answer.status_code == 200, answer.text
    assert (job.technician, job.day, job.lock) == (cast.tariq, TUESDAY, "none")
    assert "Moved to Tariq, Tuesday 24 November" in answer.text
    assert "Show Tuesday 24 November" in answer.text, "the board stays on the day it shows"


def test_a_start_that_is_chosen_is_kept(diane, cast, job):
    seen = Htmx(diane).get(url(job, "candidates", on=TUESDAY, at="14:30")).text
    assert "Tuesday 24 November at 14:30" in seen
    assert seen.count("begins 14:30") == 2
    assert move(diane, job, cast.tariq, at="14h30").status_code == 200
    assert (job.planned_start, job.lock) == (make.at("14:30", TUESDAY), "time")
    assert job.lock_start == job.planned_start


@pytest.mark.parametrize("typed", ["09:05", "9:05", "9h05", "905", "0905", "9 h 05"])
def test_a_start_may_be_typed_as_people_write_it(diane, cast, job, typed):
    page = Htmx(diane).get(url(job, "candidates", on=TUESDAY, at=typed)).text
    assert "Tuesday 24 November at 09:05" in page
    assert re.search(r'id="at"[^>]* value="09:05"', page)


def test_a_technician_who_was_locked_stays_so_when_a_start_is_chosen(diane, cast, job):
    Htmx(diane).post(url(job, "lock"), lock="technician", version=job.version)
    assert move(diane, job, cast.zoe, at="14:30").status_code == 200
    assert (job.lock, job.lock_technician_id) == ("both", cast.zoe.id)


def test_a_start_that_cannot_be_kept_is_refused_before_and_when_it_is_sent(diane, cast, job):
    page = Htmx(diane).get(url(job, "candidates", on=TUESDAY, at="07:30")).text
    assert 'aria-label="Choose Tariq"' not in page
    assert 'aria-label="Choose Tariq at 08:' in page
    assert "locked at 07:30, could be there at 08:" in page
    refused = move(diane, job, cast.tariq, at="07:30", override_reason="please")
    assert refused.status_code == 422
    assert "This cannot be overridden" in refused.text
    assert (job.technician, job.day) == (cast.zoe, make.MONDAY)


def test_a_rule_of_that_day_is_overridden_with_a_reason(diane, cast, job):
    job.admin_right_id = make.right().id
    db.session.commit()
    refused = move(diane, job, cast.tariq, at="14:30")
    assert refused.status_code == 422
    assert "does not hold the right local_admin" in refused.text
    assert 'name="at" value="14:30"' in refused.text, "what was asked for is asked again"
    assert move(diane, job, cast.tariq, at="14:30", override_reason="Zoé l’ouvre").status_code == 200
    assert (job.planned_start, job.waived) == (make.at("14:30", TUESDAY), {"right": "Zoé l’ouvre"})


def test_a_promise_that_another_day_breaks_is_shown_beside_each_technician(diane, cast, job):
    job.promised_from, job.promised_to = make.at("10:00"), make.at("12:00")
    assert "outside the promised window" not in Htmx(diane).get(url(job, "candidates")).text
    later = Htmx(diane).get(url(job, "candidates", on=TUESDAY)).text
    assert later.count("outside the promised window") == 2


def test_both_technicians_are_told_of_another_day(app, diane, cast, job):
    make.territory().horizon_days = 1
    move(diane, job, cast.tariq, at="14:30")
    told = {(one.kind, one.technician_id) for one in db.session.query(Event).filter_by(job_id=job.id)}
    assert {("job.withdrawn", cast.zoe.id), ("job.assigned", cast.tariq.id)} <= told
    assert "taken off your day · Diane" in signed_in(app, cast.zoe.user, "en").get("/jobs").text
    assert "Écran noir" in signed_in(app, cast.tariq.user, "en").get(f"/jobs?day={TUESDAY}").text


def test_who_keeps_a_job_on_another_day_is_told_that_it_left_today(app, diane, cast, job):
    move(diane, job, cast.zoe)
    assert (job.day, job.state) == (TUESDAY, "planned")
    assert "taken off your day · Diane" in signed_in(app, cast.zoe.user, "en").get("/jobs").text
    move(diane, job, cast.zoe, on=make.MONDAY)
    assert "taken off your day" not in signed_in(app, cast.zoe.user, "en").get("/jobs").text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"on": "2026-11-20"}, "This day is over."),
        ({"on": "9999-12-31"}, "more than a year away"),
        ({"on": "mardi"}, "“mardi” is no day."),
        ({"on": "2026-11-24", "at": "tôt"}, "“tôt” is no time."),
        ({"on": "2026-11-24", "at": "25:00"}, "“25:00” is no time."),
        ({"on": "2026-11-23", "at": "09:59"}, "09:59 has passed."),
        ({"on": "2027-03-28", "at": "02:30"}, "02:30 does not exist on Sunday 28 March"),
    ],
)
def test_what_makes_no_sense_is_told_in_words_and_kept(diane, cast, job, typed, told):
    for browser in (Htmx(diane), diane):
        asked = browser.get(url(job, "candidates", **typed))
        assert asked.status_code == 422
        assert told in asked.text
        assert_kept(asked.text, typed)
        assert "Choose Tariq" not in asked.text
    sent = move(diane, job, cast.tariq, **typed)
    assert (sent.status_code, sent.headers["HX-Retarget"]) == (422, "#sheet")
    assert told in sent.text
    assert_kept(sent.text, typed)
    assert (job.technician, job.day) == (cast.zoe, make.MONDAY)


def assert_kept(page, typed):
    assert f'<option value="{typed["on"]}" selected>' in page
    if "at" in typed:
        assert re.search(rf'<input [^>]*id="at"[^>]* value="{typed["at"]}"', page)


def test_an_hour_that_comes_twice_is_shown_with_its_offset_and_chosen(diane, cast):
    with clock.at(make.at("10:00", AUTUMN - timedelta(days=1))):
        make.site(opening_week=[[[0, 1440]]] * 7)
        make.shift(cast.tariq, AUTUMN, ("00:00", "08:00"))
        job = make.job()
        page = Htmx(diane).get(url(job, "candidates", on=AUTUMN, at="02:30", fold=1)).text
        assert '<option value="0">02:30 (+02:00)</option>' in page
        assert '<option value="1" selected>02:30 (+01:00)</option>' in page
        assert "begins 02:30 (+01:00)" in page
        assert move(diane, job, cast.tariq, on=AUTUMN, at="02:30", fold=1).status_code == 200
        assert job.planned_start.isoformat().startswith("2026-10-25T01:30")
        assert move(diane, job, cast.tariq, on=AUTUMN, at="02:30", fold=0).status_code == 200
        assert job.planned_start.isoformat().startswith("2026-10-25T00:30")


def test_an_ordinary_hour_leaves_nothing_to_choose(diane, job):
    assert 'name="fold"' not in Htmx(diane).get(url(job, "candidates", on=TUESDAY, at="14:30")).text


def test_who_was_slower_sees_how_it_is_now(app, diane, cast, job):
    seen = job.version
    assert move(signed_in(app, cast.ahmed, "en"), job, cast.tariq).status_code == 200
    late = Htmx(diane).post(
        url(job, "assignment"), technician=cast.zoe.id, version=seen, on=TUESDAY, at="09:00"
    )
    assert late.status_code == 412
    assert "Ahmed, 10:00: Moved by hand to Tariq" in late.text
    assert "<small>Tariq</small>" in late.text
    assert (job.technician, job.day) == (cast.tariq, TUESDAY)


def test_it_works_without_a_script(diane, cast, job):
    page = diane.get(url(job, "candidates", on=TUESDAY, at="14:30")).text
    assert "<!doctype html>" in page
    form = {"technician": cast.tariq.id, "version": job.version, "on": TUESDAY, "at": "14:30"}
    assert "Moved to Tariq, Tuesday 24 November" in diane.post(url(job, "assignment"), data=form, follow_redirects=True).text  # fmt: skip
    assert job.planned_start == make.at("14:30", TUESDAY)


def test_a_closed_day_can_be_left_for_another(diane, cast, job):
    saturday = make.MONDAY + timedelta(days=5)
    make.shift(cast.zoe, saturday)
    page = Htmx(diane).get(url(job, "candidates", on=saturday)).text
    assert "The place is closed." in page
    assert 'id="show-then"' in page


def test_the_number_of_queries_does_not_grow_with_the_jobs_of_that_day(diane, cast, job):
    for hour in range(8, 10):
        make.job(f"Poste {hour}", technician=cast.tariq, start=make.at(f"{hour:02}:00", TUESDAY))
    few = queries_of(diane, url(job, "candidates", on=TUESDAY))
    for hour in range(10, 16):
        make.job(f"Poste {hour}", technician=cast.tariq, start=make.at(f"{hour:02}:00", TUESDAY))
    assert queries_of(diane, url(job, "candidates", on=TUESDAY)) == few
