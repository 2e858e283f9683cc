"""Done without signal: a photo, a signature by mouse and a checklist are sent once, and the document tells of them."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader

from dispatch import tasks
from dispatch.clock import at, now
from dispatch.extensions import db
from dispatch.models.report import Report
from dispatch.models.ticket import Attachment
from tests import factories as make
from tests.apps import make_app
from tests.browser.phones import Phone
from tests.browsers import obstacles
from tests.people import PASSWORD

pytestmark = pytest.mark.browser
PROOF = {
    "resolution": True, "cause": True, "signature": True,
    "checks": [{"code": "page", "fr": "Page de test imprimée", "en": "Test page printed"}],
}  # fmt: skip


@pytest.fixture
def app(server):
    return make_app(server.database, server.folder)


@pytest.fixture
def phone(app, server, browser, tmp_path):
    """Tariq in the middle of a job; its number is the phone's."""
    today = now().astimezone(make.ZONE).date()
    with app.app_context():
        tariq = make.technician("Tariq", day=today)
        tariq.user.set_password(PASSWORD)
        tariq.parts = {"toner": 2}
        ticket = make.ticket("Imprimante muette", category_id=make.category("printer", proof=PROOF).id)
        job = make.job("x", of=ticket, technician=tariq, start=make.at("10:00", today), state="working")
        db.session.commit()
        number = job.number
    held = Phone(browser, server, tmp_path / "profile")
    held.number = number
    held.sign_in("Tariq")
    yield held
    held.kill()


def photograph(width, height):
    exif = Image.Exif()
    exif[0x010F] = "Camera of Tariq"
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    return {"name": "../../IMG 1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def sign(page):
    area = page.locator(".signature-area")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + 25 * step, box["y"] + 40 + (30 if step % 2 else -10))
    page.mouse.up()


def test_a_job_is_proved_without_signal_and_sent_once(app, phone):
    phone.put_away()
    page = phone.page
    phone.lose_signal()
    phone.open()
    page = phone.page
    phone.tap("Terminer")
    page.locator("[data-photos] input").set_input_files([photograph(4000, 3000), photograph(600, 800)])
    takes_back_the_second(phone)
    page.fill("#completion-note", "Rouleau changé")
    page.select_option("#cause", "wear")
    page.locator("input[name=check-page][value=yes]").check()
    page.fill("#signer", "Camille Bihan")
    sign(page)
    assert obstacles(page) == []
    page.locator("#sheet .act").tap()
    expect(page.locator("#outbox-count")).to_have_text("4 en attente")
    assert [(entry["seq"], entry["kind"]) for entry in phone.memory("queue")] == [
        (1, "photo"), (2, "withdrawn"), (3, "signature"), (4, "transition")]  # fmt: skip
    phone.kill()
    phone.start()
    phone.open()
    phone.sends_everything()
    assert phone.memory("files") == []
    with app.app_context():
        report = db.session.query(Report).one()
        assert (report.resolution, report.cause, report.checks, report.signer, report.lacks) == (
            "Rouleau changé", "wear", {"page": True}, "Camille Bihan", [])  # fmt: skip
        files = db.session.query(Attachment).order_by(Attachment.id).all()
        assert [file.purpose for file in files] == ["photo", "signature"]
        kept = (app.config["SETTINGS"].uploads / files[0].token).read_bytes()
        assert b"Camera of Tariq" not in kept
        assert Image.open(io.BytesIO(kept)).size == (1600, 1200)
        with at(now() + timedelta(minutes=5)):
            tasks.write_reports()
    _reads_the_document(phone)


def takes_back_the_second(phone):
    """What waits is seen in every sheet of the job, again when it is opened again."""
    photos = phone.page.locator(".photo-list li")
    expect(photos).to_have_count(2)
    phone.page.locator("#sheet [data-dialog-close]").tap()
    phone.page.locator(".next-job").get_by_text("Plus…").tap()
    expect(photos).to_have_count(2)
    button = photos.nth(1).get_by_role("button", name="Retirer la photo 2")
    box = button.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    button.tap()
    expect(photos).to_have_count(1)
    phone.page.locator("#sheet [data-dialog-close]").tap()
    phone.tap("Terminer")
    expect(photos).to_have_count(1)


def test_a_photo_goes_when_its_sheet_is_closed_and_not_before(phone):
    page = phone.page
    phone.tap("Terminer")
    page.locator("[data-photos] input").set_input_files([photograph(600, 800), photograph(800, 600)])
    expect(page.locator(".photo-list li")).to_have_count(2)
    page.evaluate("dispatchEvent(new Event('focus'))")  # back from the camera
    page.get_by_role("button", name="Retirer la photo 1").tap()
    expect(page.locator(".photo-list li")).to_have_count(1)
    assert [entry["kind"] for entry in phone.memory("queue")] == ["withdrawn", "photo"]
    page.locator("#sheet [data-dialog-close]").tap()
    phone.sends_everything()
    page.goto(f"{phone.url}/jobs/{phone.number}")
    expect(page.get_by_role("link", name="-photo-1.jpg")).to_have_count(1)
    expect(page.get_by_role("link", name="-photo-2.jpg")).to_have_count(0)


def _reads_the_document(phone):
    phone.open(f"/jobs/{phone.number}")
    with phone.page.expect_download() as download:
        phone.page.locator("#report a", has_text=".pdf").tap()
    pages = PdfReader(download.value.path()).pages
    told = " ".join(page.extract_text() for page in pages)
    for words in (
        "Imprimante muette",
        "Rouleau changé",
        "Usure, vétusté",
        "Page de test imprimée",
        "Camille Bihan",
    ):
        assert words in told, words
    assert sum(len(page.images) for page in pages) == 2


def test_a_signature_is_erased_or_refused_with_the_keyboard_alone(app, phone):
    page = phone.page
    phone.tap("Terminer")
    sign(page)
    page.locator("[data-erase]").click()
    page.locator("[data-photos] input").set_input_files(
        [{"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"<html>no picture</html>"}]
    )
    expect(page.locator("[data-photos] .error")).to_be_visible()
    page.fill("#completion-note", "  \n ")
    page.select_option("#cause", "wear")
    page.locator("input[name=check-page][value=no]").check()
    page.locator("#sheet .act").press("Enter")
    assert "Des espaces" in page.locator("#completion-note").evaluate("(field) => field.validationMessage")
    assert phone.memory("queue") == []
    page.fill("#completion-note", "Rouleau changé")
    page.fill("#signer", "Camille Bihan")
    page.locator("summary", has_text="Pièces posées").press("Enter")
    page.fill("[name=part-toner]", "5")
    page.locator("#sheet .act").press("Enter")
    expect(page.locator("[data-asked-error]")).to_contain_text("vous en avez 2")
    assert phone.memory("queue") == []
    page.locator(".signing summary").press("Enter")
    page.locator("input[name=unsigned][value=refused]").press("Space")
    page.fill("#unsigned-why", "attend son responsable")
    page.locator("#sheet .act").press("Enter")
    phone.sends_everything()
    phone.until(lambda: _report(app) is not None)
    with app.app_context():
        report = db.session.query(Report).one()
        assert (report.unsigned, report.unsigned_why, report.signature_id) == (
            "refused", "attend son responsable", None)  # fmt: skip
        assert report.parts == {"toner": 5}  # what was used was used


def _report(app):
    with app.app_context():
        return db.session.query(Report.id).scalar()
