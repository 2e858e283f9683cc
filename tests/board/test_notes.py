"""What one dispatcher notes for the next: who reads it, who may change it, and what the log keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch import clock, live
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.note import LONGEST_NOTE, DayNote
from tests import factories as make
from tests.board.conftest import Htmx
from tests.people import signed_in

DAY = "territory=rennes&day=2026-11-23"
NOTES = f"/board/notes?{DAY}"


@pytest.fixture
def note(cast):
    """Diane has written it at ten."""
    return DayNote.write(make.territory(), make.MONDAY, "Ascenseur en panne", cast.diane)


def written():
    db.session.expire_all()
    return [one.text for one in db.session.scalars(select(DayNote).order_by(DayNote.id))]


def logged():
    query = select(Event.data).where(Event.kind == "day.noted").order_by(Event.id)
    return [(data["what"], data.get("before"), data.get("text")) for data in db.session.scalars(query)]


def test_a_note_is_on_the_board_of_every_dispatcher_there_newest_first(diane, denis, note):
    denis.post(NOTES, data={"text": "Badge <b>prêt</b>"})
    page = diane.get(f"/board?{DAY}").text
    assert page.index("Badge &lt;b&gt;prêt") < page.index("Ascenseur en panne")
    assert "Denis" in page
    assert "Ascenseur en panne" not in diane.get("/board?territory=rennes&day=2026-11-24").text


def test_who_does_not_dispatch_never_reads_notes(app, cast, note):
    for person in (cast.paula, cast.carole, cast.tariq.user):
        browser = signed_in(app, person)
        assert browser.get(NOTES).status_code == 403
        assert browser.post(NOTES, data={"text": "x"}).status_code == 403
        assert not db.session.scalars(DayNote.visible_to(person)).all()


def test_a_dispatcher_of_another_territory_finds_nothing(app, cast, note):
    brest = make.territory("brest")
    stranger = make.user("Yves", "dispatcher", [make.client("ouessant", territory_id=brest.id)])
    browser = signed_in(app, stranger)
    assert browser.get(NOTES).status_code == 404
    assert browser.get(f"/board/notes/{note.id}").status_code == 404


def test_another_board_gets_the_list_and_not_the_form(diane, denis, cast):
    before = live.cursor()
    Htmx(diane).post(NOTES, text="Julien part à 16 h")
    told = Htmx(denis).get(f"/board/news?{DAY}&after={before}&selected=").text
    assert 'id="notes-list" hx-swap-oob' in told
    assert 'id="notes-count" hx-swap-oob' in told
    assert "note-form" not in told
    assert "Note of the day: Julien part à 16 h · Diane" in told


@pytest.mark.parametrize("text", ["", "   ", "a" * (LONGEST_NOTE + 1), "nul\0"])
def test_what_cannot_be_noted_stays_in_the_form(diane, cast, text):
    answer = Htmx(diane).post(NOTES, text=text)
    assert answer.status_code == 422
    assert 'id="note-form"' in answer.text
    assert text.strip()[:20] in answer.text
    assert written() == []


def test_its_author_changes_it_and_the_log_keeps_what_it_said(diane, note):
    answer = Htmx(diane).post(f"/board/notes/{note.id}", text="Ascenseur réparé", version=1)
    assert 'id="note-form"' not in answer.text
    Htmx(diane).post(f"/board/notes/{note.id}/deletion", version=2)
    assert written() == []
    assert logged() == [("added", None, "Ascenseur en panne"), ("changed", "Ascenseur en panne", "Ascenseur réparé"),
                        ("deleted", "Ascenseur réparé", None)]  # fmt: skip


def test_two_tabs_of_the_author_the_slower_one_keeps_its_words(diane, note):
    diane.post(f"/board/notes/{note.id}", data={"text": "Ascenseur réparé", "version": 1})
    slower = Htmx(diane).post(f"/board/notes/{note.id}", text="Ascenseur lent", version=1)
    assert slower.status_code == 412
    assert "The note says now: Ascenseur réparé" in slower.text
    assert "Ascenseur lent</textarea>" in slower.text
    assert Htmx(diane).post(f"/board/notes/{note.id}/deletion", version=1).status_code == 412
    assert written() == ["Ascenseur réparé"]


def test_nobody_else_changes_it_and_on_the_next_day_nobody_does(app, diane, denis, note):
    assert f"edit-note-{note.id}" not in denis.get(f"/board?{DAY}").text
    assert denis.post(f"/board/notes/{note.id}", data={"text": "x", "version": 1}).status_code == 403
    assert denis.post(f"/board/notes/{note.id}/deletion", data={"version": 1}).status_code == 403
    db.session.get_one(DayNote, note.id).written_at -= timedelta(days=1)
    db.session.commit()
    with clock.at(make.at("10:00")):
        assert diane.post(f"/board/notes/{note.id}", data={"text": "x", "version": 1}).status_code == 403
    assert written() == ["Ascenseur en panne"]
