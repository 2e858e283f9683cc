"""A technician's phone over real HTTP: signed in, registered, and patient."""

from __future__ import annotations

import hashlib
import json
import select
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from dispatch.clock import now
from tests.battery.stands import Stand
from tests.people import PASSWORD
from tests.phones import SECRET


@dataclass
class Sender:
    """A signed-in browser with its phone's secret, over real HTTP."""

    url: str
    cookies: httpx.Cookies
    device: str
    secret: str

    @classmethod
    def of(cls, desk: Stand, name: str) -> Sender:
        with httpx.Client(base_url=desk.server.url, timeout=60) as browser:
            token = token_of(browser, "/sign-in")
            said = {"email": f"{name}@dispatch.example", "password": PASSWORD, "csrf_token": token}
            assert browser.post("/sign-in", data=said).status_code == 302
            made = browser.post("/jobs/device", headers={"X-CSRFToken": token_of(browser, "/jobs")}).json()
            return cls(desk.server.url, browser.cookies, made["device"], made["deposit"])

    def send(self, actions: list[dict[str, Any]]) -> httpx.Response:
        body = {"device": self.device, "sent_at": now().isoformat(), "actions": actions}
        headers = {SECRET: self.secret}
        return httpx.post(
            f"{self.url}/jobs/sync", json=body, headers=headers, cookies=self.cookies, timeout=60
        )

    def send_until_answered(self, actions: list[dict[str, Any]], tries: int = 200) -> list[dict[str, Any]]:
        pause = threading.Event()
        for _ in range(tries):
            try:
                answer = self.send(actions)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                return answer.json()["results"]
            pause.wait(0.2)
        return pytest.fail("the server never answered")

    def send_and_hang_up(self, actions: list[dict[str, Any]]) -> None:
        """Cut off when the server has begun to answer: it has committed, and nothing of it is read."""
        body = json.dumps({"device": self.device, "sent_at": now().isoformat(), "actions": actions}).encode()
        where, cookies = (
            httpx.URL(self.url),
            "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        )
        head = {"Host": where.netloc.decode(), "Cookie": cookies, SECRET: self.secret, "Content-Type": "application/json",
                "Content-Length": str(len(body))}  # fmt: skip
        lines = ["POST /jobs/sync HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        with socket.create_connection((where.host, where.port), timeout=60) as link:
            link.sendall("\r\n".join(lines).encode() + body)
            select.select([link], [], [], 60)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def head_of(self, raw: bytes) -> dict[str, str]:
        """What stands over a picture that is handed in."""
        return {SECRET: self.secret, "X-Dispatch-Phone": self.device, "Content-Type": "application/octet-stream",
                "X-Dispatch-Digest": hashlib.sha256(raw).hexdigest()}  # fmt: skip

    def bring(self, key: str, raw: bytes) -> httpx.Response:
        address = f"{self.url}/jobs/sync/files/{key}"
        return httpx.post(address, content=raw, headers=self.head_of(raw), cookies=self.cookies, timeout=60)


def token_of(browser: httpx.Client, path: str) -> str:
    return browser.get(path).text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
