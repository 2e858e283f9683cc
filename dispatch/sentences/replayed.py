"""What became of an action of a phone, in words: for the technician, and for the dispatcher who decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask_babel import format_timedelta
from flask_babel import gettext as _

from dispatch.labels import label
from dispatch.sentences.history import event
from dispatch.sentences.vocabulary import Values

HELD = ("signed_out", "disabled", "other_user", "not_technician")


def review_title(reason: str) -> str:
    """Why it was not simply done, in a few words."""
    return _TITLES[reason]() if reason in _TITLES else reason


def review_detail(reason: str, told: Values) -> str:
    """What that means, and what happens next."""
    return _DETAILS[reason](told) if reason in _DETAILS else ""


def action_words(kind: str, body: Values) -> str:
    """What was done: Finish, Not possible… · User absent, Note."""
    if kind == "note":
        return _("Note")
    if kind in ("photo", "signature"):
        return _("Photo") if kind == "photo" else _("Signature")
    if kind == "withdrawn":
        return _("Photo removed")
    if kind == "seen":
        return _("Changes seen")
    if kind == "word":
        return {
            "late": _("I am late"),
            "help": _("Ask for help"),
            "told": _("Told them"),
            "read": _("Answer read"),
        }.get(str(body.get("say")), _("Word to the dispatcher"))
    if kind == "presence":
        return {
            "pause": _("Pause"), "resume": _("Back from the pause"), "kiosk": _("At the kiosk"),
            "leave": _("I leave the kiosk"), "off": _("End of shift"),
        }.get(str(body.get("say")), _("Where he is"))  # fmt: skip
    if kind == "found":
        return _("Found on the spot")
    if kind != "transition":
        return _("Unknown action “%(kind)s”", kind=kind)
    to, reason = str(body.get("to") or "?"), body.get("reason")
    return event(
        "job.state", {"target": to, "move": to, "reason": reason if isinstance(reason, str) else None}, ""
    )


def told_words(kind: str, body: Values, names: Mapping[str, str]) -> str | None:
    """What was said with it, as far as it can be read; None: it is to be shown as it came.

    `names` are the words of parts and checks, by the name of their field.
    """
    if kind not in _READABLE:
        return None
    minutes, reason = str(body.get("minutes") or ""), body.get("reason")
    told = [
        *(_done_words(body, names) if kind == "transition" else ()),
        str(body.get("summary") or "") if kind == "found" else "",
        str(label(reason, "help")) if kind == "word" and isinstance(reason, str) else "",
        f"{int(minutes)} min" if minutes.isdecimal() and kind in ("presence", "word", "found") else "",
    ]
    return " · ".join(filter(None, told))


def _done_words(body: Values, names: Mapping[str, str]) -> list[str]:
    """What a completion says beside its note, what a failed visit asks for: cause, time, parts, checks, signature."""
    said = {name: str(value) for name, value in body.items() if isinstance(value, str | int) and str(value)}
    told = [str(label(said[name], group)) for name, group in _CHOICES.items() if name in said]
    told += [f"{said['worked']} min"] if said.get("worked", "").isdecimal() else []
    told += [
        " – ".join(said[name].replace("T", " ") for name in ("from", "until", "arrival") if name in said)
    ]
    told += [_("part %(part)s", part=said["part"])] if "part" in said else []
    told += [
        f"{names.get(name, name[5:])} × {said[name]}" for name in sorted(said) if name.startswith("part-")
    ]
    answers = {"yes": _("yes"), "no": _("no")}
    told += [
        _("%(name)s: %(answer)s", name=names.get(name, name[6:]), answer=answers.get(said[name], said[name]))
        for name in sorted(said)
        if name.startswith("check-")
    ]
    if "unsigned" in said:
        return [*told, said["unsigned_why"]] if "unsigned_why" in said else told
    return [*told, _("signed: %(name)s", name=said["signer"])] if "signer" in said else told


_READABLE = frozenset(
    ("transition", "note", "seen", "presence", "word", "found", "photo", "signature", "withdrawn")
)
_CHOICES = {"cause": "cause", "follow_up": "follow_up", "unsigned": "unsigned"}


def clock_words(clock: str | None, skew_seconds: int | None) -> str:
    """What is wrong with the phone's clock, or nothing."""
    if clock == "off" and skew_seconds:
        size = format_timedelta(timedelta(seconds=abs(skew_seconds)), granularity="minute")
        return (
            _("phone clock %(time)s slow", time=size)
            if skew_seconds > 0
            else _("phone clock %(time)s fast", time=size)
        )
    if clock == "ahead":
        return _("phone clock was set meanwhile")
    return _("phone time not readable") if clock == "unreadable" else ""


def decision_words(decision: str | None, remark: str | None = None) -> str:
    """What was made of it."""
    told = {"applied": _("Counted"), "kept": _("Kept on record"), "discarded": _("Set aside")}.get(
        decision or "", ""
    )
    return f"{told} · {remark}" if told and remark else told


def kept_note(name: str, words: str, when: str, note: str) -> str:
    """An entry as a note of the job."""
    told = _("%(name)s, %(time)s: %(what)s", name=name, time=when, what=words)
    return f"{told} · {note}" if note else told


_TITLES: dict[str, Callable[[], str]] = {
    "moved": lambda: _("The job is somebody else’s meanwhile"),
    "unplanned": lambda: _("The job was taken back meanwhile"),
    "cancelled": lambda: _("The job was cancelled meanwhile"),
    "illegal": lambda: _("No longer possible"),
    "under_way": lambda: _("A job is under way"),
    "waits": lambda: _("Waits for something done before"),
    "incomplete": lambda: _("Something is missing or out of date"),
    "no_file": lambda: _("The picture has not come"),
    "no_picture": lambda: _("The picture cannot be read"),
    "too_many": lambda: _("Too many pictures"),
    "not_yours": lambda: _("This job was never on this phone"),
    "key_reused": lambda: _("Sent twice with different contents"),
    "unknown_kind": lambda: _("Not understood"),
    "unknown_move": lambda: _("Not understood"),
    "failed": lambda: _("Could not be entered"),
    "signed_out": lambda: _("Sent after the session had ended"),
    "disabled": lambda: _("Sent from a disabled account"),
    "other_user": lambda: _("Sent while somebody else was signed in"),
    "not_technician": lambda: _("Sent by somebody who is no technician any more"),
}


def _moved(told: Values) -> str:
    return _("It is with %(who)s now. Your work is kept under your name, %(who)s is told, and a dispatcher decides.",
             who=told.get("who") or "–")  # fmt: skip


def _not_from_here(told: Values) -> str:
    return _("The job is %(state)s. What you did is kept, and a dispatcher decides.",
             state=label(told.get("state", ""), "job"))  # fmt: skip


_DETAILS: dict[str, Callable[[Values], str]] = {
    "moved": _moved,
    "unplanned": lambda _told: _("Your work is kept under your name, and a dispatcher decides."),
    "cancelled": lambda _told: _("Your work is kept under your name, and a dispatcher decides."),
    "illegal": _not_from_here,
    "under_way": lambda told: _(
        "%(number)s is under way. End it, or say that it is not possible; then tap again.",
        number=told["number"],
    ),
    "waits": lambda _told: _("It is entered by itself as soon as what was done before has come."),
    "incomplete": lambda _told: _(
        "A time may have passed, or a choice is not offered any more. A dispatcher decides."
    ),
    "no_file": lambda _told: _("It is entered by itself as soon as the picture has come."),
    "no_picture": lambda _told: _(
        "It is no picture, it is damaged, or it is too large. A dispatcher looks at it."
    ),
    "too_many": lambda _told: _("The job holds as many pictures as it may."),
    "not_yours": lambda _told: _("A dispatcher looks at what it was meant for."),
    "key_reused": lambda _told: _("The first one counts; a dispatcher looks at the other."),
    "unknown_kind": lambda _told: _("It is kept as it came, and a dispatcher looks at it."),
    "unknown_move": lambda _told: _("It is kept as it came, and a dispatcher looks at it."),
    "failed": lambda _told: _("The mistake is ours. It is kept as it came, and a dispatcher looks at it."),
    **dict.fromkeys(HELD, lambda _told: _("It is kept, and a dispatcher decides whether it counts.")),
}
