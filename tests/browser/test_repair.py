"""Somebody falls ill: one dispatcher says so, the other one's board offers the repair, and the plan is mended."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import open_every_day
from tests.browser.conftest import sign_in
from tests.browsers import DESKTOP, obstacles, open_page

pytestmark = pytest.mark.browser


@pytest.fixture
def tariq(server, jobs, tmp_path, tomorrow):
    """He works tomorrow too, with nothing to do; every door is open."""
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        open_every_day()
        found = make.technician("Tariq", day=tomorrow).id
        db.session.commit()
        return found


def test_an_illness_said_by_one_is_repaired_by_the_other(server, jobs, tariq, tomorrow, browser, desktop):
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "diane"), (other, "ahmed")):
            sign_in(page, server, name)
            page.goto(f"{server.url}/board?day={tomorrow}")
            expect(page.locator("#repairs")).to_be_hidden()
        zoe = desktop.locator(".route", has_text="Zoé")
        zoe.locator(".route-away").click()
        expect(desktop.locator("#note-absence")).to_be_focused()
        assert obstacles(desktop) == []
        desktop.fill("#absent-reason", "grippe")
        desktop.keyboard.press("Enter")
        expect(desktop.locator("#sheet")).to_be_hidden()
        offer = other.locator("#repair-1")
        expect(offer).to_contain_text("Zoé")
        expect(offer).to_contain_text("3 interventions à redistribuer")
        expect(other.locator(".route", has_text="Zoé").first).to_contain_text("Absent")
        assert "grippe" not in other.content()
        assert obstacles(other) == []
        desktop.click("#repair-later-1")
        expect(desktop.locator("#repairs")).to_be_hidden()
        other.focus("#repair-now-1")
        other.keyboard.press("Enter")
        other.click("a[id^=read-]", timeout=60_000)
        expect(other.locator("#cause")).to_contain_text("3 interventions à redistribuer")
        assert obstacles(other) == []
        other.click("#accept")
        other.wait_for_url("**/board?**")
        expect(other.locator(f"#route-{tariq} .stop[id^=stop-INT]")).to_have_count(
            3
        )  # work that nobody has is not what is repaired
        expect(other.locator("#repairs")).to_be_hidden()
        expect(desktop.locator(f"#route-{tariq} #stop-{jobs[0]}")).to_be_visible()


def test_the_technicians_of_a_run_are_picked_by_typing(server, jobs, tariq, tomorrow, desktop):
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    desktop.keyboard.press("Alt+o")
    expect(desktop.locator("#start-run")).to_be_focused()
    desktop.check("[name=scope][value=technicians]")
    desktop.fill("#pick", "zoe")
    expect(desktop.locator("[data-pick-name]:visible")).to_have_count(1)
    desktop.press("#pick", "Enter")
    desktop.fill("#pick", "")
    expect(desktop.locator("[data-pick-name]:visible")).to_have_count(2)
    assert desktop.locator("[name=technician]:checked").count() == 1
    assert obstacles(desktop) == []
    desktop.click("#start-run")
    desktop.click("a[id^=read-]", timeout=60_000)
    expect(desktop.locator("#asked-scope")).to_contain_text("Zoé")


def test_an_unfolded_list_of_offers_stays_as_it_is_read_when_news_come(
    server, jobs, tmp_path, tomorrow, browser, desktop
):
    with make_app(server.database, tmp_path / "instance").app_context():
        for number in range(5):
            gone = make.technician(f"Malade {number}", day=tomorrow)
            make.job("À reprendre", technician=gone, start=make.at("10:00", tomorrow))
            make.absence(gone, day=tomorrow)
        db.session.commit()
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "diane"), (other, "ahmed")):
            sign_in(page, server, name)
            page.goto(f"{server.url}/board?day={tomorrow}")
        other.click("#more-repairs summary")
        desktop.click(f"#stop-{jobs[1]}")
        desktop.click("#lock-both")
        expect(other.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(1)
        expect(other.locator("#repair-5")).to_be_visible()
        other.click("#fold-repairs > summary")
        desktop.click("#lock-none")
        expect(other.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(0)
        expect(other.locator("#repair-1")).to_be_hidden()
        expect(other.locator("#fold-repairs")).to_contain_text("5 réparations proposées")
