"""What the engine and the log say in codes and numbers, as sentences for the reader.

Instants are RFC 3339 texts; lengths of time are seconds. Codes of skills, rights, places and equipment
become words through a `Vocabulary`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.lists import format_list
from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.labels import label, skill_label
from dispatch.models.client import AdminRight, Client, Equipment, Skill
from dispatch.models.job import Job
from dispatch.models.place import Site
from dispatch.web import local_time, long_day, minutes

Values = Mapping[str, Any]
Reason = Mapping[str, Any]


@dataclass(frozen=True)
class Vocabulary:
    """The words for codes, in the reader's language, and the zone that times are told in."""

    zone: str
    words: Mapping[str, str]

    @classmethod
    def load(cls, zone: str) -> Vocabulary:
        """Read the names of skills, equipment, rights and sites: four queries, whatever their number."""
        words = {f"skill:{row.code}": skill_label(row) for row in db.session.scalars(select(Skill))}
        words |= {f"equipment:{row.code}": skill_label(row) for row in db.session.scalars(select(Equipment))}
        rights = select(Client.code, AdminRight.code, AdminRight.label).join(AdminRight.client)
        words |= {f"right:{client}:{code}": text for client, code, text in db.session.execute(rights)}
        sites = db.session.execute(select(Site.id, Site.name))
        words |= {f"place:site:{key}": text for key, text in sites}
        return cls(zone, words)

    def word(self, family: str, code: Any) -> str:
        return self.words.get(f"{family}:{code}", str(code))

    def all(self, family: str, codes: Iterable[Any]) -> str:
        return ", ".join(self.word(family, code) for code in codes)

    def time(self, instant: Any) -> str:
        """14:05 of an instant or its text."""
        if isinstance(instant, str):
            instant = datetime.fromisoformat(instant)
        return local_time(instant, self.zone) if isinstance(instant, datetime) else "–"

    def day(self, instant: str) -> date:
        return datetime.fromisoformat(instant).astimezone(ZoneInfo(self.zone)).date()

    def moment(self, instant: str) -> str:
        """lundi 23 à 14:05."""
        return _("%(day)s at %(time)s", day=listed([self.day(instant)]), time=self.time(instant))


# why somebody cannot take a job --------------------------------------------------------------------------


def reason(rule: str, values: Values, vocabulary: Vocabulary) -> str:
    """The first failing rule of one technician, with its numbers: "skill printer: level 2 needed, has 1"."""
    told = _REASONS.get(rule)
    return told(values, vocabulary) if told else str(label(rule, "rule"))


def _skill(values: Values, words: Vocabulary) -> str:
    skill = words.word("skill", values["skill"])
    if not values["has"]:
        return _("skill %(skill)s missing, level %(needs)s needed", skill=skill, needs=values["needs"])
    return _("skill %(skill)s: level %(needs)s needed, has %(has)s",
             skill=skill, needs=values["needs"], has=values["has"])  # fmt: skip


def _right(values: Values, words: Vocabulary) -> str:
    return _("does not hold the right %(right)s that day", right=words.all("right", values["missing"]))


def _clearance(values: Values, words: Vocabulary) -> str:
    return _("has no access to %(site)s", site=words.all("place", values["missing"]))


def _tool(values: Values, words: Vocabulary) -> str:
    return _("does not carry %(tool)s", tool=words.all("equipment", values["missing"]))


def _part(values: Values, words: Vocabulary) -> str:
    return _("part %(part)s: %(needs)s needed, %(left)s left",
             part=words.word("equipment", values["part"]), needs=values["needs"], left=values["left"])  # fmt: skip


def _excluded(_values: Values, _words: Vocabulary) -> str:
    return _("excluded by the client or the requester")


def _window(values: Values, words: Vocabulary) -> str:
    if "fixed" in values:
        return _("the locked time %(time)s is outside the hours", time=words.time(values["fixed"]))
    return _("could begin at %(earliest)s, the hours close at %(closes)s",
             earliest=words.time(values["earliest"]), closes=words.time(values["closes"]))  # fmt: skip


def _release(values: Values, words: Vocabulary) -> str:
    return _("not before %(time)s", time=words.time(values.get("release")))


def _shift(values: Values, words: Vocabulary) -> str:
    return _("would end at %(end)s, %(over)s after the shift",
             end=words.time(values["end"]), over=minutes(values["over"] / 60))  # fmt: skip


def _overtime(values: Values, words: Vocabulary) -> str:
    return _("would end at %(end)s, %(over)s beyond the overtime allowed",
             end=words.time(values["end"]), over=minutes(values["over"] / 60))  # fmt: skip


def _break(values: Values, words: Vocabulary) -> str:
    return _("the break would not fit between %(from)s and %(to)s",
             **{"from": words.time(values["from"]), "to": words.time(values["to"])})  # fmt: skip


def _duty(values: Values, words: Vocabulary) -> str:
    return _("kiosk duty or absence from %(from)s to %(to)s",
             **{"from": words.time(values["from"]), "to": words.time(values["to"])})  # fmt: skip


def _lock(values: Values, words: Vocabulary) -> str:
    if "because" in values:
        return _("the lock cannot be kept: %(rule)s", rule=label(values["because"], "rule"))
    if "fixed" in values:
        return _("locked at %(fixed)s, could be there at %(earliest)s",
                 fixed=words.time(values["fixed"]), earliest=words.time(values.get("earliest")))  # fmt: skip
    return _("the job is locked to somebody else")


def _frozen(_values: Values, _words: Vocabulary) -> str:
    return _("busy with work already begun")


def _travel(_values: Values, _words: Vocabulary) -> str:
    return _("no way leads there")


def _overlap(values: Values, _words: Vocabulary) -> str:
    if "count" in values:
        return ngettext(
            "%(num)d other job leaves no room", "%(num)d other jobs leave no room", values["count"]
        )
    if "added" in values:
        return _("would cost the others more than it is worth")
    return _("no room left beside the other jobs")


_REASONS: dict[str, Callable[[Values, Vocabulary], str]] = {
    "skill": _skill, "right": _right, "clearance": _clearance, "tool": _tool, "part": _part,
    "excluded": _excluded, "window": _window, "release": _release, "shift": _shift, "overtime": _overtime,
    "break": _break, "duty": _duty, "lock": _lock, "frozen": _frozen, "travel": _travel, "overlap": _overlap,
}  # fmt: skip


# why nobody can ------------------------------------------------------------------------------------------


def summary(reasons: Iterable[Reason], vocabulary: Vocabulary) -> str:
    """All technicians in one sentence: "nobody holds the right network Acme", or the commonest reasons.

    Of several days it counts people, not their days: who is kept out by different things on different days
    is counted for each of them, with the days.
    """
    groups = _groups(reasons, vocabulary)
    if not groups:
        return ""
    if len({about for about, _days in groups}) == 1:
        [(rule, subject), _days] = next(iter(groups))
        return _nobody(rule, subject)
    return ", ".join(_on(_so_many(*about, count), days) for (about, days), count in groups.most_common(3))


def _groups(
    reasons: Iterable[Reason], words: Vocabulary
) -> Counter[tuple[tuple[str, str], tuple[date, ...]]]:
    """How many people each thing keeps out, and on which days where that differs."""
    whose: dict[Any, dict[tuple[str, str], list[date]]] = {}
    for number, one in enumerate(reasons):
        mine = whose.setdefault(one.get("technician_id", f"nobody {number}"), {})
        mine.setdefault(_subject(one, words), []).extend(days_of([one]))
    return Counter(
        (about, tuple(days) if len(mine) > 1 else ())
        for mine in whose.values()
        for about, days in mine.items()
    )


def each(reasons: Sequence[Reason], vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """One line per technician: his name, and what keeps him out; of several days on which of them."""
    several = len(days_of(reasons)) > 1
    told: dict[Any, tuple[str, dict[str, list[date]]]] = {}
    for number, one in enumerate(reasons):
        who = told.setdefault(one.get("technician_id", number), (one.get("technician") or "", {}))
        who[1].setdefault(reason(one["rule"], one.get("values") or {}, vocabulary), []).extend(days_of([one]))
    return [
        (name, "; ".join(_dated(text, days) if several else text for text, days in texts.items()))
        for name, texts in told.values()
    ]


def days_of(reasons: Iterable[Reason]) -> list[date]:
    """The days that reasons speak of, in order."""
    return sorted({date.fromisoformat(one["day"]) for one in reasons if one.get("day")})


def _on(text: str, days: Sequence[date]) -> str:
    return _("%(what)s on %(days)s", what=text, days=listed(days)) if days else text


def _dated(text: str, days: Sequence[date]) -> str:
    return _("%(days)s: %(what)s", what=text, days=listed(days)) if days else text


def listed(days: Sequence[date]) -> str:
    """lundi 23 et mardi 24: days near enough that the month goes without saying."""
    locale = str(get_locale() or "fr")
    return format_list([format_date(day, "EEEE d", locale=locale) for day in days], locale=locale)


def nobody_else(reasons: Iterable[Reason], vocabulary: Vocabulary) -> str:
    """The same of everybody but the one who has the job: "nobody else holds the right network Acme"."""
    reasons = list(reasons)
    groups = {_subject(one, vocabulary) for one in reasons}
    rule, subject = next(iter(groups))
    told = {
        "skill": _("nobody else has the skill %(what)s", what=subject),
        "right": _("nobody else holds the right %(what)s", what=subject),
        "clearance": _("nobody else may enter %(what)s", what=subject),
        "tool": _("nobody else carries %(what)s", what=subject),
        "part": _("nobody else has the part %(what)s left", what=subject),
    }
    if len(groups) == 1 and rule in told:
        return told[rule]
    counted = Counter(_subject(one, vocabulary) for one in reasons)
    listed = ", ".join(_so_many(rule, subject, count) for (rule, subject), count in counted.most_common())
    return _("nobody else can: %(reasons)s", reasons=listed)


def _subject(one: Reason, words: Vocabulary) -> tuple[str, str]:
    """What a reason is about, without the person's own numbers."""
    rule, values = one["rule"], one.get("values") or {}
    if rule == "skill":
        return rule, _(
            "%(skill)s level %(level)s", skill=words.word("skill", values["skill"]), level=values["needs"]
        )
    families = {"right": "right", "clearance": "place", "tool": "equipment"}
    if rule in families:
        return rule, words.all(families[rule], values["missing"])
    return rule, words.word("equipment", values["part"]) if rule == "part" else ""


def _nobody(rule: str, subject: str) -> str:
    told = {
        "skill": _("nobody has the skill %(what)s", what=subject),
        "right": _("nobody holds the right %(what)s", what=subject),
        "clearance": _("nobody may enter %(what)s", what=subject),
        "tool": _("nobody carries %(what)s", what=subject),
        "part": _("nobody has the part %(what)s left", what=subject),
        "excluded": _("everybody is excluded"),
        "window": _("nobody can be there within the hours"),
        "release": _("nobody is left after the earliest time"),
        "shift": _("nobody has enough time left in the shift"),
        "overtime": _("nobody has enough time left, even with overtime"),
        "break": _("everybody's break is in the way"),
        "duty": _("everybody is on kiosk duty or absent then"),
        "lock": _("the lock cannot be kept"),
        "frozen": _("everybody is busy with work already begun"),
        "travel": _("no way leads there"),
        "overlap": _("everybody's day is full"),
    }
    return told.get(rule, str(label(rule, "rule")))


def _so_many(rule: str, subject: str, count: int) -> str:
    told = {
        "skill": _("%(count)d without the skill %(what)s", count=count, what=subject),
        "right": _("%(count)d without the right %(what)s", count=count, what=subject),
        "clearance": _("%(count)d without access to %(what)s", count=count, what=subject),
        "tool": _("%(count)d without %(what)s", count=count, what=subject),
        "part": _("%(count)d without the part %(what)s", count=count, what=subject),
        "excluded": ngettext("%(num)d excluded", "%(num)d excluded", count),
        "window": _("%(count)d not there within the hours", count=count),
        "release": _("%(count)d gone before the earliest time", count=count),
        "shift": _("%(count)d without time left in the shift", count=count),
        "overtime": _("%(count)d without time left", count=count),
        "break": _("%(count)d with the break in the way", count=count),
        "duty": _("%(count)d on kiosk duty or absent", count=count),
        "lock": _("%(count)d kept out by the lock", count=count),
        "frozen": ngettext("%(num)d busy", "%(num)d busy", count),
        "travel": _("%(count)d without a way there", count=count),
        "overlap": _("%(count)d with a full day", count=count),
    }
    return told.get(rule, f"{count} × {label(rule, 'rule')}")


def outbid(numbers: Sequence[str], others: int) -> str:
    """By which work a job was outbid; what the reader may not see is only counted."""
    known = ", ".join(numbers)
    if not numbers:
        return _("work of other clients goes first")
    if others:
        return _("%(numbers)s and work of other clients go first", numbers=known)
    return ngettext("%(numbers)s goes first", "%(numbers)s go first", len(numbers), numbers=known)


def awaited(code: str) -> str:
    """What a job waits for before it can be planned."""
    told = {
        "answer": _("Waits for the requester's answer"),
        "access": _("Waits until access is arranged"),
        "part": _("Waits for a part"),
        "supplier": _("Waits for a supplier"),
        "problem": _("Waits until a known problem is solved"),
        "evidence": _("Waits for evidence"),
    }
    return told.get(code, code)


def remark(code: str) -> str:
    """What is to be known of a plan's travel times: `no_street_times:transit`, `street_router_silent:walk`."""
    kind, _colon, profile = code.partition(":")
    way = label(profile, "profile")
    told = {
        "no_street_times": _("Trips %(way)s are estimated: the street router has no times for them", way=way),
        "street_router_silent": _(
            "Some trips %(way)s are estimated: the street router has not given their times yet", way=way
        ),
    }
    return told.get(kind, code)


def under_way(jobs: Iterable[Job]) -> str:
    """Why a ticket cannot be cancelled yet, and what to do."""
    told = ", ".join(
        f"{job.number} ({job.technician.name})" if job.technician else job.number for job in jobs
    )
    return _("Somebody is on the way or at work: %(jobs)s. Call the technician: he ends the job, "
             "or a dispatcher cancels it. Then cancel the ticket.", jobs=told)  # fmt: skip


def confirmed(code: str) -> str:
    """That what a job waited for is there."""
    told = {
        "answer": _("The requester has answered"),
        "access": _("Access is arranged"),
        "part": _("The part is there"),
    }
    return told.get(code, _("Nothing is missing any more"))


def fix(remedy: Reason | None, vocabulary: Vocabulary, day: date | None = None) -> str:
    """The cheapest single change that would let the job in: "Extend Karim's shift by 20 min".

    `day` is told where several were looked at, of what is mended for one day only.
    """
    if not remedy:
        return ""
    told = _fix(remedy, vocabulary)
    return _on(told, [day]) if told and day and remedy["rule"] in _OF_ONE_DAY else told


_OF_ONE_DAY = ("shift", "overtime", "window", "part")


def fix_day(remedy: Reason | None, reasons: Sequence[Reason]) -> date | None:
    """The day of a remedy, where several were looked at."""
    return next(iter(days_of([remedy])), None) if remedy and len(days_of(reasons)) > 1 else None


def _fix(remedy: Reason, vocabulary: Vocabulary) -> str:
    rule, values = remedy["rule"], remedy.get("values") or {}
    who = remedy.get("technician") or ""
    told = {
        "skill": lambda: _("Accept %(who)s in spite of the skill %(what)s", who=who, what=_subject(remedy, vocabulary)[1]),
        "right": lambda: _grant(remedy, who, vocabulary),
        "clearance": lambda: _("Arrange access to %(what)s for %(who)s", what=_subject(remedy, vocabulary)[1], who=who),
        "tool": lambda: _("Give %(what)s %(to)s", what=_subject(remedy, vocabulary)[1], to=_to(who)),
        "part": lambda: _("Give the part %(what)s %(to)s", what=_subject(remedy, vocabulary)[1], to=_to(who)),
        "excluded": lambda: _("Ask whether %(who)s may come after all", who=who),
        "window": lambda: _("Ask for a later time: %(who)s could begin at %(time)s",
                            who=who, time=vocabulary.time(values.get("start"))),
        "lock": lambda: (_("Remove the lock on the time") if values.get("lock") == "start"
                         else _("Remove the lock: %(who)s could do it", who=who)),
    }  # fmt: skip
    if rule in ("shift", "overtime"):
        return _(
            "Extend the shift %(of)s by %(minutes)s",
            of=_of(who),
            minutes=minutes(values.get("seconds", 0) / 60),
        )
    return told[rule]() if rule in told else ""


def _grant(remedy: Reason, who: str, vocabulary: Vocabulary) -> str:
    right = _subject(remedy, vocabulary)[1]
    if remedy.get("expired"):
        return _("Extend the right %(what)s %(of)s (expired on %(day)s)",
                 what=right, of=_of(who), day=long_day(remedy["expired"]))  # fmt: skip
    return _("Grant the right %(what)s %(to)s", what=right, to=_to(who))


# what a proposal would change ----------------------------------------------------------------------------


def day_of(item: Reason, vocabulary: Vocabulary) -> date:
    """The day under which a change is read: where the job goes, or what it leaves."""
    return _seat_day(item.get("to") or item["from"], vocabulary)


def _seat_day(seat: Reason, vocabulary: Vocabulary) -> date:
    """The day of the route: after midnight a night is still yesterday's."""
    return date.fromisoformat(seat["day"]) if seat.get("day") else vocabulary.day(seat["start"])


def change(item: Reason, vocabulary: Vocabulary, dated: bool = False) -> str:
    """One line of a proposal: "INT-1042 moves from Alice to Karim, 14:10 → 13:30"; `dated` with its day."""
    before, after, number = item.get("from") or {}, item.get("to") or {}, item["number"]
    clock = vocabulary.moment if dated or _changes_day(before, after, vocabulary) else vocabulary.time
    old, new = (clock(seat["start"]) if seat else "–" for seat in (before, after))
    was, will = before.get("technician", ""), after.get("technician", "")
    stays = before.get("technician_id") == after.get("technician_id") and was == will
    if stays and _changes_day(before, after, vocabulary):
        return _("%(number)s stays with %(who)s, on another day: %(old)s → %(new)s",
                 number=number, who=will, old=old, new=new)  # fmt: skip
    if item["kind"] == "moved":
        return _("%(number)s moves %(origin)s %(to)s, %(old)s → %(new)s",
                 number=number, origin=_from(was), to=_to(will), old=old, new=new)  # fmt: skip
    if item["kind"] == "retimed":
        return _(
            "%(number)s stays with %(who)s, %(old)s → %(new)s", number=number, who=will, old=old, new=new
        )
    if item["kind"] == "unassigned":
        return _("%(number)s leaves the day %(of)s (%(old)s)", number=number, of=_of(was), old=old)
    if dated:
        return _("%(number)s goes %(to)s, %(new)s", number=number, to=_to(will), new=new)
    return _("%(number)s goes %(to)s at %(new)s", number=number, to=_to(will), new=new)


def _changes_day(before: Reason, after: Reason, vocabulary: Vocabulary) -> bool:
    return bool(before and after) and _seat_day(before, vocabulary) != _seat_day(after, vocabulary)


def cost(part: str) -> str:
    """A part of what a plan costs."""
    told = {
        "travel": _("of travel"), "lateness": _("price of lateness"), "overtime": _("price of overtime"),
        "moves": _("price of moves"), "promise": _("price of broken promises"),
        "preference": _("saved by preferences"), "unserved": _("price of what is left out"),
    }  # fmt: skip
    return told[part]


def duration_source(source: str | None, basis: Mapping[str, int]) -> str:
    """Who says how long a job should take; empty where nobody wrote it down."""
    if source == "learned":
        return _learned(basis["jobs"], basis["near"], basis["quantile"])
    told = {"said": _("entered by hand"), "category": _("as usual for this kind of work")}
    return told.get(source or "", "")


def _learned(jobs: int, near: int, quantile: int) -> str:
    similar = ngettext("learned: %(num)d similar job", "learned: %(num)d similar jobs", jobs)
    if near < jobs:
        similar += ngettext(", %(num)d of them just like it", ", %(num)d of them just like it", near)
    share = _("%(share)d%% took no longer", share=quantile)
    return f"{similar} · {share}"


def left_out(code: str, days: Sequence[date] = (), of: int = 1) -> str:
    """Why somebody or something would be ignored by a run, or cannot be placed by hand.

    `days` are those of the run on which somebody is out, `of` how many days it has.
    """
    told = _out_of_several(code, days, of) if of > 1 else None
    return told or _out(code)


def _out_of_several(code: str, days: Sequence[date], of: int) -> str | None:
    if code in ("no_shift", "absent") and 0 < len(days) < of:
        return _on(_("has no shift") if code == "no_shift" else _("is absent"), days)
    told = {
        "no_shift": _("has no shift on any of these days"),
        "absent": _("is absent on all these days"),
        "closed": _("the place is closed on all these days"),
        "other_day": _("can only be done later"),
    }
    return told.get(code)


def _out(code: str) -> str:
    told = {
        "no_shift": _("has no shift that day"),
        "shift_over": _("has finished for today"),
        "absent": _("is absent"),
        "no_base": _("has no base on the map"),
        "no_duration": _("has no duration"),
        "no_place": _("has no place on the map"),
        "no_phone": _("has no phone number"),
        "impossible_window": _("has hours in which it cannot be done"),
        "awaits": _("waits for an answer, an access or a part"),
        "other_day": _("can only be done on another day"),
        "closed": _("the place is closed"),
        "not_working": _("does not work that day"),
        "not_planned": _("is not planned yet"),
        "locked_to_absent": _("is locked to somebody who is not there"),
        "other_territory": _("belongs to another territory"),
        "kiosk": _("is done at the kiosk"),
    }
    return told.get(code, code)


# what happened -------------------------------------------------------------------------------------------


def event(kind: str, data: Values, technician: str) -> str:
    """An entry of the log in words, without who and when; empty for what no reader needs."""
    if kind == "job.state":
        return _move(data, technician)
    if kind == "ticket.state":
        return _ticket_state(data)
    if kind == "run.state":
        return _("Run: %(state)s", state=label(data["target"], "run"))
    told = _EVENTS.get(kind)
    return told(data, technician) if told else ""


def _move(data: Values, technician: str) -> str:
    move, reason = data.get("move", data["target"]), data.get("reason")
    if move in ("not_completed", "declined") and reason:
        return f"{_MOVES[move]()} · {label(reason, move)}"
    told = _MOVES[move]() if move in _MOVES else str(label(data["target"], "job"))
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
    told = _("Ticket %(state)s", state=label(data["target"], "ticket"))
    why = label(data["reason"], "hold") if data.get("reason") else data.get("note")
    return f"{told} · {why}" if why else told


def _retimed(data: Values, _technician: str) -> str:
    later = data.get("minutes", 0)
    return (_("Later by %(minutes)s", minutes=minutes(later)) if later > 0
            else _("Earlier by %(minutes)s", minutes=minutes(-later)))  # fmt: skip


def _moved(data: Values, technician: str) -> str:
    if data.get("reason"):
        return _("Moved by hand to %(technician)s, rules overridden: %(reason)s",
                 technician=technician, reason=data["reason"])  # fmt: skip
    return _("Moved by hand to %(technician)s", technician=technician)


def _locked(data: Values, _technician: str) -> str:
    return str(label(data.get("lock", "none"), "lock")).capitalize()


_EVENTS: dict[str, Callable[[Values, str], str]] = {
    "job.created": lambda data, _who: (
        _("Follow-up of %(number)s", number=data["parent"]) if data.get("parent") else _("Job created")
    ),
    "job.changed": lambda _data, _who: _("Details changed"),
    "job.noted": lambda data, _who: _("Note: %(note)s", note=data.get("note", "")),
    "job.mode": lambda data, _who: _("Now %(mode)s", mode=label(data["target"], "mode")),
    "job.assigned": lambda _data, who: _("Given to %(technician)s", technician=who),
    "job.moved": _moved,
    "job.retimed": _retimed,
    "job.locked": _locked,
    "job.withdrawn": lambda _data, who: _("Taken from %(technician)s", technician=who),
    "job.confirmed": lambda data, _who: confirmed(data.get("awaited", "")),
    "job.seen": lambda _data, who: _("Change seen by %(technician)s", technician=who),
    "ticket.handed_over": lambda _data, _who: _("Handed over"),
    "ticket.updated": lambda _data, _who: _("Handover updated"),
    "ticket.reopened": lambda _data, _who: _("Ticket reopened"),
    "ticket.returned": lambda data, _who: _("Back to the agent: %(lacked)s", lacked=data.get("lacked", "")),
}


# French joins "de" and a name that begins with a vowel ---------------------------------------------------


def _of(name: str) -> str:
    return (
        pgettext("before a vowel", "of %(name)s", name=name) if _elides(name) else _("of %(name)s", name=name)
    )


def _from(name: str) -> str:
    return (
        pgettext("before a vowel", "from %(name)s", name=name)
        if _elides(name)
        else _("from %(name)s", name=name)
    )


def _to(name: str) -> str:
    return _("to %(name)s", name=name)


def _elides(name: str) -> bool:
    return unicodedata.normalize("NFKD", name)[:1].upper() in tuple("AEIOUH")
