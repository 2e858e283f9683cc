"""What a phone hands in without a session that could do it: kept for a dispatcher, neither applied nor lost."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.device import Device
from dispatch.models.event import record
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.replay import ledger
from dispatch.replay.incoming import Incoming
from dispatch.replay.kinds import WITHDRAWN
from dispatch.replay.ledger import Entered
from dispatch.replay.moments import Clocks

# a deposit secret that was stolen can fill no more than that, of one phone
MOST_HELD = 500
MOST_HELD_BYTES = 2 * 1024 * 1024


class Full(Exception):
    """The phone has as much in quarantine as it may have; `limit` names what."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


def why_held(device: Device, present: User | None) -> str | None:
    """Why what this phone sends is not applied; None when its technician is signed in and is one still."""
    whose = device.user
    if not whose.is_active:
        return "disabled"
    if whose.role != "technician" or not _is_with_us(whose.technician):
        return "not_technician"
    if present is None:
        return "signed_out"
    return None if present.id == whose.id else "other_user"


def _is_with_us(technician: Technician | None) -> bool:
    return technician is not None and (technician.left_at is None or technician.left_at > now())


def hold(device_id: int, actions: Sequence[Incoming], clocks: Clocks, reason: str) -> list[Entered]:
    """Enter all of it as held; what was entered before is found. Raises Full and keeps nothing then.

    The caller commits.
    """
    device = db.session.scalars(
        select(Device)
        .where(Device.id == device_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    entered = [_hold(device, said, clocks, reason) for said in actions]
    held = select(func.count(), func.sum(Action.size)).where(
        Action.device_id == device_id, Action.outcome == "held", Action.decision.is_(None)
    )
    count, size = db.session.execute(held).one()
    if count > MOST_HELD:
        raise Full(f"{MOST_HELD} actions")
    if (size or 0) > MOST_HELD_BYTES:
        raise Full(f"{MOST_HELD_BYTES} bytes")
    return entered


def _hold(device: Device, said: Incoming, clocks: Clocks, reason: str) -> Entered:
    if said.kind == WITHDRAWN:  # there is nothing to decide
        entry = ledger.enter(device, said, clocks, "applied")
    else:
        entry = ledger.enter(device, said, clocks, "held", reason)
    if entry is None:
        first = ledger.found(device.user_id, said.key)
        if first.fingerprint == said.fingerprint or ":" in said.key or ledger.is_taken_back(first, said):
            return Entered(first.id, False)
        return _hold(device, ledger.otherwise(said), clocks, reason)
    entry.answer = {"state": None, "version": None}
    if entry.outcome == "applied":
        return Entered(entry.id, True)
    whose = device.user.technician
    record("job.deposited", job=entry.job, reason=reason, territory_id=entry.territory_id,
           **({"technician_id": whose.id} if whose and entry.job is None else {}))  # fmt: skip
    return Entered(entry.id, True)
