"""A technician's day without signal: everything opens, every tap is kept, and the server gets each of them once."""

from __future__ import annotations

import itertools
import random

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.planning import move
from tests import factories as make
from tests.apps import make_app
from tests.browser.phones import Phone
from tests.browsers import obstacles
from tests.people import PASSWORD
from tests.servers import LiveServer, sqlite_database

pytestmark = pytest.mark.browser
_people = itertools.count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("offline")
    server = LiveServer(sqlite_database(folder), folder / "instance")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def app(running):
    app = make_app(running.database, running.folder)
    with app.app_context():
        make.user("Diane", "dispatcher", every_client=True)
        db.session.commit()
    return app


@pytest.fixture
def phone(browser, running, tmp_path):
    held = Phone(browser, running, tmp_path / "profile")
    yield held
    held.kill()


@pytest.fixture
def day(app, phone):
    """Somebody new with three visits today, who has opened them once; numbers of the jobs."""
    name = f"Tariq{next(_people)}"
    with app.app_context():
        technician = make.technician(name, day=now().astimezone(make.ZONE).date())
        technician.user.set_password(PASSWORD)
        made = [make.job(f"{words} {name}", technician=technician, start=make.at(f"{hour}:00", _today()))
                for hour, words in ((10, "Écran noir"), (11, "Imprimante"), (12, "Téléphone"))]  # fmt: skip
        db.session.commit()
        numbers = [job.number for job in made]
    phone.sign_in(name)
    return numbers


def test_a_job_done_without_signal_is_applied_once_also_when_the_browser_is_killed(app, phone, day):
    phone.lose_signal()
    phone.open()
    expect(phone.page.locator("#sync")).to_contain_text("à jour à")
    expect(phone.page.locator("#outbox")).to_be_visible()
    assert obstacles(phone.page) == []
    for words in ("Accepter", "Je pars", "Sur place"):
        phone.tap(words)
    expect(phone.page.locator(".next-job .act")).to_have_text("Terminer")
    expect(phone.page.locator("#outbox-count")).to_have_text("3 en attente")
    expect(phone.page.locator(".next-job .waiting")).to_contain_text("en attente d’envoi")
    phone.kill()
    phone.start()
    phone.lose_signal()
    phone.open(f"/jobs/{day[0]}")
    _add_note(phone, "badge au gardien")
    expect(phone.page.locator(".next-job .typed")).to_have_text("badge au gardien")
    phone.open()
    phone.page.get_by_text("Pas possible…").tap()
    phone.page.locator("#sheet summary", has_text="Pièce").first.tap()
    phone.page.fill("#part", "pilote R-12")
    phone.page.locator("#sheet details[open] button.primary").tap()
    expect(phone.page.locator(".next-job-title")).to_contain_text("Imprimante")
    expect(phone.page.locator("#outbox-count")).to_have_text("5 en attente")
    assert obstacles(phone.page) == []
    assert [action["seq"] for action in phone.memory("queue")] == [1, 2, 3, 4, 5]
    phone.find_signal()
    phone.sends_everything()
    expect(phone.page.locator("#outbox")).to_be_hidden()
    expect(phone.page.locator(".next-job-title")).to_contain_text("Imprimante")
    assert _states(app, day[0]) == ["accepted", "travelling", "working", "not_completed"]
    with app.app_context():
        job = _job(day[0])
        assert (job.state, job.note) == ("not_completed", "badge au gardien")
        assert db.session.scalar(select(func.count()).where(Job.parent_id == job.id)) == 1


def test_what_somebody_else_did_meanwhile_is_told(app, phone, day):
    phone.lose_signal()
    phone.open()
    phone.tap("Accepter")
    _add_note(phone, "passer par la cour")
    with app.app_context():
        move.take_back(_job(day[0]), make.user("Dora", "dispatcher", every_client=True))
        db.session.commit()
    phone.find_signal()
    phone.sends_everything()
    told = phone.page.locator("#reviews .callout")
    expect(told.first).to_contain_text(day[0])
    expect(told.first.get_by_role("link")).to_have_attribute("href", "/jobs/review")
    expect(phone.page.locator(".next-job-title")).to_contain_text("Imprimante")
    assert obstacles(phone.page) == []
    phone.page.get_by_role("button", name="Compris").first.tap()
    expect(told).to_have_count(0)


def test_signing_out_sends_first_and_leaves_nothing_on_the_phone(app, phone, day):
    phone.tap("Accepter")
    phone.page.locator(".menu summary").tap()
    phone.page.get_by_role("button", name="Se déconnecter").tap()
    phone.page.wait_for_url("**/sign-in")
    assert _states(app, day[0]) == ["accepted"]
    assert phone.page.evaluate("caches.keys()") == []
    assert [phone.memory(store) for store in ("carry", "queue", "device", "notices")] in ([[]] * 4, [])


def test_a_page_too_old_for_the_server_keeps_what_waits_and_asks_to_be_loaded(app, phone, day):
    phone.context.route("**/jobs/sync", lambda route: route.continue_(
        headers={**route.request.headers, "x-dispatch-epoch": "0"}))  # fmt: skip
    phone.tap("Accepter")
    expect(phone.page.locator("#new-version")).to_be_visible()
    assert len(phone.memory("queue")) == 1
    phone.context.unroute("**/jobs/sync")
    with phone.page.expect_navigation():
        phone.page.locator("#load-version").tap()
    phone.sends_everything()
    assert _states(app, day[0]) == ["accepted"]


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.battery)])
def test_a_browser_killed_while_it_sends_doubles_nothing(app, phone, day, kills):
    """Case 22 of the battery, without the photo."""
    dice = random.Random(22)
    for round_ in range(kills):
        phone.lose_signal()
        phone.open()
        _add_note(phone, f"note {round_:02}")
        expect(phone.page.locator("#outbox-count")).to_contain_text("en attente")
        phone.find_signal()
        phone.page.wait_for_timeout(dice.uniform(0, 400))
        phone.kill()
        phone.start()
    phone.open()
    phone.sends_everything()
    with app.app_context():
        assert sorted(_job(day[0]).note.split("\n")) == [f"note {n:02}" for n in range(kills)]


@pytest.mark.parametrize("seconds", [12, pytest.param(300, marks=pytest.mark.battery)])
def test_a_flapping_link_is_not_hammered_and_comes_to_rest(app, phone, day, seconds):
    """Case 23 of the battery: every two seconds the link comes or goes, one answer in five is lost."""
    dice = random.Random(23)
    asked: list[str] = []

    def lossy(route) -> None:
        asked.append(route.request.url)
        if dice.random() < 0.2:
            route.abort()
        else:
            route.continue_()

    phone.context.route("**/jobs/sync", lossy)
    phone.context.route("**/jobs/carry*", lossy)
    for second in range(0, seconds, 2):
        (phone.lose_signal if second % 4 == 0 else phone.find_signal)()
        if second < 8:
            _add_note(phone, f"note {second}")
        phone.page.wait_for_timeout(1500)
    phone.find_signal()
    phone.sends_everything()
    assert len(asked) <= 2 * seconds + 20
    assert phone.page.locator(".toast").count() <= 1
    with app.app_context():
        assert _job(day[0]).note.count("note") == 4


def _today():
    return now().astimezone(make.ZONE).date()


def _add_note(phone: Phone, text: str) -> None:
    phone.page.locator(".next-job").get_by_text("Plus…").tap()
    phone.page.fill("#more-note", text)
    phone.page.get_by_role("button", name="Garder la note").tap()
    expect(phone.page.locator("#sheet")).to_be_hidden()


def _job(number: str) -> Job:
    return db.session.scalars(select(Job).where(Job.id == int(number.removeprefix("INT-")) - 1000)).one()


def _states(app, number: str) -> list[str]:
    """The states the job was taken through, by its log."""
    with app.app_context():
        log = (
            select(Event).where(Event.job_id == _job(number).id, Event.kind == "job.state").order_by(Event.id)
        )
        return [
            event.data["target"] for event in db.session.scalars(log) if event.data["target"] != "dispatched"
        ]
