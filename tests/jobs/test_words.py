"""Late, or in need of help: what a technician says, whom it concerns, what the dispatchers answer."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.jobs.wording import takes_texts
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.word import HELP, Word
from tests import factories as make
from tests.board.conftest import Htmx
from tests.people import signed_in
from tests.phones import TEN, Phone


@pytest.fixture
def diane(app, cast, phone):
    return Htmx(signed_in(app, cast.diane))


@pytest.fixture
def jobs(phone, cast):
    """He has been at the first one since 09:30; it was to end at 10:15, and the others follow."""
    first = make.job("Écran noir", technician=cast.tariq, state="working", start=make.at("09:30"), minutes=45,
                     state_at=make.at("09:30"), working_at=make.at("09:30"))  # fmt: skip
    return [first, *(make.job(f"Poste {clock}", technician=cast.tariq, start=make.at(clock), state="accepted")
                     for clock in ("10:20", "13:00"))]  # fmt: skip


def word():
    db.session.expire_all()
    return db.session.scalars(select(Word)).one()


def kinds(job):
    return [
        one.kind for one in db.session.scalars(select(Event).where(Event.job_id == job.id).order_by(Event.id))
    ]


def test_a_delay_moves_what_follows_and_says_whom_it_concerns(phone, jobs):
    phone.did("word", jobs[0], TEN, say="late", minutes="20")
    assert phone.outcomes(phone.send()) == ["applied"]
    assert phone.outcomes(phone.send()) == ["repeated"]  # sent again it counts once
    said = word()
    assert (said.kind, said.minutes, jobs[0].duration_minutes) == ("late", 20, 65)
    assert jobs[0].planned_end == make.at("10:35")
    assert set(said.due) == {jobs[1].number}, "13:00 is not touched by twenty minutes"
    assert jobs[2].planned_start == make.at("13:00"), "nor made earlier"
    assert said.due[jobs[1].number] >= "2026-11-23T09:30"


def test_on_the_way_it_is_the_road_that_takes_longer(phone, jobs):
    jobs[0].state, jobs[0].state_at, length = "travelling", TEN, jobs[0].duration_minutes
    db.session.commit()
    phone.did("word", jobs[0], TEN, say="late", minutes="10")
    assert phone.outcomes(phone.send()) == ["applied"]
    assert (jobs[0].planned_start, jobs[0].duration_minutes) == (make.at("09:40"), length)


@pytest.mark.parametrize(
    ("body", "outcome"), [({"minutes": "15"}, "review"), ({"minutes": "x"}, "review"), ({}, "review")]
)
def test_a_delay_that_is_not_offered_is_reviewed(phone, jobs, body, outcome):
    phone.did("word", jobs[0], TEN, say="late", **body)
    assert phone.outcomes(phone.send()) == [outcome]
    assert jobs[0].planned_end == make.at("10:15")


def test_what_he_has_not_left_for_is_not_late_by_itself(phone, jobs):
    phone.did("word", jobs[1], TEN, say="late", minutes="10")
    assert phone.outcomes(phone.send()) == ["review"]


def test_whoever_waits_is_told_with_the_phones_own_message_and_that_is_kept(phone, jobs, diane):
    jobs[1].ticket.phone = "06 26 19 10 01"
    db.session.commit()
    phone.did("word", jobs[0], TEN, say="late", minutes="20")
    phone.send()
    page = phone.browser.get("/jobs").text
    assert "sms:0626191001?&amp;body=" in page
    assert "À prévenir" in page
    phone.did("word", jobs[0], TEN, say="told", word=str(word().id), whom=jobs[1].number)
    assert phone.outcomes(phone.send(phone.queue[-1:])) == ["applied"]
    assert set(word().told) == {jobs[1].number}
    assert "sms:" not in phone.browser.get("/jobs").text
    assert "1 personne sur 1 prévenue" in diane.get("/board?territory=rennes&day=2026-11-23").text


@pytest.mark.parametrize(
    ("number", "is_offered"),
    [("02 61 91 00 10", False), ("+33 2 61 91 00 10", False), ("0033 (0)1 61 91 00 10", False), ("07.26.19.10.01", True),
     ("+33 6 26 19 10 01", True), ("+44 20 7946 0018", True)],
)  # fmt: skip
def test_a_text_message_is_offered_where_it_can_arrive(number, is_offered):
    assert takes_texts(number) == is_offered


def test_the_history_says_when_he_tapped_and_when_it_was_sent_if_that_was_later(phone, jobs, diane):
    phone.did("note", jobs[0], make.at("09:41"), note="badge au gardien")
    phone.tapped(jobs[0], "paused", make.at("09:59"))
    phone.send(when=TEN)
    page = phone.browser.get(f"/jobs/{jobs[0].number}").text
    history = page.partition('class="history"')[2].partition("</ol>")[0]
    paused, noted = history.split("<li")[1:3]
    assert "09:59" in paused
    assert "envoyé" not in paused  # a minute on the way is nobody's business
    assert re.search(r"badge au gardien.*09:41.*envoyé.*10:00", noted)
    trail = diane.get(f"/board/jobs/{jobs[0].number}").text
    assert "09:41 à l’heure du téléphone" in trail


def test_a_call_for_help_is_on_the_board_and_the_answer_on_the_phone(phone, jobs, diane, cast):
    phone.did("word", jobs[0], TEN, say="help", reason="hands", note="armoire lourde")
    assert phone.outcomes(phone.send()) == ["applied"]
    board = diane.get("/board?territory=rennes&day=2026-11-23").text
    assert "Tariq demande de l’aide" in board
    assert "armoire lourde" in board
    said = word()
    sheet = diane.get(f"/board/words/{said.id}?territory=rennes").text
    assert "Il faut être deux" in sheet
    seen = {"version": said.version}
    assert diane.post(f"/board/words/{said.id}/answer", **seen, answer="text").status_code == 422
    answer = {**seen, "answer": "sending", "remark": "Zoé arrive à 10:20"}
    assert diane.post(f"/board/words/{said.id}/answer", **answer).status_code == 200
    assert diane.post(f"/board/words/{said.id}/answer", **answer).status_code == 412
    page = phone.browser.get("/jobs").text
    assert "Diane répond" in page
    assert "Zoé arrive à 10:20" in page
    assert "demande de l’aide</a>" not in diane.get("/board?territory=rennes&day=2026-11-23").text
    phone.did("word", jobs[0], TEN, say="read", word=str(said.id))
    assert phone.outcomes(phone.send(phone.queue[-1:])) == ["applied"]
    assert "Zoé arrive à 10:20" not in phone.browser.get("/jobs").text
    assert [kind for kind in kinds(jobs[0]) if kind in ("job.help", "job.answered")] == [
        "job.help",
        "job.answered",
    ]


def test_help_said_twice_is_one_call_and_help_no_longer_needed_leaves_the_board(phone, jobs, diane):
    phone.did("word", jobs[0], TEN, say="help", reason="knowledge", note="quel pilote ?")
    phone.did("word", jobs[0], TEN, say="help", reason="knowledge", note="modèle 4300")
    assert phone.outcomes(phone.send()) == ["applied"] * 2
    assert word().note == "quel pilote ?\nmodèle 4300"
    phone.did("word", jobs[0], TEN, say="read", word=str(word().id))
    phone.send(phone.queue[-1:])
    assert "demande de l’aide" not in diane.get("/board?territory=rennes&day=2026-11-23").text


def test_nobody_closes_what_somebody_else_has_said(phone, jobs, app, cast):
    phone.did("word", jobs[0], TEN, say="help", reason="other")
    phone.send()
    other = Phone.of(app, cast.zoe.user)
    other.did("word", jobs[0], TEN, say="read", word=str(word().id))
    assert other.outcomes(other.send()) == ["review"]
    assert word().read_at is None


def test_the_form_does_the_same_once_and_help_for_what_has_ended_is_told_as_such(phone, jobs):
    form = {"say": "help", "reason": "tool", "key": "one-key", "back": "day"}
    address = f"/jobs/{jobs[0].number}/words"
    for _again in range(2):
        assert phone.browser.post(address, data=form).status_code == 303
    assert word().reason == "tool"
    db.session.get_one(Job, jobs[1].id).state = "completed"
    db.session.commit()
    answer = phone.browser.post(
        f"/jobs/{jobs[1].number}/words", data={**form, "key": "two"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    word()


def test_a_dispatcher_sees_only_words_about_his_clients(phone, jobs, app, cast):
    phone.did("word", jobs[0], TEN, say="help", reason="other")
    phone.send()
    berenice = Htmx(signed_in(app, cast.berenice))
    assert berenice.get(f"/board/words/{word().id}").status_code == 404


def test_the_panel_says_when_a_change_was_seen(phone, jobs, diane, cast):
    address = f"/board/jobs/{jobs[1].number}?territory=rennes&day=2026-11-23"
    jobs[1].note_change("retimed", cast.diane, minutes=15)
    db.session.commit()
    assert "changement pas encore vu" in diane.get(address).text
    with at(make.at("10:07")):
        phone.did("seen", None, until=make.at("10:07").isoformat(), jobs=[jobs[1].number], withdrawn=[])
        phone.send(when=make.at("10:07"))
    told = diane.get(address).text
    assert "changement vu" in told
    assert "10:07" in told


def test_a_call_for_help_that_nobody_answered_ends_with_its_job(phone, jobs):
    phone.did("word", jobs[0], TEN, say="help", reason=HELP[0], note="coincé")
    assert phone.outcomes(phone.send()) == ["applied"]
    assert "coincé" in phone.browser.get("/jobs").text
    jobs[0].state = "completed"
    db.session.commit()
    assert "coincé" not in phone.browser.get("/jobs").text
