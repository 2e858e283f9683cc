"""Fields that let in only what the database can keep, with messages in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import marshmallow as ma
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields
from webargs.fields import DelimitedList

FIRST_YEAR, LAST_YEAR = 2000, 2100
LARGEST = 2**31 - 1
# what marshmallow says of itself; dispatch/errors.py translates each message as it answers
MARSHMALLOW_SAYS = (
    lazy_gettext("Missing data for required field."), lazy_gettext("Field may not be null."),
    lazy_gettext("Unknown field."), lazy_gettext("Invalid input type."), lazy_gettext("Invalid type."),
    lazy_gettext("Not a valid string."), lazy_gettext("Not a valid integer."), lazy_gettext("Not a valid date."),
    lazy_gettext("Not a valid datetime."), lazy_gettext("Not a valid aware datetime."),
    lazy_gettext("Not a valid list."), lazy_gettext("Not a valid delimited list."),
    lazy_gettext("Not a valid mapping type."),
)  # fmt: skip


class Text(fields.String):
    """A text without the characters that no database keeps."""

    def __init__(self, longest: int = 20_000, **options: Any) -> None:
        super().__init__(**_described(options, maxLength=longest))
        self.longest = longest
        self.validators = [self._check]

    def _check(self, value: str) -> None:
        if len(value) > self.longest:
            raise ma.ValidationError(_("This has more than %(count)s characters.", count=self.longest))
        if any(char == "\0" or 0xD800 <= ord(char) <= 0xDFFF for char in value):
            raise ma.ValidationError(_("This contains characters that cannot be stored."))


class Line(Text):
    """A text of one line."""

    def __init__(self, longest: int = 200, **options: Any) -> None:
        super().__init__(longest, **options)

    def _check(self, value: str) -> None:
        super()._check(value)
        if any(ord(char) < 32 or ord(char) == 127 for char in value):
            raise ma.ValidationError(_("This must be a single line without control characters."))


class Label(Line):
    """A short text that some write as a number: a floor, a desk."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_none=True, **_described(options, type=["string", "integer"]))

    def _deserialize(self, value: Any, *arguments: Any, **more: Any) -> Any:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return super()._deserialize(str(value) if is_number else value, *arguments, **more)


class Whole(fields.Integer):
    """A whole number within bounds; true is not 1, and "3" is not 3 (except in a query)."""

    def __init__(self, low: int = 1, high: int = LARGEST, *, in_query: bool = False, **options: Any) -> None:
        super().__init__(strict=not in_query, **_described(options, minimum=low, maximum=high))
        self.low, self.high = low, high
        self.validators = [self._check]

    def _deserialize(self, value: Any, *arguments: Any, **more: Any) -> Any:
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, *arguments, **more)

    def _check(self, value: int) -> None:
        if not self.low <= value <= self.high:
            raise ma.ValidationError(
                _("This must be from %(low)s to %(high)s.", low=self.low, high=self.high)
            )


class Instant(fields.AwareDateTime):
    """RFC 3339 with an offset."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)
        self.validators = [_check_year]


class Day(fields.Date):
    """An ISO date."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)
        self.validators = [_check_year]


def _check_year(value: date | datetime) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ma.ValidationError(
            _("The year must be from %(low)s to %(high)s.", low=FIRST_YEAR, high=LAST_YEAR)
        )


class Window(fields.List):
    """[from, to]."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Instant(), **_described(options, minItems=2, maxItems=2))
        self.validators = [self._check]

    def _check(self, value: Sequence[datetime]) -> None:
        if len(value) != 2 or value[0] >= value[1]:
            raise ma.ValidationError(_("This must be two instants, the first before the second."))


class Choice(fields.String):
    """One code of a list."""

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        nothing = [None] if options.get("allow_none") else []
        super().__init__(**_described(options, enum=[*codes, *nothing]))
        self.codes = tuple(codes)
        self.validators = [self._check]

    def _check(self, value: str) -> None:
        if value not in self.codes:
            raise ma.ValidationError(_("This must be one of: %(codes)s.", codes=", ".join(self.codes)))


class Reference(fields.Field):
    """Another object: its code, its id, or the object as the API shows it (`id` or `code` is read)."""

    def __init__(self, **options: Any) -> None:
        told = {
            "type": ["string", "integer", "object"],
            "maxLength": 200,
            "minimum": 0,
            "maximum": LARGEST,
            "description": self.__doc__,
        }
        super().__init__(**_described(options, **told))

    def _deserialize(self, value: Any, *arguments: Any, **more: Any) -> str | int:
        if isinstance(value, dict):
            value = value.get("id", value.get("code"))
        if isinstance(value, int) and not isinstance(value, bool):
            if 0 <= value <= LARGEST:
                return value
        elif isinstance(value, str):
            text: str = Line().deserialize(value)
            return text
        raise ma.ValidationError(_("This must be a code or an id."))


def choices(codes: Sequence[str]) -> DelimitedList:
    """Several codes, joined by commas, in a query."""
    return DelimitedList(Choice(codes))


def _described(options: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The options of a field, with more said in its description."""
    return {**options, "metadata": {**more, **options.get("metadata", {})}}
