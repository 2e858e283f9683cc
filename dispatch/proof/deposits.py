"""Files that phones have handed in, each under the key of its action, until that action takes effect.

A file comes whole or not at all: it is written beside, compared with the digest that was said, and renamed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.action import Action

# of one file; the request is cut off there (dispatch/security.py)
MOST_BYTES = 12 * 1024 * 1024
# of one account, what waits for its action or for a dispatcher
MOST_WAITING = 200
MOST_WAITING_BYTES = 300 * 1024 * 1024
KEPT_SECONDS = 7 * 24 * 3600


class CutOff(Exception):
    """What came is not what was sent."""


class Crowded(Exception):
    """The account has as many files waiting as it may have."""


def receive(user_id: int, key: str, raw: bytes, sha256: str) -> None:
    """Keep the file; sent again it replaces itself. Raises CutOff or Crowded and keeps nothing then."""
    if not raw or hashlib.sha256(raw).hexdigest() != sha256.lower():
        raise CutOff
    folder = _folder(user_id)
    _check_room(folder)
    draft = folder / f".{secrets.token_hex(8)}"
    draft.write_bytes(raw)
    draft.rename(folder / key)


def found(user_id: int, key: str, sha256: str) -> bytes | None:
    """The file of that key, if it is there and is the one that is meant."""
    path = _folder(user_id) / key
    raw = path.read_bytes() if path.is_file() else b""
    return raw if raw and hashlib.sha256(raw).hexdigest() == sha256.lower() else None


def forget(user_id: int, keys: Iterable[str]) -> None:
    for key in keys:
        (_folder(user_id) / key).unlink(missing_ok=True)


def forget_old() -> None:
    """After a week, what nobody has to decide on any more."""
    oldest = now().timestamp() - KEPT_SECONDS
    waiting = set(db.session.scalars(select(Action.key).where(Action.waiting())))
    for path in _root().rglob("*"):
        if path.is_file() and path.name not in waiting and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _check_room(folder: Path) -> None:
    sizes = [path.stat().st_size for path in folder.iterdir()]
    if len(sizes) >= MOST_WAITING or sum(sizes) >= MOST_WAITING_BYTES:
        raise Crowded


def _root() -> Path:
    uploads: Path = current_app.config["SETTINGS"].uploads
    return uploads / "deposits"


def _folder(user_id: int) -> Path:
    folder = _root() / str(user_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
