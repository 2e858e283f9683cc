"""Files go up to a ticket and come down to whoever may see it, as downloads."""

from __future__ import annotations

import io

import pytest

from dispatch import uploads
from dispatch.extensions import db
from dispatch.models.ticket import Attachment
from tests import factories as make
from tests.people import signed_in

PAGE = b"<html><script>alert(1)</script></html>"


@pytest.fixture
def attached(app, cast):
    """A file of Acme that claims to be a picture and is a web page."""
    ticket = make.ticket()
    send(signed_in(app, cast.paula), ticket, PAGE, "photo é.png")
    return db.session.query(Attachment).one()


def send(browser, ticket, content, name):
    files = (io.BytesIO(content), name, "image/png")
    return browser.post(f"/tickets/{ticket.number}/attachments", data={"files": files})


def test_a_file_comes_back_as_a_download_whatever_it_claims_to_be(app, cast, attached):
    with signed_in(app, cast.carole).get(f"/attachments/{attached.token}") as answer:
        assert answer.data == PAGE
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"photo .png\"; filename*=UTF-8''photo%20%C3%A9.png"
    )


def test_its_type_is_what_its_bytes_say(attached):
    assert attached.content_type == "text/plain"
    assert len(attached.token) == 32  # 192 bits


@pytest.mark.parametrize("person", ["bastien", "berenice"])
def test_a_file_of_acme_does_not_exist_for_breizh(app, cast, attached, person):
    assert signed_in(app, getattr(cast, person)).get(f"/attachments/{attached.token}").status_code == 404


def test_a_technician_gets_the_files_of_his_jobs_only(app, cast, attached):
    tariq = signed_in(app, cast.tariq.user)
    assert tariq.get(f"/attachments/{attached.token}").status_code == 404
    make.job(of=attached.ticket, technician=cast.tariq)
    with tariq.get(f"/attachments/{attached.token}") as answer:
        assert answer.status_code == 200


def test_nobody_gets_it_without_signing_in(client, attached):
    assert client.get(f"/attachments/{attached.token}").status_code == 302


@pytest.mark.parametrize("token", ["x", "..%2f..%2fsecret-key", "drafts"])
def test_guesses_find_nothing(app, cast, token):
    assert signed_in(app, cast.diane).get(f"/attachments/{token}").status_code == 404


def test_bastien_cannot_attach_to_a_ticket_of_acme(app, cast):
    assert send(signed_in(app, cast.bastien), make.ticket(), b"x", "x.txt").status_code == 404


def test_a_ticket_holds_so_many_files_and_no_more(app, cast, attached, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    paula = signed_in(app, cast.paula, language="en")
    send(paula, attached.ticket, b"x", "one more.txt")
    page = paula.get(f"/tickets/{attached.ticket.number}").get_data(as_text=True)
    assert "A ticket holds 1 files" in page
    assert "one more.txt" not in page
