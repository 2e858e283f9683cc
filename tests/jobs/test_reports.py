"""Completing asks what the category wants, and what is said is the report of the job."""

from __future__ import annotations

import pytest

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.client import Equipment
from dispatch.models.report import Report
from tests import factories as make
from tests.people import signed_in
from tests.phones import Phone

PROOF = {
    "resolution": True, "cause": True, "signature": True,
    "checks": [{"code": "page", "fr": "Page de test imprimée", "en": "Test page printed"}],
}  # fmt: skip
SAID = {
    "to": "completed",
    "note": "Rouleau changé",
    "cause": "wear",
    "check-page": "yes",
    "signer": "Camille Bihan",
}


@pytest.fixture
def job(app, cast):
    with at(make.at("09:00")):
        cast.tariq.parts = {"toner": 2}
        db.session.add(Equipment(code="toner", kind="part", label_fr="Toner", label_en="Toner cartridge"))
        category = make.category("printer", proof=PROOF)
        job = make.job("Imprimante", of=make.ticket("Imprimante", category_id=category.id), technician=cast.tariq,
                       start=make.at("09:00"), state="working")  # fmt: skip
        db.session.commit()
        yield job


@pytest.fixture
def browser(app, cast, job):
    return signed_in(app, cast.tariq.user)


def finish(browser, job, **said):
    form = {"key": f"k-{len(said)}-{said.get('cause', 0)}", "based_on": job.version, **SAID, **said}
    return browser.post(
        f"/jobs/{job.number}/transitions", data={name: text for name, text in form.items() if text}
    )


def report_of(job):
    db.session.expire_all()
    return db.session.query(Report).filter_by(job_id=job.id).one()


def test_the_sheet_asks_only_for_what_the_category_wants(browser, cast, job):
    page = browser.get(f"/jobs/{job.number}/completion").text
    for words in ("Page de test imprimée", 'name="cause"', 'name="signer"', 'name="part-toner"', "Effacer"):
        assert words in page
    plain = make.job("Écran", technician=cast.tariq, start=make.at("11:00"), state="working")
    db.session.commit()
    page = browser.get(f"/jobs/{plain.number}/completion").text
    assert 'name="note"' in page
    assert not any(name in page for name in ('name="cause"', 'name="signer"', "check-"))


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [({"cause": None}, "Choisissez la cause"), ({"check-page": None}, "Répondez à chaque ligne"),
     ({"signer": None}, "Faites signer"), ({"unsigned": "refused"}, "Donnez le nom et le motif"),
     ({"note": None}, "Dites en quelques mots"), ({"worked": "2000"}, "Entre 0 et 1440")],
)  # fmt: skip
def test_what_is_missing_is_asked_and_nothing_has_happened(browser, job, missing, sentence):
    answer = finish(browser, job, **missing)
    assert answer.status_code == 422
    assert sentence in answer.text
    db.session.expire_all()
    assert job.state == "working"
    assert db.session.query(Report).count() == 0


def test_what_is_said_is_kept_with_who_said_it(browser, cast, job):
    assert finish(browser, job, worked="50", **{"part-toner": "1"}).status_code == 303
    report = report_of(job)
    assert (report.resolution, report.cause, report.minutes) == ("Rouleau changé", "wear", 50)
    assert (report.checks, report.parts, report.signer, report.lacks) == (
        {"page": True}, {"toner": 1}, "Camille Bihan", [])  # fmt: skip
    assert {said["name"] for said in report.authors.values()} == {"Tariq"}
    assert cast.tariq.parts == {"toner": 1}


def test_completed_again_after_an_undo_the_part_is_taken_once_and_the_report_has_a_new_version(
    browser, cast, job
):
    finish(browser, job, **{"part-toner": "1"})
    first = report_of(job).version
    browser.post(
        f"/jobs/{job.number}/transitions", data={"to": "undone", "key": "undo-it-1", "based_on": job.version}
    )
    assert finish(browser, job, cause="hardware", **{"part-toner": "2"}).status_code == 303
    report = report_of(job)
    assert (report.cause, report.parts, cast.tariq.parts) == ("hardware", {"toner": 2}, {"toner": 0})
    assert report.version > first


def test_a_refusal_is_kept_with_name_and_reason(browser, job):
    finish(browser, job, unsigned="refused", unsigned_why="attend son responsable")
    report = report_of(job)
    assert (report.unsigned, report.signer, report.unsigned_why) == (
        "refused", "Camille Bihan", "attend son responsable")  # fmt: skip


def test_what_a_phone_could_not_know_is_missing_on_the_report_and_the_work_counts(app, cast, job):
    phone = Phone.of(app, cast.tariq.user)
    phone.did("transition", job, **{**SAID, "cause": "", "unsigned": "refused"})
    assert phone.outcomes(phone.send()) == ["applied"]
    assert phone.outcomes(phone.send()) == ["repeated"]
    assert report_of(job).lacks == ["cause", "unsigned_why"]
    assert job.state == "completed"


def test_the_board_and_the_ticket_show_it(app, browser, cast, job):
    finish(browser, job, unsigned="absent", unsigned_why="déjà partie")
    desk = signed_in(app, make.user("Diane", "dispatcher", every_client=True))
    for page in (f"/board/jobs/{job.number}", f"/tickets/{job.ticket.number}"):
        shown = desk.get(page).text
        for words in (
            "Rouleau changé",
            "Usure",
            "Page de test imprimée",
            "Personne pour signer",
            "déjà partie",
        ):
            assert words in shown, (page, words)


def test_the_phone_carries_the_sheet_with_its_questions(browser, job):
    carried = browser.get("/jobs/carry")
    assert carried.status_code == 200
    assert any("Page de test imprimée" in sheet for sheet in carried.json["pieces"].values())
