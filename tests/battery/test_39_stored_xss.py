"""Case 39: whatever is typed or imported is shown as it was typed, on every screen, and runs nowhere.

Every column that people or other systems write is filled with the sixty payloads in turn, past all checks of forms and
imports; then the screens are opened in Chromium, which fails the test for anything that its policy had to block.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import String, select, update

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models import queue
from dispatch.models.note import DayNote
from dispatch.models.place import Territory
from dispatch.models.user import User
from tests import factories as make
from tests.apps import make_app
from tests.battery.payloads import PAYLOADS
from tests.battery.stands import open_every_day
from tests.browsers import PHONE, open_page
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
TOMORROW = now().astimezone(make.ZONE).date() + timedelta(days=1)
# what somebody writes or an import brings; all other text columns hold codes, digests and addresses of ours
WRITTEN = {
    "absence": ("reason",), "action": ("remark",), "admin_right": ("label",), "api_token": ("label",),
    "attachment": ("filename",), "building": ("name", "address"), "category": ("label_fr", "label_en"),
    "client": ("name",), "closure": ("label",), "connection": ("label",), "day_note": ("text",), "device": ("name",),
    "equipment": ("label_fr", "label_en"), "field_word": ("note", "answer", "remark"), "handover": ("steps_tried", "lacked"),
    "job": ("floor", "desk", "note"), "kiosk": ("name",), "kiosk_entry": ("visitor", "subject"), "letter": ("recipient", "trouble"), "plan_run": ("error",),
    "report": ("resolution", "signer", "unsigned_why"), "requester": ("name", "phone", "email", "floor", "desk"),
    "right_grant": ("granted_by",), "site": ("name", "address", "phone", "access_notes"), "skill": ("label_fr", "label_en"),
    "technician": ("name", "phone", "base_name"), "territory": ("name",),
    "ticket": ("external_id", "summary", "description", "floor", "desk", "phone", "asset"), "user_account": ("name",),
}  # fmt: skip
OURS = {
    "absence": ("kind",), "action": ("key", "kind", "number", "fingerprint", "clock", "outcome", "reason", "decision"), "admin_right": ("code", "scope"),
    "api_token": ("digest",), "attachment": ("token", "content_type", "sha256", "purpose"), "building": ("code",),
    "calendar_feed": ("digest",), "category": ("code", "kind", "mode"), "client": ("code", "zone", "language", "holiday_country"),
    "connection": ("system", "address"), "device": ("key", "digest"), "duration_estimate": ("mode",), "equipment": ("code", "kind"),
    "event": ("kind", "via"), "explanation": ("kind",), "field_word": ("kind", "reason"),
    "job": ("mode", "state", "duration_source", "awaits", "lock", "outcome"), "kiosk_entry": ("state",), "known_place": ("address",), "letter": ("state",),
    "plan_change": ("kind",), "plan_run": ("state", "worker"), "preference": ("kind",), "push_notice": ("kind", "outcome"),
    "push_subscription": ("endpoint", "p256dh", "auth"), "put_off": ("cause",), "receipt": ("key", "fingerprint", "body"),
    "refusal": ("reason",), "report": ("cause", "unsigned"), "requester": ("language",), "shift": ("kind",),
    "sign_in_failure": ("email", "address"), "site": ("code", "zone"), "skill": ("code",), "street_times": ("way",),
    "technician": ("code", "profile"), "territory": ("code", "zone", "acceptance"),
    "ticket": ("kind", "state", "hold_reason", "fingerprint"), "user_account": ("email", "role", "language", "password_hash"),
    "user_session": ("digest",), "worker": ("name",),
}  # fmt: skip
TURNS = 6
TOGETHER = len(PAYLOADS) // TURNS


def one_of_them(number: int) -> str:
    return PAYLOADS[number % len(PAYLOADS)]


def test_every_column_of_text_is_known_to_this_test():
    found = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String)
    }
    known = {(table, name) for group in (WRITTEN, OURS) for table, names in group.items() for name in names}
    assert found - known == set(), "say whether people write these: then they are filled here"
    assert known - found == set(), "these columns are gone"


def test_nothing_that_was_stored_runs_on_any_screen(server, browser, desktop: Page, tmp_path):
    numbers, tickets = furnish(server, tmp_path)
    see(server, browser, desktop, numbers, tickets)


@pytest.mark.battery
@pytest.mark.parametrize("turn", range(TURNS))
def test_no_payload_runs_from_any_column_on_any_screen(database, browser, desktop: Page, tmp_path, turn: int):
    """Ten in every value at once, so that after all turns each column has held each of the sixty."""
    server = LiveServer(database, tmp_path / "instance")
    try:
        server.start()
        numbers, tickets = furnish(server, tmp_path, lambda number: " ".join(_ten(TOGETHER * turn + number)))
        see(server, browser, desktop, numbers, tickets)
        drawn_by_scripts(server, desktop, numbers)
        for path in (
            f"/board/figures.csv?day={TOMORROW}",
            f"/board/jobs/{numbers[0]}/history.csv",
            f"/board/jobs/{numbers[40]}/offers?day={TOMORROW}",
        ):
            no_page(desktop, server, path)
    finally:
        server.stop()


def _ten(first: int) -> list[str]:
    return [PAYLOADS[(first + number) % len(PAYLOADS)] for number in range(TOGETHER)]


def see(server: LiveServer, browser, desktop: Page, numbers: list[str], tickets: list[str]) -> None:
    """Every screen of a dispatcher, a technician and an agent."""
    sign_in(desktop, server, "diane", "**/board**")
    day = f"territory=rennes&day={TOMORROW}"
    for path in (
        f"/board?{day}", f"/board/jobs/{numbers[0]}?{day}", f"/board/jobs/{numbers[1]}/candidates?{day}",
        f"/board/jobs/{numbers[0]}/history", f"/board/runs/new?{day}", f"/board/activity?{day}", f"/board/figures?{day}",
        f"/board/shift?{day}", f"/board/notes?{day}", f"/board/changes?{day}", f"/board/what-ifs?{day}", "/board/reviews", "/kiosks", "/kiosks/1",
    ):  # fmt: skip
        shown(desktop, server, path)
    with open_page(browser, PHONE) as phone:
        sign_in(phone, server, "tariq", "**/jobs**")
        for path in (
            f"/jobs?day={TOMORROW}",
            f"/jobs/{numbers[0]}",
            f"/jobs/{numbers[0]}/more",
            "/jobs/review",
            "/jobs/devices",
            "/kiosks/1",
        ):
            shown(phone, server, path)
    with open_page(browser, {"width": 1280, "height": 800}) as desk:
        sign_in(desk, server, "paula", "**/tickets**")
        for path in ("/tickets", f"/tickets/{tickets[0]}", f"/tickets/{tickets[1]}/edit", "/tickets/new"):
            shown(desk, server, path)


def drawn_by_scripts(server: LiveServer, page: Page, numbers: list[str]) -> None:
    """What scripts make of what the server says: the map and its list, a swapped panel, a sheet, the printed page."""
    page.goto(f"{server.url}/board?territory=rennes&day={TOMORROW}")
    if page.locator("#map-pane").is_hidden():
        page.click("[data-map]")
    page.locator(".spot").first.click()
    page.locator("#map-offer button").first.click()
    page.locator("#detail h2").wait_for()
    page.click("#move-job")
    page.locator("#candidates").wait_for()
    untouched(page, "the sheet of a job")
    page.goto(f"{server.url}/board/shift?territory=rennes&day={TOMORROW}")
    page.emulate_media(media="print")
    untouched(page, "the printed shift")
    page.emulate_media(media="screen")


def no_page(page: Page, server: LiveServer, path: str) -> None:
    """A table or data: no browser takes it for a page, whatever stands in it."""
    answer = page.request.get(f"{server.url}{path}")
    assert answer.status == 200, path
    assert "html" not in answer.headers["content-type"], path
    assert answer.headers["x-content-type-options"] == "nosniff", path


def furnish(
    server: LiveServer, folder: Path, value: Callable[[int], str] = one_of_them
) -> tuple[list[str], list[str]]:
    """Sixty jobs, half of them with Tariq, and every written column of every row a payload; numbers of both kinds."""
    app = make_app(server.database, folder / "instance")
    with app.app_context():
        open_every_day()
        for name, role, every in (("Diane", "dispatcher", True), ("Paula", "phone_agent", False)):
            make.user(name, role, every_client=every).set_password(PASSWORD)
        tariq = make.technician("Tariq", day=TOMORROW, skills={"workstation": 2}, rights=[make.right()])
        tariq.user.set_password(PASSWORD)
        make.duty(tariq, ("16:00", "17:00"), day=TOMORROW)
        for _visitor in range(4):
            queue.check_in(make.kiosk(), tariq.user, visitor="x", subject="x", category=make.category())
        queue.call_next(make.kiosk(), tariq.user, tariq)
        numbers, tickets = [], []
        for number in range(len(PAYLOADS)):
            hour = make.at("08:00", TOMORROW) + timedelta(minutes=15 * number)
            planned = {"technician": tariq, "start": hour, "minutes": 10} if number < 30 else {}
            made = make.job(f"panne {number}", **planned, note="x")
            made.ticket.description = made.ticket.asset = "x"
            numbers.append(made.number)
            tickets.append(made.ticket.number)
        DayNote.write(
            db.session.scalars(select(Territory)).one(),
            TOMORROW,
            "x",
            db.session.scalars(select(User)).first(),
        )
        db.session.flush()
        poison(value)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return numbers, tickets


def poison(value: Callable[[int], str]) -> None:
    turn = count()
    for table in Base.metadata.sorted_tables:
        names = WRITTEN.get(table.name, ())
        keys = list(table.primary_key.columns)
        for row in db.session.execute(select(*keys)).all() if names else ():
            mine = [key == value for key, value in zip(keys, row, strict=True)]
            values = {name: value(next(turn)) for name in names}
            db.session.execute(update(table).where(*mine).values(values))


def sign_in(page: Page, server: LiveServer, name: str, where: str) -> None:
    page.goto(f"{server.url}/sign-in")
    page.fill("#email", f"{name}@dispatch.example")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(where)


def shown(page: Page, server: LiveServer, path: str) -> None:
    answer = page.goto(f"{server.url}{path}")
    assert answer is not None and answer.status == 200, f"{path} answered {answer and answer.status}"
    page.wait_for_load_state("load")
    untouched(page, path)


def untouched(page: Page, where: str) -> None:
    assert page.evaluate(
        "[top.pwned, document.querySelectorAll('[onerror],[onload],[onfocus],[onmouseover]').length]"
    ) == [None, 0], where
