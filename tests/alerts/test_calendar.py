"""A technician's calendar in other programs: by a secret address, and readable by strict ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import vobject
from sqlalchemy import event

from dispatch.alerts import pages
from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.calendar_feed import CalendarFeed
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.pace import Pace
from tests import factories as make
from tests.people import signed_in


@pytest.fixture
def address(app, cast):
    cast.tariq.user.language = "fr"
    secret = CalendarFeed.issue(cast.tariq.user)
    db.session.commit()
    return f"/calendar/{secret}.ics"


def read(client, address, when="07:00", day=make.MONDAY):
    db.session.commit()
    with at(make.at(when, day)):
        answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer


def events(answer):
    """Read by two parsers that know nothing of each other, and of lines that are what RFC 5545 asks for."""
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    assert b"\n" not in answer.data.replace(b"\r\n", b"")
    parsed = icalendar.Calendar.from_ical(answer.data)
    assert [name for part in parsed.walk() for name, _error in part.errors] == []
    other = vobject.readOne(answer.text)
    other.validate(raiseException=True)
    found = parsed.walk("VEVENT")
    assert [str(one["UID"]) for one in found] == [one.uid.value for one in other.contents.get("vevent", [])]
    assert len({str(one["UID"]) for one in found}) == len(found)
    return found


def test_jobs_breaks_and_kiosk_duty_are_in_it(client, address, cast):
    job = make.job("Écran noir de Camille", technician=cast.tariq, start=make.at("09:00"))
    plan = Plan(territory_id=cast.tariq.territory_id, day=make.MONDAY, version=4, changed_at=make.at("08:00"))
    db.session.add(plan)
    db.session.flush()
    db.session.add(PlannedBreak(plan_id=plan.id, technician_id=cast.tariq.id,
                                starts_at=make.at("12:00"), ends_at=make.at("12:45")))  # fmt: skip
    make.duty(cast.tariq, ("14:00", "16:00"))
    make.job("de Zoé", technician=cast.zoe, start=make.at("10:00"))
    visit, lunch, duty = events(read(client, address))
    assert str(visit["SUMMARY"]).startswith(job.number)
    assert "Colbert" in visit["LOCATION"]
    assert str(visit["URL"]).endswith(f"/jobs/{job.number}")
    assert (visit.start, visit.end) == (make.at("09:00"), make.at("09:30"))
    assert (lunch["SUMMARY"], lunch["SEQUENCE"]) == ("Pause repas", 4)
    assert duty["SUMMARY"] == "Permanence · Kiosque Colbert"


def test_who_asked_and_what_he_wrote_stays_in_dispatch(client, address, cast):
    make.job("Écran noir chez le directeur", technician=cast.tariq, start=make.at("09:00"))
    text = read(client, address).text
    assert not [word for word in ("Camille", "02 61", "directeur") if word in text]


def test_a_change_has_the_same_name_and_a_higher_number(client, address, cast):
    job = make.job(technician=cast.tariq, start=make.at("09:00"))
    [before] = events(read(client, address))
    with at(make.at("08:10")):
        job.planned_start, job.planned_end = make.at("10:00"), make.at("10:30")
        job.move("cancelled", make.user("Diane", "dispatcher", every_client=True), reason="plus utile")
        db.session.commit()
    [after] = events(read(client, address))
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt == after["DTSTAMP"].dt == make.at("08:10")
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_the_night_on_which_the_clocks_go_back(client, address, cast):
    """02:30 happens twice on 25 October 2026: both are told apart, and half an hour is half an hour."""
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for start in (night, night + timedelta(hours=1)):
        make.job(technician=cast.tariq, start=start)
    first, second = events(read(client, address, "07:00", date(2026, 10, 24)))
    assert (first.start, second.start) == (night, night + timedelta(hours=1))
    assert {one.end - one.start for one in (first, second)} == {timedelta(minutes=30)}
    assert {one.start.astimezone(make.ZONE).strftime("%H:%M") for one in (first, second)} == {"02:30"}


def test_odd_texts_are_escaped_and_folded(client, address, cast):
    odd = make.building("Tour A; B, C\\D " + "é" * 90, address="1, rue\r\nX-EVIL:1\x07")
    make.job(technician=cast.tariq, start=make.at("09:00"), building_id=odd.id)
    [one] = events(read(client, address))
    assert "Tour A; B, C\\D " + "é" * 90 in one["LOCATION"]
    assert "X-EVIL" not in one


def test_it_reaches_from_a_week_back_to_two_weeks_ahead(client, address, cast):
    for days in (-8, -7, 14, 15):
        make.job(technician=cast.tariq, start=make.at("09:00", make.MONDAY + timedelta(days=days)))
    assert len(events(read(client, address))) == 2


def test_the_same_is_not_sent_twice(client, address, cast):
    make.job(technician=cast.tariq, start=make.at("09:00"))
    first = read(client, address)
    db.session.commit()
    with at(make.at("08:00")):
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_number_of_queries_does_not_grow(client, address, cast):
    def counted():
        seen = []
        listener = lambda *given: seen.append(given[2])  # noqa: E731 - removed again below
        event.listen(db.engine, "before_cursor_execute", listener)
        read(client, address)
        event.remove(db.engine, "before_cursor_execute", listener)
        return len([one for one in seen if one.startswith("SELECT")])

    make.job(technician=cast.tariq, start=make.at("09:00"))
    few = counted()
    for hour in range(10, 16):
        make.job(technician=cast.tariq, start=make.at(f"{hour}:00"), building_id=make.building(f"B{hour}").id)
        make.duty(cast.tariq, (f"{hour}:00", f"{hour}:30"))
    assert counted() == few


def test_an_address_is_made_shown_once_replaced_and_given_up(app, client, cast):
    browser = signed_in(app, cast.tariq.user)
    made = browser.post("/jobs/alerts/calendar")
    assert made.status_code == 201
    first = _address(made.text)
    assert len(first.split("/")[-1]) > 43  # 256 bits
    assert ".ics" not in browser.get("/jobs/alerts").text
    assert client.get(first).status_code == 200
    second = _address(browser.post("/jobs/alerts/calendar").text)
    assert [client.get(one).status_code for one in (first, second)] == [404, 200]
    assert browser.post("/jobs/alerts/calendar/revocation").status_code == 303
    assert client.get(second).status_code == 404
    assert second.split("/")[-1][:-4] not in [row.digest for row in db.session.query(CalendarFeed)]


def test_an_account_that_has_ended_has_no_calendar(client, address, cast):
    cast.tariq.user.disable()
    db.session.commit()
    assert client.get(address).status_code == 404


def test_the_address_is_not_in_the_log(client, address, caplog):
    client.get(address)
    assert "/calendar/<secret>.ics" in str([vars(line).get("fields") for line in caplog.records])
    assert address not in str([vars(line) for line in caplog.records])


def test_who_asks_too_often_waits(client, address, cast, monkeypatch):
    monkeypatch.setattr(pages, "PER_FEED", Pace(2, 3600))
    monkeypatch.setattr(pages, "PER_STRANGER", Pace(1, 3600))
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]
    assert [client.get("/calendar/guess.ics").status_code for _ in range(2)] == [404, 429]


def _address(page):
    return page.partition('id="calendar-address">')[2].partition("<")[0].partition("localhost")[2]
