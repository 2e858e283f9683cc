"""A kiosk with two technicians at its counter, on their phones, and a dispatcher's board whose figure follows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import queue
from tests import factories as make
from tests.browser.conftest import ON_BOTH, sign_in
from tests.browsers import DESKTOP, PHONE, READING_MS, obstacles, open_page
from tests.people import PASSWORD

pytestmark = pytest.mark.browser
SMALL = """() => [...document.querySelectorAll('#main a, #main button, #main summary, #main select, #main input:not([type=hidden])')]
    .filter((one) => one.checkVisibility()).map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44).map(([words, box]) => `${words}: ${box.width} × ${box.height}`)"""
WIDE = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def kiosk(running, office):
    """Somebody waits already; the address of the counter."""
    today = now().astimezone(make.ZONE).date()
    with office.app_context():
        where = make.kiosk()
        make.category("workstation", label_fr="Poste de travail", label_en="Workstation")
        for name in ("Tariq", "Zoé"):
            make.technician(name, day=today).user.set_password(PASSWORD)
        tariq = make.technician("Tariq", day=today).user
        for entry in queue.everybody(where):
            if entry.is_open:
                entry.enter("left", "day_over", None)
        queue.check_in(where, tariq, visitor="Nolwenn", subject="Écran noir depuis la mise à jour")
        db.session.commit()
        return f"{running.url}/kiosks/{where.id}"


def opened(page, running, kiosk, name):
    page.goto(f"{running.url}/sign-in")
    page.fill("#email", f"{name.lower().replace('é', 'e')}@dispatch.example")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs**")
    page.goto(kiosk)


def after_reading(page, button):
    """The second of two taps in a row is not taken for one: see js/phone/taps.js."""
    page.wait_for_timeout(READING_MS)
    page.locator(button).tap()


@ON_BOTH
def test_two_desks_and_a_board_see_each_other_work(running, kiosk, browser, phone, desktop):
    tariq, board = phone, desktop
    with open_page(browser, PHONE) as zoe:
        opened(tariq, running, kiosk, "Tariq")
        opened(zoe, running, kiosk, "Zoé")
        sign_in(board, running, "diane")
        board.goto(f"{running.url}/board")
        figure = board.locator("#at-kiosks dd")
        expect(figure).to_have_text("1")
        for page in (tariq, zoe):
            expect(page.locator("ol > [id^=entry-]")).to_have_count(1)
            assert page.evaluate(SMALL) == []
            assert page.evaluate(WIDE)
            assert obstacles(page) == []

        zoe.get_by_text("Quelqu’un est arrivé…").tap()
        zoe.select_option("#category", "workstation")
        zoe.fill("#visitor", "Yann")
        zoe.get_by_role("button", name="Donner un numéro").tap()
        drawn = zoe.locator("#check-in .drawn-number")
        expect(drawn).to_have_text(re.compile(r"Numéro \d+"))
        number = int(drawn.text_content().split()[-1])
        expect(tariq.locator(f"#entry-{number}")).to_contain_text("Yann", timeout=2000)
        expect(figure).to_have_text("2", timeout=2000)
        assert obstacles(zoe) == []

        zoe.locator("#call-next").tap()
        expect(zoe.locator("#mine .drawn-number")).to_have_text(f"Numéro {number - 1}")
        expect(tariq.locator(f"#entry-{number - 1}")).to_contain_text("appelé", timeout=2000)
        expect(tariq.locator(f"#entry-{number - 1}")).to_contain_text("Zoé")
        assert zoe.evaluate(SMALL) == []
        assert obstacles(zoe) == []
        expect(figure).to_have_text("1", timeout=2000)
        tariq.locator("#call-next").tap()
        expect(tariq.locator("#mine .drawn-number")).to_have_text(f"Numéro {number}")
        expect(figure).to_have_text("0", timeout=2000)
        for page, mine in ((zoe, number - 1), (tariq, number)):
            after_reading(page, f"#serving-{mine}")
            expect(page.locator(f"#served-{mine}")).to_be_visible()
        after_reading(zoe, f"#served-{number - 1}")
        expect(zoe.locator("#queue .empty-title")).to_have_text("Personne n’attend")
        zoe.get_by_text("Terminés aujourd’hui").tap()
        expect(zoe.locator(f"#ended-list #entry-{number - 1}")).to_be_visible()
        after_reading(tariq, f"#served-{number}")
        expect(zoe.locator(f"#ended-list #entry-{number}")).to_be_visible(timeout=2000)
        assert obstacles(zoe) == []
    board.goto(kiosk)
    assert obstacles(board) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_counter_is_usable_in_both_languages_in_the_dark_and_narrow(
    running, office, kiosk, browser, desktop, language
):
    with office.app_context():  # the language that is chosen stays with the account
        make.user(f"Reader {language}", "dispatcher", every_client=True).set_password(PASSWORD)
        db.session.commit()
    sign_in(desktop, running, f"reader-{language}")
    for size in (DESKTOP, {"width": 320, "height": 640}):
        desktop.set_viewport_size(size)
        for scheme in ("light", "dark"):
            desktop.emulate_media(color_scheme=scheme)
            desktop.goto(kiosk)
            if desktop.get_attribute("html", "lang") != language:
                desktop.evaluate("document.querySelector('[data-menu]').open = true")
                desktop.click(f"button[name=language][value={language}]")
                desktop.goto(kiosk)
            assert desktop.get_attribute("html", "lang") == language
            assert obstacles(desktop) == []
            assert desktop.evaluate(WIDE)
            desktop.goto(f"{running.url}/kiosks")
            assert obstacles(desktop) == []


def test_without_scripts_a_number_is_drawn_called_and_served(running, kiosk, browser):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    opened(page, running, kiosk, "Tariq")
    page.get_by_text("Quelqu’un est arrivé…").click()
    page.fill("#visitor", "Gwen")
    page.get_by_role("button", name="Donner un numéro").click()
    expect(page.locator("#check-in .drawn-number")).to_contain_text("Numéro")
    page.click("#call-next")
    page.locator("#mine .act").click()
    page.locator("#mine .act").click()
    expect(page.locator("#call-next")).to_be_visible()
    context.close()
