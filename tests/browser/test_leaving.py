"""What stays on a phone: after signing out, when the account has ended, after too long; two pages; a newer server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from dispatch import uploads
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.event import record
from dispatch.models.user import User
from tests import factories as make
from tests.browser.conftest import ON_BOTH, sign_in
from tests.browser.newer import Door
from tests.browser.phones import Phone, holder_of, job_of, states
from tests.browsers import DESKTOP, obstacles, open_page

pytestmark = pytest.mark.browser
SIGN_IN = re.compile(r"/sign-in(\?|$)")
STORES = ("carry", "queue", "device", "notices", "files")
AGE = """(at) => new Promise((resolve) => { indexedDB.open("dispatch-phone").onsuccess = ({ target: { result: database } }) => {
    const store = database.transaction("carry", "readwrite").objectStore("carry");
    store.get("carry").onsuccess = (event) => {
        store.put({ ...event.target.result, expires_at: at }, "carry").onsuccess = () => { database.close(); resolve(); };
    };
}; })"""


def is_signed_out(held) -> None:
    """Two parts of the page may lead there at the same moment."""
    expect(held.page).to_have_url(SIGN_IN)
    held.page.wait_for_load_state()


@ON_BOTH
def test_who_leaves_with_something_unsent_is_asked_and_it_waits_for_a_dispatcher(office, held, visits):
    """Cases 21 and 22 of the battery: he is told what was not sent before he is signed out."""
    held.context.route("**/jobs/sync", lambda route: route.abort())
    held.tap("Accepter")
    held.sign_out()
    asked = held.page.locator("#leaving")
    expect(asked).to_contain_text("1 en attente")
    expect(asked).to_contain_text("devra l’examiner avant que cela compte")
    assert obstacles(held.page) == []
    asked.get_by_role("button", name="Rester et envoyer").tap()
    assert len(held.memory("queue")) == 1
    held.sign_out()
    asked.get_by_role("button", name="Partir quand même").tap()
    is_signed_out(held)
    assert [len(held.memory(store)) for store in STORES] == [0, 1, 1, 0, 0]
    assert held.memory("device")[0]["person"] is None
    held.context.unroute("**/jobs/sync")
    held.page.goto(f"{held.url}/jobs")
    is_signed_out(held)  # he is signed out
    held.sends_everything()
    assert [held.memory(store) for store in STORES] == [[]] * len(STORES)
    assert states(office, visits[0]) == []
    with office.app_context():
        held_back = db.session.scalars(select(Action).where(Action.number == visits[0])).one()
        assert (held_back.outcome, held_back.body["to"]) == ("held", "accepted")


def test_who_leaves_without_signal_is_signed_out_at_the_next_contact(office, held, visits):
    held.lose_signal()
    held.sign_out()
    expect(held.page.locator("#reviews")).to_contain_text("Déconnecté sur ce téléphone")
    expect(held.page.locator("#live")).not_to_contain_text("Écran noir")
    assert [held.memory(store) for store in ("carry", "queue", "files")] == [[]] * 3
    assert obstacles(held.page) == []
    asked = []
    held.page.on("request", lambda request: asked.append(request.url))
    held.find_signal()
    is_signed_out(held)
    assert not [url for url in asked if "/jobs/carry" in url]
    held.page.goto(f"{held.url}/jobs")
    is_signed_out(held)


@ON_BOTH
def test_a_disabled_account_and_its_files_are_wiped_at_the_next_contact(office, held, visits):
    """Case 21 of the battery."""
    with office.app_context():
        attach(job_of(visits[0]), "plan.txt")
    held.context.route("**/attachments/**", lambda route: route.abort())
    held.page.reload()
    held.until(lambda: held.memory("carry")[0]["files"])
    held.context.unroute("**/attachments/**")
    held.page.reload()  # told of already, and not fetched yet
    held.until(
        lambda: held.page.evaluate(
            "caches.open('files').then((files) => files.keys()).then((keys) => keys.length)"
        )
    )
    held.lose_signal()
    held.tap("Accepter")
    with office.app_context():
        person = job_of(visits[0]).technician.user_id
        db.session.get_one(User, person).disable()
        db.session.commit()
    held.find_signal()
    is_signed_out(held)
    held.until(lambda: [held.memory(store) for store in STORES] == [[]] * len(STORES))
    assert "files" not in held.page.evaluate("caches.keys()")
    assert states(office, visits[0]) == []
    with office.app_context():
        assert db.session.scalar(select(Action.outcome).where(Action.number == visits[0])) == "held"


def test_what_is_too_old_goes_and_what_is_unsent_stays(office, held, visits):
    held.lose_signal()
    held.tap("Accepter")
    held.page.evaluate(AGE, "2026-11-01T00:00:00Z")
    held.open()
    expect(held.page.locator("#reviews")).to_contain_text("retirées de ce téléphone")
    expect(held.page.locator("#live")).not_to_contain_text("Écran noir")
    assert [len(held.memory(store)) for store in ("carry", "queue")] == [0, 1]
    held.find_signal()
    held.sends_everything()
    assert states(office, visits[0]) == ["accepted"]


@ON_BOTH
def test_two_pages_each_with_a_tap_count_once_each(office, held, visits):
    """Case 17 of the battery, with real tabs."""
    other = held.context.new_page()
    other.goto(f"{held.url}/jobs/{visits[1]}")
    expect(other.locator("body")).to_have_class("phone keeps")
    held.lose_signal()
    held.tap("Accepter")
    other.locator(".next-job .act").tap()
    expect(other.locator("#outbox-count")).to_have_text("2 en attente")
    expect(held.page.locator("#outbox-count")).to_have_text("2 en attente")
    assert [entry["seq"] for entry in held.memory("queue")] == [1, 2]
    held.find_signal()
    held.sends_everything()
    assert [states(office, number) for number in visits[:2]] == [["accepted"]] * 2
    with office.app_context():
        count = select(func.count()).where(Action.number.in_(visits))
        assert db.session.scalar(count) == 2


def test_an_old_page_goes_on_against_a_newer_server(browser, running, office, planned, tmp_path):
    """Opened before a release: it sends what is tapped, says that there is a new version, and loads it whole."""
    door = Door(running)
    name = holder_of(office, planned[0])
    old = Phone(browser, running, tmp_path / "old", door.url)
    try:
        old.sign_in(name)
        door.release()
        old.tap("Accepter")
        old.sends_everything()
        assert states(office, planned[0]) == ["accepted"]
        old.page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
        expect(old.page.locator("#new-version")).to_be_visible()
        with old.page.expect_navigation():
            old.page.locator("#load-version").tap()
        assert door.new in old.page.content()
        old.tap("Je pars")
        old.sends_everything()
        old.until(lambda: old.page.evaluate("caches.keys()").count(f"shell-{build(old)}"))
        assert [one for one in old.page.evaluate("caches.keys()") if one.startswith("shell-")] == [
            f"shell-{build(old)}"
        ]
        old.lose_signal()
        old.open()
        expect(old.page.locator(".next-job .act")).to_have_text("Sur place")
        assert states(office, planned[0]) == ["accepted", "travelling"]
        assert door.gone == []  # the old page asked for nothing that is gone
    finally:
        old.kill()
        door.close()


def test_that_a_change_was_seen_is_sent_and_stands_on_the_board(browser, office, held, visits):
    with office.app_context():
        job = job_of(visits[1])
        diane = make.user("Diane", "dispatcher")
        job.note_change("retimed", diane, minutes=20)
        record("job.retimed", by=diane, job=job, minutes=20)
        db.session.commit()
    held.open()
    seen = held.page.get_by_role("button", name="J’ai vu")
    with open_page(browser, DESKTOP) as desk:
        sign_in(desk, held.server, "diane")
        desk.goto(f"{held.url}/board/jobs/{visits[1]}")
        expect(desk.locator("#detail")).to_contain_text("changement pas encore vu")
        expect(seen).to_be_visible()
        held.lose_signal()
        seen.tap()
        expect(held.page.locator("#outbox-count")).to_have_text("1 en attente")
        expect(seen).to_have_count(0)
        held.find_signal()
        held.sends_everything()
        expect(desk.locator("#detail")).to_contain_text("changement vu")


def test_an_answer_that_breaks_off_is_tried_again_and_is_no_error(held, visits):
    """A server that is killed while it answers: what was half read is as good as no signal."""
    told = held.page.evaluate("""async () => {
        const path = document.querySelector("script[src*='/main.js']").src.replace("main.js", "");
        const [{ exchange, link }, { keepLanguage }] = await Promise.all([import(`${path}link.js`), import(`${path}register.js`)]);
        const errors = [];
        addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
        const whole = window.fetch;
        window.fetch = async () => new Response(new ReadableStream({ start: (body) => body.error(new TypeError("Failed to fetch")) }));
        await exchange({ carry: "whole" });
        window.fetch = whole;
        return [link.state, errors];
    }""")
    assert told == ["lost", []]
    held.lose_signal()
    assert (
        held.page.evaluate("""async () => {
        document.documentElement.lang = "br";
        const path = document.querySelector("script[src*='/main.js']").src.replace("main.js", "");
        const { keepLanguage } = await import(`${path}register.js`);
        return keepLanguage().then(() => "quiet", String);
    }""")
        == "quiet"
    )


def build(phone: Phone) -> str:
    return phone.page.evaluate("document.getElementById('phone').dataset.build")


def attach(job, name: str) -> None:
    """A file of the ticket, and news of the job."""
    uploads.store(job.ticket, b"plan", name, "text/plain", None, "t" * 32, "file", job)
    record("job.retimed", job=job, minutes=0)
    db.session.commit()
