"""What was done becomes a document in the requester's language, on the ticket and in his mail, once a version."""

from __future__ import annotations

import io
import socket
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from PIL import Image
from pypdf import PdfReader

from dispatch import tasks, uploads
from dispatch.clock import at
from dispatch.config import Settings
from dispatch.extensions import db
from dispatch.mail import is_address
from dispatch.models.letter import Letter
from dispatch.models.report import fill, report_of
from dispatch.models.ticket import Attachment
from dispatch.proof import paper
from tests import factories as make
from tests.apps import make_app
from tests.servers import sqlite_database

SUMMARY = "Écran noir à l’accueil — œuvre"


class Box:
    """A mail server that keeps what it is given; `refuses` is what it answers instead."""

    def __init__(self):
        self.kept, self.refuses = [], None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that aiosmtpd calls
        if self.refuses:
            return self.refuses
        self.kept.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
def box():
    box = Box()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}"
    yield box
    controller.stop()


@pytest.fixture
def app(box, tmp_path):
    return make_app(sqlite_database(tmp_path), tmp_path, mail_smtp=box.url, mail_from="sav@relais.example",
                    provider_name="Relais Ouest")  # fmt: skip


@pytest.fixture
def job(app):
    with app.app_context(), at(make.at("10:00")):
        tariq = make.technician("Tariq")
        requester = make.requester("Camille Bihan", email="camille@acme.example", language="fr")
        ticket = make.ticket(SUMMARY, requester_id=requester.id)
        job = make.job("x", of=ticket, technician=tariq, start=make.at("09:00"), state="completed")
        job.working_at, job.ended_at, job.worked_seconds = make.at("09:10"), make.at("09:50"), 2400
        fill(
            job,
            {"resolution": "Câble remplacé\ntesté", "cause": "wear", "signer": "Camille Bihan"},
            tariq.user,
        )
        db.session.commit()
        yield job
        db.session.rollback()


def works(hour="10:30"):
    with at(make.at(hour)):
        tasks.write_reports()


def papers():
    return db.session.query(Attachment).filter_by(purpose="report").order_by(Attachment.id).all()


def text_of(data):
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_it_is_attached_and_mailed_once(box, job):
    for _twice in range(2):
        works()
    [file] = papers()
    [(recipients, message)] = box.kept
    assert recipients == ["camille@acme.example"]
    assert message["Subject"] == f"Rapport de votre intervention {job.number}"
    assert message["From"] == "sav@relais.example"
    assert SUMMARY in message.get_body().get_content()
    [attached] = list(message.iter_attachments())
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", file.filename)
    told = text_of(attached.get_content())
    for words in ("Relais Ouest", "Acme Assurances", job.number, job.ticket.number, SUMMARY, "Câble remplacé", "testé",
                  "Usure, vétusté", "40 min", "23 novembre 2026, 09:10", "Camille Bihan", "nom saisi, sans signature", "Tariq", "Colbert"):  # fmt: skip
        assert words in told, words


def test_it_waits_until_no_mistap_can_be_taken_back_and_is_not_made_of_one_that_was(box, job):
    works("10:01")
    assert papers() == []
    job.state = "working"
    db.session.commit()
    works()
    assert (papers(), box.kept) == ([], [])


def test_what_is_added_later_makes_a_second_document_and_one_more_letter(box, job):
    works()
    with at(make.at("11:00")):
        fill(job, {"cause": "network"}, job.technician.user)
        db.session.commit()
    for _twice in range(2):
        works("11:10")
    assert len(papers()) == len(box.kept) == 2
    assert box.kept[0][1]["Message-ID"] != box.kept[1][1]["Message-ID"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("request", f"Réalisé comme demandé : {SUMMARY}"),
        ("incident", "Résolu ; le technicien n’a pas donné de détails."),
    ],
)
def test_a_job_finished_with_one_tap_says_in_words_what_was_done(app, job, kind, words):
    report = report_of(job)
    report.resolution, job.ticket.kind, job.worked_seconds = None, kind, 20
    db.session.commit()
    told = " ".join(text_of(paper.write(job, 1)).replace("\u202f", " ").replace("\xa0", " ").split())
    assert words in told
    assert "moins d’une minute" in told


def test_it_speaks_the_language_of_the_requester_and_is_the_same_each_time(app, job):
    picture = io.BytesIO()
    Image.new("RGB", (600, 200), "navy").save(picture, "JPEG")
    uploads.store(job.ticket, picture.getvalue(), "p.jpg", "image/jpeg", None, "photo-token", "photo", job)
    job.ticket.requester.language = "en"
    fill(job, {"unsigned": "refused", "unsigned_why": "in a meeting", "parts": {}}, job.technician.user)
    db.session.commit()
    first = paper.write(job, 1)
    told = text_of(first)
    for words in ("Report of intervention", "Wear and age", "Refused to sign", "in a meeting", "Photos"):
        assert words in told, words
    assert first == paper.write(job, 1)
    assert [len(page.images) for page in PdfReader(io.BytesIO(first)).pages] == [1]


def test_a_mail_server_that_is_busy_is_asked_again_later_and_one_that_refuses_is_not(box, job):
    box.refuses = "451 later"
    works()
    letter = db.session.query(Letter).one()
    assert (letter.state, letter.tries, letter.trouble) == ("waiting", 1, "451 later")
    works()  # not before its time
    assert letter.tries == 1
    box.refuses = None
    works("10:40")
    assert (letter.state, letter.tries, len(box.kept)) == ("sent", 2, 1)
    letter.state = "waiting"
    db.session.commit()
    box.refuses = "550 no such person"
    works("12:00")
    assert (letter.state, letter.trouble) == ("failed", "550 no such person")


def test_a_line_break_in_a_subject_or_an_address_adds_no_header(box, job):
    job.ticket.summary = "Panne\r\nBcc: thief@elsewhere.example"
    job.ticket.requester.email = "a@acme.example\r\nBcc: thief@elsewhere.example"
    db.session.commit()
    works()
    assert box.kept == []
    assert db.session.query(Letter).count() == 0
    job.ticket.requester.email = "a@acme.example"
    fill(job, {"cause": "other"}, job.technician.user)
    db.session.commit()
    works("23:00")
    [(recipients, message)] = box.kept
    assert recipients == ["a@acme.example"]
    assert message["Bcc"] is None


@pytest.mark.parametrize("text", ["", "nobody", "a@b@c", "a@b, c@d", "Name <a@b.example>", "a b@c.example"])
def test_what_is_no_single_address_gets_no_mail(text):
    assert not is_address(text)


def test_without_a_mail_server_nothing_is_sent_and_that_is_said(tmp_path):
    from tests.people import signed_in

    app = make_app(sqlite_database(tmp_path), tmp_path)
    with app.app_context(), at(make.at("10:00")):
        tariq = make.technician("Tariq")
        job = make.job("Écran", technician=tariq, start=make.at("09:00"), state="completed")
        fill(job, {"resolution": "fait"}, tariq.user)
        db.session.commit()
        works()
        assert db.session.query(Letter).count() == 0
        desk = signed_in(app, make.user("Diane", "dispatcher", every_client=True))
        page = desk.get(f"/board/jobs/{job.number}").text
        assert "aucun serveur de courriel n’est réglé" in page
        assert papers()[0].filename in page


def test_a_mail_setting_that_cannot_work_is_refused_at_the_start():
    with pytest.raises(ValueError, match="MAIL_SMTP"):
        Settings(mail_smtp="mail.example")
    with pytest.raises(ValueError, match="MAIL_FROM"):
        Settings(mail_smtp="smtps://mail.example")
