"""The log in words: what happened to a job or a ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.labels import label
from dispatch.sentences.names import of_name
from dispatch.sentences.vocabulary import Values
from dispatch.sentences.waiting import confirmed
from dispatch.web import long_day, minutes


def event(kind: str, data: Values, technician: str) -> str:
    """An entry of the log in words, without who and when; empty for what no reader needs."""
    if kind == "job.state":
        return _move(data, technician)
    if kind == "ticket.state":
        return _ticket_state(data)
    if kind == "run.state":
        if data.get("part"):
            return _("Run: accepted in part")
        return _("Run: %(state)s", state=label(data["target"], "run"))
    told = _EVENTS.get(kind)
    return told(data, technician) if told else ""


def _move(data: Values, technician: str) -> str:
    move, reason = data.get("move", data["target"]), data.get("reason")
    if move in ("not_completed", "declined") and reason:
        return f"{_MOVES[move]()} · {label(reason, move)}"
    told = _MOVES[move]() if move in _MOVES else str(label(data["target"], "job"))
    if data.get("clock"):
        told = _("%(what)s · the phone’s clock was wrong", what=told)
    return f"{told} · {technician}" if move in ("planned", "dispatched") and technician else told


_MOVES: dict[str, Callable[[], str]] = {
    "planned": lambda: _("Planned"),
    "dispatched": lambda: _("Sent to the phone"),
    "accepted": lambda: _("Accepted by the technician"),
    "declined": lambda: _("Declined by the technician"),
    "travelling": lambda: _("Technician on the way"),
    "working": lambda: _("Work begun"),
    "paused": lambda: _("Work paused"),
    "completed": lambda: _("Work done"),
    "solved_remotely": lambda: _("Solved remotely"),
    "not_completed": lambda: _("Not completed"),
    "unplanned": lambda: _("Taken out of the plan"),
    "reassigned": lambda: _("Taken over by somebody else"),
    "to_visit": lambda: _("Turned into a visit"),
    "cancelled": lambda: _("Cancelled"),
    "reopened": lambda: _("Reopened"),
    "undone": lambda: _("Last tap undone"),
}


def _ticket_state(data: Values) -> str:
    ended = data["target"] == "cancelled"
    told = _("Ticket cancelled") if ended else _("Ticket %(state)s", state=label(data["target"], "ticket"))
    why = label(data["reason"], "hold") if data.get("reason") else data.get("note")
    return f"{told} · {why}" if why else told


def _retimed(data: Values, _technician: str) -> str:
    later = data.get("minutes", 0)
    return (_("Later by %(minutes)s", minutes=minutes(later)) if later > 0
            else _("Earlier by %(minutes)s", minutes=minutes(-later)))  # fmt: skip


def _moved(data: Values, technician: str) -> str:
    if data.get("handed") == "taken":
        return _("Taken by %(technician)s", technician=technician)
    if data.get("handed"):
        told = _("Handed to %(technician)s", technician=technician)
        return f"{told} · {data['why']}" if data.get("why") else told
    if data.get("reason"):
        return _("Moved by hand to %(technician)s, rules overridden: %(reason)s",
                 technician=technician, reason=data["reason"])  # fmt: skip
    return _("Moved by hand to %(technician)s", technician=technician)


def _worked(data: Values, _technician: str) -> str:
    told = _("Beside the plan: %(what)s", what=_move({**data, "target": data["to"]}, ""))
    return f"{told} · {data['note']}" if data.get("note") else told


def _deposited(data: Values, _technician: str) -> str:
    return _("A phone sent something to review")


def _reviewed(data: Values, _technician: str) -> str:
    told = {
        "applied": _("Reviewed: it counts"), "kept": _("Reviewed: kept on record"),
        "discarded": _("Reviewed: set aside"),
    }[data["decision"]]  # fmt: skip
    return f"{told} · {data['remark']}" if data.get("remark") else told


def _locked(data: Values, _technician: str) -> str:
    return str(label(data.get("lock", "none"), "lock")).capitalize()


_NOTED: dict[str, Callable[[Values], str]] = {
    "added": lambda data: _("Note of the day: %(text)s", text=data["text"]),
    "changed": lambda data: _("Note of the day changed: %(text)s", text=data["text"]),
    "deleted": lambda data: _("Note of the day deleted: %(text)s", text=data["before"]),
}


def _proved(data: Values, _technician: str) -> str:
    return {
        "photo": lambda: _("Photo added"), "signature": lambda: _("Signed"), "report": lambda: _("Work described"),
        "paper": lambda: _("Report written"),
    }[data["what"]]()  # fmt: skip


def _postponed(data: Values, _technician: str) -> str:
    told = _("Postponed to %(day)s", day=long_day(date.fromisoformat(data["until"])))
    return f"{told} · {data['reason']}" if data.get("reason") else told


def _extended(data: Values, technician: str) -> str:
    return _("Shift %(of)s extended by %(minutes)s for this job",
             of=of_name(technician), minutes=minutes(data.get("minutes", 0)))  # fmt: skip


def _present(data: Values, who: str) -> str:
    return {
        "pause": lambda: _("%(technician)s pauses", technician=who),
        "resumed": lambda: _("%(technician)s is back from the pause", technician=who),
        "kiosk": lambda: _("%(technician)s is at the kiosk", technician=who),
        "left": lambda: _("%(technician)s has left the kiosk", technician=who),
        "off": lambda: _("%(technician)s has ended the shift", technician=who),
        "back": lambda: _("%(technician)s is back", technician=who),
    }[data["target"]]()  # fmt: skip


def _queue(data: Values, _technician: str) -> str:
    return _("%(kiosk)s, number %(number)s: %(what)s", kiosk=data["where"], number=data["number"],
             what=label(data["move"], "entry_told"))  # fmt: skip


_EVENTS: dict[str, Callable[[Values, str], str]] = {
    "job.created": lambda data, _who: (
        _("Follow-up of %(number)s", number=data["parent"]) if data.get("parent") else _("Job created")
    ),
    "job.changed": lambda _data, _who: _("Details changed"),
    "job.noted": lambda data, _who: _("Note: %(note)s", note=data.get("note", "")),
    "job.mode": lambda data, _who: _("Now %(mode)s", mode=label(data["target"], "mode")),
    "job.assigned": lambda _data, who: _("Given to %(technician)s", technician=who),
    "job.moved": _moved,
    "job.postponed": _postponed,
    "job.proved": _proved,
    "job.retimed": _retimed,
    "job.locked": _locked,
    "job.withdrawn": lambda _data, who: _("Taken from %(technician)s", technician=who),
    "job.confirmed": lambda data, _who: confirmed(data.get("awaited", "")),
    "job.carried_over": lambda _data, _who: _("Not begun: carried over to another day"),
    "entry.state": _queue,
    "shift.extended": _extended,
    "job.worked": _worked,
    "job.deposited": _deposited,
    "job.reviewed": _reviewed,
    "job.late": lambda data, _who: _("Announced: %(minutes)s late", minutes=minutes(data["minutes"])),
    "job.help": lambda data, _who: " · ".join(
        filter(None, (_("Asks for help"), str(label(data["reason"], "help")), data.get("note")))
    ),
    "job.answered": lambda data, who: " · ".join(
        filter(
            None,
            (
                _("Answer to %(technician)s", technician=who),
                str(label(data["answer"], "answer")),
                data.get("remark"),
            ),
        )
    ),
    "job.found": lambda data, who: _(
        "Found by %(technician)s beside %(number)s", technician=who, number=data["beside"]
    ),
    "job.told": lambda data, _who: _("Those of %(number)s were told of the new time", number=data["whom"]),
    "job.seen": lambda _data, who: _("Change seen by %(technician)s", technician=who),
    "technician.absence": lambda data, who: (
        _("%(technician)s is back", technician=who)
        if data["target"] == "back"
        else _("%(technician)s is absent", technician=who)
    ),
    "technician.presence": _present,
    "job.explained": lambda _data, _who: _("Looked at again: why nobody has it"),
    "job.left_over": lambda _data, who: _("Left over %(of)s: the shift has ended", of=of_name(who)),
    "duty.cut": lambda _data, who: _("Kiosk duty %(of)s ends earlier", of=of_name(who)),
    "job.returned": lambda _data, _who: _("Put back where it was"),
    "plan.undone": lambda data, _who: ngettext(
        "%(num)d job put back where it was", "%(num)d jobs put back where they were", data.get("jobs", 0)
    ),
    "day.noted": lambda data, _who: _NOTED[data["what"]](data),
    "ticket.imported": lambda data, _who: _(
        "Imported: %(created)d new tickets, %(updated)d changed",
        created=data["created"],
        updated=data["updated"],
    ),
    "ticket.handed_over": lambda _data, _who: _("Handed over"),
    "ticket.updated": lambda _data, _who: _("Handover updated"),
    "ticket.reopened": lambda _data, _who: _("Ticket reopened"),
    "ticket.returned": lambda data, _who: _("Back to the agent: %(lacked)s", lacked=data.get("lacked", "")),
}

# kinds that tell a reader something; the rest are signals between programs
TOLD = ("job.state", "ticket.state", "run.state", *_EVENTS)
