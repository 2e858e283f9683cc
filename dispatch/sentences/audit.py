"""What stands behind a line of the log: values before and after, overridden rules, the clock of a device."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _

from dispatch.labels import label
from dispatch.sentences.vocabulary import Reason, Values
from dispatch.web import local_instant, minutes

# a device's time is told when it differs by more than its way through the network
CLAIMED = timedelta(minutes=1)


class Change(NamedTuple):
    """A value before and after."""

    before: str
    after: str


def change_in(kind: str, data: Values, zone: str) -> Change | None:
    """What the event changed: the place in the plan, the lock, or the words of a note."""
    if kind == "job.locked" and "before" in data:
        return Change(_lock(data["before"]), _lock(data["lock"]))
    if kind == "day.noted" and data["what"] == "changed":
        return Change(data["before"], data["text"])
    if "was" not in data:
        return None
    told = Change(_seat(data["was"], zone), _seat(data.get("to"), zone))
    return told if told.before != told.after else None


def whys(kind: str, data: Values) -> Iterator[str]:
    """Why it was done, as far as somebody said so and the sentence of the event does not tell it."""
    if data.get("waived"):
        rules = ", ".join(str(label(rule, "rule")) for rule in data["waived"])
        yield _("Overridden: %(rules)s", rules=rules)
    if data.get("based_on"):
        yield _("The phone showed an older state")
    if data.get("skipped"):
        yield _("“I am leaving” was not tapped")
    if kind == "job.state" and data.get("note"):
        yield _("“%(words)s”", words=data["note"])


def run_in(data: Values) -> tuple[int, str] | None:
    """The run whose acceptance did it: its id, and why there was one."""
    run = data.get("run")
    return (run["id"], str(label(run["why"], "run_why"))) if isinstance(run, dict) else None


def reason_in(kind: str, data: Values) -> str:
    """The reason given in words or chosen from a list; empty without one."""
    reason = data.get("reason") or ""
    families = {
        "job.state": "declined" if data.get("move") == "declined" else "not_completed",
        "ticket.state": "hold",
    }
    return str(label(reason, families[kind])) if kind in families and reason else str(reason)


def claimed_in(at: datetime, claimed_at: datetime | None, zone: str) -> str:
    """When the device says that it happened, where that is another minute."""
    if claimed_at is None or abs(at - claimed_at) < CLAIMED:
        return ""
    return _("%(time)s by the phone’s clock, %(late)s before it arrived",
             time=local_instant(claimed_at, zone), late=minutes((at - claimed_at).total_seconds() / 60))  # fmt: skip


def _seat(seat: Reason | None, zone: str) -> str:
    if not seat:
        return _("in nobody’s route")
    return f"{seat['technician']} {local_instant(datetime.fromisoformat(seat['start']), zone)}"


def _lock(code: str) -> str:
    return str(label(code, "lock"))
