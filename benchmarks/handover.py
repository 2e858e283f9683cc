"""How long a handover takes at the speed of a typist: `python -m benchmarks.handover`.

A real server, Chromium, and hands that type 50 words a minute (a key every 240 ms, shortcuts and arrows
included) and stop before each question to listen. What is measured is from the first key to the line that
is read to the caller: once for a caller who is known, once for one whose every answer is typed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.machine import machine
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.extensions import db
from tests import factories as make
from tests.browsers import ARGUMENTS, CHROMIUM, DESKTOP
from tests.people import PASSWORD
from tests.servers import LiveServer, flask

TARGET = 45
LETTERS_PER_WORD = 5
COLUMNS = "{:<28} {:>6} {:>8} {:>8} {:>8}"


class Hands:
    """Types at a pace, and stops to listen before each question."""

    def __init__(self, page: Page, words_per_minute: int, pause: float) -> None:
        self.page, self.gap, self.pause = page, 60 / (words_per_minute * LETTERS_PER_WORD), pause
        self.keys = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            time.sleep(self.gap)
            self.page.keyboard.press(key)
            self.keys += 1

    def write(self, text: str) -> None:
        for letter in text:
            time.sleep(self.gap)
            self.page.keyboard.type(letter)
            self.keys += 1

    def go_to(self, name: str) -> None:
        """The field of this name, by Tab alone."""
        for _press in range(12):
            if self.page.evaluate("document.activeElement.name") == name:
                time.sleep(self.pause)
                return
            self.press("Tab")
        raise RuntimeError(f"the keyboard does not reach {name}")


def known_caller(hands: Hands) -> None:
    """Who, where and the number are known from the first letters of the name."""
    hands.write("bihan")
    expect(hands.page.locator("#callers [role=option]")).to_have_count(1)
    hands.press("ArrowDown", "Enter")
    expect(hands.page.locator("#phone")).to_be_focused()
    _what_and_when(hands)


def new_caller(hands: Hands) -> None:
    """Everything is asked for and typed."""
    hands.write("Louis Le Goff")
    hands.go_to("phone")
    hands.write("0261910020")
    hands.go_to("building")
    hands.press("ArrowDown")
    hands.go_to("floor")
    hands.write("2")
    hands.go_to("desk")
    hands.write("214")
    _what_and_when(hands)


def _what_and_when(hands: Hands) -> None:
    hands.go_to("category")
    hands.press("ArrowDown")
    hands.go_to("summary")
    hands.write("Écran noir")
    hands.go_to("asset_unknown")
    hands.press("Space")
    hands.go_to("steps_tried")
    hands.write("Redémarrage, autre câble")
    hands.go_to("reasons")
    hands.press("Space")
    hands.go_to("impact")
    hands.press("ArrowLeft")
    hands.go_to("urgency")
    hands.press("ArrowRight")
    hands.go_to("available")
    hands.press("Space", "Control+Enter")
    expect(hands.page.locator("#aloud")).to_be_visible()


def main() -> None:
    """Prints the machine and the table."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--words", type=int, default=50, help="words a minute")
    told.add_argument("--pause", type=float, default=0.5, help="seconds of listening before each question")
    asked = told.parse_args()
    print(machine())
    print(f"{asked.words} words a minute, {asked.pause} s before each question")
    print(COLUMNS.format("caller", "keys", "seconds", "typing", "wanted"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        server = _server(Path(folder))
        try:
            page = chromium.new_context(viewport=DESKTOP, locale="fr-FR").new_page()
            _sign_in(page, server.url)
            for caller in (known_caller, new_caller):
                _measure(page, server.url, caller, asked)
        finally:
            server.stop()
            chromium.close()


def _measure(page: Page, url: str, caller: Callable[[Hands], None], asked: argparse.Namespace) -> None:
    page.goto(f"{url}/tickets/new")
    expect(page.locator("#requester")).to_be_focused()
    hands, begin = Hands(page, asked.words, asked.pause), time.monotonic()
    caller(hands)
    seconds, typing = time.monotonic() - begin, hands.keys * hands.gap
    name = caller.__name__.replace("_", " ")
    print(COLUMNS.format(name, hands.keys, f"{seconds:.1f}", f"{typing:.1f}", f"< {TARGET}"), flush=True)


def _server(folder: Path) -> LiveServer:
    server = LiveServer(f"sqlite:///{folder / 'dispatch.db'}", folder)
    flask("db", "upgrade", environment=server.environment)
    app = create_app(Settings(instance_path=str(folder), database_url=server.database))
    with app.app_context():
        make.user("Paula").set_password(PASSWORD)
        make.requester("Camille Bihan", building_id=make.building().id, floor="3", desk="312")
        make.category("screen", label_fr="Écran", label_en="Screen")
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    server.start()
    return server


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("[name=email]", "paula@dispatch.example")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets")


if __name__ == "__main__":
    main()
