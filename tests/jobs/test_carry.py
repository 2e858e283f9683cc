"""What a phone carries: today and tomorrow, whole, drawn once for every state that taps lead to."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from dispatch.clock import at, now
from dispatch.extensions import db
from dispatch.jobs.shared import line_of
from dispatch.models.job import Job
from dispatch.models.ticket import Attachment
from dispatch.planning import move
from tests import factories as make
from tests.jobs.carriers import carried, drawn, states
from tests.people import signed_in


@pytest.fixture
def today():
    return now().astimezone(make.ZONE).date()


@pytest.fixture
def visit(cast, today):
    return make.job("Écran noir", technician=cast.tariq, start=make.at("09:00", today))


def test_the_phone_carries_today_and_tomorrow_and_nothing_of_anybody_else(app, cast, visit, today):
    tomorrow = make.job("Clavier", technician=cast.tariq, start=make.at("10:00", today + timedelta(days=1)))
    make.job("Souris", technician=cast.tariq, start=make.at("10:00", today + timedelta(days=2)))
    make.job("Secret", technician=cast.zoe, start=make.at("09:00", today))
    told = carried(app, cast.tariq.user)
    assert set(told["jobs"]) == {visit.number, tomorrow.number}
    assert [day["jobs"] for day in told["days"].values()] == [[visit.number], [tomorrow.number]]
    assert "Secret" not in json.dumps(told)
    assert told["person"] == cast.tariq.user.id


def test_every_state_that_taps_lead_to_is_drawn_with_its_own_button(app, cast, visit):
    told = carried(app, cast.tariq.user)
    reached = states(told, visit.number)
    says = {"dispatched": "Accepter", "accepted": "Je pars", "travelling": "Sur place", "working": "Terminer"}
    for state, words in says.items():
        assert words in drawn(told, visit.number, state, "deeds"), state
    assert reached["travelling"]["moves"]["working"] == "working"
    assert reached["dispatched"]["moves"]["declined"] == "unplanned"
    assert "unplanned" not in reached
    assert 'name="note"' in drawn(told, visit.number, "working", "completion")
    assert 'name="reason"' in drawn(told, visit.number, "working", "reasons")
    assert {state for state, look in reached.items() if "bar" in look} == {"completed", "not_completed"}


def test_a_sheet_is_carried_where_a_button_opens_it(app, cast, visit):
    told = carried(app, cast.tariq.user)
    for state, look in states(told, visit.number).items():
        opened = set(re.findall(r"/(reasons|more|completion)\?", drawn(told, visit.number, state, "deeds")))
        assert opened == look.keys() & {"reasons", "more", "completion"}, state


def test_a_tap_that_led_to_a_state_can_be_taken_back_there(app, cast, visit):
    told = carried(app, cast.tariq.user)
    assert 'value="undone"' in drawn(told, visit.number, "travelling", "deeds")
    assert 'value="undone"' not in drawn(told, visit.number, "dispatched", "deeds")


def test_where_the_last_tap_came_from_is_carried_while_it_can_be_taken_back(app, cast, visit):
    signed_in(app, cast.tariq.user).post(
        f"/jobs/{visit.number}/transitions", data={"to": "accepted", "key": "k1", "back": "day"}
    )
    told = carried(app, cast.tariq.user)["jobs"][visit.number]
    assert (told["state"], told["before"]) == ("accepted", "dispatched")
    assert "dispatched" in states(carried(app, cast.tariq.user), visit.number)
    with at(now() + timedelta(seconds=90)):
        told = carried(app, cast.tariq.user)
    assert told["jobs"][visit.number]["before"] is None
    assert "dispatched" not in states(told, visit.number)


def test_every_state_has_the_line_that_the_list_shows(app, cast, today):
    visit = make.job("Écran noir", technician=cast.tariq, start=make.at("09:00", today + timedelta(days=1)))
    told = carried(app, cast.tariq.user)
    for state, look in states(told, visit.number).items():
        visit.state = state
        db.session.commit()
        lines = carried(app, cast.tariq.user)["jobs"][visit.number]["lines"]
        assert lines[line_of(state)] == told["jobs"][visit.number]["lines"][look["line"]], state


def test_what_is_carried_is_the_page_that_is_live(app, cast, visit):
    visit.ticket.asset = "PC-0815"
    told = carried(app, cast.tariq.user)
    live = signed_in(app, cast.tariq.user).get(f"/jobs/{visit.number}").text
    for words in ("Écran noir", "PC-0815", "Acme"):
        assert words in live
        assert words in told["jobs"][visit.number]["page"] + told["jobs"][visit.number]["card"]


def test_the_number_of_queries_does_not_grow_with_the_jobs(app, cast, visit, today):
    few = _queries(app, cast.tariq.user)
    for hour in (10, 11, 13, 14):
        make.job(f"Poste {hour}", technician=cast.tariq, start=make.at(f"{hour}:00", today))
    assert _queries(app, cast.tariq.user) == few


def test_nothing_is_sent_when_nothing_happened_since(app, cast, visit):
    cursor = carried(app, cast.tariq.user)["cursor"]
    browser = signed_in(app, cast.tariq.user)
    assert browser.get("/jobs/carry", query_string={"after": cursor}).status_code == 204
    move.take_back(db.session.get(Job, visit.id), cast.diane)
    assert carried(app, cast.tariq.user, after=cursor)["jobs"] == {}


def test_files_are_carried_as_far_as_there_is_room(app, cast, visit):
    for name, megabytes in (("plan.pdf", 6), ("film.mp4", 8), ("note.txt", 1)):
        visit.ticket.attachments.append(
            Attachment(
                filename=name,
                token=name,
                content_type="x/y",
                size=megabytes * 1024 * 1024,
                sha256="0",
                uploaded_at=now(),
            )
        )
    assert carried(app, cast.tariq.user)["files"] == ["/attachments/plan.pdf", "/attachments/note.txt"]


def test_what_was_done_before_on_the_asset_is_told_within_the_client(app, cast, visit, today):
    old, foreign = (make.job(words, technician=cast.zoe, start=make.at("08:00", today - timedelta(days=9)))
                    for words in ("Dalle changée", "Chez les autres"))  # fmt: skip
    foreign.client = foreign.ticket.client = make.client("breizh-2")
    for job in (visit, old, foreign):
        job.ticket.asset = "PC-0815"
    for job in (old, foreign):
        job.state, job.ended_at, job.note = "completed", now() - timedelta(days=9), "sous garantie"
    page = carried(app, cast.tariq.user)["jobs"][visit.number]["page"]
    assert "Dalle changée" in page
    assert "sous garantie" in page
    assert "Chez les autres" not in page


@pytest.mark.parametrize("who", ["diane", "paula", "carole"])
def test_nobody_else_carries_anything(app, cast, visit, who):
    assert signed_in(app, getattr(cast, who)).get("/jobs/carry").status_code == 403


def _queries(app, person) -> int:
    browser = signed_in(app, person)
    browser.get("/jobs/carry")
    seen: list[str] = []

    def count(*arguments) -> None:
        seen.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert browser.get("/jobs/carry").status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return len(seen)


def test_jobs_of_one_kind_share_what_is_drawn_and_nothing_of_a_job_is_in_it(app, cast, visit, today):
    other = make.job("Clavier <muet>", technician=cast.tariq, start=make.at("10:00", today), minutes=25)
    told = carried(app, cast.tariq.user)
    assert told["jobs"][visit.number]["kind"] == told["jobs"][other.number]["kind"]
    gaps = told["jobs"][other.number]["gaps"]
    assert (gaps["summary"], gaps["minutes"]) == ("Clavier &lt;muet&gt;", "25")
    assert (gaps["signer"], gaps["tel"]) == ("Camille Bihan", "tel:0261910010")
    shared = json.dumps(told["pieces"], ensure_ascii=False)
    assert not [
        own for own in (visit.number, other.number, "Écran noir", "muet", "0261910010") if own in shared
    ]
    completion = drawn(told, other.number, "working", "completion")
    assert all(gap in completion for gap in ("~number~", "~summary~", "~version~"))


def test_what_is_carried_grows_by_little_with_each_job(app, cast, visit, today):
    few = _weight(app, cast.tariq.user)
    for hour in (10, 11, 13, 14):
        make.job(f"Poste {hour}", technician=cast.tariq, start=make.at(f"{hour}:00", today))
    assert few < 40_000
    assert (_weight(app, cast.tariq.user) - few) / 4 < 6_000


def _weight(app, person) -> int:
    return len(signed_in(app, person).get("/jobs/carry").data)


def test_the_sheet_on_which_is_signed_is_shared_with_a_gap_for_who_signs(app, cast, today):
    kind = make.category("delivery")
    kind.proof = {"signature": True}
    who = make.ticket("Livraison", category_id=kind.id, requester=make.requester("Nolwenn <Le Goff>"))
    job = make.job(of=who, technician=cast.tariq, start=make.at("09:00", today))
    told = carried(app, cast.tariq.user)
    assert 'value="~signer~"' in drawn(told, job.number, "working", "completion")
    assert told["jobs"][job.number]["gaps"]["signer"] == "Nolwenn &lt;Le Goff&gt;"


def test_the_choices_of_a_client_are_offered_for_its_own_jobs_only(app, cast, visit, today):
    """Rights and kinds of work are in no sheet that another client's job may share."""
    breizh = make.client("breizh")
    make.right("root", breizh).label = "Droit de Breizh"
    told = carried(app, cast.tariq.user)
    other = make.job("Souris", owner=breizh, technician=cast.tariq, start=make.at("10:00", today))
    both = carried(app, cast.tariq.user)
    assert "Droit de Breizh" not in json.dumps(told, ensure_ascii=False)
    rights = {
        number: both["pieces"][both["jobs"][number]["gaps"]["rights"]]
        for number in (visit.number, other.number)
    }
    assert "Droit de Breizh" in rights[other.number]
    assert "Droit de Breizh" not in rights[visit.number]
