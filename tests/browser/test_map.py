"""The map beside the routes: what is chosen on one side is chosen on the other, by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import tap
from dispatch.models.job import FIRST_NUMBER, Job
from tests import factories as make
from tests.apps import make_app
from tests.browser.conftest import sign_in
from tests.browsers import obstacles, open_page
from tests.people import PASSWORD
from tests.servers import ROOT

pytestmark = pytest.mark.browser
ICON = ROOT / "dispatch" / "static" / "favicon.svg"
TODAY = now().astimezone(make.ZONE).date()
AT_NOON = {"start": make.at("12:00", TODAY)}


@pytest.fixture
def places(server, tmp_path):
    """Numbers by building: two jobs at Colbert, one at the tower (unassigned), one at the station, where Zoé is."""
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        make.user("Diane", "dispatcher", every_client=True).set_password(PASSWORD)
        zoe, tariq = make.technician("Zoé Martin", day=TODAY), make.technician("Tariq Benali", day=TODAY)
        houses = {
            name: make.building(name, latitude=latitude, longitude=longitude)
            for name, latitude, longitude in (
                ("Colbert", 48.10, -1.70),
                ("Tour", 48.12, -1.66),
                ("Gare", 48.08, -1.62),
            )
        }
        tickets = [(name, make.ticket(f"{name} {number}", building_id=houses[name].id))
                   for name, number in (("Colbert", 1), ("Colbert", 2), ("Gare", 3), ("Tour", 4))]  # fmt: skip
        people = [zoe, tariq, zoe, None]
        made = [
            make.job(of=ticket, technician=person, **(AT_NOON if person else {}))
            for (_name, ticket), person in zip(tickets, people, strict=True)
        ]
        made[2].state = "accepted"
        tap.take(made[2], "travelling", zoe.user)
        db.session.commit()
        return [job.number for job in made]


@pytest.fixture
def board(server, places, desktop) -> Page:
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={TODAY}")
    expect(desktop.locator("#map-pane")).to_be_hidden()
    desktop.click("[data-map]")
    return desktop


def spot(board: Page, name: str):
    return board.locator(f".map .spot[aria-label^='{name}']")


def test_each_place_says_what_there_is_and_the_fold_is_remembered(server, board):
    expect(board.locator(".map .spot")).to_have_count(3)
    expect(spot(board, "Colbert")).to_have_accessible_name(re.compile("^Colbert, 2 interventions"))
    expect(spot(board, "Tour")).to_have_accessible_name("Tour, 1 intervention, 1 sans technicien")
    expect(spot(board, "Gare")).to_have_accessible_name(
        re.compile(r"Gare, 1 intervention, .*Zoé Martin en route vers Gare, vu à \d\d:\d\d")
    )
    assert board.locator(".map img").count() == 0, "without tiles nothing is asked of anybody"
    assert obstacles(board) == []
    board.reload()
    expect(board.locator(".map .spot")).to_have_count(3)
    board.keyboard.press("Alt+k")
    board.reload()
    expect(board.locator("#map-pane")).to_be_hidden()


def test_what_is_chosen_anywhere_is_chosen_everywhere(places, board):
    board.click(f"#stop-{places[2]}")
    expect(spot(board, "Gare")).to_have_attribute("aria-current", "true")
    expect(board.locator(".map polyline.chosen")).to_have_count(1)
    spot(board, "Tour").click()
    expect(board.locator("#detail h2")).to_have_text("Tour 4")
    expect(board.locator(f"#decision-{places[3]}")).to_have_class("decision selected")
    expect(board.locator(".map [aria-current]")).to_have_count(1)
    expect(spot(board, "Tour")).to_have_attribute("aria-current", "true")
    assert obstacles(board) == []
    board.reload()
    expect(spot(board, "Tour")).to_have_attribute("aria-current", "true")
    board.get_by_role("button", name="Tariq Benali").click()
    expect(board.locator(".map polyline.chosen")).to_have_attribute("data-row", row_of(board, "Tariq Benali"))
    expect(spot(board, "Colbert")).to_have_class(re.compile("on-route"))
    expect(board.get_by_role("button", name="Tariq Benali")).to_have_attribute("aria-pressed", "true")


def row_of(board: Page, name: str) -> str:
    return board.locator(".route", has_text=name).get_attribute("id")


def test_by_keyboard_from_place_to_place_and_into_what_is_offered_there(places, board):
    spot(board, "Tour").focus()
    board.keyboard.press("ArrowLeft")
    expect(spot(board, "Colbert")).to_be_focused()
    board.keyboard.press("Enter")
    offered = board.locator("#map-offer button")
    expect(offered).to_have_count(2)
    expect(offered.first).to_be_focused()
    second = offered.last.locator(".map-offer-what").inner_text().removeprefix("12:00 ")
    assert obstacles(board) == []
    board.keyboard.press("Escape")
    expect(spot(board, "Colbert")).to_be_focused()
    board.keyboard.press("Enter")
    board.keyboard.press("ArrowDown")
    board.keyboard.press("Enter")
    expect(board.locator("#detail h2")).to_have_text(second)
    expect(board.locator(".stop[aria-current] .stop-what")).to_have_text(second)


def test_what_one_looks_for_dims_the_map_and_news_redraw_it(server, tmp_path, places, board):
    board.fill("#sift-text", "gare")
    expect(board.locator(".map .spot.dim")).to_have_count(2)
    expect(spot(board, "Gare")).not_to_have_class(re.compile("dim"))
    assert obstacles(board) == []
    board.fill("#sift-text", "tour")
    expect(board.locator("#sifted")).to_have_text("1 intervention trouvée")
    board.click("[data-sift-clear]")
    expect(board.locator(".map .spot.dim")).to_have_count(0)
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        job = db.session.get_one(Job, int(places[2].removeprefix("INT-")) - FIRST_NUMBER)
        tap.take(job, "working", job.technician.user)
        db.session.commit()
    expect(spot(board, "Gare")).to_have_attribute("aria-label", re.compile("sur place"))


def test_with_an_address_of_tiles_the_streets_lie_below_the_places(board):
    asked = []
    board.route("**/tiles/**", lambda route: asked.append(route.request.url) or route.fulfill(path=ICON))
    board.evaluate("document.getElementById('map').dataset.tiles = '/tiles/{z}/{x}/{y}.svg'")
    board.click("[data-map-zoom='1.6']")
    expect(board.locator(".map img").first).to_be_visible()
    assert re.search(r"/tiles/1\d/\d+/\d+\.svg$", asked[0])
    board.click("[data-map-whole]")
    covered = board.evaluate("""() => {
        const map = document.getElementById('map').getBoundingClientRect();
        const tiles = [...document.querySelectorAll('.map img')].map(tile => tile.getBoundingClientRect());
        return [[map.left + 1, map.top + 1], [map.right - 1, map.bottom - 1]].every(([x, y]) =>
            tiles.some(tile => tile.left <= x && x <= tile.right && tile.top <= y && y <= tile.bottom));
    }""")
    assert covered, "the corners of the map have no tile"


def test_a_technician_s_days_are_reached_by_keyboard_and_lead_back_to_the_board(places, board):
    board.get_by_role("link", name="Prochains jours de Zoé Martin").press("Enter")
    expect(board.locator("h1")).to_have_text("Zoé Martin")
    expect(board.locator(".week > .route")).to_have_count(7)
    expect(board.locator(".week > .today > .stops")).to_have_count(1)
    assert obstacles(board) == []
    board.locator(f"#stop-{places[0]}").press("Enter")
    expect(board.locator("#detail h2")).to_have_text("Colbert 1")
    expect(board.locator(f"#stop-{places[0]}")).to_have_attribute("aria-current", "true")


def test_half_the_room_is_enough(server, places, browser):
    """1440 pixels at 200 %."""
    with open_page(browser, {"width": 720, "height": 450}) as page:
        sign_in(page, server, "diane")
        page.goto(f"{server.url}/board?day={TODAY}")
        page.click("[data-map]")
        expect(page.locator(".map .spot")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth") <= 720
        assert obstacles(page) == []
        page.get_by_role("link", name="Prochains jours de Zoé Martin").click()
        expect(page.locator(".week > .route")).to_have_count(7)
        assert page.evaluate("document.documentElement.scrollWidth") <= 720
