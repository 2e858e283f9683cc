"""A phone hands in a photo or a signature, beside the queue: its action follows, and takes effect when both are there."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_babel import gettext as _

from dispatch.errors import problem
from dispatch.extensions import csrf
from dispatch.models.device import Device
from dispatch.proof import deposits
from dispatch.replay import ledger, quarantine
from dispatch.replay.incoming import KEY
from dispatch.security import public
from dispatch.sync import blueprint
from dispatch.sync.doors import check_epoch, check_origin, phone, present

PHONE, DIGEST = "X-Dispatch-Phone", "X-Dispatch-Digest"


@blueprint.post("/sync/files/<key>")
@public
@csrf.exempt
def create_file(key: str) -> Any:
    """The bytes as they are. Who may: see docs/offline.md, as for the queue itself."""
    check_origin()
    check_epoch()
    if request.mimetype != "application/octet-stream":  # what no form can send
        abort(415)
    if not KEY.fullmatch(key):
        abort(404)
    device = phone(request.headers.get(PHONE, ""))
    if not ledger.has_applied(device.user_id, key):
        deposits.receive(device.user_id, key, request.get_data(), request.headers.get(DIGEST, ""))
        _resume(device)
    return "", 204


def _resume(device: Device) -> None:
    """Its action may have come before it."""
    if quarantine.why_held(device, present()) is None:
        ledger.resume(device.id)


@blueprint.errorhandler(deposits.CutOff)
def cut_off(_error: deposits.CutOff) -> Any:
    return problem(422, _("This picture was cut off on the way. Send it again."))


@blueprint.errorhandler(deposits.Crowded)
def crowded(_error: deposits.Crowded) -> Any:
    return problem(429, _("Too many pictures of this phone wait."))
