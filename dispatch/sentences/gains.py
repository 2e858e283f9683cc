"""Who gains or loses by a proposal, and which promised times it moves: a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from math import ceil

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.sentences.vocabulary import Reason, Vocabulary, listed
from dispatch.web import minutes


def gain(item: Reason, vocabulary: Vocabulary, dated: bool = False) -> str:
    """One technician: "Zoé: 1 job more, 12 min more travel, ends at 16:40 instead of 16:05"; `dated` with the day."""
    who = item["technician"]
    if dated:
        who = _("%(name)s, %(day)s", name=who, day=listed([date.fromisoformat(item["day"])]))
    parts = _changed(item, vocabulary) if item["holds"] else _lost(item, vocabulary)
    told = ", ".join(parts) or _("just as much, at other times")
    return _("%(who)s: %(what)s", who=who, what=told)


def promise(item: Reason, vocabulary: Vocabulary, dated: bool = False) -> str:
    """One job: "INT-1207: promised between 14:00 and 15:00, would start at 15:20, 20 min too late"."""
    days = {vocabulary.day(instant) for instant in (*item["window"], *item["start"]) if instant}
    clock = vocabulary.moment if dated or len(days) > 1 else vocabulary.time
    begin, end = clock(item["window"][0]), _until(item["window"], vocabulary)
    before, after = (clock(start) if start else None for start in item["start"])
    told = _("would be left without a technician")
    if after is not None:
        told = f"{_starts(before, after, clock == vocabulary.moment)}, {off_promise(item['outside'][1])}"
    return _("%(number)s: promised between %(begin)s and %(end)s, %(what)s",
             number=item["number"], begin=begin, end=end, what=told)  # fmt: skip


def _starts(before: str | None, after: str, with_day: bool) -> str:
    if with_day and before:
        return _("would start on %(new)s instead of %(old)s", new=after, old=before)
    if with_day:
        return _("would start on %(time)s", time=after)
    if before:
        return _("would start at %(new)s instead of %(old)s", new=after, old=before)
    return _("would start at %(time)s", time=after)


def _until(window: Sequence[str], vocabulary: Vocabulary) -> str:
    """The end of a window, with its day where that is another."""
    begin, end = map(vocabulary.day, window)
    return vocabulary.time(window[1]) if begin == end else vocabulary.moment(window[1])


def off_promise(seconds: int) -> str:
    """In minutes that agree with the start as it is shown, without its seconds; never told as nothing."""
    if seconds > 0:
        return _("%(time)s too late", time=minutes(max(1, seconds // 60)))
    return _("%(time)s too early", time=minutes(ceil(-seconds / 60))) if seconds else _("as promised")


def _lost(item: Reason, vocabulary: Vocabulary) -> Iterator[str]:
    yield _("the times of the live plan can no longer be kept")
    if item["lost"]:
        yield ngettext("%(num)d job too many", "%(num)d jobs too many", item["lost"])
    if item["end"][1]:
        yield _("with the proposal the day ends at %(time)s", time=vocabulary.time(item["end"][1]))


def _changed(item: Reason, vocabulary: Vocabulary) -> Iterator[str]:
    yield from _jobs(item["came"], item["gone"])
    for name in ("work", "travel", "overtime", "lateness"):
        if abs(item[name]) >= 60:
            yield _length(name, item[name])
    yield from _end(*map(vocabulary.time, item["end"]))


def _jobs(came: int, gone: int) -> Iterator[str]:
    if came and gone:
        yield ngettext("%(num)d new job", "%(num)d new jobs", came)
        yield ngettext("%(num)d job given up", "%(num)d jobs given up", gone)
    elif came:
        yield ngettext("%(num)d job more", "%(num)d jobs more", came)
    elif gone:
        yield ngettext("%(num)d job less", "%(num)d jobs fewer", gone)


def _length(name: str, seconds: int) -> str:
    time = minutes(abs(seconds) / 60)
    if seconds > 0:
        more = {
            "travel": _("%(time)s more travel", time=time), "work": _("%(time)s more work", time=time),
            "lateness": _("%(time)s more lateness", time=time), "overtime": _("%(time)s more overtime", time=time),
        }  # fmt: skip
        return more[name]
    less = {
        "travel": _("%(time)s less travel", time=time), "work": _("%(time)s less work", time=time),
        "lateness": _("%(time)s less lateness", time=time), "overtime": _("%(time)s less overtime", time=time),
    }  # fmt: skip
    return less[name]


def _end(before: str, after: str) -> Iterator[str]:
    """`–` stands for a day on which nothing is left to do."""
    if before == after:
        return
    if after == "–":
        yield _("nothing left to do")
    elif before == "–":
        yield _("ends at %(time)s", time=after)
    else:
        yield _("ends at %(new)s instead of %(old)s", new=after, old=before)
