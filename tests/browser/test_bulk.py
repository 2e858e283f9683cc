"""Several jobs at once: chosen by keyboard, mouse or touch, moved, locked, and told what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.browser.conftest import sign_in
from tests.browsers import DESKTOP, obstacles, open_page

pytestmark = pytest.mark.browser


@pytest.fixture
def board(server, jobs, tomorrow, desktop, tmp_path) -> Page:
    """Tomorrow's board, on which Tariq works too, and may not do the first of Zoé's jobs."""
    with make_app(server.database, tmp_path / "instance").app_context():
        make.technician("Tariq", day=tomorrow)
        secret = db.session.get_one(make.Job, int(jobs[0].removeprefix("INT-")) - 1000)
        secret.admin_right_id = make.right().id
        secret.promised_from, secret.promised_to = make.at("10:00", tomorrow), make.at("12:00", tomorrow)
        db.session.commit()
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    expect(desktop.locator("#route-list")).to_have_class("route-list timeline")
    return desktop


def test_the_whole_way_by_keyboard(jobs, board):
    board.focus(f"#stop-{jobs[0]}")
    board.keyboard.press("x")
    board.keyboard.press("Shift+ArrowRight")
    expect(board.locator("#selection-count")).to_have_text("2 interventions sélectionnées")
    expect(board.locator(f"#stop-{jobs[1]}")).to_be_focused()
    expect(board.locator(f"#stop-{jobs[1]}")).to_have_accessible_description("sélectionnée")
    assert obstacles(board) == []
    board.keyboard.press("Alt+a")
    expect(board.locator("#move-selected")).to_be_focused()
    board.keyboard.press("Enter")
    tariq = board.locator("#bulk-move .candidate", has_text="Tariq")
    expect(tariq).to_contain_text("1 sur 2 convient")
    expect(tariq).to_contain_text(f"{jobs[0]} · ")
    assert obstacles(board) == []
    tariq.get_by_role("button").press("Enter")
    report = board.locator("#bulk-report")
    expect(report).to_contain_text("1 intervention reste telle quelle")
    expect(report).to_contain_text("droit")
    expect(board.locator("#selection-count")).to_have_text("1 intervention sélectionnée")
    expect(board.locator(".route", has_text="Tariq").locator(f"#stop-{jobs[1]}")).to_be_visible()
    assert obstacles(board) == []
    board.fill("#bulk-reason", "accord du client")
    board.keyboard.press("Enter")
    expect(board.locator(".route", has_text="Tariq").locator(f"#stop-{jobs[0]}")).to_be_visible()
    expect(board.locator("#selection")).to_be_hidden()
    board.focus(f"#stop-{jobs[2]}")
    board.keyboard.press("l")
    expect(board.locator(f"#stop-{jobs[2]}")).to_have_attribute("data-lock", "technician")
    expect(board.locator(f"#stop-{jobs[2]}")).to_be_focused()
    board.keyboard.press("Space")
    board.keyboard.press("Escape")
    expect(board.locator("#selection")).to_be_hidden()


def test_what_is_chosen_stays_so_while_somebody_else_works(server, jobs, tomorrow, browser, board):
    board.click(f"#stop-{jobs[0]}", modifiers=["Control"])
    board.click(f"#stop-{jobs[2]}", modifiers=["Shift"])
    expect(board.locator("#selection-count")).to_have_text("3 interventions sélectionnées")
    expect(board.locator("#detail")).to_be_hidden()
    board.click("[data-map]")
    board.fill("#sift-text", "Poste")
    expect(board.locator("#sifted")).to_contain_text("3 interventions")
    for bar in ("#board-tools", "#selection-form"):
        assert board.locator(bar).evaluate("bar => bar.clientHeight") < 60, "one line, beside the map too"
    with open_page(browser, DESKTOP) as other:
        sign_in(other, server, "ahmed")
        other.goto(f"{server.url}/board?day={tomorrow}")
        other.focus(f"#stop-{jobs[1]}")
        other.keyboard.press("l")
        expect(board.locator(f"#stop-{jobs[1]}")).to_have_attribute("data-lock", "technician", timeout=3000)
    expect(board.locator(".stop.picked")).to_have_count(3)
    board.click("#leave-selected")
    expect(board.locator("#bulk-run")).to_be_visible()
    expect(board.locator(".stop.picked")).to_have_count(0)
    expect(board.locator("#decisions .decision")).to_have_count(4)


def test_a_tap_chooses_while_one_selects(jobs, board, tomorrow):
    board.click("[data-select-mode]")
    board.click(f"#stop-{jobs[0]}")
    board.locator(".decision").first.click()
    expect(board.locator("#selection-count")).to_have_text("2 interventions sélectionnées")
    expect(board.locator("#detail")).to_be_hidden()
    assert obstacles(board) == []
    board.click("#postpone-selected")
    board.fill("#postpone-on", str(tomorrow + timedelta(days=2)))
    board.fill("#postpone-reason", "site fermé")
    board.locator("#bulk-postpone .primary").click()
    expect(board.locator("#bulk-report")).to_contain_text("Reporter quand même")
    board.locator("#bulk-report .danger").click()
    expect(board.locator("#selection")).to_be_hidden()
    board.click("[data-select-mode]")
    board.click(f"#stop-{jobs[1]}")
    expect(board.locator("#lock-none")).to_have_attribute("aria-pressed", "true")
    board.keyboard.press("Alt+l")
    expect(board.locator("#lock-technician")).to_have_attribute("aria-pressed", "true")
    assert obstacles(board) == []
