"""Programs that call the API with somebody's token."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from dispatch.extensions import db
from dispatch.models.user import Token, User, digest
from tests.people import Browser

PREFIX = "/api/v1"


def calling(
    app: Flask, person: User | None, language: str = "fr", scopes: Sequence[str] = ("read", "write")
) -> Browser:
    """A program that holds a token of `person`."""
    assert person is not None
    person.language = language
    secret = Token.issue(person, "test")
    db.session.flush()
    db.session.query(Token).filter_by(digest=digest(secret)).one().scopes = list(scopes)
    db.session.commit()
    caller = Browser(app, use_cookies=False)
    caller.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return caller


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def seen(answer) -> dict[str, str]:
    """If-Match with the version of an earlier answer."""
    return {"If-Match": answer.headers["ETag"]}
