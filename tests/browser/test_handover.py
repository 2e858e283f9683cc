"""A handover by keyboard alone, as on a call: counted in keystrokes, not in seconds."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.ticket import Ticket
from tests import factories as make
from tests.apps import make_app
from tests.browsers import obstacles
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
# 45 seconds on the call, of which half are for talking: two keystrokes a second beside the typed words
MOST_KEYSTROKES = 45


class Keyboard:
    """Presses keys and counts those that are not letters of an answer."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.strokes += 1

    def answer(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, name: str) -> None:
        for _press in range(10):
            if self.page.evaluate("document.activeElement.name") == name:
                return
            self.press("Tab")
        pytest.fail(f"the keyboard does not reach {name}")


@pytest.fixture
def app(server, tmp_path):
    """The same database, with Paula and a requester who is known."""
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        make.user("Paula").set_password(PASSWORD)
        make.requester("Camille Bihan", building_id=make.building().id, floor="3", desk="312")
        make.category("screen", label_fr="Écran", label_en="Screen")
        db.session.commit()
    return app


def test_a_known_caller_is_handed_over_by_keyboard_alone(server, app, desktop):
    keyboard = Keyboard(desktop)
    sign_in(desktop, server)
    desktop.goto(f"{server.url}/tickets/new")
    expect(desktop.locator("#requester")).to_be_focused()
    keyboard.answer("bihan")
    expect(desktop.locator("#callers [role=option]")).to_have_count(1)
    expect(desktop.locator("#requester")).to_have_attribute("aria-expanded", "true")
    keyboard.press("ArrowDown", "Enter")
    expect(desktop.locator("#phone")).to_be_focused()
    expect(desktop.locator("#desk")).to_have_value("312")
    keyboard.tab_to("desk")
    keyboard.tab_to("category")
    keyboard.press("ArrowDown")
    keyboard.tab_to("summary")
    keyboard.answer("Écran noir")
    keyboard.tab_to("asset_unknown")
    keyboard.press("Space")
    keyboard.tab_to("steps_tried")
    keyboard.answer("Redémarrage, autre câble")
    keyboard.tab_to("reasons")
    keyboard.press("Space")
    keyboard.tab_to("duration")
    keyboard.tab_to("impact")
    keyboard.press("ArrowLeft")
    keyboard.tab_to("urgency")
    keyboard.press("ArrowRight")
    expect(desktop.locator("#promise")).to_contain_text("P4")
    keyboard.tab_to("available")
    keyboard.press("Space", "Control+Enter")
    expect(desktop.locator("#aloud")).to_contain_text("T-1001")
    assert keyboard.strokes <= MOST_KEYSTROKES
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert (ticket.requester.name, ticket.summary, ticket.unknown) == (
            "Camille Bihan",
            "Écran noir",
            ["asset"],
        )


def test_what_is_missing_gets_the_focus_and_is_said_aloud(server, app, desktop):
    sign_in(desktop, server)
    desktop.goto(f"{server.url}/tickets/new")
    desktop.keyboard.type("Louis Le Goff")
    desktop.keyboard.press("Control+Enter")
    expect(desktop.locator("#phone")).to_be_focused()
    expect(desktop.locator("#phone-error q")).to_be_visible()
    expect(desktop.locator("#requester")).to_have_value("Louis Le Goff")
    assert obstacles(desktop) == []


@pytest.mark.parametrize(
    "address", ["/tickets", "/tickets/new", "/tickets/T-1001", "/tickets/T-1001/handover"]
)
def test_nothing_keeps_anybody_from_using_the_page(server, app, phone, address):
    with app.app_context():
        make.job()
        db.session.commit()
    sign_in(phone, server)
    phone.goto(server.url + address)
    assert obstacles(phone) == []
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_form_is_as_usable_on_a_phone_in_the_dark(server, app, phone):
    phone.emulate_media(color_scheme="dark")
    sign_in(phone, server)
    phone.goto(f"{server.url}/tickets/new")
    assert obstacles(phone) == []
    phone.locator(".form-end button").click()
    expect(phone.locator("#phone-error")).to_be_visible()
    assert obstacles(phone) == []
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")


def sign_in(page: Page, server: LiveServer) -> None:
    page.goto(f"{server.url}/sign-in")
    page.fill("[name=email]", "paula@dispatch.example")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets")
