"""Names after a preposition: French joins "de" and a name that begins with a vowel."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext as _
from flask_babel import pgettext


def of_name(name: str) -> str:
    return (
        pgettext("before a vowel", "of %(name)s", name=name) if _elides(name) else _("of %(name)s", name=name)
    )


def from_name(name: str) -> str:
    return (
        pgettext("before a vowel", "from %(name)s", name=name)
        if _elides(name)
        else _("from %(name)s", name=name)
    )


def to_name(name: str) -> str:
    return _("to %(name)s", name=name)


def _elides(name: str) -> bool:
    return unicodedata.normalize("NFKD", name)[:1].upper() in tuple("AEIOUH")
