"""The counter as those behind it work it: pages, presses, and what they are told."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.extensions import db
from dispatch.live import Ear, News
from dispatch.models import whereabouts
from dispatch.models.entry import Entry
from dispatch.replay.presence import be
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.kiosk.conftest import Counter
from tests.people import signed_in


def entries():
    db.session.expire_all()
    return list(db.session.scalars(select(Entry).order_by(Entry.id)))


def at(kiosk, rest=""):
    return f"/kiosks/{kiosk.id}{rest}"


def moves(entry, to, **more):
    form = {"to": to, "version": entry.version, "key": f"{entry.id}-{to}-{entry.version}", **more}
    return f"/kiosks/{entry.kiosk_id}/entries/{entry.id}/transitions", form


def test_who_comes_gets_the_next_number_and_the_answer_says_it(tariq, colbert):
    make.category("workstation", label_en="Workstation")
    form = {"category": "workstation", "visitor": " Nolwenn  Le Goff ", "subject": "Écran", "key": "one"}
    for _pressed_twice in range(2):
        answer = tariq.post(at(colbert, "/entries"), data=form)
        assert (answer.status_code, answer.location) == (303, f"/kiosks/{colbert.id}?number=1")
    page = tariq.get(answer.location).text
    assert "Number 1</p>" in page
    [entry] = entries()
    assert (entry.number, entry.visitor, entry.subject, entry.category.code) == (
        1, "Nolwenn Le Goff", "Écran", "workstation",
    )  # fmt: skip


def test_with_scripts_the_form_and_the_queue_are_drawn_again(tariq, colbert):
    answer = Htmx(tariq).post(at(colbert, "/entries"), key="one")
    assert answer.status_code == 200
    assert "Number 1</p>" in answer.text
    assert re.search(r'id="queue"[^>]*hx-swap-oob="true"', answer.text)
    assert 'id="entry-1"' in answer.text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"visitor": "N" * 81}, "visitor"),
        ({"category": "nothing"}, "category"),
        ({"subject": "a\0b"}, "subject"),
    ],
)
@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    tariq, colbert, said, field, scripts
):
    make.category()
    form = {"visitor": "Nolwenn", "key": "one", **said}
    headers = {"HX-Request": "true"} if scripts else {}
    answer = tariq.post(at(colbert, "/entries"), data=form, headers=headers)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{form["visitor"]}"' in answer.text
    assert entries() == []


def test_the_next_one_is_called_served_and_ended(tariq, counter, saved):
    for name in ("Nolwenn", "Yann"):
        counter.comes("09:50", visitor=name)
    saved()
    page = tariq.get(at(counter.kiosk)).text
    assert 'id="call-next"' in page
    assert "waits 10\u00a0min" in page
    assert tariq.post(at(counter.kiosk, "/calls"), data={"key": "call"}).status_code == 303
    page = tariq.get(at(counter.kiosk)).text
    assert "At my desk" in page
    assert 'id="call-next"' not in page
    for to, state in (("serving", "serving"), ("served", "served")):
        [first, _second] = entries()
        url, form = moves(first, to)
        answer = Htmx(tariq).post(url, **form)
        assert answer.status_code == 200
        assert entries()[0].state == state
    assert 'id="call-next"' in answer.text
    assert re.search(r'id="ended-count"[^>]*>1<', answer.text)


def test_pressed_twice_calls_one(tariq, counter, saved):
    counter.comes(), counter.comes()
    saved()
    for _twice in range(2):
        assert Htmx(tariq).post(at(counter.kiosk, "/calls"), key="call").status_code == 200
    assert [entry.state for entry in entries()] == ["called", "waiting"]


def test_who_has_somebody_is_told_to_finish_first(tariq, counter, cast, saved):
    counter.comes(), counter.comes()
    counter.calls(cast.tariq)
    saved()
    answer = Htmx(tariq).post(at(counter.kiosk, "/calls"), key="again")
    assert answer.status_code == 409
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"].startswith("Finish with number 1 first")
    plain = tariq.post(at(counter.kiosk, "/calls"), data={"key": "again"})
    assert (plain.status_code, "Finish with number 1 first" in plain.text) == (409, True)


def test_when_nobody_waits_nothing_happens_and_the_same_press_may_be_tried_again(tariq, counter, saved):
    assert "Nobody is waiting." in tariq.post(at(counter.kiosk, "/calls"), data={"key": "one"}).text
    counter.comes()
    saved()
    assert tariq.post(at(counter.kiosk, "/calls"), data={"key": "one"}).status_code == 303
    assert entries()[0].state == "called"


def test_who_was_slower_reads_who_called_meanwhile(tariq, zoe, counter, saved):
    counter.comes()
    saved()
    [seen] = entries()
    url, form = moves(seen, "on_hold")
    zoe.post(at(counter.kiosk, "/calls"), data={"key": "zoe"})
    answer = Htmx(tariq).post(url, **form)
    assert answer.status_code == 409
    told = json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    assert told == "Number 1 was called by Zoé meanwhile."
    assert "called since 10:00 · Zoé" in answer.text.replace("\n", "")
    assert entries()[0].state == "called"
    tariq_fr = signed_in(tariq.application, counter.by, "fr")
    assert "a été appelé entre-temps par Zoé" in tariq_fr.post(url, data={**form, "key": "two"}).text


def test_what_is_not_possible_any_more_says_what_has_happened(tariq, counter, cast, saved):
    entry = counter.comes()
    counter.taps(entry, "left", by=cast.zoe.user)
    saved()
    [now_left] = entries()
    url, form = moves(now_left, "on_hold")
    assert "Number 1 has changed meanwhile: gone (Zoé)." in tariq.post(url, data=form).text


def test_a_form_without_a_version_or_a_key_is_refused(tariq, counter, saved):
    counter.comes()
    saved()
    url, form = moves(entries()[0], "left")
    assert tariq.post(url, data={**form, "version": ""}).status_code == 428
    assert tariq.post(url, data={**form, "key": ""}).status_code == 422
    assert entries()[0].state == "waiting"


def test_a_wait_beyond_a_quarter_of_an_hour_is_marked(tariq, counter, saved):
    counter.comes("09:46")
    saved()
    assert 'class="is-warn"' not in tariq.get(at(counter.kiosk)).text
    with clock.at(make.at("10:02")):
        assert 'class="is-warn"' in tariq.get(at(counter.kiosk)).text


def test_the_queue_is_read_in_the_same_number_of_queries_however_long_it_is(tariq, counter, cast, saved):
    make.category()
    counter.comes()
    saved()
    few = queries_of(tariq, at(counter.kiosk))
    for _one in range(12):
        counter.comes(category=make.category())
    counter.calls(cast.zoe)
    saved()
    assert queries_of(tariq, at(counter.kiosk)) <= few + 2  # kinds of work and technicians, once each


def test_each_sees_the_kiosks_of_his_own(app, cast, counter, landry, saved):
    counter.comes()
    entry = Counter(landry, cast.zoe.user).comes(visitor="Coffre")
    away = make.technician("Yann", territory_id=make.territory("brest").id)
    saved()
    url, form = moves(entry, "left")
    for person in (cast.denis, away.user):
        browser = signed_in(app, person, "en")
        assert browser.get(at(landry)).status_code == 404
        assert browser.post(at(landry, "/entries"), data={"key": "k"}).status_code == 404
        assert browser.post(at(landry, "/calls"), data={"key": "k"}).status_code == 404
        assert browser.post(url, data=form).status_code == 404
    denis = signed_in(app, cast.denis, "en")
    crossed = f"/kiosks/{counter.kiosk.id}/entries/{entry.id}/transitions"
    assert denis.post(crossed, data=form).status_code == 404
    assert denis.get("/kiosks").location == at(counter.kiosk)
    assert "Kiosque Landry" in signed_in(app, cast.diane).get("/kiosks").text
    assert "No kiosk" in signed_in(app, away.user, "en").get("/kiosks").text
    for person in (cast.paula, cast.carole):
        assert signed_in(app, person).get("/kiosks").status_code == 403
    assert entries()[-1].state == "waiting"


def test_the_list_tells_who_waits_where(diane, counter, landry, saved):
    counter.comes("09:30")
    counter.comes("09:55")
    saved()
    page = diane.get("/kiosks").text
    assert "2 are waiting · longest wait 30\u00a0min" in page
    assert "Nobody is waiting" in page


def test_kiosks_are_in_the_navigation_where_there_is_one(app, cast, diane):
    assert 'href="/kiosks"' not in diane.get("/board").text
    make.kiosk()
    assert 'href="/kiosks"' in diane.get("/board").text
    assert 'href="/kiosks"' not in signed_in(app, cast.berenice).get("/board").text
    assert 'href="/kiosks"' not in signed_in(app, cast.paula).get("/tickets").text


def test_tariqs_phone_leads_to_the_queue_while_he_is_at_the_kiosk(tariq, counter, cast, saved):
    counter.comes(), counter.comes()
    saved()
    assert at(counter.kiosk) not in tariq.get("/jobs").text
    whereabouts.begin_kiosk(cast.tariq, counter.kiosk, 60, cast.tariq.user, make.at("10:00"))
    saved()
    page = tariq.get("/jobs").text
    assert f'href="/kiosks/{counter.kiosk.id}"' in page
    assert "Queue (2)" in page
    assert "Back to the day" in tariq.get(at(counter.kiosk)).text


def test_both_desks_hear_of_it_and_nobody_else(counter, landry, cast):
    def heard(client_id, territory_id):
        news = News(1, "entry.state", client_id, territory_id, None, None, None, None)
        people = (cast.tariq.user, cast.zoe.user, cast.denis, cast.berenice, cast.carole, away.user)
        return [person.name for person in people if news.audible_to(Ear.of(person))]

    away = make.technician("Yann", territory_id=make.territory("brest").id)
    rennes = make.territory().id
    assert heard(make.client().id, rennes) == ["Tariq", "Zoé", "Denis"]
    assert heard(make.client("breizh").id, rennes) == ["Tariq", "Zoé", "Bérénice"]
    assert heard(make.client().id, away.territory_id) == ["Denis", "Yann"]


def test_the_log_of_the_territory_tells_of_it_in_words(diane, counter, cast, saved):
    counter.comes(visitor="Nolwenn")
    counter.calls(cast.tariq)
    saved()
    page = diane.get("/board/activity?territory=rennes&day=2026-11-23&what=kiosk").text
    assert f"{counter.kiosk.name}, number 1: called" in page
    assert f"{counter.kiosk.name}, number 1: registered" in page
    assert "Nolwenn" not in page


def test_who_leaves_the_kiosk_gives_back_whom_he_has_called(cast, counter, colbert):
    first, second = counter.comes(), counter.comes()
    counter.calls(cast.tariq)
    served = counter.calls(cast.zoe)
    counter.taps(served, "serving")
    whereabouts.begin_kiosk(cast.tariq, colbert, 60, cast.tariq.user, make.at("10:00"))
    be({"say": "leave"}, cast.tariq.user, cast.tariq.user, make.at("10:00"))
    assert (first.state, first.technician_id) == ("waiting", None)
    assert second.state == "serving", "Zoé is still there"
    counter.taps(second, "served")
    assert counter.calls(cast.zoe) is first
    be({"say": "off"}, cast.zoe.user, cast.zoe.user, make.at("10:00"))
    assert first.state == "waiting"
