"""A technician's day on a real phone page: one thumb, live changes, and nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import Job
from dispatch.planning import move
from tests import factories as make
from tests.apps import make_app
from tests.browsers import READING_MS, obstacles
from tests.people import PASSWORD

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 700}


@pytest.fixture
def day(server, tmp_path, phone):
    """Tariq's phone shows three visits of today; Diane dispatches."""
    today = now().astimezone(make.ZONE).date()
    app = make_app(server.database, tmp_path / "instance")
    with app.app_context():
        make.user("Diane", "dispatcher", every_client=True)
        tariq = make.technician("Tariq", day=today)
        tariq.user.set_password(PASSWORD)
        for hour, summary in ((9, "Écran noir"), (10, "Imprimante bloquée"), (11, "Téléphone muet")):
            make.job(summary, technician=tariq, start=make.at(f"{hour:02}:00", today))
        db.session.commit()
    phone.goto(f"{server.url}/sign-in")
    phone.fill("#email", "tariq@dispatch.example")
    phone.fill("#password", PASSWORD)
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/jobs")
    return Day(phone, app)


class Day:
    """The phone, and what happens elsewhere meanwhile."""

    def __init__(self, page: Page, app) -> None:
        self.page, self.app = page, app
        self.main = page.locator(".next-job .act")
        self.sheet = page.locator("#sheet")

    def tap(self, says: str) -> None:
        expect(self.main).to_have_text(says)
        self.page.wait_for_timeout(READING_MS)
        self.main.tap()

    def is_next(self, summary: str) -> None:
        expect(self.page.locator(".next-job-title")).to_have_text(summary)

    def elsewhere(self, number: int, deed) -> None:
        """Diane does something to the job from her own desk."""
        with self.app.app_context():
            deed(db.session.get(Job, number), make.user("Diane"))
            db.session.commit()


def test_a_visit_goes_from_accepting_to_done_and_a_mistap_is_undone(day):
    assert obstacles(day.page) == []
    day.tap("Accepter")
    day.tap("Je pars")
    expect(day.main).to_have_text("Sur place")
    day.page.get_by_role("button", name="Annuler").tap()
    day.tap("Je pars")
    day.tap("Sur place")
    day.tap("Terminer")
    expect(day.sheet).to_be_visible()
    assert obstacles(day.page) == []
    day.page.fill("#completion-note", "Pilote remplacé")
    day.sheet.locator(".act").tap()
    expect(day.sheet).to_be_hidden()
    day.is_next("Imprimante bloquée")
    expect(day.page.locator(".undo-bar")).to_contain_text("INT-1001")


def test_a_change_made_elsewhere_appears_by_itself_until_it_was_seen(day):
    day.elsewhere(3, retimed)
    callout = day.page.locator(".callout.info")
    expect(callout).to_contain_text("Diane", timeout=4000)
    day.page.set_viewport_size(NARROW)
    assert obstacles(day.page) == []
    assert day.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    day.page.get_by_role("button", name="J’ai vu").tap()
    expect(callout).to_have_count(0)


def test_a_job_taken_away_while_he_types_costs_him_no_word(day):
    day.tap("Accepter")
    expect(day.main).to_have_text("Je pars")
    day.page.get_by_text("Pas possible…").tap()
    day.sheet.locator("summary").last.tap()
    day.page.fill("#other-note", "badge refusé à l’accueil")
    day.elsewhere(1, move.take_back)
    day.is_next("Imprimante bloquée")
    expect(day.page.locator("#other-note")).to_have_value("badge refusé à l’accueil")
    day.sheet.locator("details[open] button.primary").tap()
    expect(day.page.locator("#reviews textarea")).to_have_value("badge refusé à l’accueil")
    expect(day.page.locator(".callout.info")).to_contain_text("Écran noir · retirée de votre journée · Diane")
    assert obstacles(day.page) == []


def test_a_tap_counts_though_news_came_between_pressing_and_letting_go(day):
    expect(day.main).to_have_text("Accepter")
    box = day.main.bounding_box()
    day.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    day.page.mouse.down()
    with day.page.expect_response("**/jobs?**") as answer:
        day.elsewhere(3, move.take_back)
        day.page.wait_for_timeout(1500)  # as long as news take to come, and more
        assert not day.page.locator(".callout.info").count()
        day.page.mouse.up()
    answer.value.finished()
    expect(day.main).to_have_text("Je pars")
    expect(day.page.locator(".day-list").first).not_to_contain_text("Téléphone muet")


def test_news_drawn_while_news_come_are_not_the_last_that_is_drawn(day):
    """Old news on their way, and newer ones waiting to be asked for: what replaces the list must not forget them."""
    kept = []
    day.page.evaluate("addEventListener('htmx:sseMessage', () => { document.body.dataset.heard = 'yes' })")
    heard = day.page.locator("body[data-heard]")
    day.page.route("**/jobs?**", lambda route: kept.append((route, route.fetch())), times=1)
    with day.page.expect_request("**/jobs?**"):
        day.elsewhere(2, retimed)
    while not kept:
        day.page.wait_for_timeout(50)
    day.page.evaluate("delete document.body.dataset.heard")
    day.elsewhere(3, move.take_back)
    expect(heard).to_be_attached()
    route, answer = kept.pop(0)
    route.fulfill(response=answer)
    expect(day.page.locator(".day-list").first).not_to_contain_text("Téléphone muet", timeout=10_000)


def retimed(job: Job, by) -> None:
    job.note_change("retimed", by, minutes=-10)
    record("job.retimed", by=by, job=job, minutes=-10)
