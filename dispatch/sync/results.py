"""What the phone is answered: what became of each action, in its user's words, and where each job stands now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import force_locale

from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.device import Device
from dispatch.models.job import Job
from dispatch.replay import ledger
from dispatch.replay.moments import Clocks
from dispatch.sentences import replayed


def answer(
    device: Device, entered: Sequence[ledger.Entered], clocks: Clocks, *, signed_in: bool
) -> dict[str, Any]:
    entries = ledger.entries([one.id for one in entered])
    with force_locale(device.user.language):
        results = [_result(entries[one.id], one.is_fresh) for one in entered]
    numbers = {entry.number for entry in entries.values() if entry.number}
    return {
        "received_at": clocks.received_at.isoformat(),
        "signed_in": signed_in,
        "wipe": not signed_in,
        "changed": any(one.is_fresh and entries[one.id].outcome == "applied" for one in entered),
        "last_seq": device.last_seq,
        "results": results,
        "jobs": _jobs(device, numbers) if signed_in else {},
    }


def _result(entry: Action, is_fresh: bool) -> dict[str, Any]:
    reason = entry.reason or ""
    return {
        # an entry of a key that was used for something else carries its own contents behind it
        "key": entry.key.partition(":")[0],
        "seq": entry.seq,
        "kind": entry.kind,
        "outcome": entry.outcome if is_fresh else "repeated",
        "first": entry.outcome,
        "decision": entry.decision,
        "state": entry.answer.get("state"),
        "version": entry.answer.get("version"),
        "reason": entry.reason,
        "title": replayed.review_title(reason) if reason else "",
        "detail": replayed.review_detail(reason, entry.told) if reason else "",
    }


def _jobs(device: Device, numbers: Collection[str]) -> dict[str, dict[str, Any] | None]:
    """Where these jobs stand now; nothing of one that is not his."""
    mine = db.session.scalars(Job.visible_to(device.user).where(Job.id.in_(map(ledger.id_of, numbers))))
    standing = {job.number: {"state": job.state, "version": job.version} for job in mine}
    return {number: standing.get(number) for number in sorted(numbers)}
