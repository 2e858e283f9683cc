"""Chromium for the tests: pages in the sizes people use, and what must never happen on them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# what a person takes at least between two taps: less is one tap too many
READING_MS = 550
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
# Resolves when nothing on the page moves any more; what turns for ever (a spinner) is not waited for.
SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished))"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail("Chromium is not installed: run scripts/system-packages")
    expect.set_options(timeout=15_000)  # a busy machine is no failure
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A technician's phone, 390 × 844."""
    with open_page(browser, PHONE) as page:
        yield page


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    """A dispatcher's or an agent's screen, 1440 × 900."""
    with open_page(browser, DESKTOP) as page:
        yield page


@contextlib.contextmanager
def open_page(browser: Browser, size: ViewportSize, language: str = "fr-FR") -> Iterator[Page]:
    """A page with cookies of its own; a script error or a blocked script fails the test at the end."""
    touch = size == PHONE
    context = browser.new_context(viewport=size, locale=language, timezone_id="Europe/Paris",
                                  has_touch=touch, is_mobile=touch)  # fmt: skip
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.extend(_blocked(message)))
    yield page
    context.close()
    assert not errors, f"The page reported: {errors}"


def obstacles(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page (WCAG 2.2 AA), one line each."""
    page.evaluate(SETTLED)  # a dialog that still fades in has colours that nobody reads
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html']}" for rule in found for node in rule["nodes"]]


def too_small(page: Page) -> list[str]:
    """What is less than 24 pixels wide or high and too near to something else that can be pressed."""
    page.evaluate(SETTLED)
    found = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["target-size"]}}).response
    assert found["passes"] or found["violations"], "axe has looked at nothing"
    return [f"{node['target']} {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def _blocked(message: ConsoleMessage) -> list[str]:
    return [message.text] if "Content Security Policy" in message.text else []
