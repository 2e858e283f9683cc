"""The words for every code that users see: states, modes, reasons, rules. One place, two languages."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _

LABELS: dict[str, dict[Any, Any]] = {
    "role": {
        "administrator": _("administrator"), "dispatcher": _("dispatcher"), "phone_agent": _("phone agent"),
        "technician": _("technician"), "client_contact": _("client contact"),
    },
    "job": {
        "unplanned": _("unplanned"), "planned": _("planned"), "dispatched": _("dispatched"),
        "accepted": _("accepted"), "travelling": _("travelling"), "working": _("working"), "paused": _("paused"),
        "completed": _("completed"), "not_completed": _("not completed"), "cancelled": _("cancelled"),
    },
    "ticket": {
        "open": _("open"), "in_progress": _("in progress"), "on_hold": _("on hold"), "resolved": _("resolved"),
        "closed": _("closed"), "cancelled": _("cancelled"),
    },
    "run": {
        "queued": _("queued"), "running": _("running"), "proposed": _("proposed"), "accepted": _("accepted"),
        "rejected": _("rejected"), "superseded": _("superseded"), "failed": _("failed"),
        "cancelled": _("cancelled"),
    },
    "mode": {"on_site": _("On site"), "remote": _("Remote"), "kiosk": _("Kiosk")},
    "kind": {"incident": _("incident"), "request": _("request")},
    "reason": {
        "time": _("It needs more time than a call allows"),
        "admin_rights": _("It needs administrator rights"),
        "presence": _("Somebody has to be there"),
    },
    "priority": {1: "P1", 2: "P2", 3: "P3", 4: "P4"},
    "lock": {
        "none": _("not locked"), "technician": _("technician locked"), "time": _("time locked"),
        "both": _("technician and time locked"),
    },
    "not_completed": {
        "user_absent": _("User absent"), "no_access": _("No access to the place"),
        "part_missing": _("Part missing"), "other_skill": _("Other skill or admin right needed"),
        "wrong_place": _("Wrong place or asset"), "not_reproducible": _("Not reproducible"),
        "duplicate": _("Duplicate"), "not_enough_time": _("Not enough time"), "other": _("Other reason"),
    },
    "follow_up": {
        "new_window": _("Propose a new time"), "access": _("New job with access arranged"),
        "part": _("New job when the part is there"), "other_skill": _("New job with the right skill"),
        "to_agent": _("Back to the agent"), "continuation": _("Continuation job"),
        "none": _("Close with a note"),
    },
    "cause": {
        "hardware": _("Faulty hardware"), "software": _("Software fault"), "configuration": _("Configuration"),
        "network": _("Network"), "handling": _("Handling"), "supplier": _("Supplier or outside service"),
        "wear": _("Wear and age"), "other": _("Something else"),
    },
    "unsigned": {"refused": _("Refused to sign"), "absent": _("Nobody there to sign")},
    "lacks": {
        "note": _("what was done"), "cause": _("the cause"), "checks": _("the checklist"),
        "signer": _("the signature"), "unsigned_why": _("why nobody signed"),
    },
    "letter": {"waiting": _("mail waits to be sent"), "sent": _("mailed"), "failed": _("could not be mailed")},
    "help": {
        "access": _("I cannot get in"), "knowledge": _("I need advice"), "tool": _("A tool or a right is missing"),
        "hands": _("Two are needed"), "safety": _("It is not safe"), "other": _("Something else"),
    },
    "answer": {
        "calling": _("I call you"), "sending": _("Somebody is coming"), "text": _("Answer"), "seen": _("Seen"),
    },
    "declined": {
        "unsafe": _("Not safe"), "not_my_skill": _("Not my skill"), "no_access": _("No access"),
        "overloaded": _("My day is full"), "other": _("Other reason"),
    },
    "hold": {
        "user_absent": _("user absent"), "no_access": _("waiting for access"),
        "part_missing": _("waiting for a part"), "handover": _("back to the agent"),
        "answer": _("waiting for an answer"), "supplier": _("waiting for a supplier"),
        "problem": _("waiting for a known problem to be solved"), "evidence": _("waiting for evidence"),
    },
    "move": {
        "planned": _("Plan"), "dispatched": _("Dispatch"), "accepted": _("Accept"), "declined": _("Decline"),
        "travelling": _("I am leaving"), "working": _("I am there"), "paused": _("Pause"),
        "completed": _("Finish"), "not_completed": _("Not possible…"), "to_visit": _("Turn into a visit"),
        "solved_remotely": _("Solved without leaving"), "unplanned": _("Take back"),
        "reassigned": _("Move to…"), "cancelled": _("Cancel"), "reopened": _("Reopen"), "undone": _("Undo"),
    },
    "assumption": {
        "absent": _("Technician absent"), "more_jobs": _("More work"), "kiosk_closed": _("Kiosk closed"),
        "longer": _("Job takes longer"),
    },
    "beside": {
        "served": _("Jobs served"), "left_out": _("Jobs without a technician"), "late": _("Jobs that end late"),
        "promises": _("Broken promises"), "travel": _("Travel"), "lateness": _("Lateness"),
        "overtime": _("Overtime"), "cost": _("Cost of the plan"),
    },
    "rule": {
        "skill": _("skill"), "right": _("admin right"), "clearance": _("site access"), "tool": _("tool"),
        "part": _("part"), "visits": _("number of visits"), "excluded": _("exclusion, secondment or refusal"), "window": _("hours"), "release": _("earliest time"),
        "shift": _("shift"), "overtime": _("overtime"), "break": _("break"), "duty": _("kiosk duty"),
        "lock": _("lock"), "frozen": _("work under way"), "travel": _("travel"), "overlap": _("overlap"),
    },
    "unassigned": {
        "impossible": _("impossible"), "outbid": _("outbid"), "not_found": _("no place found in time"),
        "left_out": _("not looked at"), "shift_ended": _("left over: the shift has ended"),
    },
    "refused": {
        "required": _("This is needed."), "not_of_client": _("This does not belong to the client. Choose another."),
        "too_long": _("This text is too long. Shorten it."),
        "unreadable": _("This text holds characters that cannot be stored. Type it again."),
        "out_of_range": _("This value is out of range."), "unknown_code": _("This value is not one of the list."),
        "too_many": _("These are too many. Keep the most useful ones."),
        "ends_before_it_begins": _("This ends before it begins. Swap the two times."),
        "over": _("This is over. Choose something that is still ahead."),
        "other_day": _("This is not on the day that is looked at."),
        "all_clients": _("Only who dispatches for all clients may assume this: it concerns everybody's work."),
    },
    "profile": {"walk": _("on foot"), "bike": _("by bike"), "car": _("by car"), "transit": _("by transit")},
}  # fmt: skip

LABELS["entry"] = {
    "waiting": _("waiting"), "called": _("called"), "serving": _("being served"), "on_hold": _("set aside"),
    "served": _("served"), "no_show": _("not there when called"), "left": _("gone"),
}  # fmt: skip
# what the buttons of a counter say
LABELS["entry_move"] = {
    "serving": _("Serve"), "served": _("Served"), "no_show": _("Not here"), "requeued": _("Put back"),
    "on_hold": _("Put aside"), "resumed": _("Back in the queue"), "left": _("Has left"), "returned": _("Is back"),
    "reopened": _("Serve again"),
}  # fmt: skip
# what has become of a number
LABELS["entry_told"] = {
    "arrived": _("registered"), "called": _("called"), "serving": _("being served"), "served": _("served"),
    "no_show": _("not there when called"), "requeued": _("put back in the queue"), "on_hold": _("set aside"),
    "resumed": _("back in the queue"), "left": _("gone"), "returned": _("back, in the queue again"),
    "reopened": _("being served again"), "day_over": _("closed at the end of the day"),
}  # fmt: skip
LABELS["via"] = {
    "board": _("on the board"), "kiosk": _("at the counter"), "phone": _("on the phone"), "desk": _("at the handover desk"),
    "api": _("through the API"), "worker": _("by the background worker"),
}  # fmt: skip
LABELS["run_why"] = {
    "all": _("run of the whole day"), "from": _("run from a time on"), "technicians": _("run of some technicians"),
    "unassigned": _("run of the work nobody had"), "what_if": _("accepted what-if"),
    "absent": _("repair: somebody absent"), "late": _("repair: a late route"),
    "urgent": _("repair: an urgent job without a technician"), "user_absent": _("repair: a user who was absent"),
}  # fmt: skip
LABELS["outcome"] = {
    "solved": _("Solved"),
    "solved_remotely": _("Solved remotely"),
    **LABELS["not_completed"],
}
# how the ground floor is typed
GROUND = {"0", "rdc", "rez-de-chaussée", "rez de chaussée", "ground", "ground floor", "gf"}


def label(code: Any, family: str) -> Any:
    """The word for a code; an unknown code is shown as it is rather than hidden."""
    return LABELS[family].get(code, code)


def skill_label(skill: Any) -> str:
    """A skill, category or piece of equipment in the reader's language."""
    if skill is None:
        return "–"
    return str(skill.label_en if str(get_locale()) == "en" else skill.label_fr)


def floor_words(floor: str) -> str:
    """A floor as it is typed, a number or a word, as something to read."""
    if floor.strip().lower() in GROUND:
        return gettext("ground floor")
    return gettext("floor %(floor)s", floor=floor) if floor.isdigit() else floor
