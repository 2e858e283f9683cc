"""How gunicorn serves Dispatch: what its configuration file promises."""

from __future__ import annotations

import threading

import httpx
import pytest

from dispatch.extensions import db
from dispatch.models.user import User
from tests.apps import make_app, session_cookie
from tests.servers import LiveServer, sqlite_database


@pytest.fixture
def server(tmp_path):
    """A server with one dispatcher, Zoé."""
    database = sqlite_database(tmp_path)
    app = make_app(database, tmp_path)
    with app.app_context():
        zoe = User(email="zoe@provider.example", name="Zoé", role="dispatcher", every_client=True)
        db.session.add(zoe)
        db.session.flush()
        cookie = session_cookie(app, zoe)
        db.session.commit()
    server = LiveServer(database, tmp_path / "instance", {"SECRET_KEY": app.config["SECRET_KEY"]})
    try:
        server.start()
        yield server, cookie
    finally:
        server.stop()


def test_a_server_that_stops_ends_its_event_streams_instead_of_cutting_them(server):
    live, cookie = server
    opened = threading.Event()
    end = []

    def listen():
        with httpx.stream("GET", f"{live.url}/live", cookies=cookie, timeout=60) as answer:
            try:
                for _line in answer.iter_lines():
                    opened.set()
                end.append("ended")
            except httpx.RemoteProtocolError:
                end.append("cut")

    listener = threading.Thread(target=listen)
    listener.start()
    assert opened.wait(30)
    live.web.terminate()
    live.web.wait()
    listener.join(30)
    assert end == ["ended"]
