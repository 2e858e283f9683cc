"""What a client knows, found by what people call it: requesters, buildings, categories, admin rights."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, func, select

from dispatch.extensions import db
from dispatch.models.client import AdminRight, Category, Client
from dispatch.models.handed import Person
from dispatch.models.place import Building, Site
from dispatch.models.ticket import Requester
from dispatch.models.user import User

SIGNIFICANT_DIGITS = 9


def find_or_add(client: Client, given: Requester | Person | None) -> Requester | None:
    """The client's requester of that address, number or name; added when there is none."""
    if not isinstance(given, Person):
        return given
    name, email = " ".join(given.name.split()), (given.email or "").strip().lower()
    phone = (given.phone or "").strip()
    if not (name or email or phone):
        return None
    found = _known(client, name, email, phone)
    if found is None:
        found = Requester(client_id=client.id, name=name or email or phone)
        db.session.add(found)
    found.phone = found.phone or phone or None
    found.email = found.email or email or None
    return found


def search(user: User, client: Client, text: str, limit: int = 8) -> list[Requester]:
    """Requesters of the client whose name or number holds every word of `text`, by name.

    Compared here rather than in the database, because nobody types accents on the phone.
    """
    wanted, digits = _plain(text).split(), _digits(text.strip().replace("+33", "0", 1))
    by_number = len(digits) >= 3 and not any(char.isalpha() for char in text)
    mine = Requester.visible_to(user).where(Requester.client_id == client.id)
    columns = mine.with_only_columns(Requester.id, Requester.name, Requester.phone)
    found = [
        key
        for key, name, phone in db.session.execute(columns)
        if wanted
        and (digits in _digits(phone or "") if by_number else all(w in _plain(name) for w in wanted))
    ]
    return list(db.session.scalars(mine.where(Requester.id.in_(found[:limit]))))


def building_called(client: Client, text: str) -> Building | None:
    """The client's building of that code, name or full name; None when there is none, or several."""
    rows = db.session.scalars(select(Building).join(Building.site).where(Site.client_id == client.id)).all()
    wanted = _plain(text).strip()
    for name in ("code", "full_name", "name"):
        found = [row for row in rows if _plain(getattr(row, name)) == wanted]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def category_called(client: Client, code: str) -> Category | None:
    """The client's category of that code."""
    return db.session.scalar(select(Category).where(Category.client_id == client.id, Category.code == code))


def right_called(client: Client, code: str) -> AdminRight | None:
    """The client's admin right of that code."""
    return db.session.scalar(
        select(AdminRight).where(AdminRight.client_id == client.id, AdminRight.code == code)
    )


def digits_of(phone: str) -> str:
    """The last nine digits, by which +33 2 61 91 00 10 and 02.61.91.00.10 are the same number."""
    return _digits(phone)[-SIGNIFICANT_DIGITS:]


def _known(client: Client, name: str, email: str, phone: str) -> Requester | None:
    """By address; by name, best with the number; by number alone only when no name is given.

    Several people share the telephone of a reception, so a number does not outweigh another name.
    """
    ways: list[ColumnElement[bool]] = []
    if email:
        ways.append(func.lower(Requester.email) == email)
    digits = digits_of(phone)
    same_phone = _phone_digits().endswith(digits) if len(digits) == SIGNIFICANT_DIGITS else None
    if same_phone is not None:
        ways.append(same_phone if not name else (Requester.name == name) & same_phone)
    if name:
        ways.append(Requester.name == name)
    mine = select(Requester).where(Requester.client_id == client.id).order_by(Requester.id).limit(1)
    return next((found for way in ways if (found := db.session.scalar(mine.where(way)))), None)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isdigit())


def _plain(text: str) -> str:
    """Lower case without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _phone_digits() -> Any:
    """The numbers without what people put between the digits."""
    column: Any = Requester.phone
    for separator in (" ", ".", "-", "\u00a0", "(", ")"):
        column = func.replace(column, separator, "")
    return column
