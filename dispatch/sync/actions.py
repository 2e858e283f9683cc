from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.clock import now
from dispatch.extensions import csrf, db
from dispatch.models.action import Action
from dispatch.models.device import LONGEST_NAME, Device
from dispatch.proof import deposits
from dispatch.replay import incoming, ledger, quarantine
from dispatch.replay.moments import Clocks
from dispatch.security import find_or_404, public, role
from dispatch.sync import blueprint, results
from dispatch.sync.doors import admitted, check_content, check_epoch, check_origin, known, opened, present
from dispatch.sync.naming import phone_name


@blueprint.post("/device")
@role("technician")
def create_device() -> Any:
    """Register this phone; its secret is shown once."""
    device, secret = Device.register(current_user, _named())
    db.session.flush()
    device.hold(opened())
    db.session.commit()
    return {"device": device.key, "deposit": secret, "last_seq": 0}, 201


@blueprint.post("/sync")
@public
@csrf.exempt
def create_entries() -> Any:
    """Hand in what was done on a phone; see docs/offline.md for what stands in for the session and the token."""
    check_origin()
    check_epoch()
    check_content()
    received_at = now()
    envelope = incoming.read(request.get_data())
    device = known(envelope.device)
    if device.hold(opened()):
        device.name = _named()  # an update changes what it calls itself
        db.session.commit()
    admitted(device)
    clocks = Clocks(envelope.sent_at, received_at)
    if envelope.only_signed_in and quarantine.why_held(device, present()) == "signed_out":
        return results.answer(device, [], clocks, signed_in=False) | {"wipe": False}
    return _handed_in(device, envelope.actions, clocks)


@blueprint.post("/review/<int:action_id>/dismissal")
@role("technician")
def create_dismissal(action_id: int) -> Any:
    find_or_404(Action.visible_to(current_user).where(Action.id == action_id)).dismiss()
    db.session.commit()
    return redirect(url_for("sync.index_review"), 303)


@blueprint.post("/devices/<int:device_id>/revocation")
@role("technician", "administrator")
def create_revocation(device_id: int) -> Any:
    """The phone is lost."""
    find_or_404(Device.visible_to(current_user).where(Device.id == device_id)).revoke(current_user)
    db.session.commit()
    flash(
        _("Nothing is taken from this phone any more, and it forgets what it holds when it next comes by."),
        "ok",
    )
    return redirect(url_for("sync.index_devices"), 303)


def _handed_in(device: Device, actions: Sequence[incoming.Incoming], clocks: Clocks) -> Any:
    """Each action in its order: applied while the technician is signed in, held from where he is not."""
    device_id, entered = device.id, list[ledger.Entered]()
    reason = quarantine.why_held(device, present())
    for place, said in enumerate(actions):
        reason = quarantine.why_held(db.session.get_one(Device, device_id), present())
        if reason:
            entered += quarantine.hold(device_id, actions[place:], clocks, reason)
            break
        entered.append(ledger.take(device_id, said, clocks))
    ledger.note_seen(device_id, [said.seq for said in actions], clocks.received_at)
    if not reason:
        ledger.resume(device_id)
    _clear_files(device_id, [said.key for said in actions])
    return results.answer(db.session.get_one(Device, device_id), entered, clocks, signed_in=not reason)


def _clear_files(device_id: int, keys: Sequence[str]) -> None:
    """What has become a file of a ticket."""
    user_id = db.session.get_one(Device, device_id).user_id
    deposits.forget(user_id, [key for key in keys if ledger.has_applied(user_id, key)])


def _named() -> str:
    return phone_name(request.headers.get("User-Agent", ""))[:LONGEST_NAME]
