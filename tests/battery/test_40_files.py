"""Case 40: files that are something else than they say, under names that lead elsewhere, and more of them than fit.

Whatever it is comes back as a download, byte for byte; nothing is written outside the folder of uploads, nothing is
unpacked, and no guess finds a file. Export cells are in tests/itsm and tests/board.
"""

from __future__ import annotations

import io
import itertools
import random
import secrets
import zipfile
from pathlib import Path

import pytest

from dispatch.extensions import db
from dispatch.models.ticket import Attachment
from dispatch.proof import deposits
from tests import factories as make
from tests.people import signed_in
from tests.phones import SECRET, Phone
from tests.sync.test_pictures import bring, took

SEED = 40
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
TYPES = (
    "image/png",
    "text/html",
    "image/svg+xml",
    "application/x-httpd-php",
    "text/html; charset=utf-7",
    "multipart/mixed",
    "",
)
NAMES = ("../../../etc/cron.d/x", "..\\..\\autoexec.bat", "a" * 255 + ".html", "photo.png.php", "x\x00.png", "\u202egnp.exe",
         ".htaccess", "con", "a/b/c/../../../d", "%2e%2e%2fx", "<img src=x onerror=alert(1)>.png", "\r\nSet-Cookie: a=b", "é" * 200)  # fmt: skip


def bomb() -> bytes:
    """100 MB of nothing in 100 kB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nothing", bytes(100_000_000))
    return out.getvalue()


def files() -> dict[str, bytes]:
    return {
        "html": b"<!doctype html>" + SCRIPT, "svg": SVG, "php": b"<?php system($_GET[0]); ?>",
        "gif and html": b"GIF89a/*" + SCRIPT + b"*/=1;", "png and html": b"\x89PNG\r\n\x1a\n" + SCRIPT,
        "pdf and html": b"%PDF-1.7\n" + SCRIPT, "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "zip": bomb(), "nothing but zeros": bytes(1000),
    }  # fmt: skip


@pytest.fixture
def app(app_on_both):
    """On SQLite and on PostgreSQL."""
    return app_on_both


@pytest.mark.parametrize("most", [25, pytest.param(None, marks=pytest.mark.battery)])
def test_every_file_is_a_download_and_stays_in_its_folder(app, cast, most):
    paula, folder = signed_in(app, cast.paula), app.config["SETTINGS"].uploads
    before = outside(folder)
    all_of_them = list(itertools.product(files().items(), TYPES, NAMES))
    chosen = all_of_them if most is None else random.Random(SEED).sample(all_of_them, most)
    for (what, content), kind, name in chosen:
        ticket = make.ticket()
        sent = (io.BytesIO(content), name, kind)
        answer = paula.post(f"/tickets/{ticket.number}/attachments", data={"files": sent})
        assert answer.status_code < 400, (what, kind, name)
        kept = db.session.query(Attachment).filter_by(ticket_id=ticket.id).one_or_none()
        if "\r" in name and kept is None:  # a header of the form that is none: no file was sent
            continue
        assert kept is not None, (what, kind, name)
        assert (folder / kept.token).read_bytes() == content
        assert not set(kept.filename) & set("/\\\r\n\0\u202e"), kept.filename
        assert 0 < len(kept.filename) <= 120
        with paula.get(f"/attachments/{kept.token}") as got:
            assert got.data == content
        assert got.headers["Content-Type"] == "application/octet-stream"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "sandbox" in got.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in got.headers.get("Content-Disposition", "").split(";")[0]
    assert outside(folder) == before


@pytest.mark.parametrize("guesses", [50, pytest.param(10_000, marks=pytest.mark.battery)])
def test_a_guess_finds_nothing_and_a_token_is_no_number(app, cast, guesses):
    paula, ticket = signed_in(app, cast.paula), make.ticket()
    paula.post(
        f"/tickets/{ticket.number}/attachments", data={"files": (io.BytesIO(b"x"), "x.txt", "text/plain")}
    )
    token = db.session.query(Attachment).one().token
    assert len(token) == 32
    for number in range(guesses):
        guess = secrets.token_urlsafe(24) if number % 2 else str(number)
        assert paula.get(f"/attachments/{guess}").status_code == 404


@pytest.mark.battery
def test_ten_thousand_small_files_of_a_phone_stop_at_the_quota(app, session, record_property):
    tariq = make.technician("Tariq")
    job = make.job("Écran noir", technician=tariq, state="working")
    db.session.commit()
    phone, raw = Phone.of(app, tariq.user), b"k" * 1024
    answers = [bring(phone, took(phone, job, raw), raw).status_code for _one in range(10_000)]
    assert answers == [204] * deposits.MOST_WAITING + [429] * (10_000 - deposits.MOST_WAITING)
    folder = app.config["SETTINGS"].uploads
    assert (
        sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        == deposits.MOST_WAITING * 1024
    )
    assert signed_in(app, tariq.user).get("/jobs", headers={SECRET: phone.secret}).status_code == 200
    record_property("refused", answers.count(429))


def outside(folder: Path) -> set[Path]:
    """What lies beside the folder of uploads."""
    return {
        path
        for path in folder.parent.rglob("*")
        if path.is_file() and folder not in path.parents and ".db" not in path.name
    }
