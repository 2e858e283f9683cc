"""Who signs in to the demo, and the file from which newcomers read how."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dispatch.demo import people
from dispatch.demo.ground import Ground
from dispatch.extensions import db
from dispatch.models.user import Token, User, UserClient

FILE = "demo-accounts.json"
# Known to everybody who reads this file: nobody in the demo exists, and nothing else may use it.
PASSWORD = "demo-rennes-35"  # noqa: S105


def open_accounts(ground: Ground) -> dict[str, User]:
    """An account for everybody, by e-mail address, flushed."""
    users = {one.email: _user(one, ground) for one in people.ACCOUNTS}
    for technician in people.TECHNICIANS:
        users[technician.email] = User(email=technician.email, name=technician.name, role="technician")
    first = next(iter(users.values()))
    first.set_password(PASSWORD)
    for user in users.values():
        user.password_hash = first.password_hash  # one hash takes long enough
    db.session.add_all(users.values())
    db.session.flush()
    return users


def listed(users: Iterable[User], ground: Ground) -> list[dict[str, Any]]:
    """What the file says of these accounts; each gets an API token of its own."""
    codes = {client.id: client.code for client in ground.clients.values()}
    return [
        {"role": user.role, "name": user.name, "email": user.email, "password": PASSWORD,
         "token": Token.issue(user, "demo"), "client": _only_client(user, codes)}
        for user in users
    ]  # fmt: skip


def write(accounts: list[dict[str, Any]], folder: Path) -> None:
    """Replace the file, readable by its owner only."""
    draft = folder / f".{FILE}.draft"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=2)
    draft.replace(folder / FILE)


def _user(one: people.Account, ground: Ground) -> User:
    links = [UserClient(client_id=ground.clients[code].id) for code in one.clients]
    return User(email=one.email, name=one.name, role=one.role, language=one.language,
                every_client=not one.clients, client_links=links)  # fmt: skip


def _only_client(user: User, codes: dict[int, str]) -> str | None:
    return codes[next(iter(user.client_ids))] if len(user.client_ids) == 1 else None
