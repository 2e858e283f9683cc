"""The board at 200 %: one thing below the other, and what was asked for is what one sees."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in
from tests.browsers import obstacles

pytestmark = pytest.mark.browser
HALF = {"width": 720, "height": 450}


def test_at_200_percent_a_job_that_is_opened_comes_into_sight(desktop, server, jobs, tomorrow):
    desktop.set_viewport_size(HALF)
    sign_in(desktop, server, "Diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    assert desktop.evaluate("document.documentElement.scrollWidth") <= HALF["width"]
    desktop.locator(f"#stop-{jobs[-1]}").click()
    expect(desktop.locator("#detail .number")).to_have_text(jobs[-1])
    expect(desktop.locator(f"#stop-{jobs[-1]}")).to_have_attribute("aria-current", "true")
    top = desktop.locator("#detail").evaluate("(panel) => panel.getBoundingClientRect().top")
    assert 0 <= top < HALF["height"] / 2
    assert obstacles(desktop) == []
