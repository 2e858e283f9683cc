"""The words for codes, and for days and times, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.dates import day_in_words
from dispatch.extensions import db
from dispatch.labels import skill_label
from dispatch.models.client import AdminRight, Client, Equipment, Skill
from dispatch.models.place import Site
from dispatch.web import local_time

Values = Mapping[str, Any]
Reason = Mapping[str, Any]


@dataclass(frozen=True)
class Vocabulary:
    """The words for codes, in the reader's language, and the zone that times are told in; None: read when the first is asked for."""

    zone: str
    known: Mapping[str, str] | None = None

    @classmethod
    def load(cls, zone: str) -> Vocabulary:
        """The names of skills, equipment, rights and sites: four queries, whatever their number, and none if none is told."""
        return cls(zone)

    @cached_property
    def words(self) -> Mapping[str, str]:
        return _read() if self.known is None else self.known

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


def _read() -> dict[str, str]:
    words = {f"skill:{row.code}": skill_label(row) for row in db.session.scalars(select(Skill))}
    words |= {f"equipment:{row.code}": skill_label(row) for row in db.session.scalars(select(Equipment))}
    rights = select(Client.code, AdminRight.code, AdminRight.label).join(AdminRight.client)
    words |= {f"right:{client}:{code}": text for client, code, text in db.session.execute(rights)}
    return words | {f"place:site:{key}": text for key, text in db.session.execute(select(Site.id, Site.name))}


def listed(days: Sequence[date]) -> str:
    """lundi 23 et mardi 24: days near enough that the month goes without saying."""
    return enumerated([day_in_words(day, "EEEE d") for day in days])


def enumerated(names: Sequence[str]) -> str:
    """Zoé, Tariq et Julien."""
    return format_list(names, locale=str(get_locale() or "fr"))


def on(text: str, days: Sequence[date]) -> str:
    return _("%(what)s on %(days)s", what=text, days=listed(days)) if days else text


def dated_text(text: str, days: Sequence[date]) -> str:
    return _("%(days)s: %(what)s", what=text, days=listed(days)) if days else text
