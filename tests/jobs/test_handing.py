"""A technician hands a job to a colleague whom it fits, or takes one that nobody has: within the rules, once, told to all."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.planning import move
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.board.conftest import Htmx
from tests.people import signed_in

TEN = make.at("10:00")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def ten_o_clock(session):
    with at(TEN):
        yield


@pytest.fixture
def tariq(app, cast):
    return signed_in(app, cast.tariq.user)


@pytest.fixture
def zoe(app, cast):
    return signed_in(app, cast.zoe.user)


@pytest.fixture
def job(cast):
    return make.job("Écran noir", technician=cast.tariq, start=make.at("14:00"), state="accepted")


@pytest.fixture
def free(cast):
    return make.job("Clavier muet", minutes=20)


def hand(browser, job, to, key="one-key", **said):
    form = {"technician": to.id, "version": job.version, "key": key, "back": "day", **said}
    return browser.post(f"/jobs/{job.number}/assignment", data=form, headers=HTMX)


def take(browser, job, key="one-key", **said):
    form = {"version": job.version, "key": key, **said}
    return browser.post(f"/jobs/{job.number}/taking", data=form, headers=HTMX)


def fresh(job):
    db.session.expire_all()
    return db.session.get(Job, job.id)


def events(job):
    return list(db.session.scalars(select(Event).where(Event.job_id == job.id).order_by(Event.id)))


def test_those_whom_it_fits_are_offered_and_the_others_are_counted_with_the_first_reason(tariq, job, cast):
    job.admin_right_id = make.right().id
    make.technician("Karim", rights=[make.right()])
    make.technician("Lina", day=None)
    page = tariq.get(f"/jobs/{job.number}/colleagues", headers=HTMX).text
    assert re.findall(r'name="technician" value="(\d+)"', page) == [
        str(make.technician("Karim", day=None).id)
    ]
    assert "vers " in page
    assert "min de trajet" in page
    assert "Zoé" not in page, "who cannot is counted, not named"
    assert "1 collègue ne peut pas" in page
    assert "n’a pas le droit" in page or "ne détient pas" in page


def test_when_nobody_fits_that_is_said_in_a_sentence(tariq, job):
    job.skills = {"printer": 2}
    page = tariq.get(f"/jobs/{job.number}/colleagues").text
    assert "Elle ne convient à personne d’autre ce jour-là" in page
    assert 'name="technician"' not in page


def test_handed_over_it_is_his_colleagues_and_everybody_hears_of_it(tariq, zoe, job, cast, app):
    answer = hand(tariq, job, cast.zoe, why="je suis bloqué à Colbert")
    assert answer.status_code == 200, answer.text
    assert "close-dialog" in answer.headers["HX-Trigger"]
    now = fresh(job)
    assert (now.technician_id, now.state) == (cast.zoe.id, "dispatched")
    assert "Écran noir" not in answer.text, "what he gave away himself is no news to him"
    assert "nouvelle dans votre journée · Tariq" in zoe.get("/jobs").text
    told = {(one.kind, one.technician_id, one.actor_id) for one in events(job)}
    assert ("job.withdrawn", cast.tariq.id, cast.tariq.user_id) in told
    assert ("job.assigned", cast.zoe.id, cast.tariq.user_id) in told
    history = zoe.get(f"/jobs/{job.number}").text
    assert "Confiée à Zoé · je suis bloqué à Colbert" in history
    board = Htmx(signed_in(app, cast.diane)).get("/board/news?territory=rennes&day=2026-11-23&after=0").text
    assert "Confiée à Zoé" in board
    assert everything_wrong() == []


def test_sent_twice_it_is_handed_over_once(tariq, job, cast):
    version = job.version
    for _again in range(2):
        assert hand(tariq, job, cast.zoe, version=version).status_code == 200
    assert [one.kind for one in events(job)].count("job.assigned") == 1


def test_a_colleague_whom_it_no_longer_fits_is_refused_with_the_rule_and_the_present_list(tariq, job, cast):
    make.absence(cast.zoe, ("09:00", "17:00"))
    answer = hand(tariq, job, cast.zoe)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#sheet"
    assert fresh(job).technician_id == cast.tariq.id
    job.skills = {"printer": 2}
    answer = hand(tariq, job, make.technician("Karim"), key="two")
    assert answer.status_code == 409
    assert "Elle ne va plus" in answer.text
    assert fresh(job).technician_id == cast.tariq.id


def test_the_loser_is_told_with_the_present_state(tariq, job, cast):
    version = job.version
    move.set_lock(job, "time", cast.diane)
    answer = hand(tariq, job, cast.zoe, version=version)
    assert (answer.status_code, fresh(job).technician_id) == (409, cast.tariq.id)
    assert "Quelque chose a changé entre-temps" in answer.text
    move.assign(job, cast.zoe, cast.diane)
    answer = hand(tariq, job, cast.zoe, key="two", version=version)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#day")
    assert "n’est plus dans votre liste" in answer.text


def test_what_a_dispatcher_has_fixed_to_him_stays_his_and_a_fixed_minute_stays(tariq, job, cast):
    move.set_lock(job, "technician", cast.diane)
    assert "a fixé que vous faites celle-ci" in tariq.get(f"/jobs/{job.number}/colleagues", headers=HTMX).text
    assert hand(tariq, fresh(job), cast.zoe).status_code == 409
    assert fresh(job).technician_id == cast.tariq.id
    move.set_lock(job, "time", cast.diane)
    assert hand(tariq, fresh(job), cast.zoe, key="two").status_code == 200
    now = fresh(job)
    assert (now.technician_id, now.planned_start, now.lock) == (cast.zoe.id, make.at("14:00"), "time")


def test_what_was_begun_cannot_be_handed_on_and_what_is_only_planned_can(tariq, job, cast):
    job.state = "working"
    assert hand(tariq, job, cast.zoe).status_code == 409
    job.state = "planned"
    assert "Confier à un collègue" in tariq.get(f"/jobs/{job.number}/more", headers=HTMX).text
    assert hand(tariq, fresh(job), cast.zoe, key="two").status_code == 200
    assert fresh(job).technician_id == cast.zoe.id


def test_a_promise_is_not_a_technicians_to_give_up(tariq, job, cast):
    job.promised_from, job.promised_to = make.at("13:30"), make.at("14:30")
    make.job("Déjà là", technician=cast.zoe, start=make.at("13:00"), minutes=180, state="accepted", lock="both",
             lock_technician_id=cast.zoe.id, lock_start=make.at("13:00"))  # fmt: skip
    page = tariq.get(f"/jobs/{job.number}/colleagues", headers=HTMX).text
    assert "hors du créneau promis" in page
    answer = hand(tariq, job, cast.zoe)
    assert answer.status_code == 409
    assert "seul un planificateur" in answer.text
    assert fresh(job).technician_id == cast.tariq.id


def test_nobody_hands_on_what_is_not_his(zoe, job, cast):
    assert zoe.get(f"/jobs/{job.number}/colleagues").status_code == 404
    assert hand(zoe, job, cast.zoe).status_code == 409
    assert fresh(job).technician_id == cast.tariq.id


def test_a_colleague_whose_times_move_is_told(tariq, job, cast):
    later = make.job("À Zoé", technician=cast.zoe, start=make.at("11:30"), minutes=60, state="accepted")
    job.ticket.available = [[make.at("11:20").isoformat(), make.at("12:05").isoformat()]]
    assert hand(tariq, job, cast.zoe).status_code == 200
    assert fresh(later).planned_start >= make.at("11:50")
    assert (fresh(later).change["what"], fresh(later).change["by"]) == ("retimed", "Tariq")


# taking ---------------------------------------------------------------------------------------------


def test_what_nobody_has_and_fits_is_offered_and_taken_by_one_tap(tariq, zoe, free, job, cast):
    make.job("Il faut un droit", admin_right_id=make.right().id)
    make.job("Attend une pièce", awaits="part")
    page = tariq.get("/jobs/offers", headers=HTMX).text
    assert "Clavier muet" in page
    assert "Il faut un droit" not in page
    assert "Attend une pièce" not in page
    offered = re.search(r"<small>vers (\d\d:\d\d)", page)[1]
    answer = take(tariq, free)
    assert answer.status_code == 200, answer.text
    assert f"vers {offered}." in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    now = fresh(free)
    assert (now.technician_id, now.state, now.changed_since_seen) == (cast.tariq.id, "accepted", False)
    assert "Clavier muet" in answer.text
    assert "Prise par Tariq" in tariq.get(f"/jobs/{free.number}").text
    assert "Rien ne tient dans votre journée" in zoe.get("/jobs/offers").text
    assert everything_wrong() == []


def test_of_two_who_take_it_the_second_is_told_and_sees_what_is_left(tariq, zoe, free, cast):
    version = free.version
    other = make.job("Souris", minutes=20)
    assert take(tariq, free, version=version).status_code == 200
    answer = take(zoe, free, version=version)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#sheet")
    assert "Quelqu’un a été plus rapide" in answer.text
    assert "Souris" in answer.text
    assert fresh(free).technician_id == cast.tariq.id
    assert fresh(other).technician_id is None


def test_what_breaks_a_rule_or_belongs_to_a_colleague_is_not_taken(tariq, job, cast):
    barred = make.job("Il faut un droit", admin_right_id=make.right().id)
    answer = take(tariq, barred)
    assert answer.status_code == 409
    assert fresh(barred).technician_id is None
    colleagues = make.job("À Zoé", technician=cast.zoe, start=make.at("15:00"))
    assert take(tariq, colleagues, key="two").status_code == 409
    assert fresh(colleagues).technician_id == cast.zoe.id


def test_work_of_another_territory_and_of_a_client_he_may_not_see_is_not_offered(tariq, cast):
    make.job("À Brest", territory_id=make.territory("brest").id)
    make.secondment(cast.tariq, make.client("acme"))
    make.job("Chez Breizh", owner=make.client("breizh"))
    make.job("Chez Acme", owner=make.client("acme"))
    page = tariq.get("/jobs/offers", headers=HTMX).text
    assert "Chez Acme" in page
    assert "À Brest" not in page
    assert "Chez Breizh" not in page
