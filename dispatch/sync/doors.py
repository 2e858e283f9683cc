"""Who may hand in a queue without a CSRF token: whoever knows the phone's secret, from our own pages.

A page of another site cannot read the secret, and cannot set its header or this content type without being asked
first (CORS), which nothing here answers. Origin and Sec-Fetch-Site are looked at as well, where a browser sends them.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, g, request
from flask_login import current_user

from dispatch.models.device import Device
from dispatch.models.user import Session, User
from dispatch.replay.incoming import PROTOCOL

EPOCH = "X-Dispatch-Epoch"
SECRET = "X-Dispatch-Device"  # noqa: S105 - the name of a header


class Outdated(Exception):
    """The page speaks another protocol than this server."""


class Revoked(Exception):
    """The phone was given up: nothing is taken from it any more."""


def check_origin() -> None:
    """Refuse what another site's page has sent."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)
    if site not in (None, "same-origin"):
        abort(403)


def check_content() -> None:
    if request.mimetype != "application/json":
        abort(415)


def check_epoch() -> None:
    """A page that speaks another protocol has to be loaded again; it keeps what it wants to send until then."""
    if request.headers.get(EPOCH, str(PROTOCOL)) != str(PROTOCOL):
        raise Outdated


def phone(key: str) -> Device:
    """The phone whose secret came with the request, unless it was given up."""
    return admitted(known(key))


def known(key: str) -> Device:
    """The phone whose secret came with the request; no answer tells a wrong secret from an unknown phone."""
    device = Device.of(key, request.headers.get(SECRET, ""))
    if device is None:
        abort(401)
    return device


def admitted(device: Device) -> Device:
    if device.revoked_at is not None:
        raise Revoked
    return device


def opened() -> Session | None:
    """The session of whoever is signed in where the phone sends from."""
    return g.get("opened") if current_user.is_authenticated else None


def present() -> User | None:
    """Who is signed in where the phone sends from."""
    return current_user if current_user.is_authenticated else None
