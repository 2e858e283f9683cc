"""Asking "what if", reading what it would cost, keeping it or not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from dispatch.models.plan_change import PlanChange
from dispatch.models.technician import Absence
from dispatch.models.ticket import Ticket
from dispatch.planning import run as planning
from tests import factories as make
from tests.board.conftest import Htmx
from tests.board.test_figures import quality, weighed_run
from tests.people import signed_in

DAY = "?territory=rennes&day=2026-11-23"
NEW = f"/board/what-ifs{DAY}"
DRAFT = f"/board/what-ifs/drafts{DAY}"


@pytest.fixture(autouse=True)
def nobody_is_woken(monkeypatch):
    """The solver is lost, so that a plan is there at once, when the test lets the worker work."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    monkeypatch.setattr("dispatch.board.what_if_actions.enqueue", lambda *_what: None)


def sick(person, number=0, **typed):
    return {f"kind-{number}": "absent", f"technician-{number}": person.id, "seconds": 10,
            **{f"{name}-{number}": value for name, value in typed.items()}}  # fmt: skip


def printers(number=0, **typed):
    usual = {
        "building": make.building().id,
        "category": f"acme:{make.category('printer').code}",
        "count": 2,
        "priority": 3,
    }
    return {
        f"kind-{number}": "more_jobs",
        "seconds": 10,
        **{f"{name}-{number}": value for name, value in {**usual, **typed}.items()},
    }


def worked(app, browser, *rows):
    """What the form asks for, worked out; the address of its page."""
    typed = {name: value for row in rows for name, value in row.items()}
    answer = browser.post(NEW, data=typed)
    assert answer.status_code == 303, answer.text
    found = db.session.scalars(select(PlanRun).order_by(PlanRun.id.desc())).first()
    run_id = found.id
    db.session.commit()
    with app.app_context():
        planning.execute(run_id, "worker of the test")
    db.session.expire_all()
    assert (found.state, found.error) == ("proposed", None)
    return answer.location


def test_lines_are_added_and_removed_and_keep_what_was_typed(diane, cast):
    make.kiosk()
    form = Htmx(diane)
    text = form.post(DRAFT, **{**sick(cast.tariq, **{"from": "13h"}), "add": "kiosk_closed"}).text
    assert 'name="kind-1" value="kiosk_closed"' in text and 'value="13h"' in text
    assert f'value="{cast.tariq.id}" selected' in text and "<html" not in text
    text = diane.post(DRAFT, data={**sick(cast.tariq), **printers(1), "drop": "0"}).text
    assert "technician-0" not in text and 'name="kind-1" value="more_jobs"' in text and "<html" in text
    assert db.session.scalars(select(PlanRun)).all() == []


def test_what_makes_no_sense_is_said_at_its_field_in_the_readers_language(app, cast):
    french = signed_in(app, cast.diane, "fr")
    wrong = {
        **sick(cast.tariq, **{"from": "25:00"}),
        **printers(1, count="beaucoup"),
        **printers(2, category="acme:x"),
    }
    answer = french.post(NEW, data=wrong)
    assert answer.status_code == 422
    assert "« 25:00 » n’est pas une heure" in answer.text.replace("\u00a0", " ")
    assert 'value="beaucoup"' in answer.text and 'href="#count-1"' in answer.text
    ends_first = french.post(NEW, data=sick(cast.tariq, **{"from": "15:00", "to": "14:00"}))
    assert ends_first.status_code == 422 and 'href="#to-0"' in ends_first.text
    assert french.post(NEW, data={"seconds": 10}).status_code == 422
    assert french.post(NEW, data={**sick(cast.tariq), "seconds": 7}).status_code == 400
    assert db.session.scalars(select(PlanRun)).all() == []


def test_a_second_one_waits_for_the_first_and_the_form_is_kept(diane, cast):
    diane.post(NEW, data=sick(cast.tariq))
    again = diane.post(NEW, data=sick(cast.zoe))
    assert again.status_code == 422 and "being computed" in again.text
    assert f'value="{cast.zoe.id}" selected' in again.text


def test_the_page_tells_what_is_assumed_with_three_plans_side_by_side(app, diane, cast):
    make.job("serveur", admin_right_id=make.right().id)
    address = worked(app, diane, sick(cast.tariq), printers(1))
    page = diane.get(address).text
    assert "Absent: Tariq, from 10:00 to 24:00" in page and "2 jobs more: printer, Colbert, P3" in page
    assert "if you accept: the absence is entered" in page and "2 tickets are opened" in page
    assert "At best without it" in page and "Jobs without a technician" in page
    assert "+1 goes to Zoé" in page and "INT-999" not in page
    assert "Proposal for" not in page
    index = diane.get(NEW).text
    assert address in index and "Absent: Tariq" in index
    assert diane.get(address.replace("what-ifs", "runs")).location == address


def test_what_nobody_can_do_of_what_is_assumed_is_told_without_a_link(app, diane, cast):
    skilled = make.category("réseau", skill_id=make.skill("network").id, level=3)
    page = diane.get(worked(app, diane, printers(0, category=f"acme:{skilled.code}", count=1))).text
    assert "Left without a technician" in page and "+1" in page
    assert "/board/jobs/+1" not in page and "/board/jobs/%2B1" not in page


def test_the_board_and_other_dispatchers_hear_nothing_of_it(app, diane, denis, cast):
    waiting = make.job("panne")
    address = worked(app, diane, sick(cast.tariq))
    ahmed = signed_in(app, cast.ahmed, "en")
    board = ahmed.get(f"/board{DAY}").text
    assert "is waiting" not in board and "Run under way" not in board
    assert Htmx(ahmed).get(f"/board/news{DAY}&after=0").status_code in (200, 204)
    assert "what" not in {kind.partition(".")[0] for kind in db.session.scalars(select(Event.kind))} - {
        "what_if"
    }
    assert "Tariq" not in denis.get(NEW).text
    for path in (
        address,
        address.replace("what-ifs", "runs"),
        f"{address.replace('what-ifs', 'runs')}/progress",
    ):
        assert denis.get(path).status_code == 404
    assert denis.post(f"{address}/discard").status_code == 404
    assert denis.post(f"{address.replace('what-ifs', 'runs')}/acceptance").status_code == 404
    assert waiting.state == "unplanned"


def test_discarding_leaves_everything_and_takes_it_off_the_list(app, diane, cast):
    address = worked(app, diane, sick(cast.tariq))
    answer = diane.post(f"{address}/discard", follow_redirects=True)
    assert "Discarded" in answer.text and address not in answer.text
    assert diane.post(f"{address}/discard").status_code == 412
    assert db.session.scalars(select(Absence)).all() == []


def test_accepting_makes_it_real(app, diane, cast):
    address = worked(app, diane, sick(cast.tariq, **{"from": "11:00", "to": "16:00"}), printers(1))
    accepted = diane.post(f"{address.replace('what-ifs', 'runs')}/acceptance", follow_redirects=True)
    assert "Proposal accepted: 2 jobs changed" in accepted.text
    [absence] = db.session.scalars(select(Absence))
    assert (absence.starts_at, absence.ends_at) == (make.at("11:00"), make.at("16:00"))
    tickets = db.session.scalars(select(Ticket)).all()
    assert {(one.summary, one.description, one.agent_id) for one in tickets} == {
        ("printer", "Added from a what-if.", cast.diane.id)
    }
    page = diane.get(address).text
    assert "This proposal was accepted" in page and "INT-1001 goes to" in page and "+1" not in page
    assert diane.post(f"{address.replace('what-ifs', 'runs')}/acceptance").status_code == 412


def test_when_it_is_ready_the_page_shows_it_by_itself(diane, cast):
    address = diane.post(NEW, data=sick(cast.tariq)).location
    under_way = diane.get(address).text
    assert "Run waiting for a worker" in under_way
    progress = address.replace("what-ifs", "runs") + "/progress"
    [run] = db.session.scalars(select(PlanRun))
    assert "Run waiting" in Htmx(diane).get(progress).text
    run.set_state("failed")
    db.session.commit()
    assert Htmx(diane).get(progress).headers["HX-Redirect"] == address


def test_denis_may_not_assume_an_absence_and_tries_what_concerns_his_clients(app, denis, cast):
    form = Htmx(denis).post(DRAFT, add="more_jobs").text
    assert 'id="add-absent"' not in form and 'id="add-more_jobs"' in form
    refused = denis.post(NEW, data=sick(cast.tariq))
    assert refused.status_code == 422 and "Only who dispatches for all clients" in refused.text
    page = denis.get(worked(app, denis, printers())).text
    assert "2 jobs more" in page and "Make it real" in page


def test_a_day_that_is_over_is_not_tried(diane, cast):
    page = diane.get("/board/what-ifs?territory=rennes&day=2026-11-20").text
    assert "This day is over" in page and "what-if-form" not in page


def test_it_is_accepted_as_a_whole_and_offers_nothing_to_tick(app, diane, cast):
    address = worked(app, diane, printers())
    assert 'name="job"' not in diane.get(address).text
    part = {"part": 1, "job": ["-1"]}
    assert diane.post(f"{address.replace('what-ifs', 'runs')}/acceptance", data=part).status_code == 400
    assert db.session.scalars(select(Ticket)).all() == []


def test_it_is_no_run_of_the_day_for_who_takes_over_and_hides_no_figure(app, diane, cast):
    weighed_run(cast)
    address = worked(app, diane, sick(cast.tariq))
    assert "costs 4 % more than the best found" in quality(diane)
    denis = signed_in(app, cast.denis, "en")
    for reader in (denis, diane):
        page = reader.get(f"/board/shift{DAY}").text
        assert page.count('<li><a href="/board/runs/') == 1 and address.rpartition("/")[2] != "1"
    diane.post(f"{address.replace('what-ifs', 'runs')}/acceptance")
    assert diane.get(f"/board/shift{DAY}").text.count('<li><a href="/board/runs/') == 2
    assert denis.get(f"/board/shift{DAY}").text.count('<li><a href="/board/runs/') == 1


def test_no_repair_waits_for_it(diane, cast):
    make.job("panne", technician=cast.tariq, start=make.at("14:00"))
    make.absence(cast.tariq, ("10:00", "17:00"))
    diane.post(NEW, data=sick(cast.zoe))
    told = diane.get(f"/board/repairs{DAY}").text
    assert "a run is under way" not in told and 'name="cause"' in told


def test_undoing_its_plan_says_that_what_it_entered_stays(app, diane, cast):
    make.job("panne", technician=cast.tariq, start=make.at("14:00"))
    address = worked(app, diane, sick(cast.zoe), printers(1))
    diane.post(f"{address.replace('what-ifs', 'runs')}/acceptance")
    [change] = db.session.scalars(select(PlanChange))
    assert 'id="made-real"' in diane.get(f"/board/changes/{change.id}/reversal{DAY}").text
    assert diane.post(f"/board/changes/{change.id}/reversal{DAY}").status_code == 302
    assert (change.undone_by, db.session.scalars(select(Absence)).one().technician_id) == (
        cast.diane,
        cast.zoe.id,
    )
    assert {
        job.state for job in db.session.scalars(select(Job).join(Ticket).where(Ticket.summary == "printer"))
    } == {"unplanned"}
