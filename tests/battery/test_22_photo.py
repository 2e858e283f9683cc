"""Case 22 at the server: the connection, or the server, is killed while a photo comes in. Sent again it counts once, and
nothing half is left.

A phone makes its photos small before it sends them; here one comes as large as the door lets anything in.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import random
import socket
import struct
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.job import Job
from dispatch.models.ticket import Attachment
from dispatch.proof.deposits import MOST_BYTES
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.senders import Sender
from tests.battery.stands import always_open, stand
from tests.people import PASSWORD

SEED = 22
SHORT, LONG = (6, 1, 1400), (60, 30, 3600)  # connections cut, servers killed, pixels across
HARD = struct.pack("ii", 1, 0)  # closing tells the other side that the connection is gone


@pytest.fixture
def desk(database, tmp_path):
    def furnish(cast, start) -> None:
        cast.tariq.user.set_password(PASSWORD)
        always_open(make.client())
        make.job(
            "photo", technician=cast.tariq, start=start + timedelta(hours=1), state="working", state_at=start
        )

    with stand(database, tmp_path, furnish) as ready:
        yield ready


def photograph(across: int) -> bytes:
    """A picture that cannot be made smaller."""
    out = io.BytesIO()
    Image.effect_noise((across, across * 3 // 4), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def half_an_upload(sender: Sender, port: int, key: str, raw: bytes, sent: int) -> socket.socket:
    """A connection on which that much of the photo has been sent."""
    cookies = "; ".join(f"{name}={value}" for name, value in sender.cookies.items())
    head = {
        "Host": f"127.0.0.1:{port}",
        "Content-Length": str(len(raw)),
        "Cookie": cookies,
        **sender.head_of(raw),
    }
    lines = [
        f"POST /jobs/sync/files/{key} HTTP/1.1",
        *(f"{name}: {value}" for name, value in head.items()),
        "",
        "",
    ]
    link = socket.create_connection(("127.0.0.1", port), timeout=10)
    with contextlib.suppress(OSError):  # the server may be gone already
        link.sendall("\r\n".join(lines).encode() + raw[:sent])
    return link


def cut(link: socket.socket) -> None:
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HARD)
    link.close()


@pytest.mark.parametrize(("cuts", "kills", "across"), [SHORT, pytest.param(*LONG, marks=pytest.mark.battery)])
def test_a_photo_that_is_cut_off_counts_once_when_it_is_sent_again(
    desk, cuts, kills, across, record_property
):
    chance, sender, raw = random.Random(SEED), Sender.of(desk, "tariq"), photograph(across)
    assert len(raw) < MOST_BYTES
    key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    port, uploads = desk.server.port, desk.server.folder / "uploads"
    for _cut in range(cuts):
        cut(half_an_upload(sender, port, key, raw, chance.randrange(len(raw))))
    for _kill in range(kills):
        link = half_an_upload(sender, port, key, raw, chance.randrange(len(raw) // 2, len(raw)))
        desk.server.kill_web()
        desk.server.start_web()
        cut(link)
    assert files_in(uploads) == []
    number = desk.read(lambda: db.session.scalars(select(Job)).one().number)
    action = {"key": key, "seq": 1, "job": number, "at": now().isoformat(), "based_on": 1, "kind": "photo",
              "body": {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}}  # fmt: skip
    assert sender.send([action]).json()["results"][0]["reason"] == "no_file"
    assert (
        sender.bring(key, raw[: len(raw) // 2]).status_code == 204
    )  # whole in itself, and not what was meant
    assert desk.read(photos) == []
    for _again in range(3):
        assert sender.bring(key, raw).status_code == 204
        told = sender.send([action]).json()["results"][0]
        assert (told["outcome"], told["decision"]) == ("repeated", "applied")
    [photo] = desk.read(photos)
    assert files_in(uploads) == [photo]
    assert desk.read(lambda: len(db.session.scalars(select(Action)).all())) == 1
    assert desk.read(everything_wrong) == []
    assert refuses_what_is_too_large(sender, port)
    record_property("bytes", len(raw))


def refuses_what_is_too_large(sender: Sender, port: int) -> bool:
    """Before it is read."""
    link = half_an_upload(sender, port, str(uuid.UUID(int=1)), b"\0" * (MOST_BYTES + 1), 1000)
    answer = link.recv(100)
    link.close()
    return b" 413 " in answer


def photos() -> list[str]:
    return [
        file.token for file in db.session.scalars(select(Attachment).where(Attachment.purpose == "photo"))
    ]


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
