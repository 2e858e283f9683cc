"""A server behind a door that can change it for its next version, whose scripts and service worker have other names,
and that can hold up an upload in its middle.

What differs is what a browser sees of a release: the version in the paths of the phone's modules, the build that the
service worker keeps, and that nothing is there under the old names any more. A release may speak another protocol too.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dispatch.replay.incoming import PROTOCOL
from dispatch.sync.doors import EPOCH
from tests.servers import LiveServer

_PATIENCE = 5
_LONGER_THAN_A_WORKER_WAITS = 3
_OWN = {"connection", "content-length", "date", "server", "transfer-encoding"}


class Door:
    """`url` is what the browser knows; after `release()` another version answers there."""

    def __init__(self, server: LiveServer) -> None:
        self.server, self.old, self.is_newer = server, self._version(server), False
        self.new = self.old[::-1]
        self.speaks, self.takes_its_time = PROTOCOL, False
        self.gone: list[str] = []
        self.holds_uploads, self.halfway = False, threading.Event()
        door = self

        class Handler(_Handler):
            behind = door

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def release(self, speaks: int = PROTOCOL) -> None:
        """`speaks`: the protocol of the newer server."""
        self.is_newer, self.speaks = True, speaks

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _version(self, server: LiveServer) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_PATIENCE)
        connection.request("GET", "/sw.js")
        text = connection.getresponse().read().decode()
        connection.close()
        found = re.search(r"/phone/([0-9a-f]{10})/", text)
        assert found
        return found[1]


class _Handler(BaseHTTPRequestHandler):
    behind: Door
    protocol_version = "HTTP/1.0"

    def log_message(self, *_what: Any) -> None:
        """The server behind has a log."""

    def do_GET(self) -> None:
        door, size = self.behind, int(self.headers.get("Content-Length") or 0)
        if door.holds_uploads and "/sync/files/" in self.path:
            self.rfile.read(size // 2)
            door.halfway.set()
            self.rfile.read(size)  # until the other side is gone
            return
        body = self.rfile.read(size)
        if door.is_newer and f"/phone/{door.old}/" in self.path:
            door.gone.append(self.path)
            self.send_error(404)
            return
        if self.headers.get(EPOCH, str(door.speaks)) != str(door.speaks):
            self.send_error(426)
            return
        if door.takes_its_time and self.headers.get("Sec-Fetch-Mode") == "navigate":
            time.sleep(_LONGER_THAN_A_WORKER_WAITS)
        status, headers, said = self._ask(self.path.replace(door.new, door.old), body)
        if door.is_newer:
            said = said.replace(door.old.encode(), door.new.encode())
            said = re.sub(rb"(BUILD = \"|data-build=\")", rb"\1next-", said)
            said = re.sub(rb'(EPOCH = |data-epoch="|"epoch": ?)\d+', rb"\g<1>%d" % door.speaks, said)
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def _ask(self, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        if path.startswith("/live"):  # news come at the next look
            return 503, [], b""
        connection = http.client.HTTPConnection("127.0.0.1", self.behind.server.port, timeout=_PATIENCE * 6)
        passed = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in ("accept-encoding", "connection")
        }
        if EPOCH in passed:
            passed[EPOCH] = str(PROTOCOL)
        connection.request(self.command, path, body=body or None, headers=passed)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), said
