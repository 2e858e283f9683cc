"""How gunicorn serves Dispatch: what its configuration file promises."""

from __future__ import annotations

import threading

import httpx
import pytest

from tests import factories as make
from tests.apps import make_app
from tests.people import signed_in
from tests.servers import LiveServer, sqlite_database


@pytest.fixture
def server(tmp_path):
    """A server, and the cookie of Diane, who dispatches."""
    database = sqlite_database(tmp_path)
    app = make_app(database, tmp_path)
    name = app.config["SESSION_COOKIE_NAME"]
    with app.app_context():
        diane = signed_in(app, make.user("Diane", "dispatcher", every_client=True))
        cookie = {name: diane.get_cookie(name).value}
    server = LiveServer(database, tmp_path / "instance", {"SECRET_KEY": app.config["SECRET_KEY"]})
    try:
        server.start()
        yield server, cookie
    finally:
        server.stop()


def test_a_server_that_stops_ends_each_stream_also_of_who_comes_back_and_cuts_none(server):
    """A browser comes back on the connection that it has: a stream that went on there held the server up for ten seconds."""
    live, cookie = server
    opened = threading.Event()
    ends = []

    def listen(browser):
        with browser.stream("GET", f"{live.url}/live") as answer:
            try:
                for _line in answer.iter_lines():
                    opened.set()
                ends.append("ended")
            except httpx.RemoteProtocolError:
                ends.append("cut")

    def listen_twice():
        with httpx.Client(cookies=cookie, timeout=60) as browser:
            listen(browser)
            listen(browser)

    listener = threading.Thread(target=listen_twice)
    listener.start()
    assert opened.wait(30)
    live.web.terminate()
    live.web.wait()
    listener.join(30)
    assert ends == ["ended", "ended"]
