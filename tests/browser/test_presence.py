"""A technician's own day on his phone: a pause without signal, work taken that nobody has, work handed to a colleague."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.technician import Absence, Shift
from tests import factories as make
from tests.apps import make_app
from tests.browser.phones import Phone
from tests.browsers import obstacles
from tests.people import PASSWORD

pytestmark = pytest.mark.browser
ALL_WEEK = [[[0, 1440]]] * 7
SMALL = """() => [...document.querySelectorAll(
    '.day-deeds a, .day-deeds summary, .day-deeds button, .presence button, #sheet[open] button, #sheet[open] a')]
    .filter((one) => one.checkVisibility()).map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44).map(([words, box]) => `${words}: ${box.width} × ${box.height}`)"""


@pytest.fixture
def app(server, tmp_path):
    """Tariq and Zoé work until tomorrow noon, whatever the hour is; he has a job of today and one of tomorrow."""
    today = now().astimezone(make.ZONE).date()
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        make.site(opening_week=ALL_WEEK)
        for name in ("Tariq", "Zoé"):
            person = make.technician(name, day=None)
            begin = make.at("00:00", today)
            person.shifts.append(Shift(kind="work", starts_at=begin, ends_at=begin + timedelta(hours=30)))
            person.shifts.append(
                Shift(kind="work", starts_at=begin + timedelta(hours=32), ends_at=begin + timedelta(hours=42))
            )
        tariq = make.technician("Tariq", day=None)
        tariq.user.set_password(PASSWORD)
        make.job(
            "Écran noir", technician=tariq, start=now() + timedelta(minutes=20), state="accepted", day=today
        )
        make.job(
            "Câblage", technician=tariq, start=make.at("11:00", today + timedelta(days=1)), state="planned"
        )
        make.job("Clavier muet", minutes=10)
        db.session.commit()
    return app


@pytest.fixture
def hand(browser, server, app, tmp_path):
    phone = Phone(browser, server, tmp_path / "phone")
    yield phone
    phone.context.close()


def test_a_pause_without_signal_then_taking_and_handing_over(hand, app):
    hand.sign_in("Tariq")
    page = hand.page
    hand.until(lambda: hand.memory("device"))
    assert obstacles(page) == []
    hand.lose_signal()
    page.locator("#take-one").tap()
    expect(page.locator("#no-signal-offers")).to_be_visible()
    page.get_by_text("Pause…").tap()
    page.get_by_role("button", name="Pause de 30").tap()
    expect(page.locator(".presence")).to_contain_text("Pause depuis")
    expect(page.locator("[data-presence=top] .waiting")).to_be_visible()
    hand.open()  # and opened anew without signal it is so still
    page = hand.page
    expect(page.locator(".presence")).to_contain_text("Pause depuis")
    assert page.evaluate(SMALL) == []
    hand.find_signal()
    hand.sends_everything()
    expect(page.locator(".presence")).to_contain_text("prévu jusqu’à")
    assert obstacles(page) == []
    with app.app_context():
        pause = db.session.scalars(select(Absence)).one()
        assert (pause.kind, pause.is_open) == ("pause", True)
    page.get_by_role("button", name="Reprendre").tap()
    expect(page.locator(".presence")).to_have_count(0)
    hand.sends_everything()
    page.goto(f"{hand.server.url}/jobs")

    page.locator("#take-one").tap()
    expect(page.locator("#sheet .mate")).to_contain_text("Clavier muet")
    assert obstacles(page) == []
    assert page.evaluate(SMALL) == []
    page.locator("#sheet .mate").tap()
    expect(page.locator(".toast")).to_contain_text("est à vous")
    expect(page.locator("#day")).to_contain_text("Clavier muet")

    page.locator(".day-tabs a").nth(1).tap()
    page.locator(".day-list a", has_text="Câblage").tap()
    expect(page.locator(".next-job-title")).to_have_text("Câblage")
    page.get_by_text("Plus…").tap()
    page.get_by_text("Confier à un collègue…").tap()
    expect(page.locator("#sheet .mate")).to_contain_text("Zoé")
    assert obstacles(page) == []
    assert page.evaluate(SMALL) == []
    page.fill("#hand-why", "je suis en formation")
    page.locator("#sheet .mate").tap()
    expect(page.locator("#flashes")).to_contain_text("est confiée à Zoé")
    expect(page.locator("#day")).not_to_contain_text("Câblage")
    with app.app_context():
        held = {job.ticket.summary: job.technician.name for job in db.session.scalars(select(Job))}
    assert held == {"Écran noir": "Tariq", "Clavier muet": "Tariq", "Câblage": "Zoé"}
