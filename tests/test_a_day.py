"""One day of one ticket, through the real stack: from the phone call over an absent user to the thanks.

Nothing sleeps, and no page but those that say so is loaded again: what one person does, the others see
arrive on the pages they have open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dispatch.extensions import db
from dispatch.models.technician import Shift, Technician
from tests import factories as make
from tests.apps import make_app
from tests.browsers import DESKTOP, PHONE, READING_MS, open_page
from tests.people import PASSWORD, assemble
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds; a busy machine is no reason to fail
ALWAYS_OPEN = [[[0, 1440]]] * 7
FAR = {"base_name": "Cesson", "latitude": 48.1212, "longitude": -1.6030, "profile": "car"}


@dataclass
class Screens:
    """The pages that are open this day."""

    server: LiveServer
    paula: Page
    diane: Page
    denis: Page
    tariq: Page
    zoe: Page


@pytest.fixture
def screens(live_server: LiveServer, browser: Browser, tmp_path: Path) -> Iterator[Screens]:
    populate(live_server, tmp_path)
    with ExitStack() as stack:
        expect.set_options(timeout=PATIENCE)
        stack.callback(expect.set_options, timeout=None)
        desk = [stack.enter_context(open_page(browser, DESKTOP)) for _person in range(3)]
        phones = [stack.enter_context(open_page(browser, PHONE)) for _person in range(2)]
        screens = Screens(live_server, *desk, *phones)
        for name in ("paula", "diane", "denis", "tariq", "zoe"):
            sign_in(getattr(screens, name), live_server, name)
        yield screens


def test_a_day(screens: Screens) -> None:
    ticket = paula_hands_over(screens.paula)
    diane_plans_the_day(screens.diane)
    visit = tariq_finds_nobody(screens.tariq)
    follow_up = diane_hears_of_it(screens.diane, visit)
    camille_calls_back(screens.paula, ticket)
    expect(screens.diane.locator("#move-job")).to_be_visible()
    denis_looks_at(screens.denis, follow_up, screens.server)
    diane_moves_it_to_zoe(screens.diane, follow_up)
    denis_learns_that_diane_was_faster(screens.denis, follow_up)
    zoe_does_it(screens.zoe, follow_up)
    expect(screens.diane.locator(f"#stop-{follow_up}")).to_have_class(re.compile(r"\bdone\b"))
    paula_sees_what_became_of_it(screens.paula, ticket, follow_up)


# the scenes ----------------------------------------------------------------------------------------------


def paula_hands_over(page: Page) -> str:
    """By keyboard alone, while Camille is on the line; the number to read aloud."""
    page.keyboard.press("Alt+n")
    expect(page.locator("#requester")).to_be_focused()
    page.keyboard.type("bihan")
    expect(page.locator("#callers [role=option]")).to_have_count(1)
    expect(page.locator("#requester")).to_have_attribute("aria-expanded", "true")
    press(page, "ArrowDown", "Enter")
    expect(page.locator("#phone")).to_be_focused()
    expect(page.locator("#desk")).to_have_value("312")
    tab_to(page, "category")
    press(page, "ArrowDown")
    tab_to(page, "summary")
    page.keyboard.type("Écran noir après la mise à jour")
    tab_to(page, "asset_unknown")
    press(page, "Space")
    tab_to(page, "steps_tried")
    page.keyboard.type("Redémarrage, autre câble")
    tab_to(page, "reasons")
    press(page, "Tab", "Tab", "Space")
    tab_to(page, "impact")
    press(page, "ArrowLeft")
    tab_to(page, "urgency")
    press(page, "ArrowLeft")
    expect(page.locator("#promise")).to_contain_text("à résoudre")
    tab_to(page, "available")
    press(page, "Space", "Control+Enter")
    expect(page.locator("#aloud")).to_contain_text("Un technicien vient vous voir")
    number = re.search(r"T-\d+", page.locator("#aloud").inner_text())
    assert number
    page.get_by_role("link", name="Tickets").click()
    expect(page.locator("#tickets")).to_contain_text("Non planifiée")
    return number[0]


def diane_plans_the_day(page: Page) -> None:
    expect(page.locator("#decisions")).to_contain_text("Écran noir après la mise à jour")
    page.keyboard.press("Alt+o")
    expect(page.locator("#start-run")).to_be_focused()
    page.locator("#seconds").select_option("10")
    page.locator("#start-run").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("link", name="Lire la proposition").click(timeout=PATIENCE)
    expect(page.locator("#changes .diff li")).to_have_count(1)
    expect(page.locator("#changes .diff")).to_contain_text(re.compile(r"INT-\d+ va à Tariq à \d\d:\d\d"))
    page.locator("#accept").click()
    expect(page.locator("#flashes")).to_contain_text("Proposition acceptée")
    expect(page.locator(".stop")).to_contain_text("Écran noir après la mise à jour")


def tariq_finds_nobody(page: Page) -> str:
    """His phone was open all the time; the number of the visit."""
    card = page.locator(".next-job")
    expect(card).to_contain_text("Écran noir après la mise à jour")
    expect(card).to_contain_text("bureau 312")
    expect(card).to_contain_text("Redémarrage, autre câble")
    for button, then in (("Accepter", "Je pars"), ("Je pars", "Sur place"), ("Sur place", "Terminer")):
        tap(card, button)
        expect(card.locator(".act")).to_contain_text(then)
    visit = page.locator(".next-job-title a").get_attribute("href") or ""
    tap(card, "Pas possible…")
    page.locator("#sheet summary", has_text="Demandeur absent").click()
    page.locator("#sheet details[open] button[name=follow_up]").click()
    expect(page.locator("#day")).to_contain_text("Plus rien ce jour-là")
    return visit.rpartition("/")[2]


def diane_hears_of_it(page: Page, visit: str) -> str:
    """On the board that she has not touched since; the number of the follow-up, which cannot be moved yet."""
    waiting = page.locator(".decision", has_text="Attend la réponse du demandeur")
    follow_up = (waiting.get_attribute("id") or "").removeprefix("decision-")
    page.click(f"#stop-{visit}")
    expect(page.locator("#detail .history")).to_contain_text("Demandeur absent")
    waiting.get_by_role("link").click()
    expect(page.locator("#detail .number")).to_have_text(follow_up)
    expect(page.locator("#move-job")).to_have_count(0)
    return follow_up


def camille_calls_back(page: Page, ticket: str) -> None:
    page.get_by_role("link", name="En attente").click()
    page.locator("#tickets li", has_text=ticket).get_by_role("link").click()
    expect(page.locator("#ticket")).to_contain_text("Attend la réponse du demandeur")
    page.get_by_role("button", name="Le demandeur a répondu").click()
    expect(page.locator("#flashes")).to_contain_text("peut maintenant être planifiée")


def denis_looks_at(page: Page, follow_up: str, server: LiveServer) -> None:
    """He opens the choice of technicians, and then his phone rings."""
    page.goto(f"{server.url}/board/jobs/{follow_up}")
    page.click("#move-job")
    expect(page.locator("#candidates .candidate")).to_have_count(2)


def diane_moves_it_to_zoe(page: Page, follow_up: str) -> None:
    page.click("#move-job")
    tariq, zoe = (page.locator(".candidate", has_text=name) for name in ("Tariq", "Zoé"))
    expect(tariq).to_have_class(re.compile(r"\bbest\b"))
    expect(zoe.locator(".delta")).to_contain_text(re.compile(r"\+\d"))
    expect(zoe).to_contain_text(re.compile(r"arrive \d\d:\d\d"))
    zoe.get_by_role("button", name="Choisir Zoé").click()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator(".route", has_text="Zoé").locator(f"#stop-{follow_up}")).to_be_visible()


def denis_learns_that_diane_was_faster(page: Page, follow_up: str) -> None:
    """What he chose from is out of date: nothing is overwritten, and he sees how things stand."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.locator(".candidate", has_text="Tariq").get_by_role("button").click()
    assert sent.value.status == 412
    expect(page.locator(".panel-trouble")).to_contain_text("Quelqu’un a été plus rapide")
    expect(page.locator(".panel-trouble")).to_contain_text("Diane")
    expect(page.locator("#detail .planned-time")).to_contain_text("Zoé")
    expect(page.locator(".route", has_text="Zoé").locator(f"#stop-{follow_up}")).to_be_visible()


def zoe_does_it(page: Page, follow_up: str) -> None:
    card = page.locator(".next-job")
    for button in ("Accepter", "Je pars", "Sur place"):
        tap(card, button)
    tap(card, "Terminer")
    page.fill("#completion-note", "Pilote graphique remis en place")
    page.wait_for_timeout(READING_MS)
    page.locator("#sheet button.act").click()
    expect(page.locator(".undo-bar")).to_contain_text(follow_up)
    expect(page.locator("#day")).to_contain_text("1 close sur 1")


def paula_sees_what_became_of_it(page: Page, ticket: str, follow_up: str) -> None:
    """On the ticket that she had open, and in her list."""
    expect(page.locator("#ticket .page-head")).to_contain_text("Résolu")
    expect(page.locator("#ticket")).to_contain_text("Pilote graphique remis en place")
    expect(page.locator("#ticket li", has_text=f"{follow_up} Sur site")).to_contain_text("Zoé")
    page.get_by_role("link", name="Mes tickets").click()
    page.get_by_role("link", name="Terminés").click()
    expect(page.locator("#tickets li", has_text=ticket)).to_contain_text("Résolu")


# what they do with their hands ---------------------------------------------------------------------------


def sign_in(page: Page, server: LiveServer, name: str) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.url}/sign-in")
    page.fill("#email", f"{name}@dispatch.example")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(tickets|board|jobs)"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str) -> None:
    for _press in range(20):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {name}")


def tap(card, words: str) -> None:
    card.page.wait_for_timeout(READING_MS)
    card.get_by_role("button", name=words).or_(card.get_by_role("link", name=words)).click()


# where and when it takes place ----------------------------------------------------------------------------


def populate(server: LiveServer, folder: Path) -> None:
    """The cast in the server's own database, everybody at work, and every place open."""
    app = make_app(server.database, folder / "instance")
    with app.app_context():
        zone = where_it_is_nine()
        make.territory(zone=zone)
        acme = make.client(zone=zone, working_week=ALWAYS_OPEN, holiday_country="")
        building = make.building(at_site=make.site(zone=zone, opening_week=ALWAYS_OPEN))
        make.category("screen", label_fr="Écran", label_en="Screen")
        make.requester("Camille Bihan", owner=acme, building_id=building.id, floor="3", desk="312")
        make.technician("Zoé", day=None, **FAR)
        cast = assemble()
        for technician in (cast.tariq, cast.zoe):
            at_work(technician)
        for person in cast.everybody():
            person.set_password(PASSWORD)
        db.session.commit()


def where_it_is_nine() -> str:
    """A zone whose clocks show nine o'clock and something: the story needs a day that is still long."""
    east = 9 - datetime.now(UTC).hour
    east += 24 if east < -12 else 0
    return f"Etc/GMT{-east:+d}"


def at_work(technician: Technician) -> None:
    begin = datetime.now(UTC) - timedelta(hours=1)
    technician.shifts = [Shift(kind="work", starts_at=begin, ends_at=begin + timedelta(hours=10))]
