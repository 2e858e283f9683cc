"""What became of the tickets: the list, the page of one, and who may see them."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import event

from dispatch import uploads
from dispatch.clock import at as frozen
from dispatch.extensions import db
from dispatch.models.handed import Handed
from dispatch.models.intake import hand_over
from tests import factories as make
from tests.people import signed_in


@pytest.fixture
def paula(app, cast):
    with frozen(make.at("09:00")):
        yield signed_in(app, cast.paula, language="en")


def text_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


# the list -----------------------------------------------------------------------------------------------


def test_paula_sees_first_what_she_handed_over_and_on_demand_all_of_acme(paula, cast):
    make.ticket("Écran noir", agent_id=cast.paula.id)
    make.ticket("Souris muette", agent_id=cast.denis.id)
    mine, everything = text_of(paula, "/tickets"), text_of(paula, "/tickets?whose=all")
    assert "Écran noir" in mine
    assert "Souris muette" not in mine
    assert "Souris muette" in everything


def test_nobody_sees_tickets_of_another_client(app, cast):
    make.ticket("Secret de Breizh", owner=make.client("breizh"))
    for person in (cast.paula, cast.denis, cast.carole, cast.tariq.user):
        assert "Secret de Breizh" not in text_of(signed_in(app, person), "/tickets?whose=all&state=all")
    assert "Secret de Breizh" in text_of(signed_in(app, cast.diane), "/tickets?state=all")


def test_a_hidden_ticket_changes_no_count(paula):
    def region():
        return paula.get("/tickets?whose=all", headers={"HX-Request": "true"}).get_data(as_text=True)

    make.ticket("Écran noir")
    before = region()
    make.ticket("Secret de Breizh", owner=make.client("breizh"))
    assert region() == before


def test_a_technician_sees_only_tickets_of_his_own_jobs(app, cast):
    make.job("Écran noir", technician=cast.tariq)
    make.job("Souris muette", technician=cast.zoe)
    page = text_of(signed_in(app, cast.tariq.user), "/tickets")
    assert "Écran noir" in page
    assert "Souris muette" not in page


@pytest.mark.parametrize("words", ["noir", "T-1001", "1001", "Bihan écran", "INC77", "INT-1001"])
def test_a_ticket_is_found_by_what_one_remembers_of_it(paula, words):
    make.job(of=make.ticket("Écran noir", external_id="INC77001"))
    make.ticket("Souris muette", requester_id=make.requester("Louis Le Goff").id)
    page = text_of(paula, f"/tickets?whose=all&q={words}")
    assert "Écran noir" in page
    assert "Souris muette" not in page


@pytest.mark.parametrize("words", ["100%", "%", "_", "'; drop table ticket; --", "T-99999999999999", "\\"])
def test_odd_words_find_nothing_and_break_nothing(paula, words):
    make.ticket("Écran noir")
    assert "Nothing matches" in text_of(paula, f"/tickets?whose=all&q={words.replace('%', '%25')}")


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=999999", "state=mood", "whose=everybody", "q=" + "x" * 500]
)
def test_odd_addresses_show_the_usual_list(paula, query):
    assert paula.get(f"/tickets?{query}").status_code == 200


def test_the_list_shows_how_it_ended_and_what_the_handover_lacked(paula, cast):
    job = make.job("Écran noir", of=make.ticket("Écran noir", agent_id=cast.paula.id), state="not_completed",
                   outcome="wrong_place")  # fmt: skip
    job.ticket.handover.lacked = "le bon étage"
    job.ticket.set_state("on_hold", None, "handover")
    page = text_of(paula, "/tickets")
    assert "le bon étage" in page
    assert "Wrong place or asset" in page


def test_what_came_back_to_the_agent_comes_first(paula, cast):
    make.ticket(
        "Revenu", agent_id=cast.paula.id, state="on_hold", hold_reason="handover", opened_at=make.at("08:00")
    )
    make.ticket("Récent", agent_id=cast.paula.id, opened_at=make.at("08:30"))
    page = text_of(paula, "/tickets")
    assert page.index("Revenu") < page.index("Récent")


def test_the_list_goes_on_on_the_next_page(paula, cast):
    for number in range(51):
        opened = make.at("08:00") - timedelta(minutes=number)
        make.ticket(f"Panne {number:02d}.", agent_id=cast.paula.id, opened_at=opened)
    assert "Panne 50." not in text_of(paula, "/tickets")
    assert "Panne 50." in text_of(paula, "/tickets?page=2")


def test_the_number_of_queries_does_not_grow_with_the_tickets(paula, cast):
    def count():
        seen = []
        listener = lambda *_: seen.append(1)  # noqa: E731 - removed again below
        event.listen(db.engine, "before_cursor_execute", listener)
        paula.get("/tickets")
        event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    make.job(of=make.ticket("Écran noir", agent_id=cast.paula.id))
    text_of(paula, "/tickets")
    few = count()
    for number in range(30):
        person = make.requester(f"Camille {number}")
        make.job(
            of=make.ticket(f"Panne {number}", agent_id=cast.paula.id, requester_id=person.id),
            technician=cast.tariq,
        )
    assert count() == few


# one ticket ---------------------------------------------------------------------------------------------


def test_the_page_tells_what_happened_in_words(app, cast, paula):
    ticket, _job, _new = hand_over(
        make.client(), Handed(summary="Écran noir", reasons=("presence",)), cast.paula
    )
    db.session.commit()
    page = text_of(paula, f"/tickets/{ticket.number}")
    assert "Handed over" in page
    assert "Paula" in page
    assert "to be completed" in page


@pytest.mark.parametrize("address", ["", "/edit", "/handover"])
def test_a_ticket_of_acme_does_not_exist_for_bastien(app, cast, address):
    ticket = make.ticket()
    assert signed_in(app, cast.bastien).get(f"/tickets/{ticket.number}{address}").status_code == 404


@pytest.mark.parametrize("number", ["T-1", "T-0", "x", "T-²", "999999999999999999999"])
def test_numbers_that_are_no_ticket_are_not_found(paula, number):
    assert paula.get(f"/tickets/{number}").status_code == 404


def test_carole_reads_and_does_not_write(app, cast):
    ticket = make.ticket()
    carole = signed_in(app, cast.carole, language="en")
    page = text_of(carole, f"/tickets/{ticket.number}")
    assert "Complete or correct" not in page
    assert carole.get(f"/tickets/{ticket.number}/edit").status_code == 403
    assert carole.post(f"/tickets/{ticket.number}", data={}).status_code == 403


def test_markup_in_a_ticket_stays_text(paula):
    ticket = make.ticket("<script>alert(1)</script>", description="{{ 7 * 7 }}<img src=x onerror=alert(1)>")
    page = text_of(paula, f"/tickets/{ticket.number}")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "{{ 7 * 7 }}" in page


# completing ---------------------------------------------------------------------------------------------


@pytest.fixture
def correction(cast):
    return {
        "requester": "Camille Bihan", "phone": "02 61 91 00 10", "building": make.building().id, "floor": "2",
        "desk": "212", "category": make.category().id, "summary": "Écran noir", "asset_unknown": "1",
        "steps_tried": "redémarrage", "reasons": ["presence"], "impact": "2", "urgency": "2", "available_unknown": "1",
    }  # fmt: skip


def test_a_corrected_handover_gets_a_new_job(paula, cast, correction):
    job = make.job(state="not_completed", outcome="wrong_place")
    ticket = job.ticket
    ticket.set_state("on_hold", None, "handover")
    db.session.commit()
    answer = paula.post(f"/tickets/{ticket.number}", data={**correction, "version": ticket.version})
    assert answer.status_code == 303
    assert (ticket.state, ticket.floor, [j.floor for j in ticket.open_jobs]) == ("open", "2", ["2"])


def test_a_corrected_place_times_the_route_again(paula, cast, correction):
    far = make.building("Saint-Malo", latitude=48.2, longitude=-1.75)
    job = make.job(technician=cast.tariq, start=make.at("10:00"))
    later = make.job("Suivante", technician=cast.tariq, start=make.at("10:35"))
    db.session.commit()
    data = {**correction, "building": far.id, "version": job.ticket.version}
    assert paula.post(f"/tickets/{job.ticket.number}", data=data).status_code == 303
    assert job.building_id == far.id
    assert later.planned_start > make.at("11:00")


def test_somebody_who_was_slower_overwrites_nothing(paula, correction):
    ticket = make.ticket()
    db.session.commit()
    stale = ticket.version
    ticket.desk = "999"
    answer = paula.post(f"/tickets/{ticket.number}", data={**correction, "version": stale})
    assert answer.status_code == 412
    assert ticket.desk == "999"


def test_a_correction_with_too_many_files_keeps_what_was_typed(paula, correction, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 0)
    ticket = make.ticket()
    db.session.commit()
    data = {**correction, "version": ticket.version, "desk": "Bureau du fond"}
    answer = paula.post(f"/tickets/{ticket.number}", data={**data, "files": (io.BytesIO(b"x"), "x.txt")})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "A ticket holds 0 files" in page
    assert "Bureau du fond" in page
    assert "x.txt" in page
    assert (ticket.desk, ticket.attachments) == ("312", [])


def test_the_form_to_complete_shows_what_is_known(paula):
    ticket = make.ticket(
        "Écran noir",
        asset="PC-4471",
        available=[[make.at("10:00").isoformat(), make.at("11:00").isoformat()]],
    )
    page = text_of(paula, f"/tickets/{ticket.number}/edit")
    for known in ("Camille Bihan", "PC-4471", "312", "redémarrage", "2026-11-23T10:00:00+01:00"):
        assert known in page


def test_search_ignores_the_case_of_accented_letters_on_both_databases(app_on_both, session_on_both):
    paula = make.user("Paula")
    make.job(of=make.ticket("Écran noir", agent_id=paula.id))
    browser = signed_in(app_on_both, paula)
    assert "Écran noir" in text_of(browser, "/tickets?q=écran bihan")
    assert "Écran noir" in text_of(browser, "/tickets/T-1001")
