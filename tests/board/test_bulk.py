"""Several jobs chosen on the board: what is done is shown, and what stays says why."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.event import Event
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import signed_in

WHERE = "?territory=rennes&day=2026-11-23"


@pytest.fixture
def job(cast):
    return make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))


def pick(*jobs):
    db.session.commit()
    return [f"{job.number}:{job.version}" for job in jobs]


def post(browser, what, *jobs, **data):
    return Htmx(browser).post(f"/board/selection/{what}{WHERE}", job=pick(*jobs), **data)


def done(answer):
    return json.loads(answer.headers["HX-Trigger"])["bulk-done"]["numbers"]


def test_several_are_moved_and_the_regions_that_changed_are_drawn(diane, cast, job):
    waiting = make.job("Souris")
    answer = post(diane, "assignment", job, waiting, technician=cast.tariq.id, on="2026-11-23")
    assert answer.status_code == 200, answer.text
    assert (job.technician, waiting.technician) == (cast.tariq, cast.tariq)
    assert done(answer) == [job.number, waiting.number]
    swapped = set(re.findall(r'id="([\w-]+)"[^>]* hx-swap-oob', answer.text))
    assert {"figures", "decisions", f"route-{cast.tariq.id}", f"route-{cast.zoe.id}", "toasts"} <= swapped
    assert "2 jobs · now with Tariq" in answer.text


def test_what_breaks_a_rule_stays_and_asks_once_for_a_reason(diane, cast):
    plain, secret = make.job("A"), make.job("B", admin_right_id=make.right().id)
    answer = post(diane, "assignment", plain, secret, technician=cast.tariq.id, on="2026-11-23")
    assert done(answer) == [plain.number]
    assert "1 job stays as it was" in answer.text
    assert "Override and move 1 job" in answer.text
    again = post(
        diane, "assignment", secret, technician=cast.tariq.id, on="2026-11-23", override_reason="by phone"
    )
    assert done(again) == [secret.number]
    assert secret.waived == {"right": "by phone"}


def taker(browser, name, *jobs, **asked):
    """What the sheet says of one technician."""
    picks = "".join(f"&job={one}" for one in pick(*jobs)) + "".join(f"&{k}={v}" for k, v in asked.items())
    page = Htmx(browser).get(f"/board/selection/assignment/new{WHERE}{picks}").text
    [found] = [one for one in re.findall(r'<li class="candidate[^"]*">.*?</li>\s*(?=<li class="cand|</ol>)', page, re.S)
               if f"<strong>{name}</strong>" in one] or [""]  # fmt: skip
    return " ".join(re.sub(r"<[^>]*>", " ", found).split())


def test_for_each_technician_it_is_said_how_many_would_fit(diane, cast, job):
    secret = make.job("Secret", admin_right_id=make.right().id)
    tariq, zoe = (taker(diane, name, job, secret) for name in ("Tariq", "Zoé"))
    assert "1 of 2 fits +" in tariq and f"{secret.number} · " in tariq and "local_admin" in tariq
    assert "0 of 2 fit" in zoe and "has 1 now" in zoe, zoe
    done_for = post(diane, "assignment", job, secret, technician=cast.tariq.id, on="2026-11-23")
    assert done(done_for) == [job.number], "what was said is what is done"


def test_they_are_tried_one_after_the_other_and_on_the_day_asked_for(diane, cast):
    make.job("Presque tout", technician=cast.tariq, start=make.at("10:00"), minutes=320)
    long = [make.job(f"Long {n}", minutes=60) for n in range(3)]
    assert "1 of 3 fits" in taker(diane, "Tariq", *long), "each alone would fit"
    assert taker(diane, "Tariq", *long, on="2026-11-29") == "", "nobody works on Sunday"


def test_what_nobody_could_be_given_is_said_once(diane, cast, job):
    job.lock, job.lock_start = "time", job.planned_start
    picks = "".join(f"&job={one}" for one in pick(job, make.job("Sans durée", minutes=None)))
    make.shift(cast.tariq, make.MONDAY.replace(day=24))
    db.session.commit()
    page = Htmx(diane).get(f"/board/selection/assignment/new{WHERE}{picks}&on=2026-11-24").text
    assert page.count("has a locked time on another day") == page.count("has no duration") == 1


def test_the_number_of_queries_does_not_grow_with_the_jobs(diane, cast, job):
    where = f"/board/selection/assignment/new{WHERE}"
    few = queries_of(diane, where + "".join(f"&job={one}" for one in pick(job)))
    many = [make.job(f"Poste {n}", technician=cast.zoe, start=make.at(f"{n}:30")) for n in range(11, 16)]
    assert queries_of(diane, where + "".join(f"&job={one}" for one in pick(job, *many))) == few


def test_who_was_faster_is_named(diane, app, cast, job):
    old, ahmed = pick(job), signed_in(app, cast.ahmed, "en")
    Htmx(ahmed).post(f"/board/jobs/{job.number}/lock{WHERE}", lock="time", version=job.version)
    answer = Htmx(diane).post(f"/board/selection/lock{WHERE}", job=old, lock="none")
    assert done(answer) == []
    assert "Somebody was faster. Ahmed, 10:00" in answer.text
    assert job.lock == "time"


def test_a_lock_is_changed_for_several(diane, cast, job):
    assert done(post(diane, "lock", job, lock="both")) == [job.number]
    assert job.lock == "both"
    assert post(diane, "lock", job, lock="for ever").status_code == 400


def test_postponing_needs_a_later_day_and_a_reason(diane, job):
    asked = post(diane, "postponement", job, on="2026-11-23", override_reason=" ")
    assert (asked.status_code, asked.headers["HX-Retarget"]) == (422, "#sheet")
    assert "Choose a day after today." in asked.text and "Say why" in asked.text
    assert job.not_before is None


def test_what_would_be_missed_is_told_before_it_is_postponed(diane, job):
    job.promised_from, job.promised_to = make.at("11:00"), make.at("12:00")
    first = post(diane, "postponement", job, on="2026-11-24", override_reason="closed")
    assert "Promised for 11:00–12:00." in first.text
    assert (done(first), job.not_before) == ([], None)
    second = post(diane, "postponement", job, on="2026-11-24", override_reason="closed", insist=1)
    assert done(second) == [job.number]
    assert job.not_before == make.at("00:00", make.MONDAY.replace(day=24))
    history = Htmx(diane).get(f"/board/jobs/{job.number}{WHERE}").text
    assert "Postponed to" in history and "closed" in history


def test_work_left_to_the_engine_offers_a_run(diane, job):
    answer = post(diane, "withdrawal", job)
    assert (done(answer), job.state) == ([job.number], "unplanned")
    assert 'id="bulk-run"' in answer.text


def test_work_of_other_clients_is_not_there(denis, cast):
    foreign = make.job("Secret de Breizh", owner=make.client("breizh"), technician=cast.zoe)
    answer = post(denis, "withdrawal", foreign)
    assert foreign.technician is cast.zoe
    assert "Secret de Breizh" not in answer.text
    assert foreign.number in answer.text and "not here any more" in answer.text


def test_too_many_are_refused_in_a_sentence(diane):
    many = [f"INT-{number}:1" for number in range(2000, 2101)]
    answer = Htmx(diane).post(f"/board/selection/withdrawal{WHERE}", job=many)
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert "At most 100 jobs at a time" in answer.text


@pytest.mark.parametrize("picks", [[], ["INT-1001"], ["INT-x:1"], ["INT-1001:-1"]])
def test_what_makes_no_sense_is_refused(diane, picks):
    assert Htmx(diane).post(f"/board/selection/withdrawal{WHERE}", job=picks).status_code == 400


def test_the_sheets_are_pages_without_a_script(diane, job):
    job.promised_from, job.promised_to = make.at("11:00"), make.at("12:00")
    for what in ("assignment", "postponement"):
        page = diane.get(f"/board/selection/{what}/new{WHERE}&job={pick(job)[0]}").text
        assert "<!doctype html>" in page and job.number in page and "Promised" in page
    answer = diane.post(
        f"/board/selection/lock{WHERE}", data={"job": pick(job), "lock": "time"}, follow_redirects=True
    )
    assert "1 job · Lock changed" in answer.text


def test_a_reason_can_be_searched_for_whatever_it_holds(diane, job):
    post(diane, "postponement", job, on="2026-11-26", override_reason="fer\0mé", insist=1)
    [told] = db.session.scalars(select(Event).where(Event.kind == "job.postponed"))
    assert told.data["reason"] == "fermé"
