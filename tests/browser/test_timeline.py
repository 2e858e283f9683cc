"""The routes as a timeline: blocks where their times are, work that is found, dragged and reached by arrows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.job import Job
from tests import factories as make
from tests.apps import make_app
from tests.browser.conftest import sign_in
from tests.browsers import DESKTOP, obstacles, open_page, too_small

pytestmark = pytest.mark.browser
WHERE = """number => { const box = document.getElementById(`stop-${number}`).getBoundingClientRect(); return [box.left, box.width] }"""

# whose own middle is under something else
# times that are drawn in part only: beyond the block, or on a line that is cut
CUT = """stops => stops.flatMap(stop => [...stop.querySelectorAll('time, .stop-when > .is-warn, .stop-travel')].filter(time => {
  const [own, block] = [time, stop].map(one => one.getBoundingClientRect());
  const line = time.parentElement.getBoundingClientRect();
  return own.width > 2 && own.top < line.bottom - 1 && (own.right > block.right + 1 || own.bottom > line.bottom + 3);
}).map(time => `${stop.id} ${time.textContent}`))"""
FREE = """all => all.filter(one => { one.scrollIntoView({ inline: 'center', block: 'center' });
  const box = one.getBoundingClientRect();
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return box.width < 24 || box.height < 24 || !one.contains(hit) }).map(one => one.outerHTML)"""
PER_MINUTE = """all => { const at = one => one.getBoundingClientRect().left;
  return all.slice(1).map(one => (at(one) - at(all[0])) / (one.dataset.start - all[0].dataset.start)) }"""


@pytest.fixture
def board(server, tomorrow, desktop) -> Page:
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    expect(desktop.locator("#route-list")).to_have_class("route-list timeline")
    return desktop


def test_a_block_is_where_its_time_is_and_as_long_as_its_work(jobs, board):
    (first, width), (second, _) = (board.evaluate(WHERE, number) for number in jobs[:2])
    minutes = [board.locator(f"#stop-{number}").get_attribute("data-start") for number in jobs[:2]]
    apart = int(minutes[1]) - int(minutes[0])
    assert (second - first) / apart == pytest.approx((width + 1) / 30, rel=0.05)
    board.hover(f"#stop-{jobs[0]}")
    block, unfolded = (board.locator(f"#stop-{jobs[0]}{part}").bounding_box() for part in ("", " > .stop-in"))
    assert unfolded["x"] == pytest.approx(block["x"], abs=1), "it grows to the right"
    assert unfolded["width"] > block["width"]
    hour = board.locator(".hours span").nth(1)
    assert hour.inner_text().endswith(":00")
    assert obstacles(board) == []


def test_zoom_density_and_view_are_remembered(jobs, board):
    narrow = board.evaluate(WHERE, jobs[0])[1]
    board.click("[data-zoom='1']")
    board.click("[data-zoom='1']")
    board.click("[data-dense]")
    wide = board.evaluate(WHERE, jobs[0])[1]
    assert wide > narrow
    board.reload()
    assert board.evaluate(WHERE, jobs[0])[1] == pytest.approx(wide, abs=1)
    expect(board.locator("[data-dense]")).to_have_attribute("aria-pressed", "true")
    assert obstacles(board) == []
    board.click("[data-view='list']")
    board.reload()
    expect(board.locator("#route-list")).to_have_class("route-list")


def test_what_one_looks_for_stays_bright(jobs, board):
    board.keyboard.press("Alt+f")
    board.keyboard.type("pôste 11")
    expect(board.locator("#sifted")).to_have_text("1 intervention trouvée")
    expect(board.locator(f"#stop-{jobs[1]}")).not_to_have_class("dim")
    assert board.locator(f"#stop-{jobs[0]}").evaluate("stop => stop.classList.contains('dim')")
    assert obstacles(board) == []
    board.keyboard.press("Escape")
    expect(board.locator("#sifted")).to_have_text("")
    assert board.locator(".dim").count() == 0
    board.click(".sift-menu summary")
    assert obstacles(board) == []
    board.select_option("#sift-state", label="envoyée")
    expect(board.locator("#sifted")).to_have_text("3 interventions trouvées")
    board.click("[data-sift-clear]")
    expect(board.locator("#sift-state")).to_have_value("")


def test_arrows_go_along_a_route(jobs, board):
    board.focus(f"#stop-{jobs[0]}")
    board.keyboard.press("ArrowRight")
    expect(board.locator(f"#stop-{jobs[1]}")).to_be_focused()
    board.keyboard.press("ArrowLeft")
    expect(board.locator(f"#stop-{jobs[0]}")).to_be_focused()


def test_a_job_is_dragged_to_somebody_who_says_what_it_would_mean(server, jobs, tomorrow, browser, board):
    with open_page(browser, DESKTOP) as other:
        sign_in(other, server, "ahmed")
        other.goto(f"{server.url}/board?day={tomorrow}")
        waiting = board.locator(".decision[draggable]").first
        number = waiting.get_attribute("data-number")
        drag(board, waiting.bounding_box(), board.locator(f"#stop-{jobs[2]}").bounding_box())
        expect(board.locator(".route .offer")).to_contain_text("arrive")
        expect(board.locator(".offers-told")).to_contain_text("Convient")
        board.mouse.up()
        expect(board.locator(".offer")).to_have_count(0)
        expect(board.locator("#detail h2")).to_have_text("Sans technicien")
        expect(board.locator(f"#stop-{number}")).to_be_visible()
        expect(other.locator(f"#stop-{number}")).to_be_visible()


def test_a_locked_job_is_dragged_with_what_the_lock_means_on_every_row(
    jobs, server, tomorrow, tmp_path, board
):
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        make.technician("Tariq", day=tomorrow)
        make.technician("Malo", day=None)
        locked = next(job for job in db.session.scalars(select(Job)) if job.number == jobs[1])
        locked.lock, locked.lock_technician_id = "both", locked.technician_id
        locked.lock_start = locked.planned_start
        db.session.commit()
    board.reload()
    tariq = board.locator(".route", has_text="Tariq")
    drag(board, board.locator(f"#stop-{jobs[1]}").bounding_box(), tariq.bounding_box())
    expect(board.locator(".route", has_text="Zoé").locator(".offer")).to_contain_text(
        "garde 11:00, verrouillée"
    )
    expect(tariq.locator(".offer")).to_contain_text("verrouillée sur quelqu’un d’autre")
    expect(tariq.locator(".offer")).to_contain_text("avec un motif")
    expect(board.locator(".route", has_text="Malo").locator(".offer")).to_have_text("Pas en service")
    board.mouse.up()
    asked = board.locator("#sheet .candidate.asked")
    expect(asked).to_contain_text("verrouillée sur quelqu’un d’autre")
    assert obstacles(board) == []
    asked.locator("input[name=override_reason]").fill("Zoé est malade")
    board.keyboard.press("Enter")
    expect(tariq.locator(f"#stop-{jobs[1]}")).to_be_visible()


def test_a_job_that_is_let_go_where_it_was_stays_as_it_was(server, jobs, board):
    before = board.locator(f"#stop-{jobs[1]}").get_attribute("data-version")
    drag(
        board,
        board.locator(f"#stop-{jobs[1]}").bounding_box(),
        board.locator(f"#stop-{jobs[2]}").bounding_box(),
    )
    expect(board.locator(".route .offer")).to_contain_text("arrive")
    board.mouse.up()
    expect(board.locator(".offer")).to_have_count(0)
    board.reload()
    expect(board.locator(f"#stop-{jobs[1]}")).to_have_attribute("data-version", before)


def drag(page: Page, start: dict[str, float], end: dict[str, float]) -> None:
    """Takes something up and holds it over something else."""
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 20, steps=5)
    page.mouse.move(end["x"] + 8, end["y"] + 8, steps=5)


def test_a_day_of_short_jobs_can_be_pressed_and_still_tells_its_times(
    server, jobs, tomorrow, tmp_path, board
):
    """Calls of 5 to 25 minutes in a row at every zoom, dense or not; axe measures what lies under what, too."""
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        tariq = make.technician("Tariq", day=tomorrow, hours=("08:00", "19:00"))
        make.technician("Loïc", day=tomorrow, hours=("09:00", "12:00"))
        begin = make.at("08:30", tomorrow)
        for minutes in (25, 25, 5, 10, 5, 15, 25, 20, 25, 5, 5, 5, 60, 10):
            make.job(f"Appel {minutes}", technician=tariq, start=begin, minutes=minutes)
            begin += timedelta(minutes=minutes)
        db.session.commit()
    board.reload()
    board.locator("[data-map]").click()
    calls = board.locator(".route", has_text="Tariq").locator("a.stop")
    expect(calls).to_have_count(14)
    idle = board.locator(".route", has_text="Loïc").locator(".stops")
    assert idle.evaluate("row => row.style.getPropertyValue('--hours-off')").startswith("linear-gradient")
    for dense in (False, True):
        for _zoom in range(3):
            # from the first hour on: what is half under the names is not what is measured
            board.locator("#routes .pane-body").evaluate("(pane) => pane.scrollTo({ left: 0 })")
            assert too_small(board) == []
            assert calls.evaluate_all(FREE) == []
            assert calls.evaluate_all(CUT) == []
            starts = calls.evaluate_all(PER_MINUTE)
            assert starts == pytest.approx([starts[0]] * len(starts), rel=0.02), (
                "each begins where its time is"
            )
            if board.locator("[data-zoom='1']").is_enabled():
                board.locator("[data-zoom='1']").click()
        if not dense:
            board.locator("[data-dense]").click()
            for _zoom in range(3):
                board.locator("[data-zoom='-1']").click()
    board.locator("#routes > .pane-body").evaluate(
        "pane => { pane.scrollLeft = 0 }"
    )  # nothing half under the names
    assert obstacles(board) == []


def test_a_narrow_page_shows_lists(server, jobs, tomorrow, browser):
    with open_page(browser, {"width": 720, "height": 900}) as page:
        sign_in(page, server, "diane")
        page.goto(f"{server.url}/board?day={tomorrow}")
        expect(page.locator("#route-list")).to_have_class("route-list")
        expect(page.locator("[data-zoom='1']")).to_be_hidden()
        assert obstacles(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 720
