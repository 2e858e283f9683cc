"""The named cast, and browsers that are signed in as one of them.

The provider serves two clients. Paula (phone agent), Denis (dispatcher) and Carole (client contact) act
for Acme; Bastien (phone agent) and Bérénice (dispatcher) for Breizh; Diane dispatches and Ahmed
administers for everybody; Tariq and Zoé are technicians.
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass
from typing import Any

import flask.globals
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from dispatch.extensions import db
from dispatch.models.technician import Technician
from dispatch.models.user import Session, User
from tests import factories as make

PASSWORD = "correct horse battery staple"


@dataclass
class Cast:
    """Everybody, in the test's own session."""

    paula: User
    denis: User
    carole: User
    bastien: User
    berenice: User
    diane: User
    ahmed: User
    tariq: Technician
    zoe: Technician

    def everybody(self) -> list[User]:
        people = [self.tariq.user, self.zoe.user]
        return [self.paula, self.denis, self.carole, self.bastien, self.berenice, self.diane, self.ahmed,
                *(person for person in people if person)]  # fmt: skip


def assemble() -> Cast:
    """Everybody, added to the session of the present application context."""
    acme, breizh = make.client("acme"), make.client("breizh")
    return Cast(
        paula=make.user("Paula", "phone_agent", [acme]),
        denis=make.user("Denis", "dispatcher", [acme]),
        carole=make.user("Carole", "client_contact", [acme]),
        bastien=make.user("Bastien", "phone_agent", [breizh]),
        berenice=make.user("Bérénice", "dispatcher", [breizh]),
        diane=make.user("Diane", "dispatcher", every_client=True),
        ahmed=make.user("Ahmed", "administrator", every_client=True),
        tariq=make.technician("Tariq"),
        zoe=make.technician("Zoé"),
    )


def signed_in(app: Flask, person: User, language: str = "fr") -> FlaskClient:
    """A browser in which `person` has signed in, and which sends the CSRF token with every write.

    What the test has flushed is committed before each request, and what the request has written is seen
    by the test afterwards.
    """
    person.language = language
    secret = Session.begin(person, hours=1)
    db.session.commit()
    browser = Browser(app, use_cookies=True)
    serializer = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")
    with browser.session_transaction() as cookie:
        cookie.update(sid=secret, _user_id=str(person.id), _fresh=True, csrf_token="token of a test")
    browser.environ_base["HTTP_X_CSRFTOKEN"] = serializer.dumps("token of a test")
    return browser


class Browser(FlaskClient):
    """A test client whose requests do not share the application context, and so the session, of the test."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        if has_app_context():
            db.session.commit()  # what the factories flushed; and no transaction is left to wait for
        return contextvars.copy_context().run(self._open_alone, *arguments, **options)

    def _open_alone(self, *arguments: Any, **options: Any) -> Any:
        flask.globals._cv_app.set(None)
        flask.globals._cv_request.set(None)
        return super().open(*arguments, **options)
