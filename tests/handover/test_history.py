"""What a client's contact reads of a ticket, and what only the provider's people read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.clock import at as frozen
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.live import Ear, News
from dispatch.models.audience import CONTACTS, HEARD
from dispatch.models.event import Event
from tests import factories as make
from tests.api.callers import PREFIX, calling
from tests.people import signed_in

INTERNAL = "to be kept inside"
# whatever a kind of event carries; the words that are shown are made from some of it
DATA = {
    "source": "travelling", "target": "open", "move": "working", "awaits": INTERNAL, "note": INTERNAL,
    "lacked": INTERNAL, "skipped": INTERNAL, "fields": [INTERNAL], "changed": [INTERNAL], "contact": INTERNAL,
    "part": INTERNAL, "lock": "both", "minutes": 20, "number": "INT-1001", "awaited": "answer",
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday_morning():
    with frozen(make.at("09:00")):
        yield


@pytest.fixture
def job(cast):
    job = make.job("Écran noir", technician=cast.tariq)
    job.ticket.handover.lacked = INTERNAL
    job.note, job.waived = INTERNAL, {"skill": INTERNAL}
    db.session.commit()
    return job


def happen(job, kind, **data):
    entry = Event(kind=kind, at=now(), client_id=job.client_id, ticket_id=job.ticket_id, job_id=job.id,
                  technician_id=job.technician_id, data={**DATA, **data})  # fmt: skip
    db.session.add(entry)
    db.session.commit()
    return entry


def page_of(app, person, job):
    return signed_in(app, person, language="en").get(f"/tickets/{job.ticket.number}").get_data(as_text=True)


@pytest.mark.parametrize("kind", sorted(CONTACTS))
def test_carole_reads_of_no_event_what_is_internal(app, cast, job, kind):
    """Override reasons, notes and what the handover lacked stay inside.

    The reason of a state is a code; the note of a ticket's state tells why it was cancelled, and the form says so.
    """
    happen(job, kind, **({} if kind.endswith(".state") else {"reason": INTERNAL}),
           **({"note": None} if kind == "ticket.state" else {}))  # fmt: skip
    page = page_of(app, cast.carole, job)
    assert "History" in page
    assert INTERNAL not in page


@pytest.mark.parametrize("kind", sorted(set(CONTACTS) - HEARD))
def test_carole_reads_nothing_of_an_event_that_is_hidden(app, cast, job, kind):
    before = page_of(app, cast.carole, job)
    entry = happen(job, kind, reason=INTERNAL)
    page = page_of(app, cast.carole, job)
    assert entry.at.isoformat() not in page
    assert page.count("<time") == before.count("<time") == 0


@pytest.mark.parametrize("kind", sorted(CONTACTS))
def test_the_stream_tells_carole_of_what_she_may_read_only(cast, job, kind):
    entry = happen(job, kind)
    news = News(entry.id, kind, entry.client_id, None, entry.technician_id, job.id, job.ticket_id, None)
    assert news.audible_to(Ear.of(cast.carole)) is (kind in HEARD)
    assert news.audible_to(Ear.of(cast.paula))


def test_a_kind_that_nobody_has_declared_is_hidden(app, cast, job):
    entry = happen(job, "job.invented")
    news = News(entry.id, "job.invented", entry.client_id, None, None, job.id, job.ticket_id, None)
    assert not news.audible_to(Ear.of(cast.carole))
    assert Event.told_to(entry, cast.carole) == {}


def test_why_a_technician_declined_is_not_told_to_the_client(app, cast, job):
    happen(job, "job.state", source="dispatched", target="unplanned", move="declined", reason="overloaded")
    page = page_of(app, cast.carole, job)
    assert "Taken out of the plan" in page
    assert "Declined" not in page
    assert "My day is full" not in page
    assert "My day is full" in page_of(app, cast.paula, job)


def test_states_times_and_outcomes_are_told(app, cast, job):
    happen(
        job, "job.state", source="working", target="not_completed", move="not_completed", reason="user_absent"
    )
    happen(job, "job.retimed")
    job.promised_from, job.promised_to = make.at("14:00"), make.at("16:00")
    page = page_of(app, cast.carole, job)
    for told in ("User absent", "Later by 20", "Promised", "14:00–16:00", "Tariq"):
        assert told in page, told


def test_paula_reads_it_all(app, cast, job):
    happen(job, "job.noted")
    happen(job, "job.moved", reason=INTERNAL)
    assert page_of(app, cast.paula, job).count(INTERNAL) == 4  # lacked, the job's note, and both events


def test_the_list_does_not_tell_carole_what_the_handover_lacked(app, cast, job):
    assert INTERNAL not in signed_in(app, cast.carole).get("/tickets").get_data(as_text=True)
    assert INTERNAL in signed_in(app, cast.denis).get("/tickets").get_data(as_text=True)


@pytest.mark.parametrize("path", ["tickets", "tickets/{ticket}", "jobs", "jobs/{job}"])
def test_the_api_tells_carole_nothing_internal(app, cast, job, path):
    address = f"{PREFIX}/{path.format(ticket=job.ticket.number, job=job.number)}"
    assert INTERNAL not in calling(app, cast.carole).get(address).get_data(as_text=True)
    assert INTERNAL in calling(app, cast.denis).get(address).get_data(as_text=True)


def test_an_old_hidden_event_takes_no_place_of_one_that_is_told(app, cast, job):
    with frozen(make.at("09:00") - timedelta(hours=1)):
        happen(job, "ticket.handed_over")
    for _number in range(201):
        happen(job, "job.noted")
    assert "Handed over" in page_of(app, cast.carole, job)
