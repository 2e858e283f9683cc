"""Whoever has signal again sees at once what has changed meanwhile, whatever became of the live stream."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dispatch.extensions import db
from dispatch.planning import move
from tests import factories as make
from tests.browser.phones import job_of

pytestmark = pytest.mark.browser
SOON = 15_000  # the page asks by itself every minute


def take_back(office, number: str) -> None:
    with office.app_context():
        move.take_back(job_of(number), make.user("Diane"))
        db.session.commit()


def test_the_phone_catches_up_without_waiting_for_its_stream(office, held, visits):
    page, title = held.page, held.page.locator(".next-job-title")
    held.context.route("**/live?*", lambda route: route.abort())
    with page.expect_response("**/jobs/carry*"):  # from here on nothing is under way
        page.reload()
    expect(title).to_contain_text("Écran noir")
    held.lose_signal()
    take_back(office, visits[0])
    held.find_signal()
    expect(title).to_contain_text("Imprimante", timeout=SOON)
    take_back(office, visits[1])
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(title).to_contain_text("Téléphone", timeout=SOON)


def test_a_stream_is_begun_anew_when_there_is_signal_again(held, visits):
    """It may be dead without a word: nothing tells the page so. Twice at once is still one stream."""
    page, begun = held.page, []
    expect(page.locator(".next-job-title")).to_contain_text("Écran noir")
    page.on("request", lambda request: begun.append(request.url) if "/live?" in request.url else None)
    with page.expect_request("**/live?*", timeout=SOON):
        page.evaluate("for (const _ of [1, 2]) dispatchEvent(new Event('online'))")
    page.wait_for_timeout(2500)  # longer than a second stream would take to be begun
    assert len(begun) == 1
    expect(page.locator("#connection-lost")).to_be_hidden()
