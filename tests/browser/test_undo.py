"""Undoing from the board, by keyboard and by two dispatchers at once; a proposal taken in part."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.planning.build import build
from dispatch.planning.proposal import basis_of
from dispatch.planning.run import publish
from dispatch.planning.solver import fallback
from tests import factories as make
from tests.apps import make_app
from tests.browser.conftest import sign_in
from tests.browsers import DESKTOP, obstacles, open_page

pytestmark = pytest.mark.browser


@pytest.fixture
def board(server, jobs, tomorrow, desktop) -> Page:
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    return desktop


def take_back(page: Page, number: str) -> None:
    page.goto(f"{page.url.partition('/board')[0]}/board/jobs/{number}")
    page.keyboard.press("Alt+r")
    expect(page.locator(f"#stop-{number}")).to_have_count(0)


def test_the_message_takes_it_back_and_so_does_the_keyboard(board, jobs):
    take_back(board, jobs[1])
    board.locator(".toast button", has_text="Défaire").last.click()
    expect(board.locator(f"#stop-{jobs[1]}")).to_be_visible()
    for number in jobs[:2]:
        take_back(board, number)
    board.keyboard.press("Alt+z")
    expect(board.locator("#sheet .changed")).to_have_count(4)
    expect(board.locator("#sheet .changed").nth(2)).to_contain_text("Défait")
    assert obstacles(board) == []
    board.locator("#sheet .changed").nth(1).get_by_text("Tout depuis ici").focus()
    board.keyboard.press("Enter")
    expect(board.locator("#undo-now")).to_be_focused()
    expect(board.locator("#reversal")).to_contain_text(f"{jobs[0]} va à Zoé")
    assert obstacles(board) == []
    board.keyboard.press("Enter")
    for number in jobs[:2]:
        expect(board.locator(f"#stop-{number}")).to_be_visible()
    expect(board.locator("#sheet")).not_to_have_attribute("open", "")
    expect(board.locator(".toast").last).to_contain_text("2 interventions sont revenues")


def test_the_slower_of_two_dispatchers_is_told(server, board, jobs, tomorrow, browser):
    take_back(board, jobs[0])
    with open_page(browser, DESKTOP) as other:
        sign_in(other, server, "ahmed")
        other.goto(f"{server.url}/board?day={tomorrow}")
        for page in (board, other):
            page.keyboard.press("Alt+z")
            page.locator("#sheet .changed a", has_text="Défaire").first.click()
            expect(page.locator("#undo-now")).to_be_focused()
        other.keyboard.press("Enter")
        expect(other.locator(f"#stop-{jobs[0]}")).to_be_visible()
        board.keyboard.press("Enter")
        expect(board.locator("#reversal")).to_contain_text("C’est déjà défait")
        expect(board.locator("#reversal")).to_contain_text("Ahmed")
        assert obstacles(board) == []
        board.keyboard.press("Escape")
        expect(board.locator(f"#stop-{jobs[0]}")).to_be_visible()


def test_a_part_of_a_proposal_is_ticked_and_accepted(server, board, jobs, tomorrow, tmp_path):
    with make_app(server.database, tmp_path / "instance").app_context():
        more = [make.job(f"Écran {n}") for n in range(3)]
        run = PlanRun(
            territory_id=make.territory().id,
            day=tomorrow,
            seconds=1,
            state="running",
            requested_at=make.now(),
        )
        db.session.add(run)
        draft = build(make.territory(), tomorrow)
        publish(run, draft, basis_of(draft), fallback(draft.problem))
        db.session.commit()
        path, numbers = f"/board/runs/{run.id}", [job.number for job in more]
    board.goto(f"{server.url}{path}")
    expect(board.locator("#accept")).to_have_text("Accepter")
    board.locator("[data-choose]", has_text="Zoé").click()
    expect(board.locator("#accept")).to_be_disabled()
    board.get_by_label(numbers[0]).check()
    expect(board.locator("#accept")).to_contain_text("Accepter 1 sur ")
    assert obstacles(board) == []
    board.keyboard.press("Alt+a")
    expect(board.locator("#flashes")).to_contain_text("n’ont pas été acceptés")
    expect(board.locator(f"#stop-{numbers[0]}")).to_be_visible()
    expect(board.locator(f"#stop-{numbers[1]}")).to_have_count(0)
    board.locator("#flashes a", has_text="Défaire").click()
    board.locator("#undo-now").click()
    expect(board.locator(f"#stop-{numbers[0]}")).to_have_count(0)
