"""Diane tries by keyboard what happens when Zoé is sick and a printer breaks, with a real worker, and makes it real."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import open_every_day
from tests.browser.conftest import sign_in
from tests.browsers import obstacles
from tests.servers import LiveServer

pytestmark = pytest.mark.browser


@pytest.fixture
def numbers(server: LiveServer, jobs: list[str], tmp_path: Path, tomorrow):
    """Zoé's three jobs of tomorrow; Tariq works then too, and Acme knows printers."""
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        open_every_day()
        make.technician("Tariq", day=tomorrow)
        make.category("printer", label_fr="Imprimante")
        db.session.commit()
    return jobs


def test_diane_tries_a_sick_day_and_makes_it_real(server, numbers, tomorrow, desktop):
    page = desktop
    sign_in(page, server, "diane")
    page.goto(f"{server.url}/board?day={tomorrow}")
    page.keyboard.press("Alt+e")
    assume_by_keyboard(page)
    assert obstacles(page) == []
    page.click("#start-what-if")
    expect(page.locator("#assumed")).to_contain_text("Absence\u00a0: Zoé, de 00:00 à 24:00")
    beside = page.locator("#beside")
    expect(beside).to_contain_text("Au mieux sans cela", timeout=90_000)
    expect(page.locator("#changes")).to_contain_text("+1 va à Tariq")
    expect(page.locator("#changes .diff li")).to_have_count(5)
    assert obstacles(page) == []
    page.goto(f"{server.url}/board?day={tomorrow}")
    expect(page.locator("#notice")).to_have_text("")
    page.goto(f"{server.url}/board/what-ifs?day={tomorrow}")
    expect(page.locator("#sandboxes tbody tr")).to_have_count(1)
    assert obstacles(page) == []
    page.click("#sandboxes tbody a")
    expect(page.locator("#accept")).to_be_visible()
    page.keyboard.press("Alt+a")
    page.click("#confirm [value=yes]")
    expect(page.locator(".route", has_text="Zoé")).to_contain_text("Absen", ignore_case=True)
    for number in numbers:
        expect(page.locator(".route", has_text="Tariq").locator(f"#stop-{number}")).to_be_visible()
    expect(page.locator(".route", has_text="Tariq")).to_contain_text("Imprimante")


def assume_by_keyboard(page: Page) -> None:
    """The first line is chosen with the focus where the page puts it; each new line takes the focus."""
    expect(page.locator("#add-absent")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#technician-0")).to_be_focused()
    page.keyboard.type("Zo")
    page.locator("#add-more_jobs").press("Enter")
    expect(page.locator("#count-1")).to_be_focused()
    assert page.locator("#technician-0 option:checked").text_content() == "Zoé"
    page.locator("#building-1").select_option(index=1)
    page.locator("#category-1").select_option(label="Imprimante")
    page.select_option("#seconds", "10")
