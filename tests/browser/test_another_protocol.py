"""A page that is open while the server is replaced by one that takes nothing from it any more."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dispatch.replay.incoming import PROTOCOL
from tests.browser.newer import Door
from tests.browser.phones import Phone, holder_of, job_of, states

pytestmark = pytest.mark.browser


@pytest.fixture
def door(running):
    door = Door(running)
    yield door
    door.close()


@pytest.fixture
def old(browser, running, door, office, visits, tmp_path):
    """A phone that has been opened at the old server."""
    phone = Phone(browser, running, tmp_path / "old", door.url)
    phone.sign_in(holder_of(office, visits[0]))
    yield phone
    phone.kill()


def test_the_page_loads_itself_sends_what_waited_and_opens_without_signal(office, door, old, visits):
    old.lose_signal()
    old.tap("Accepter")
    old.tap("Je pars")
    door.release(speaks=PROTOCOL + 1)
    door.takes_its_time = True  # a page kept by the older worker would be shown instead
    old.find_signal()
    old.until(lambda: epoch(old) == str(PROTOCOL + 1))
    old.sends_everything()
    assert states(office, visits[0]) == ["accepted", "travelling"]
    old.until(lambda: shells(old) == [f"shell-{old.page.locator('#phone').get_attribute('data-build')}"])
    old.until(lambda: [carry["epoch"] for carry in old.memory("carry")] == [PROTOCOL + 1])
    expect(old.page.locator("#new-version")).to_be_hidden()
    old.lose_signal()
    old.open()
    expect(old.page.locator(".next-job .act")).to_have_text("Sur place")
    assert epoch(old) == str(PROTOCOL + 1)


def test_nothing_that_is_being_typed_is_lost(office, door, old, visits):
    old.lose_signal()
    old.tap("Accepter")
    expect(old.page.locator(".next-job .act")).to_have_text("Je pars")
    old.page.locator(".next-job").get_by_text("Plus…").tap()
    old.page.fill("#more-note", "badge au gardien")
    door.release(speaks=PROTOCOL + 1)
    old.find_signal()
    expect(old.page.locator("#new-version")).to_be_visible()
    expect(old.page.locator("#more-note")).to_have_value("badge au gardien")
    old.page.get_by_role("button", name="Garder la note").tap()
    old.until(lambda: epoch(old) == str(PROTOCOL + 1))
    old.sends_everything()
    assert states(office, visits[0]) == ["accepted"]
    with office.app_context():
        assert job_of(visits[0]).note == "badge au gardien"


def epoch(phone: Phone) -> str | None:
    return phone.page.locator("#phone").get_attribute("data-epoch")


def shells(phone: Phone) -> list[str]:
    return [name for name in phone.page.evaluate("caches.keys()") if name.startswith("shell-")]
