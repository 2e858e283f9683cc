"""A technician's day without signal: everything opens, every tap is kept, and the server gets each of them once."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.planning import move
from tests import factories as make
from tests.browser.conftest import ON_BOTH
from tests.browser.newer import Door
from tests.browser.phones import Phone, holder_of, job_of, states
from tests.browser.test_proof import photograph
from tests.browsers import READING_MS, obstacles

pytestmark = pytest.mark.browser


def test_a_job_done_without_signal_is_applied_once_also_when_the_browser_is_killed(office, held, visits):
    held.put_away()
    held.lose_signal()
    held.open()
    expect(held.page.locator("#sync")).to_contain_text("à jour à")
    expect(held.page.locator("#outbox")).to_be_visible()
    assert obstacles(held.page) == []
    expect(held.page.locator("#menu .menu summary")).to_be_visible()
    held.page.locator(".next-job .act").dblclick()  # one tap too many is none
    held.page.wait_for_timeout(READING_MS)
    for words in ("Je pars", "Sur place"):
        held.tap(words)
    expect(held.page.locator(".next-job .act")).to_have_text("Terminer")
    expect(held.page.locator("#outbox-count")).to_have_text("3 en attente")
    expect(held.page.locator(".next-job .waiting")).to_contain_text("en attente d’envoi")
    held.kill()
    held.start()
    held.lose_signal()
    held.open(f"/jobs/{visits[0]}")
    held.page.locator(".next-job").get_by_text("Plus…").tap()
    note, full = held.page.locator("#more-note"), held.page.locator("#sheet [data-full-note]")
    note.fill("x" * 4000)
    expect(full).to_contain_text("000 caractères")
    note.fill("")
    expect(full).to_have_count(0)
    held.page.keyboard.press("Escape")
    held.add_note("badge au gardien")
    expect(held.page.locator(".next-job .typed")).to_have_text("badge au gardien")
    held.open()
    held.page.get_by_text("Pas possible…").tap()
    asks_for_a_time_that_lies_ahead(held)
    held.page.fill("#part", "pilote R-12")
    held.page.locator("#sheet details[open] button.primary").tap()
    expect(held.page.locator(".next-job-title")).to_contain_text("Imprimante")
    expect(held.page.locator("#outbox-count")).to_have_text("5 en attente")
    expect(held.page.locator("[aria-current] [data-open]")).to_have_text("2")  # of three, one has ended
    expect(held.page.locator("[data-done]")).to_have_text("Une close")
    assert obstacles(held.page) == []
    assert [action["seq"] for action in held.memory("queue")] == [1, 2, 3, 4, 5]
    held.find_signal()
    held.sends_everything()
    expect(held.page.locator("#outbox")).to_be_hidden()
    expect(held.page.locator(".next-job-title")).to_contain_text("Imprimante")
    assert states(office, visits[0]) == ["accepted", "travelling", "working", "not_completed"]
    with office.app_context():
        job = job_of(visits[0])
        assert (job.state, job.note) == ("not_completed", "badge au gardien")
        assert db.session.scalar(select(func.count()).where(Job.parent_id == job.id)) == 1


def asks_for_a_time_that_lies_ahead(held):
    """Beside the field, with what was typed still there, and nothing in the queue."""
    held.page.locator("#sheet summary", has_text="Demandeur absent").tap()
    open_one = held.page.locator("#sheet details[open]")
    error = open_one.locator("[data-asked-error]")
    for year, begins in ((2020, "09:00"), (2099, "09:00"), (now().year + 1, "11:00")):
        held.page.fill("#from", f"{year}-01-02T{begins}")
        held.page.fill("#until", f"{year}-01-02T10:00")
        expect(error).to_be_hidden()
        open_one.locator("button.primary").tap()
        expect(error).to_contain_text("Donnez un créneau à venir")
        assert held.page.input_value("#until") == f"{year}-01-02T10:00"
    held.page.locator("#sheet summary", has_text="Pièce").first.tap()
    held.page.fill("#arrival", "2020-01-02")
    open_one.locator("button.primary").tap()
    expect(error).to_contain_text("Donnez un jour qui n’est pas passé")
    held.page.fill("#arrival", "")
    assert len(held.memory("queue")) == 4


@ON_BOTH
def test_what_somebody_else_did_meanwhile_is_told(office, held, visits):
    """Case 19 of the battery, as far as the technician sees it."""
    held.lose_signal()
    held.open()
    held.tap("Accepter")
    held.tap("Je pars")
    held.add_note("passer par la cour")
    with office.app_context():
        move.take_back(job_of(visits[0]), make.user("Dora", "dispatcher", every_client=True))
        db.session.commit()
    held.find_signal()
    held.sends_everything()
    told = held.page.locator("#reviews .callout")
    expect(told).to_have_count(1)  # of one job in one notice, with its taps
    expect(told.locator("li")).to_contain_text(["Accepter", "Je pars"])
    expect(told.first).to_contain_text(visits[0])
    expect(told.first.get_by_role("link")).to_have_attribute("href", "/jobs/review")
    expect(held.page.locator(".next-job-title")).to_contain_text("Imprimante")
    assert obstacles(held.page) == []
    held.page.get_by_role("button", name="Compris").tap()
    expect(told).to_have_count(0)


def test_signing_out_sends_first_and_leaves_nothing_on_the_phone(office, held, visits):
    held.tap("Accepter")
    held.page.locator(".menu summary").tap()
    held.page.get_by_role("button", name="Se déconnecter").tap()
    held.page.wait_for_url("**/sign-in")
    assert states(office, visits[0]) == ["accepted"]
    assert held.page.evaluate("caches.keys()") == []
    assert [held.memory(store) for store in ("carry", "queue", "device", "notices")] in ([[]] * 4, [])


def test_a_page_too_old_for_the_server_keeps_what_waits_and_asks_to_be_loaded(office, held, visits):
    held.context.route("**/jobs/sync", lambda route: route.continue_(
        headers={**route.request.headers, "x-dispatch-epoch": "0"}))  # fmt: skip
    held.tap("Accepter")
    expect(held.page.locator("#new-version")).to_be_visible()
    assert len(held.memory("queue")) == 1
    held.context.unroute("**/jobs/sync")
    with held.page.expect_navigation():
        held.page.locator("#load-version").tap()
    held.sends_everything()
    assert states(office, visits[0]) == ["accepted"]


def test_a_tap_that_was_sent_is_taken_back_once_without_signal(office, held, visits):
    held.tap("Accepter")
    held.sends_everything()
    held.lose_signal()
    held.page.get_by_role("button", name="Annuler le geste").tap()
    expect(held.page.locator(".next-job .act")).to_have_text("Accepter")
    expect(held.page.get_by_role("button", name="Annuler le geste")).to_have_count(0)
    held.find_signal()
    held.sends_everything()
    expect(held.page.locator(".next-job .act")).to_have_text("Accepter")
    assert states(office, visits[0])[0] == "accepted"
    with office.app_context():
        assert job_of(visits[0]).state == "dispatched"


@ON_BOTH
@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.battery)])
def test_a_browser_killed_while_it_sends_doubles_nothing(office, held, visits, kills):
    """Case 22 of the battery; the photo is below."""
    dice = random.Random(22)
    held.put_away()
    for round_ in range(kills):
        held.lose_signal()
        held.open()
        held.add_note(f"note {round_:02}")
        expect(held.page.locator("#outbox-count")).to_contain_text("en attente")
        held.find_signal()
        held.page.wait_for_timeout(dice.uniform(0, 400))
        held.kill()
        held.start()
    held.open()
    held.sends_everything()
    with office.app_context():
        assert sorted(job_of(visits[0]).note.split("\n")) == [f"note {n:02}" for n in range(kills)]


def test_who_has_lost_what_was_not_sent_is_told_and_can_do_it_again(office, held, visits):
    """Case 22 of the battery: the browser has thrown away what the phone kept. No server can tell, so on one database."""
    held.lose_signal()
    held.tap("Accepter")
    expect(held.page.locator("#outbox-count")).to_have_text("1 en attente")
    evicted = {"origin": held.url, "storageTypes": "indexeddb,cache_storage"}
    held.context.new_cdp_session(held.page).send("Storage.clearDataForOrigin", evicted)
    held.find_signal()
    held.open()
    expect(held.page.locator("#reviews")).to_contain_text("a effacé ce qui n’était pas envoyé")
    expect(held.page.locator("#reviews")).to_contain_text("1 ")
    held.tap("Accepter")
    held.sends_everything()
    assert states(office, visits[0]) == ["accepted"]


@ON_BOTH
@pytest.mark.parametrize(
    ("kills", "size"), [(1, (1800, 1300)), pytest.param(30, (5200, 3900), marks=pytest.mark.battery)]
)
def test_a_browser_killed_in_the_middle_of_a_photo_sends_it_once(
    browser, running, office, planned, tmp_path, kills, size
):
    """Case 22 of the battery: taken with up to 20 MB, made small on the phone, killed when half of it has gone up."""
    door, before = Door(running), files_of(running)
    phone = Phone(browser, running, tmp_path / "behind", door.url)
    try:
        phone.sign_in(holder_of(office, planned[0]))
        phone.put_away()
        door.holds_uploads = True
        phone.page.locator(".next-job").get_by_text("Plus…").tap()
        phone.page.locator("[data-photos] input").set_input_files([photograph(*size)])
        phone.until(lambda: phone.memory("files"))
        assert not door.halfway.is_set()  # as long as the sheet is open it can be taken back
        phone.page.keyboard.press("Escape")
        for _kill in range(kills):
            assert door.halfway.wait(60)
            phone.kill()
            door.halfway.clear()
            phone.start()
            phone.open()
            assert len(phone.memory("files")) == 1
        door.holds_uploads = False
        phone.open()
        phone.sends_everything()
        assert phone.memory("files") == []
        with office.app_context():
            [photo] = job_of(planned[0]).ticket.attachments
            assert [path.name for path in files_of(running) if path not in before] == [photo.token]
            assert photo.purpose == "photo"
    finally:
        phone.kill()
        door.close()


def files_of(server):
    return [path for path in (server.folder / "uploads").rglob("*") if path.is_file()]


@ON_BOTH
@pytest.mark.parametrize("seconds", [12, pytest.param(300, marks=pytest.mark.battery)])
def test_a_flapping_link_is_not_hammered_and_comes_to_rest(office, held, visits, seconds):
    """Case 23 of the battery: every two seconds the link comes or goes, one answer in five is lost."""
    dice = random.Random(23)
    asked: list[str] = []

    def lossy(route) -> None:
        asked.append(route.request.url)
        if dice.random() < 0.2:
            route.abort()
        else:
            route.continue_()

    held.context.route("**/jobs/sync", lossy)
    held.context.route("**/jobs/carry*", lossy)
    for second in range(0, seconds, 2):
        (held.lose_signal if second % 4 == 0 else held.find_signal)()
        if second < 8:
            held.add_note(f"note {second}")
        held.page.wait_for_timeout(1500)
    held.find_signal()
    held.sends_everything()
    assert len(asked) <= 2 * seconds + 20
    assert held.page.locator(".toast").count() <= 1
    with office.app_context():
        assert job_of(visits[0]).note.count("note") == 4
