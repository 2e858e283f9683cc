"""A run of two days from the dialog to the boards of both days, with a real worker, on either database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from babel.dates import format_date
from playwright.sync_api import Page, expect

from dispatch.clock import now
from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import always_open
from tests.browser.test_board import sign_in
from tests.browsers import obstacles
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
TOMORROW = now().astimezone(make.ZONE).date() + timedelta(days=1)
AFTER = TOMORROW + timedelta(days=1)


def in_french(day, pattern="EEEE d MMMM"):
    return format_date(day, pattern, locale="fr")


@pytest.fixture
def jobs(live_server: LiveServer, tmp_path: Path):
    """Tariq works tomorrow, Zoé the day after; one job suits either, one only the day after, one nobody."""
    app = make_app(live_server.database, tmp_path / "seed")
    with app.app_context():
        make.user("Diane", "dispatcher", every_client=True, language="fr").set_password(PASSWORD)
        always_open(make.client())
        make.site(opening_week=[[[0, 1440]]] * 7)
        make.territory().horizon_days = 1
        make.technician("Tariq", day=TOMORROW)
        make.technician("Zoé", day=AFTER)
        made = [
            make.job("Écran noir", of=make.ticket("Écran noir", due_at=make.at("12:00", TOMORROW))),
            make.job("Badge illisible", not_before=make.at("00:00", AFTER)),
            make.job("Serveur arrêté", admin_right_id=make.right().id),
            make.job("Sans durée", minutes=None),
        ]
        db.session.commit()
        numbers = [job.number for job in made]
        db.session.remove()
        db.engine.dispose()
    return numbers


def test_diane_plans_two_days_and_finds_each_on_its_board(live_server, jobs, desktop):
    page, today, later = desktop, in_french(TOMORROW), in_french(AFTER)
    sign_in(page, live_server, "diane")
    page.goto(f"{live_server.url}/board?day={TOMORROW}")
    ask_for_two_days(page)
    expect(page.locator("#start-run")).to_have_count(0)
    page.click("a[id^=read-]", timeout=60_000)
    expect(page.locator(".diff-day").nth(0)).to_contain_text(today)
    expect(page.locator(".diff-day").nth(1)).to_contain_text(later)
    expect(page.locator("#changes .diff li")).to_have_count(2)
    expect(page.locator("#gains li")).to_have_count(2)
    expect(page.locator("#gains")).to_contain_text(
        f"Tariq, {in_french(TOMORROW, 'EEEE d')}\u00a0: 1 intervention de plus"
    )
    expect(page.locator("#gains")).to_contain_text(
        f"Zoé, {in_french(AFTER, 'EEEE d')}\u00a0: 1 intervention de plus"
    )
    expect(page.locator(".unplaced .why")).to_contain_text("personne n’a le droit local_admin")
    assert obstacles(page) == []
    page.click("#accept")
    expect(page.locator(f"#stop-{jobs[0]}")).to_be_visible()
    expect(page.locator(f"#stop-{jobs[1]}")).to_have_count(0)
    page.goto(f"{live_server.url}/board?day={AFTER}")
    expect(page.locator(f"#stop-{jobs[1]}")).to_be_visible()
    page.click(f"#stop-{jobs[1]}")
    expect(page.locator("#detail")).to_contain_text("Planifiée")
    page.goto(f"{live_server.url}/board/jobs/{jobs[0]}?day={TOMORROW}")
    expect(page.locator("#detail")).to_contain_text("Envoyée")


def ask_for_two_days(page: Page) -> None:
    """The list of who is left out follows the number of days, before anything is sent."""
    page.keyboard.press("Alt+o")
    aside = page.locator("#left-out")
    expect(aside).to_contain_text("n’a pas de plage de travail ce jour-là")
    page.select_option("#days", "2")
    expect(aside).to_contain_text(f"n’a pas de plage de travail {in_french(AFTER, 'EEEE d')}")
    expect(aside).to_contain_text("n’a pas de durée")
    assert obstacles(page) == []
    page.select_option("#seconds", "10")
    page.click("#start-run")
