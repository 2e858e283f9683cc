"""A photo or a signature of a phone: the file and its action come apart, and count once when both are there."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.report import report_of
from dispatch.models.ticket import Attachment
from dispatch.proof import deposits, images, pictures
from dispatch.replay.kinds import apply
from tests import factories as make
from tests.people import signed_in
from tests.phones import SECRET, Phone

GPS_MARK = b"Secret place 48.1"
EXIF_GPS = 0x8825


def jpeg(width=2400, height=1200, orientation=6):
    """As a camera makes it: turned, and telling where and with what."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x010E] = orientation, "Camera of Tariq", GPS_MARK.decode()
    exif.get_ifd(EXIF_GPS)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def png(width, height, pixels=b""):
    """A header that claims so many pixels, with hardly any behind it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", pixels or zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def app(app_on_both):
    """On SQLite and on PostgreSQL: cases 17, 22 and 40 of the battery rest on it."""
    return app_on_both


@pytest.fixture
def place(app, session):
    """Tariq with his phone, and a visit in hand."""
    with at(make.at("09:00")):
        tariq = make.technician("Tariq")
        job = make.job("Écran noir", technician=tariq, start=make.at("09:00"), state="working")
        db.session.commit()
        yield Phone.of(app, tariq.user), job


def took(phone, job, raw, kind="photo"):
    return phone.did(kind, job, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))


def bring(phone, action, raw, digest=None, **headers):
    said = {SECRET: phone.secret, "X-Dispatch-Phone": phone.device,
            "X-Dispatch-Digest": digest or hashlib.sha256(raw).hexdigest(), **headers}  # fmt: skip
    return phone.browser.post(f"/jobs/sync/files/{action['key']}", data=raw, headers=said,
                              content_type=headers.pop("Content-Type", "application/octet-stream"))  # fmt: skip


def kept(job, purpose="photo"):
    db.session.expire_all()
    return (
        db.session.query(Attachment).filter_by(job_id=job.id, purpose=purpose).order_by(Attachment.id).all()
    )


def files_of(app):
    return sorted(path for path in Path(app.config["SETTINGS"].uploads).rglob("*") if path.is_file())


def test_the_picture_and_its_action_count_once_however_often_they_come(app, place):
    phone, job = place
    action = took(phone, job, jpeg())
    for _twice in range(2):
        assert bring(phone, action, jpeg()).status_code == 204
    assert [phone.outcomes(phone.send()) for _twice in range(2)] == [["applied"], ["repeated"]]
    assert bring(phone, action, jpeg()).status_code == 204
    [photo] = kept(job)
    [path] = files_of(app)
    assert path.name == photo.token
    shown = Image.open(path)
    assert (shown.format, shown.size) == ("JPEG", (800, 1600))
    assert not shown.getexif()
    assert GPS_MARK not in path.read_bytes()
    assert b"Camera of Tariq" not in path.read_bytes()


def test_the_action_waits_for_its_picture_whatever_comes_between(place):
    phone, job = place
    action, raw = took(phone, job, jpeg()), jpeg()
    phone.tapped(job, "completed", note="fait")
    answer = phone.send()
    assert phone.outcomes(answer) == ["review", "applied"]
    assert answer.json["results"][0]["reason"] == "no_file"
    assert kept(job) == []
    assert bring(phone, action, raw[:-100], hashlib.sha256(raw).hexdigest()).status_code == 422
    assert bring(phone, action, raw).status_code == 204
    assert len(kept(job)) == 1
    assert phone.send([action]).json["results"][0]["decision"] == "applied"
    assert len(kept(job)) == 1


def took_back(action):
    """As the phone says it: in place of the photo, under its key and its number."""
    return {**action, "kind": "withdrawn", "body": {}}


def test_a_photo_taken_back_before_it_was_sent_leaves_nothing_and_no_gap(app, place):
    phone, job = place
    raw = jpeg(20, 20)
    action = took(phone, job, raw)
    bring(phone, action, raw)
    phone.tapped(job, "travelling")  # not from here: with a gap before it, it would wait for ever
    answer = phone.send([took_back(action), phone.queue[1]])
    assert [one["reason"] for one in answer.json["results"]] == [None, "illegal"]
    assert (kept(job), files_of(app)) == ([], [])
    assert phone.outcomes(phone.send([action])) == ["repeated"]  # it had been under way all the time
    assert kept(job) == []
    assert db.session.query(Action).count() == 2


def test_a_photo_that_had_come_stays_and_the_phone_is_told(place):
    phone, job = place
    raw = jpeg(20, 20)
    action = took(phone, job, raw)
    bring(phone, action, raw)
    phone.send()
    [told] = phone.send([took_back(action)]).json["results"]
    assert (told["outcome"], told["first"], told["kind"]) == ("repeated", "applied", "photo")
    assert len(kept(job)) == 1


def test_a_photo_that_waited_for_its_file_is_nobodys_business_once_it_was_taken_back(app, place):
    phone, job = place
    action = took(phone, job, jpeg(20, 20))
    phone.send()
    [told] = phone.send([took_back(action)]).json["results"]
    assert (told["first"], told["decision"]) == ("review", "discarded")
    bring(phone, action, jpeg(20, 20))
    assert kept(job) == []
    other = took(phone, job, jpeg(20, 20))
    assert phone.outcomes(phone.send([took_back(other)], browser=app.test_client())) == ["applied"]
    assert not db.session.query(Action).filter(Action.waiting()).count()


def test_a_signature_is_on_the_report_and_the_last_one_counts(place):
    phone, job = place
    for colour in ("black", "navy"):
        out = io.BytesIO()
        Image.new("RGBA", (300, 100), colour).save(out, "PNG")
        bring(phone, took(phone, job, out.getvalue(), "signature"), out.getvalue())
    assert phone.outcomes(phone.send()) == ["applied", "applied"]
    assert report_of(job).signature.id == kept(job, "signature")[-1].id


def test_what_is_no_picture_is_reviewed_and_nothing_of_it_is_kept(app, place):
    phone, job = place
    for raw in (b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
                b"<?php system($_GET[0]); ?>", b"\xff\xd8\xff<html>", png(60_000, 60_000), png(100, 100, b"\0broken"),
                b"GIF89a" + b"\0" * 50, b"PK\x03\x04" + b"\0" * 200):  # fmt: skip
        assert bring(phone, took(phone, job, raw), raw).status_code == 204
    assert {one["reason"] for one in phone.send().json["results"]} == {"no_picture"}
    assert kept(job) == []


def test_a_picture_with_a_page_behind_it_is_served_without_the_page_and_as_a_download(app, place):
    phone, job = place
    raw = jpeg() + b"<script>alert(1)</script><?php ?>"
    bring(phone, took(phone, job, raw), raw)
    phone.send()
    [photo] = kept(job)
    answer = phone.browser.get(f"/attachments/{photo.token}")
    assert b"<script>" not in answer.data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"
    assert len(photo.token) >= 32
    other = signed_in(app, make.technician("Zoé").user)
    assert other.get(f"/attachments/{photo.token}").status_code == 404


def test_only_the_phone_itself_brings_files_and_only_in_its_own_way(app, place):
    phone, job = place
    raw = jpeg(20, 20)
    action = took(phone, job, raw)
    assert bring(phone, action, raw, **{SECRET: "wrong"}).status_code == 401
    assert bring(phone, action, raw, Origin="https://elsewhere.example").status_code == 403
    for kind in ("multipart/form-data", "text/plain", "image/jpeg"):
        said = {SECRET: phone.secret, "X-Dispatch-Phone": phone.device}
        address = f"/jobs/sync/files/{action['key']}"
        assert phone.browser.post(address, data=raw, headers=said, content_type=kind).status_code == 415
    for name in ("..%2F..%2Fsecret-key", "a" * 255, "short", "..%5C..%5Csecret-key"):
        assert bring(phone, {"key": name}, raw).status_code in (404, 308), name
    assert files_of(app) == []


def test_nobody_fills_the_disk(app, place, monkeypatch):
    phone, job = place
    monkeypatch.setattr(deposits, "MOST_BYTES", 5000)
    monkeypatch.setattr(deposits, "MOST_WAITING", 3)
    monkeypatch.setattr(pictures, "MOST_PHOTOS", 2)
    raw = jpeg(20, 20)
    assert bring(phone, took(phone, job, raw), b"x" * 5001).status_code == 413
    phone.queue.clear()
    answers = [bring(phone, took(phone, job, raw), raw).status_code for _four in range(4)]
    assert answers == [204, 204, 204, 429]
    told = phone.send(phone.queue[:3]).json["results"]
    assert [one["outcome"] for one in told] == ["applied", "applied", "review"]
    assert told[2]["reason"] == "too_many"


def test_ten_thousand_small_ones_stop_at_the_quota(app, place, monkeypatch):
    """Each of the quota's files is kept, the next is refused, and nothing is half there."""
    phone, job = place
    monkeypatch.setattr(deposits, "MOST_WAITING", 20)
    answers = [bring(phone, took(phone, job, b"k" * 1024), b"k" * 1024).status_code for _one in range(25)]
    assert answers == [204] * 20 + [429] * 5
    assert len(files_of(app)) == 20


def test_what_a_dispatcher_lets_count_keeps_its_picture(app, place):
    phone, job = place
    raw = jpeg(40, 40)
    action = took(phone, job, raw)
    stranger = app.test_client()
    bring(phone, action, raw)
    assert phone.outcomes(phone.send(browser=stranger)) == ["held"]
    entry = db.session.query(Action).filter_by(key=action["key"]).one()
    apply(entry, make.user("Diane", "dispatcher", every_client=True), anyhow=True)
    db.session.commit()
    [photo] = kept(job)
    assert photo.uploaded_by_id == entry.user_id


def test_old_files_that_nobody_waits_for_go(app, place):
    phone, job = place
    raw = jpeg(20, 20)
    waiting, forgotten = took(phone, job, b"not it"), took(phone, job, raw)
    for action in (waiting, forgotten):
        bring(phone, action, raw)
    phone.send([waiting])
    with at(make.at("09:00", make.MONDAY.replace(year=2030))):
        deposits.forget_old()
    assert [path.name for path in files_of(app)] == [waiting["key"]]


def test_every_form_of_picture_comes_out_as_a_small_jpeg():
    for kind, mode in (("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("PNG", "I;16")):
        out = io.BytesIO()
        Image.new(mode, (3000, 10)).save(out, kind)
        shown = Image.open(io.BytesIO(images.rewritten(out.getvalue())))
        assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (1600, 5))
