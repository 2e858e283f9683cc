"""Where a phone wants to be told: begun on its page, ended there, and renewed by its service worker."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_login import current_user
from sqlalchemy import select

from dispatch.extensions import csrf, db
from dispatch.models.device import Device
from dispatch.models.push import PushSubscription
from dispatch.push import crypt, door
from dispatch.security import find_or_404, public, role
from dispatch.sync import blueprint
from dispatch.sync.doors import check_content, check_origin, phone


@blueprint.post("/push")
@role("technician")
def create_push() -> Any:
    """This phone is told from now on."""
    said = _said()
    mine = select(Device).where(Device.user_id == current_user.id, Device.revoked_at.is_(None))
    device = find_or_404(mine.where(Device.key == str(said.get("device", ""))))
    PushSubscription.keep(device, *_address(said))
    db.session.commit()
    return "", 204


@blueprint.post("/push/removal")
@role("technician")
def delete_push() -> Any:
    PushSubscription.leave(current_user, str(_said().get("endpoint", "")))
    db.session.commit()
    return "", 204


@blueprint.post("/push/renewal")
@public
@csrf.exempt
def update_push() -> Any:
    """The browser has another address for the same phone; its secret and the old address stand in for a session."""
    check_origin()
    check_content()
    said = _said()
    device = phone(str(said.get("device", "")))
    held = select(PushSubscription).where(PushSubscription.device_id == device.id)
    old = find_or_404(held.where(PushSubscription.endpoint == str(said.get("old", ""))))
    if not old.is_live:
        abort(404)
    PushSubscription.keep(device, *_address(said))
    db.session.commit()
    return "", 204


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True)
    return said if isinstance(said, dict) else abort(400)


def _address(said: dict[str, Any]) -> tuple[str, str, str]:
    """Endpoint and keys as a browser gives them; 422 for what is no push service or no key."""
    keys = said.get("keys")
    endpoint, keys = str(said.get("endpoint", "")), keys if isinstance(keys, dict) else {}
    p256dh, auth = str(keys.get("p256dh", "")), str(keys.get("auth", ""))
    try:
        door.check(endpoint)
        crypt.encrypt(b"", p256dh, auth)
    except ValueError:
        abort(422)
    return endpoint, p256dh, auth
