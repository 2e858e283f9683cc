"""Paula hands over while she is on the phone."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from dispatch.clock import at as frozen
from dispatch.extensions import db
from dispatch.models.handed import ASKED
from dispatch.models.ticket import Attachment, Requester, Ticket
from tests import factories as make
from tests.people import signed_in


@pytest.fixture
def paula(app, cast):
    with frozen(make.at("09:00")):
        yield signed_in(app, cast.paula, language="en")


@pytest.fixture
def answers(cast):
    """Everything a complete handover says."""
    return {
        "client": make.client().id, "requester": "Camille Bihan", "phone": "02 61 91 00 10",
        "building": make.building().id, "floor": "3", "desk": "312", "category": make.category().id,
        "summary": "Écran noir", "asset": "PC-4471", "steps_tried": "redémarrage, autre câble",
        "reasons": ["presence"], "impact": "2", "urgency": "2",
        "available": "2026-11-23T09:00:00+00:00/2026-11-23T11:00:00+00:00",
    }  # fmt: skip


def tickets():
    return db.session.scalars(select(Ticket)).all()


def test_a_complete_handover_becomes_a_ticket_with_its_visit(paula, cast, answers):
    answer = paula.post("/tickets", data=answers)
    (ticket,) = tickets()
    assert answer.location == f"/tickets/{ticket.number}/handover?new=1"
    assert (ticket.priority, ticket.missing, ticket.unknown, ticket.agent) == (3, [], [], cast.paula)
    assert (ticket.jobs[0].mode, ticket.jobs[0].duration_minutes) == ("on_site", 30)
    assert ticket.due_at == make.at("15:00", make.MONDAY.replace(day=24))


def test_the_result_is_a_line_to_read_aloud(paula, answers):
    page = paula.post("/tickets", data=answers, follow_redirects=True).get_data(as_text=True)
    assert "Your number is T-1001." in page
    assert "A technician comes to see you" in page


@pytest.mark.parametrize("name", [name for name in ASKED if name != "admin_right"])
def test_nothing_goes_out_before_an_answer_is_given_or_said_to_be_unknown(paula, answers, name):
    answers.pop(name)
    refused = paula.post("/tickets", data=answers)
    assert refused.status_code == 422
    assert tickets() == []
    paula.post("/tickets", data={**answers, f"{name}_unknown": "1"})
    (ticket,) = tickets()
    assert ticket.unknown == [name]


def test_what_is_missing_is_said_as_the_sentence_to_ask(paula, answers):
    page = paula.post("/tickets", data={**answers, "floor": " "}).get_data(as_text=True)
    assert "On which floor are you?" in page


def test_the_admin_right_is_asked_for_when_it_is_the_reason(paula, answers):
    asked = paula.post("/tickets", data={**answers, "reasons": ["admin_rights"]})
    assert "Which administrator right does it need?" in asked.get_data(as_text=True)
    right = make.right()
    paula.post("/tickets", data={**answers, "reasons": ["admin_rights"], "admin_right": right.id})
    assert tickets()[0].jobs[0].admin_right is right


def test_nothing_typed_is_lost_by_an_error(paula, answers):
    page = paula.post("/tickets", data={**answers, "summary": ""}).get_data(as_text=True)
    for typed in ("Camille Bihan", "02 61 91 00 10", "312", "PC-4471", "redémarrage, autre câble"):
        assert typed in page
    assert re.search(rf'<option selected value="{answers["building"]}">', page)
    assert re.search(r'name="reasons" value="presence" checked', page)
    assert answers["available"] in page


def test_a_file_survives_an_error(paula, answers):
    first = {**answers, "floor": "", "files": (io.BytesIO(b"%PDF-1.7 plan"), "plan.pdf")}
    page = paula.post("/tickets", data=first).get_data(as_text=True)
    note = re.search(r'name="kept" value="([^"]+)"', page).group(1)
    paula.post("/tickets", data={**answers, "kept": note})
    (attachment,) = tickets()[0].attachments
    assert (attachment.filename, attachment.content_type, attachment.size) == (
        "plan.pdf",
        "application/pdf",
        13,
    )


def test_somebody_elses_file_cannot_be_taken_along(app, cast, paula, answers):
    first = {**answers, "floor": "", "files": (io.BytesIO(b"secret"), "secret.txt")}
    page = paula.post("/tickets", data=first).get_data(as_text=True)
    note = re.search(r'name="kept" value="([^"]+)"', page).group(1)
    signed_in(app, cast.denis).post("/tickets", data={**answers, "kept": note})
    assert db.session.scalar(select(func.count(Attachment.id))) == 0


def test_a_double_click_makes_one_ticket(paula, answers):
    answers["once"] = "drawn once"
    first, second = paula.post("/tickets", data=answers), paula.post("/tickets", data=answers)
    assert len(tickets()) == 1
    assert first.location == second.location


def test_the_same_form_with_other_answers_is_another_handover(paula, answers):
    answers["once"] = "drawn once"
    paula.post("/tickets", data=answers)
    paula.post("/tickets", data={**answers, "summary": "Clavier muet"})
    assert len(tickets()) == 2


def test_a_time_of_ones_own_is_read_in_the_clients_zone(paula, answers):
    answers.pop("available")
    custom = {"available_from": "2026-11-24T14:00", "available_to": "2026-11-24T16:00"}
    paula.post("/tickets", data={**answers, **custom})
    assert tickets()[0].available == [["2026-11-24T14:00:00+01:00", "2026-11-24T16:00:00+01:00"]]


@pytest.mark.parametrize("field", ["building", "category", "admin_right"])
def test_what_belongs_to_breizh_is_an_error_at_its_field(paula, answers, field):
    breizh = make.client("breizh")
    foreign = {"building": make.building, "category": make.category, "admin_right": make.right}[field](
        owner=breizh
    )
    answer = paula.post("/tickets", data={**answers, field: foreign.id})
    assert answer.status_code == 422
    assert "This does not belong to the client." in answer.get_data(as_text=True)
    assert tickets() == []


def test_a_requester_of_breizh_cannot_be_picked(paula, answers):
    stranger = make.requester("Camille Bihan", owner=make.client("breizh"))
    paula.post("/tickets", data={**answers, "requester_id": stranger.id})
    assert tickets()[0].requester.client_id == make.client().id


def test_paula_cannot_hand_over_for_breizh(paula, answers):
    assert paula.post("/tickets", data={**answers, "client": make.client("breizh").id}).status_code == 404
    assert paula.post("/tickets", data={**answers, "client": "x"}).status_code == 404
    assert tickets() == []


def test_fields_that_nobody_offered_are_ignored(paula, answers):
    smuggled = {"client_id": make.client("breizh").id, "state": "closed", "agent_id": 99, "technician_id": 1}
    paula.post("/tickets", data={**answers, **smuggled})
    (ticket,) = tickets()
    assert (ticket.client, ticket.state, ticket.jobs[0].technician_id) == (make.client(), "open", None)


def test_without_the_token_nothing_is_written(paula, answers):
    paula.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert paula.post("/tickets", data=answers).status_code == 400
    assert tickets() == []


@pytest.mark.parametrize("person", ["carole", "tariq"])
def test_only_agents_and_dispatchers_hand_over(app, cast, answers, person):
    whoever = getattr(cast, person)
    browser = signed_in(app, getattr(whoever, "user", whoever))
    assert browser.get("/tickets/new").status_code == 403
    assert browser.post("/tickets", data=answers).status_code == 403


def test_htmx_is_sent_on_to_the_result_and_gets_the_form_alone_on_errors(paula, answers):
    htmx = {"HX-Request": "true"}
    refused = paula.post("/tickets", data={**answers, "floor": ""}, headers=htmx)
    assert refused.get_data(as_text=True).strip().startswith("<form")
    done = paula.post("/tickets", data=answers, headers=htmx)
    assert done.headers["HX-Redirect"].endswith("/handover?new=1")


def test_the_known_number_of_the_clients_tool_updates_its_ticket(paula, answers):
    make.connection("servicenow")
    answers["external_id"] = "INC0001"
    paula.post("/tickets", data=answers)
    answer = paula.post("/tickets", data={**answers, "desk": "314"})
    (ticket,) = tickets()
    assert (ticket.desk, ticket.connection.system) == ("314", "servicenow")
    assert answer.location.endswith("?new=0")


def test_a_picked_requester_is_the_one_on_the_ticket(paula, answers):
    twin = make.requester("Louis Martin", phone="02 61 91 00 20")
    other = Requester(client_id=make.client().id, name="Louis Martin", phone="02 61 91 00 21")
    db.session.add(other)
    db.session.flush()
    paula.post("/tickets", data={**answers, "requester": "Louis Martin", "requester_id": other.id})
    assert tickets()[0].requester is other
    assert twin is not other


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_times_that_no_calendar_can_show_are_refused(paula, answers, year):
    answers["available"] = f"{year}-01-01T00:00:00+14:00/9999-12-31T23:59:00-12:00"
    assert paula.post("/tickets", data=answers).status_code in (400, 422)
    assert tickets() == []
