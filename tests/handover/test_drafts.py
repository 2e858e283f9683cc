"""What one account leaves in forms that were refused has its limit, and nothing typed is lost."""

from __future__ import annotations

import dataclasses
import io
import os
import re
from datetime import timedelta

import pytest

from dispatch import uploads
from dispatch.clock import at as frozen
from dispatch.clock import now
from dispatch.models.ticket import Attachment
from dispatch.tasks import tidy
from tests import factories as make
from tests.people import signed_in


@pytest.fixture(autouse=True)
def nine():
    with frozen(make.at("09:00")):
        yield


@pytest.fixture
def paula(app, cast):
    return signed_in(app, cast.paula, language="en")


def limit(app, **limits):
    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], **limits)


def incomplete(browser, *names, size=1, **more):
    """A handover that is refused, with files; what the page answers."""
    files = [(io.BytesIO(b"x" * size), name) for name in names]
    data = {"client": make.client().id, "summary": "Écran noir", "files": files, **more}
    answer = browser.post("/tickets", data=data)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Écran noir" in page
    return page


def notes(page):
    return re.findall(r'name="kept" value="([^"]+)"', page)


def left(app):
    return sorted(
        path.stat().st_size
        for path in (app.config["SETTINGS"].uploads / "drafts").rglob("*")
        if path.is_file()
    )


def test_files_beyond_the_limit_are_named_and_not_kept(app, paula):
    limit(app, draft_files=2)
    page = incomplete(paula, "a.txt", "b.txt", "c.txt")
    assert "Not kept: c.txt." in page
    assert (len(notes(page)), left(app)) == (2, [1, 1])


def test_bytes_count_too(app, paula):
    limit(app, draft_mb=1)
    page = incomplete(paula, "small.txt", "large.txt", size=600_000)
    assert "Not kept: large.txt." in page
    assert left(app) == [600_000]


def test_all_forms_of_an_account_count_together_and_nobody_elses(app, cast, paula):
    limit(app, draft_files=2)
    incomplete(paula, "a.txt", "b.txt")
    assert "Not kept: c.txt." in incomplete(paula, "c.txt")
    assert "Not kept" not in incomplete(signed_in(app, cast.denis, language="en"), "d.txt")


def test_a_form_leaves_no_more_than_its_ticket_could_hold(app, paula, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    assert "Not kept: b.txt." in incomplete(paula, "a.txt", "b.txt")


def test_what_the_form_has_kept_stays_when_more_finds_no_room(app, paula):
    limit(app, draft_files=1)
    first = incomplete(paula, "a.txt")
    again = incomplete(paula, "b.txt", kept=notes(first))
    assert "Not kept: b.txt." in again
    assert len(notes(again)) == 1
    assert "a.txt" in again


def test_a_file_that_is_left_out_makes_room(app, paula):
    limit(app, draft_files=1)
    first = incomplete(paula, "a.txt")
    token = re.search(r'name="dropped" value="([^"]+)"', first)[1]
    assert "Not kept" not in incomplete(paula, "b.txt", kept=notes(first), dropped=token)
    assert len(left(app)) == 1


def test_what_goes_to_a_ticket_at_once_needs_no_room(app, paula, session):
    limit(app, draft_files=0)
    ticket = make.ticket()
    files = {"files": (io.BytesIO(b"x"), "x.txt")}
    assert paula.post(f"/tickets/{ticket.number}/attachments", data=files).status_code == 303
    assert session.query(Attachment).one().filename == "x.txt"


def test_files_that_a_ticket_cannot_hold_are_not_left_behind(app, paula, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 0)
    paula.post(f"/tickets/{make.ticket().number}/attachments", data={"files": (io.BytesIO(b"x"), "x.txt")})
    assert left(app) == []


def test_the_note_of_one_account_opens_no_file_of_another(app, cast, paula):
    stolen = notes(incomplete(paula, "a.txt"))
    assert notes(incomplete(signed_in(app, cast.denis), kept=stolen)) == []


@pytest.mark.parametrize(("hours", "count"), [(23, 1), (25, 0)])
def test_files_of_forgotten_forms_are_deleted_after_a_day(app, paula, hours, count):
    incomplete(paula, "a.txt")
    [path] = [path for path in (app.config["SETTINGS"].uploads / "drafts").rglob("*") if path.is_file()]
    os.utime(path, (now().timestamp(), now().timestamp()))
    with frozen(now() + timedelta(hours=hours)):
        tidy()
    assert len(left(app)) == count


@pytest.mark.parametrize(("hours", "is_there"), [(23, True), (25, False)])
def test_what_was_half_written_when_the_server_was_killed_is_deleted_after_a_day(app, cast, hours, is_there):
    half = app.config["SETTINGS"].uploads / ".0123456789abcdef"
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"\xff\xd8")
    os.utime(half, (now().timestamp(), now().timestamp()))
    with frozen(now() + timedelta(hours=hours)):
        tidy()
    assert half.exists() == is_there
