"""Two dispatchers and a technician, behind two web processes on one database: each sees what the others do.

The process of one of them is killed and started again: his board catches up by itself, and nothing is missing.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.technician import Technician
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import open_every_day
from tests.browser.conftest import sign_in
from tests.browsers import DESKTOP, PHONE, open_page
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
PATIENCE = 30_000  # milliseconds; a busy machine is no reason to fail
TOMORROW = now().astimezone(make.ZONE).date() + timedelta(days=1)


@pytest.fixture
def servers(database: str, tmp_path: Path):
    """Two web processes with one secret, as behind a proxy, and one worker."""
    one, other = (LiveServer(database, tmp_path / "instance") for _process in range(2))
    try:
        one.start()
        other.start_web()
        yield one, other
    finally:
        for server in (other, one):  # the pages that are open would keep them for a while
            server.kill_web()
            server.stop()


@pytest.fixture
def jobs(servers, tmp_path: Path) -> list[str]:
    app = make_app(servers[0].database, tmp_path / "instance")
    with app.app_context():
        open_every_day()
        for name in ("Diane", "Ahmed"):
            make.user(name, "dispatcher", every_client=True).set_password(PASSWORD)
        tariq, _zoe = (make.technician(name, day=TOMORROW) for name in ("Tariq", "Zoé"))
        tariq.user.set_password(PASSWORD)
        made = [
            make.job(f"Poste {hour}", technician=tariq, start=make.at(f"{hour}:00", TOMORROW))
            for hour in (10, 11, 14)
        ]
        db.session.commit()
        numbers = [job.number for job in made]
        assert db.session.query(Technician).count() == 2
        db.session.remove()
        db.engine.dispose()
    return numbers


def test_each_sees_what_the_others_do_and_a_board_whose_process_was_killed_catches_up(
    servers, jobs, browser: Browser
):
    one, other = servers
    expect.set_options(timeout=PATIENCE)
    with (
        open_page(browser, DESKTOP) as diane,
        open_page(browser, DESKTOP) as ahmed,
        open_page(browser, PHONE) as tariq,
    ):
        opened(diane, one, "diane")
        opened(ahmed, other, "ahmed")
        on_the_phone(tariq, other)
        tariq_accepts(tariq, jobs[0])
        for board in (diane, ahmed):
            expect(board.locator(f"#stop-{jobs[0]}")).to_have_attribute("data-state", "accepted")
        gives(diane, jobs[1], "Zoé")
        for board in (diane, ahmed):
            expect(row(board, "Zoé").locator(f"#stop-{jobs[1]}")).to_be_visible()
        expect(ahmed.locator(".toast").last).to_contain_text("Diane")
        expect(tariq.locator("#day")).not_to_contain_text("Poste 11")
        tariq.goto("about:blank")  # a phone without its server is what test_offline.py is about
        other.kill_web()
        gives(diane, jobs[2], "Zoé")
        other.start_web()
        expect(row(ahmed, "Zoé").locator(f"#stop-{jobs[2]}")).to_be_visible()
        expect(row(ahmed, "Tariq").locator(".stop[id]")).to_have_count(1)
        the_second_is_told(diane, ahmed, jobs[2])
    expect.set_options(timeout=15_000)


def opened(page: Page, server: LiveServer, name: str) -> None:
    sign_in(page, server, name)
    page.goto(f"{server.url}/board?day={TOMORROW}")
    expect(page.locator(".route")).to_have_count(2)


def on_the_phone(page: Page, server: LiveServer) -> None:
    page.goto(f"{server.url}/sign-in")
    page.fill("#email", "tariq@dispatch.example")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs**")
    page.goto(f"{server.url}/jobs?day={TOMORROW}")


def tariq_accepts(page: Page, number: str) -> None:
    card = page.locator(".next-job").first
    expect(card.locator(f"a[href$='{number}']").first).to_be_visible()
    card.get_by_role("button", name="Accepter").click()


def gives(board: Page, number: str, name: str) -> None:
    """By keyboard: the job, “Move to…”, the technician."""
    board.focus(f"#stop-{number}")
    board.keyboard.press("Enter")
    expect(board.locator("#detail .number")).to_have_text(number)
    board.keyboard.press("Alt+m")
    board.get_by_role("button", name=f"Choisir {name}").click()


def row(board: Page, name: str):
    return board.locator(".route").filter(has_text=re.compile(name))


def the_second_is_told(first: Page, second: Page, number: str) -> None:
    """Both have the same job open; who comes second on an old form sees who was faster, and the job as it is now."""
    second.focus(f"#stop-{number}")
    second.keyboard.press("Enter")
    expect(second.locator("#detail .number")).to_have_text(number)
    second.route("**/board/news**", lambda route: route.abort())
    first.focus("#lock-both")
    first.keyboard.press("Enter")
    expect(first.locator("#lock-both")).to_have_attribute("aria-pressed", "true")
    second.focus("#lock-technician")
    second.keyboard.press("Enter")
    expect(second.locator("#trouble")).to_contain_text("Diane")
    expect(second.locator("#lock-both")).to_have_attribute("aria-pressed", "true")
