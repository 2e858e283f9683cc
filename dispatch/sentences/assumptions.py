"""What a what-if assumes, one line each."""

from __future__ import annotations

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from dispatch.sentences.vocabulary import Reason, Vocabulary
from dispatch.web import minutes


def assumption(item: Reason, vocabulary: Vocabulary) -> str:
    """ "Absent: Julien Perrot, from 08:00 to 17:00"; `item` as planning.assuming keeps it."""
    if item["kind"] == "absent":
        return _("Absent: %(name)s, from %(begin)s to %(end)s", name=item["name"], **_span(item, vocabulary))
    if item["kind"] == "kiosk_closed":
        return _(
            "Closed: %(name)s, from %(begin)s on", name=item["name"], begin=vocabulary.time(item["from"])
        )
    if item["kind"] == "longer":
        return _("%(number)s takes %(time)s", number=item["number"], time=minutes(item["minutes"]))
    label = item["label"]["en" if str(get_locale()) == "en" else "fr"]
    return ngettext("%(num)d job more: %(what)s, %(place)s, P%(priority)d",
                    "%(num)d jobs more: %(what)s, %(place)s, P%(priority)d", item["count"],
                    what=label, place=item["place"], priority=item["priority"])  # fmt: skip


def made_real(item: Reason) -> str:
    """What accepting writes for it, beside the plan."""
    if item["kind"] == "absent":
        return _("the absence is entered")
    if item["kind"] == "kiosk_closed":
        return _("the kiosk duty ends then")
    if item["kind"] == "longer":
        return _("the job has this duration")
    return ngettext("%(num)d ticket is opened, due from now on", "%(num)d tickets are opened, due from now on",
                    item["count"])  # fmt: skip


def _span(item: Reason, vocabulary: Vocabulary) -> dict[str, str]:
    """With their days where these differ, unless it only lasts until midnight."""
    begin, end = vocabulary.day(item["from"]), vocabulary.day(item["to"])
    last = vocabulary.time(item["to"])
    if begin == end or ((end - begin).days == 1 and last == "00:00"):
        return {"begin": vocabulary.time(item["from"]), "end": "24:00" if begin != end else last}
    return {"begin": vocabulary.moment(item["from"]), "end": vocabulary.moment(item["to"])}
