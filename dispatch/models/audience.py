"""Who reads what: of every kind of event, what the client's own contacts may know of it.

The provider's people read everything of the clients they act for. A contact of the client reads what concerns
the client: states, times, outcomes, windows. Whatever is not declared here is hidden from him, and a house rule
asks for a line about every kind that is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HIDDEN = None
_MOVE = frozenset({"source", "target", "move", "reason"})
_NOTHING: frozenset[str] = frozenset()

# kind of event -> which of its data a contact may read; HIDDEN: he does not hear of it at all
CONTACTS: dict[str, frozenset[str] | None] = {
    "ticket.handed_over": _NOTHING,
    "ticket.imported": _NOTHING,
    "ticket.reopened": _NOTHING,
    "ticket.returned": HIDDEN,  # what the handover lacked
    "ticket.state": frozenset(
        {"source", "target", "reason", "note"}
    ),  # why it was cancelled is said to the client
    "ticket.updated": _NOTHING,
    "job.assigned": _NOTHING,
    "job.carried_over": HIDDEN,
    "job.changed": _NOTHING,
    "job.confirmed": frozenset({"awaited"}),
    "job.created": frozenset({"parent"}),
    "job.locked": HIDDEN,
    "job.mode": frozenset({"target"}),
    "job.moved": _NOTHING,  # to whom; never which rule was overridden, and why
    "job.noted": HIDDEN,
    "job.proved": frozenset({"what"}),
    "job.postponed": frozenset({"until"}),  # why is between the dispatcher and his log
    "job.retimed": frozenset({"minutes"}),
    "job.returned": HIDDEN,  # what becomes of it is told by job.assigned
    "job.seen": HIDDEN,
    "job.late": HIDDEN,  # what becomes of it is told by job.retimed
    "job.help": HIDDEN,
    "job.left_over": HIDDEN,  # what becomes of it is told by job.assigned
    "job.explained": HIDDEN,
    "job.found": HIDDEN,  # the handover tells of it
    "job.answered": HIDDEN,
    "job.told": HIDDEN,
    "job.worked": HIDDEN,  # who worked although it was somebody else's
    "job.deposited": HIDDEN,
    "job.reviewed": HIDDEN,
    "job.state": _MOVE,
    "job.withdrawn": HIDDEN,
    "shift.extended": HIDDEN,  # how long somebody works is between him and his dispatcher
    "day.seen": HIDDEN,
    "day.noted": HIDDEN,
    "device.revoked": HIDDEN,
    "plan.changed": HIDDEN,
    "plan.undone": HIDDEN,
    "run.state": HIDDEN,
    "technician.absence": HIDDEN,
    "technician.presence": HIDDEN,
    "what_if.state": HIDDEN,
    "duty.cut": HIDDEN,
    "durations.learned": HIDDEN,
    "entry.state": HIDDEN,  # what becomes of a visitor is told to him, by who serves him
}
HEARD = frozenset(kind for kind, fields in CONTACTS.items() if fields is not HIDDEN)
# why a technician gave work back is between him and his dispatcher
_UNTOLD_MOVES = frozenset({"declined"})
# what tickets and jobs say beside their events, and what a contact reads instead
INTERNAL: dict[str, Any] = {"lacked": None, "note": None, "waived": []}


def told_to_contacts(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What of an event's data a contact may read."""
    fields = CONTACTS.get(kind) or _NOTHING
    if data.get("move") in _UNTOLD_MOVES:
        fields -= {"move", "reason"}
    return {name: value for name, value in data.items() if name in fields}
