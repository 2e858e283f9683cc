"""Two agents at the same tickets: what one does the other sees, and loses nothing that he is typing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.browsers import DESKTOP, PHONE, obstacles, open_page
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser


@pytest.fixture
def tickets(live_server: LiveServer, tmp_path: Path):
    """Numbers of what Paula has handed over: open, open, resolved. Denis dispatches."""
    app = make_app(live_server.database, tmp_path / "instance")
    with app.app_context():
        paula, denis = make.user("Paula"), make.user("Denis", "dispatcher")
        for person in (paula, denis):
            person.set_password(PASSWORD)
        jobs = [
            make.job(name, of=make.ticket(name, agent_id=paula.id))
            for name in ("Écran noir", "Souris muette")
        ]
        done = make.ticket("VPN refusé", agent_id=paula.id, state="resolved")
        make.job(of=done, state="completed")
        db.session.commit()
        numbers = [*(job.ticket.number for job in jobs), done.number]
        db.session.remove()
        db.engine.dispose()
    return numbers


def test_what_one_ends_leaves_the_others_list_by_itself_and_both_at_once(
    live_server, tickets, browser, desktop
):
    first, second, resolved = tickets
    with open_page(browser, DESKTOP) as other, open_page(browser, DESKTOP) as watched:
        for page, name in ((desktop, "paula"), (other, "denis"), (watched, "paula")):
            sign_in(page, live_server, name)
        watched.goto(f"{live_server.url}/tickets")
        watched.locator("[name=q]").focus()
        expect(watched.locator(".tickets > li")).to_have_count(2)
        for page, number in ((desktop, first), (other, second)):
            page.goto(f"{live_server.url}/tickets/{number}")
            page.locator("#cancel summary").click()
            page.locator("#reason").fill("remplacé")
        desktop.locator("#cancellation button").click(no_wait_after=True)
        other.locator("#cancellation button").click(no_wait_after=True)
        expect(watched.locator("#tab-open .count")).to_have_text("0")
        expect(watched.locator("#tab-ended .count")).to_have_text("3")
        expect(watched.locator("[name=q]")).to_be_focused()
        expect(desktop.locator(".history")).to_contain_text("remplacé")
        watched.goto(f"{live_server.url}/tickets/{resolved}")
        other.goto(f"{live_server.url}/tickets/{resolved}")
        other.locator("#ending button").click()
        expect(watched.locator(".page-head .state.closed")).to_be_visible()


def test_words_that_are_being_typed_outlive_what_others_do(live_server, tickets, browser, desktop):
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "paula"), (other, "denis")):
            sign_in(page, live_server, name)
            page.goto(f"{live_server.url}/tickets/{tickets[0]}")
        desktop.locator("#cancel summary").click()
        desktop.locator("#reason").press_sequentially("le poste a été ")
        other.goto(f"{live_server.url}/tickets/{tickets[0]}/edit")
        other.locator("#asset").fill("PC-4471")
        for name in ("available_unknown", "category_unknown"):
            if other.locator(f"[name={name}]").count():
                other.locator(f"[name={name}]").check()
        other.locator(".form-end button").click()
        expect(desktop.locator("#ticket")).to_contain_text("PC-4471")
        expect(desktop.locator("#reason")).to_have_value("le poste a été ")
        desktop.locator("#reason").focus()
        desktop.keyboard.press("End")
        desktop.keyboard.type("remplacé")
        desktop.locator("#cancellation button").click()
        expect(desktop.locator(".history")).to_contain_text("le poste a été remplacé")


@pytest.mark.parametrize("which", [0, 2])
def test_nothing_keeps_anybody_from_ending_a_ticket(live_server, tickets, browser, which):
    with open_page(browser, PHONE) as phone:
        sign_in(phone, live_server, "paula")
        phone.goto(f"{live_server.url}/tickets/{tickets[which]}")
        if which == 0:
            phone.locator("#cancel summary").click()
        assert obstacles(phone) == []
        assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")


def sign_in(page: Page, server: LiveServer, name: str) -> None:
    page.goto(f"{server.url}/sign-in")
    page.fill("[name=email]", f"{name}@dispatch.example")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
