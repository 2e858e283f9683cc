"""Days in words: the one place where they are written, since French has a first of the month: lundi 1er décembre."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from flask_babel import get_locale


def day_in_words(day: date, pattern: str) -> str:
    """The day in the reader's language after a pattern of Babel: EEEE d MMMM."""
    locale = str(get_locale() or "fr")
    return format_date(day, _first(pattern, day, locale), locale=locale)


def moment_in_words(local: datetime, pattern: str) -> str:
    """The same with a time, on the clock of its own zone."""
    locale = str(get_locale() or "fr")
    return format_datetime(local, _first(pattern, local, locale), tzinfo=local.tzinfo, locale=locale)


def _first(pattern: str, day: date, locale: str) -> str:
    return pattern.replace("d", "d'er'") if locale.startswith("fr") and day.day == 1 else pattern
