from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_login import current_user

from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.device import Device
from dispatch.security import role
from dispatch.sentences import replayed
from dispatch.sync import blueprint, queries
from dispatch.sync.doors import opened


@blueprint.get("/review")
@role("technician")
def index_review() -> Any:
    """What could not simply be done, and why; as data for the phone's own pages."""
    entries = queries.to_review(current_user)
    if request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":
        return {"items": [_item(entry) for entry in entries]}
    zone = current_user.technician.territory.zone if current_user.technician else "Europe/Paris"
    return render_template("sync/review.html", entries=entries, replayed=replayed, zone=zone)


@blueprint.get("/devices")
@role("technician", "administrator")
def index_devices() -> Any:
    devices = db.session.scalars(Device.visible_to(current_user).limit(queries.MOST)).unique().all()
    held = opened()
    return render_template("sync/devices.html", devices=devices, this=held.device_id if held else None)


@blueprint.app_template_global()
def is_on_a_phone() -> bool:
    """Whether a phone has said that this session is open on it."""
    held = opened()
    return held is not None and held.device_id is not None


def _item(entry: Action) -> dict[str, Any]:
    reason = entry.reason or ""
    return {
        "id": entry.id, "key": entry.key, "seq": entry.seq, "kind": entry.kind, "job": entry.number,
        "at": entry.claimed_at and entry.claimed_at.isoformat(), "received_at": entry.received_at.isoformat(),
        "what": replayed.action_words(entry.kind, entry.body), "note": entry.note, "outcome": entry.outcome,
        "reason": entry.reason, "title": replayed.review_title(reason),
        "detail": replayed.review_detail(reason, entry.told), "decision": entry.decision,
        "decided": replayed.decision_words(entry.decision, entry.remark),
    }  # fmt: skip
