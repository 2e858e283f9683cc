"""Two dispatchers at the same day: one works by keyboard, the other sees it without touching anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dispatch.extensions import db
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import open_every_day
from tests.browser.conftest import sign_in
from tests.browsers import DESKTOP, obstacles, open_page
from tests.people import PASSWORD

pytestmark = pytest.mark.browser


def test_a_job_is_locked_by_keyboard_and_the_other_board_shows_it(server, jobs, tomorrow, browser, desktop):
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "diane"), (other, "ahmed")):
            sign_in(page, server, name)
            page.goto(f"{server.url}/board?day={tomorrow}")
        other.locator(".routes .pane-body").evaluate("pane => pane.scrollTop = 40")
        stop = f"#stop-{jobs[1]}"
        desktop.focus(stop)
        desktop.keyboard.press("Enter")
        expect(desktop.locator("#detail h2")).to_have_text("Poste 11")
        expect(desktop.locator(stop)).to_have_attribute("aria-current", "true")
        assert obstacles(desktop) == []
        desktop.focus("#lock-both")
        desktop.keyboard.press("Enter")
        expect(desktop.locator(f"{stop} .end .icon")).to_have_count(1)
        expect(other.locator(f"{stop} .end .icon")).to_have_count(1, timeout=2000)
        expect(other.locator(".toast")).to_contain_text("Diane")
        expect(desktop.locator(".toast")).to_have_count(1)


def test_the_run_menu_opens_by_shortcut_and_says_what_is_left_out(server, jobs, tomorrow, desktop):
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    desktop.keyboard.press("Alt+o")
    expect(desktop.locator("#start-run")).to_be_focused()
    assert obstacles(desktop) == []
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#sheet")).to_be_hidden()


def test_the_panel_closes_and_back_opens_it_again(server, jobs, tomorrow, desktop):
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    desktop.click(f"#stop-{jobs[0]}")
    expect(desktop.locator("#detail h2")).to_have_text("Poste 10")
    desktop.click("#close-panel")
    expect(desktop.locator("#detail")).to_be_hidden()
    desktop.go_back()
    expect(desktop.locator("#detail h2")).to_have_text("Poste 10")


def test_of_two_who_move_a_job_by_keyboard_one_sees_what_the_other_did(
    server, jobs, tomorrow, browser, desktop
):
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "diane"), (other, "ahmed")):
            sign_in(page, server, name)
            page.goto(f"{server.url}/board?day={tomorrow}")
            page.focus(f"#stop-{jobs[1]}")
            page.keyboard.press("Enter")
            page.wait_for_selector("#move-job")
            page.keyboard.press("Alt+m")
            expect(page.locator("#when")).to_be_visible()
        assert obstacles(desktop) == []
        desktop.focus("#at")
        desktop.keyboard.type("1530")
        expect(desktop.locator("#then")).to_have_attribute("inert", "")
        assert obstacles(desktop) == []
        desktop.focus("#show-then")
        desktop.keyboard.press("Enter")
        expect(desktop.locator("#then h3")).to_contain_text("15:30")
        expect(desktop.locator("#show-then")).to_be_focused()
        choose = desktop.get_by_role("button", name="Choisir Zoé")
        choose.focus()
        desktop.keyboard.press("Enter")
        expect(desktop.locator("#sheet")).to_be_hidden()
        expect(desktop.locator(".planned-time")).to_contain_text("15:30")
        expect(other.locator(f"#stop-{jobs[1]}")).to_contain_text("15:30")
        other.get_by_role("button", name="Choisir Zoé").press("Enter")
        expect(other.locator("#trouble")).to_contain_text("Diane")
        expect(other.locator(".planned-time")).to_contain_text("15:30")
        assert obstacles(other) == []


IMPATIENT = """name => new MutationObserver((_records, watch) => {
    const link = document.querySelector(name);
    if (link) { watch.disconnect(); link.click(); }
}).observe(document.body, {childList: true, subtree: true})"""


def test_what_has_just_appeared_answers_at_once(server, jobs, tomorrow, desktop):
    """Whoever is quicker than the script would follow the link instead, away from the board."""
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    desktop.evaluate(IMPATIENT, "#move-job")
    desktop.click(f"#stop-{jobs[1]}")
    expect(desktop.locator("#sheet #when")).to_be_visible()
    assert "candidates" not in desktop.url


def test_a_move_in_a_tab_of_its_own_ends_on_the_board(server, jobs, tomorrow, desktop):
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board/jobs/{jobs[1]}/candidates?territory=rennes&day={tomorrow}")
    desktop.fill("#at", "15:30")
    desktop.click("#show-then")
    expect(desktop.locator("#then h3")).to_contain_text("15:30")
    desktop.get_by_role("button", name="Choisir Zoé").click()
    expect(desktop.locator(".planned-time")).to_contain_text("15:30")


def test_why_this_choice_is_asked_for_and_read_at_the_place_of_the_question(server, jobs, tomorrow, desktop):
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board/jobs/{jobs[0]}?day={tomorrow}")
    desktop.focus("#ask-why")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#why p").first).to_have_text("Personne d’autre ne travaille ce jour-là.")
    expect(desktop.locator("#why h3")).to_be_focused()
    assert obstacles(desktop) == []


@pytest.mark.parametrize("width", [320, 720])
def test_the_day_and_the_start_are_chosen_on_a_narrow_or_a_magnified_page(
    server, jobs, tomorrow, browser, width
):
    """720 pixels are what 200 % leaves of 1440."""
    with open_page(browser, {"width": width, "height": 450}) as page:
        sign_in(page, server, "diane")
        page.goto(f"{server.url}/board/jobs/{jobs[0]}?day={tomorrow}")
        page.click("#move-job")
        page.fill("#at", "15:30")
        page.click("#show-then")
        expect(page.locator("#then h3")).to_contain_text("15:30")
        assert obstacles(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sheet = page.locator("#sheet")
        assert sheet.evaluate("box => box.scrollWidth <= box.clientWidth")
        page.get_by_role("button", name="Choisir Zoé").click()
        expect(page.locator(".planned-time")).to_contain_text("15:30")


def test_room_is_made_from_the_sheet_and_the_other_board_shows_it(
    server, tmp_path, tomorrow, browser, desktop
):
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        open_every_day()
        make.territory().max_overtime_minutes = 0
        for name in ("Diane", "Ahmed"):
            make.user(name, "dispatcher", every_client=True).set_password(PASSWORD)
        zoe = make.technician("Zoé", day=tomorrow)
        minor = make.job("Souris", technician=zoe, start=make.at("08:20", tomorrow), minutes=490).number
        urgent = make.job(of=make.ticket("Serveur", priority=1), minutes=60).number
        db.session.commit()
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "diane"), (other, "ahmed")):
            sign_in(page, server, name)
            page.goto(f"{server.url}/board?day={tomorrow}")
        desktop.click(f"#decide-{urgent}")
        desktop.click("#move-job")
        expect(desktop.locator("#sheet")).to_contain_text(f"{minor} sort de la journée de Zoé")
        assert obstacles(desktop) == []
        desktop.get_by_role("button", name="Faire de la place").click()
        expect(desktop.locator("#sheet")).to_be_hidden()
        expect(desktop.locator("#toasts")).to_contain_text(
            f"De la place a été faite\u00a0: {urgent} va à Zoé"
        )
        expect(other.locator(f"#stop-{urgent}")).to_be_visible()
        expect(other.locator(f"#stop-{minor}")).to_have_count(0)


def test_what_is_pressed_is_not_drawn_anew_before_it_is_let_go(server, jobs, tomorrow, browser, desktop):
    """News that come under a finger wait, before they are asked for and when they are on their way, and then arrive."""
    kept = []
    with open_page(browser, DESKTOP) as other:
        for page, name in ((desktop, "diane"), (other, "ahmed")):
            sign_in(page, server, name)
            page.goto(f"{server.url}/board?day={tomorrow}")
        other.click(f"#stop-{jobs[1]}")
        desktop.evaluate(
            "document.addEventListener('htmx:beforeRequest', ({ target }) => { target.dataset.asked = 'yes'; })"
        )
        pressed = press(desktop, f"#stop-{jobs[1]}")
        other.click("#lock-both")
        expect(desktop.locator("#news")).to_have_attribute("data-asked", "yes")
        assert pressed.evaluate("stop => stop.isConnected")
        desktop.mouse.up()
        expect(desktop.locator("#detail h2")).to_have_text("Poste 11")
        expect(desktop.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(1)

        desktop.route("**/board/news?**", lambda route: kept.append(route))
        with desktop.expect_request("**/board/news?**"):
            other.click("#lock-none")
        pressed = press(desktop, f"#stop-{jobs[2]}")
        with desktop.expect_response("**/board/news?**") as answer:
            kept.pop().continue_()
        answer.value.finished()
        desktop.unroute("**/board/news?**")
        assert pressed.evaluate("stop => stop.isConnected")
        expect(desktop.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(1)
        desktop.mouse.up()
        expect(desktop.locator("#detail h2")).to_have_text("Poste 14")
        expect(desktop.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(0)


def test_news_of_the_job_before_do_not_take_the_place_of_the_one_that_was_opened_since(
    server, jobs, tomorrow, browser, desktop
):
    kept = []
    with open_page(browser, DESKTOP) as other:
        both_open(desktop, other, server, tomorrow, jobs[1])
        desktop.route("**/board/news?**", lambda route: kept.append(route))
        with desktop.expect_request("**/board/news?**"):
            other.click("#lock-both")
        desktop.click(f"#stop-{jobs[2]}")
        expect(desktop.locator("#detail h2")).to_have_text("Poste 14")
        kept.pop().continue_()
        desktop.unroute("**/board/news?**")
        expect(desktop.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(1)
        expect(desktop.locator("#detail h2")).to_have_text("Poste 14")


def test_news_that_come_before_the_job_that_was_asked_for_do_not_take_its_place_away(
    server, jobs, tomorrow, browser, desktop
):
    kept = []
    with open_page(browser, DESKTOP) as other:
        both_open(desktop, other, server, tomorrow, jobs[1])
        desktop.route(f"**/board/jobs/{jobs[2]}?**", lambda route: kept.append(route))
        with desktop.expect_request(f"**/board/jobs/{jobs[2]}?**"):
            desktop.click(f"#stop-{jobs[2]}")
        other.click("#lock-both")
        expect(other.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(1)
        desktop.wait_for_timeout(1500)  # as long as news take to come, and more
        kept.pop().continue_()
        expect(desktop.locator("#detail h2")).to_have_text("Poste 14")
        expect(desktop.locator(f"#stop-{jobs[1]} .end .icon")).to_have_count(1)
        expect(desktop.locator("#detail h2")).to_have_text("Poste 14")


def both_open(desktop, other, server, day, job):
    """Diane and Ahmed have the same job, of eleven o'clock, in their panels."""
    for page, name in ((desktop, "diane"), (other, "ahmed")):
        sign_in(page, server, name)
        page.goto(f"{server.url}/board?day={day}")
        page.click(f"#stop-{job}")
        expect(page.locator("#detail h2")).to_have_text("Poste 11")


def press(page, selector):
    piece = page.locator(selector)
    piece.hover()
    page.mouse.down()
    return piece.element_handle()


def test_a_question_mark_opens_the_help_and_nothing_leaves_it_by_tab(server, jobs, tomorrow, desktop):
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    desktop.fill("#sift-text", "")
    desktop.keyboard.press("?")
    expect(desktop.locator("#sift-text")).to_have_value("?")  # in a field it is a letter
    desktop.fill("#sift-text", "")
    desktop.focus(f"#stop-{jobs[0]}")
    desktop.keyboard.press("?")
    expect(desktop.locator("#shortcuts")).to_contain_text("Sélectionner jusqu’à la suivante")
    assert obstacles(desktop) == []
    for _press in range(6):
        desktop.keyboard.press("Tab")
        assert desktop.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#sheet')"
        )
    desktop.uncheck("[data-help-key]")
    desktop.keyboard.press("Escape")
    expect(desktop.locator(f"#stop-{jobs[0]}")).to_be_focused()
    desktop.keyboard.press("?")
    desktop.keyboard.press("Alt+j")  # the help would lie over the menu
    desktop.click("#open-shortcuts")
    expect(desktop.locator("[data-help-key]")).not_to_be_checked()
    desktop.keyboard.press("Escape")
    desktop.keyboard.press("Alt+h")
    expect(desktop.locator("#shortcuts")).to_be_visible()


def test_who_has_no_stream_sees_his_own_move_on_all_of_the_board(server, jobs, tomorrow, desktop):
    """The answer holds the routes; figures and what is to be decided come with news, for which he asks himself then."""
    desktop.route("**/live?**", lambda route: route.abort())
    sign_in(desktop, server, "diane")
    desktop.goto(f"{server.url}/board?day={tomorrow}")
    before = int(desktop.locator("#decide-count").inner_text())
    desktop.focus(f"#stop-{jobs[1]}")
    desktop.keyboard.press("Enter")
    desktop.get_by_role("button", name="Reprendre").click()
    expect(desktop.locator("#detail")).to_contain_text("Dans aucune tournée")
    expect(desktop.locator("#decide-count")).to_have_text(str(before + 1))
    expect(desktop.locator("#decisions")).to_contain_text("Poste 11")
