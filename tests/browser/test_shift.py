"""One shift for two dispatchers: what one notes the other reads, and what is typed meanwhile stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in
from tests.browsers import DESKTOP, obstacles, open_page

pytestmark = pytest.mark.browser


@pytest.fixture
def boards(server, jobs, tomorrow, browser, desktop):
    """Diane's and Ahmed's boards of tomorrow."""
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "diane"), (other, "ahmed")):
            sign_in(page, server, name)
            page.goto(f"{server.url}/board?day={tomorrow}")
            page.locator("#day-notes > summary").press("Enter")
        yield desktop, other


def test_a_note_arrives_at_once_and_what_the_other_types_stays(boards):
    diane, ahmed = boards
    ahmed.fill("#note-text", "long" * 200)
    inside = "form => form.scrollWidth <= form.clientWidth && form.clientWidth <= form.closest('.pane').clientWidth"
    assert ahmed.locator("#note-form").evaluate(inside), "a long word makes nothing wider"
    ahmed.fill("#note-text", "À moitié écr")
    diane.fill("#note-text", "Clés au PC sécurité")
    diane.locator("#note-form button").press("Enter")
    expect(diane.locator("#note-text")).to_have_value("")
    expect(ahmed.locator("#notes-list .note")).to_contain_text("Clés au PC sécurité", timeout=2000)
    expect(ahmed.locator("#notes-count")).to_have_text("1")
    expect(ahmed.locator("#note-text")).to_have_value("À moitié écr")
    expect(ahmed.locator(".toast")).to_contain_text("Diane")
    ahmed.context.set_offline(True)
    ahmed.locator("#note-form button").click()
    expect(ahmed.locator(".toast.danger")).to_be_visible()
    expect(ahmed.locator("#note-text")).to_have_value("À moitié écr")
    ahmed.context.set_offline(False)
    diane.locator("[id^=edit-note-]").press("Enter")
    diane.fill("#note-change-text", "Clés au poste de garde")
    assert obstacles(diane) == []
    diane.locator("#note-change button").press("Enter")
    expect(diane.locator("#sheet")).to_be_hidden()
    expect(ahmed.locator("#notes-list")).to_contain_text("Clés au poste de garde")
    diane.locator("#notes-list form button").click()
    diane.click("#confirm [value=yes]")
    expect(ahmed.locator("#notes-list .note")).to_have_count(0)
    assert obstacles(ahmed) == []


def test_a_note_is_deleted_also_when_another_comes_while_that_is_asked(boards):
    diane, ahmed = boards
    for page, text in ((diane, "Clés au PC sécurité"), (ahmed, "Badge à rendre")):
        page.fill("#note-text", text)
        page.locator("#note-form button").press("Enter")
        if page is diane:
            expect(ahmed.locator("#notes-list .note")).to_have_count(1)
            diane.locator("#notes-list form button").click()
            expect(diane.locator("#confirm")).to_be_visible()
    expect(ahmed.locator("#notes-list .note")).to_have_count(2)
    diane.wait_for_timeout(1500)  # the news would be on her board by now
    diane.click("#confirm [value=yes]")
    for page in boards:
        expect(page.locator("#notes-list .note")).to_have_count(1)
        expect(page.locator("#notes-list")).to_contain_text("Badge à rendre")


def test_figures_activity_history_and_handing_over_by_keyboard(server, boards, jobs):
    diane, ahmed = boards
    diane.locator("#open-figures").press("Enter")
    expect(diane.locator("#day-figures tbody th")).to_have_text(["Acme Assurances"])
    assert obstacles(diane) == []
    diane.keyboard.press("Escape")
    expect(diane.locator("#open-figures")).to_be_focused()
    diane.keyboard.press("Alt+j")
    diane.get_by_role("link", name="Activité").press("Enter")
    diane.fill("#asked-q", jobs[0])
    diane.keyboard.press("Enter")
    expect(diane.locator("#activity .empty-title")).to_have_text("Rien ne correspond")
    today = re.sub(r"day=[\d-]+", "", diane.url)  # what is done now belongs to today's log
    diane.goto(today)
    ahmed.click(f"#stop-{jobs[0]}")
    ahmed.click("#lock-both")
    diane.click("#show-fresh")
    expect(diane.locator("#activity li")).to_contain_text("Ahmed · sur le planning")
    expect(diane.locator("#show-fresh")).to_have_count(0)
    assert obstacles(diane) == []
    diane.click("#activity a.number")
    changed = re.compile("Technicien et horaire verrouillés.*sans verrou")
    expect(diane.locator(".trail tbody tr").first).to_contain_text(changed)
    assert obstacles(diane) == []
    diane.goto(f"{server.url}/board/shift")
    expect(diane.locator("[data-print]")).to_be_visible()
    assert obstacles(diane) == []
    diane.goto(f"{server.url}/board")
    diane.keyboard.press("Alt+j")
    diane.fill("#find-number", jobs[0])
    diane.keyboard.press("Enter")
    expect(diane.locator("h1")).to_have_text(f"Historique de {jobs[0]}")


def test_the_page_of_figures_follows_what_others_do(server, boards, jobs, tomorrow):
    diane, ahmed = boards
    diane.goto(f"{server.url}/board/figures?day={tomorrow}")
    expect(diane.locator("[data-dialog-close]").first).to_be_hidden()
    body = diane.locator("#day-figures tbody")
    before = body.inner_text()
    ahmed.click(f"#stop-{jobs[0]}")
    ahmed.locator("#detail").get_by_role("button", name="Reprendre").click()
    expect(ahmed.locator(f"#stop-{jobs[0]}")).to_have_count(0)
    expect(body).not_to_have_text(before)
    assert obstacles(diane) == []
