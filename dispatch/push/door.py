"""The one door to push services. Their addresses come from browsers, so from anybody who is signed in: only https,
and only to public addresses, each looked up once and called as it was looked up.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from flask import current_app

from dispatch.clock import now
from dispatch.config import Settings
from dispatch.extensions import db
from dispatch.push import crypt

SECONDS = 5.0
LONGEST_ADDRESS = 2000
_GONE, _LATER = (404, 410), (408, 425, 429)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a push service said: sent, gone, later (after so many seconds, if it says so) or refused."""

    said: str
    seconds: int | None = None


class Forbidden(ValueError):
    """No address of a push service that may be called."""


def check(endpoint: str) -> tuple[str, int]:
    """Host and port of an address as a browser gives it; raises Forbidden. Nothing is looked up yet."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError as error:
        raise Forbidden(str(error)) from error
    if (
        parts.scheme != "https"
        or not host
        or parts.username
        or parts.password
        or len(endpoint) > LONGEST_ADDRESS
    ):
        raise Forbidden("only https, without a name and password")
    if not endpoint.isascii() or any(ord(sign) <= 32 for sign in endpoint):
        raise Forbidden("an address has no spaces")
    if f"{host}:{port}" in _own_hosts():
        return host, port
    literal = _literal(host)
    if literal is not None:
        _check_public(literal)
    if (
        host == "localhost"
        or host.endswith((".localhost", ".local", ".internal"))
        or ("." not in host and ":" not in host)
    ):
        raise Forbidden(f"{host} is not a public name")
    return host, port


def post(endpoint: str, body: bytes, topic: str, urgent: bool, seconds_kept: int) -> Answer:
    """Hand a sealed message over, outside of any transaction; `topic` replaces one that was not fetched yet."""
    if db.session().in_transaction():
        raise RuntimeError("commit or roll back first: nobody waits for the network inside a transaction")
    try:
        host, port = check(endpoint)
        address = _looked_up(host, port)
    except Forbidden as error:
        log.warning("a push address is not called: %s", error)
        return Answer("refused")
    except OSError:
        return Answer("later")
    headers = {
        "Host": host if port == 443 else f"{host}:{port}", "Authorization": _authorization(endpoint),
        "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "TTL": str(seconds_kept),
        "Urgency": "high" if urgent else "normal", "Topic": topic,
    }  # fmt: skip
    return _posted(endpoint, host, address, body, headers)


def _posted(endpoint: str, host: str, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """To the address that was looked up, with the certificate of the name."""
    url = httpx.URL(endpoint).copy_with(host=address)
    try:
        with httpx.Client(trust_env=False, verify=httpx.create_ssl_context(), timeout=SECONDS) as client:
            sent = client.stream(
                "POST", url, content=body, headers=headers, extensions={"sni_hostname": host}
            )
            with sent as answer:
                return _told(answer)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("a push service gives no answer: %s", type(error).__name__)
        return Answer("later")


def _told(answer: Any) -> Answer:
    status = answer.status_code
    if 200 <= status < 300:
        return Answer("sent")
    if status in _GONE:
        return Answer("gone")
    log.warning("a push service answered %s", status)
    if status >= 500 or status in _LATER:
        wait = answer.headers.get("Retry-After", "")
        return Answer("later", int(wait) if wait.isdigit() and len(wait) < 6 else None)
    return Answer("refused")


def _looked_up(host: str, port: int) -> str:
    """One of its addresses, when all of them are public."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if f"{host}:{port}" not in _own_hosts():
        for address in found:
            _check_public(ipaddress.ip_address(address.partition("%")[0]))
    return min(found, key=lambda one: (":" in one, one))


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _check_public(address: Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if not address.is_global or address.is_multicast or (mapped and not mapped.is_global):
        raise Forbidden(f"{address} is not a public address")


def _own_hosts() -> frozenset[str]:
    return frozenset(_settings().push_own_hosts.replace(",", " ").split())


def _authorization(endpoint: str) -> str:
    settings, parts = _settings(), urlsplit(endpoint)
    contact = settings.push_contact or (
        settings.public_url if settings.public_url.startswith("https:") else ""
    )
    key = crypt.key_of(settings.push_secret())
    return crypt.authorization(key, f"{parts.scheme}://{parts.netloc}", contact, now())


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
