"""Lists in pages: an opaque cursor says after which row the next page begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask_babel import gettext as _
from marshmallow import fields

from dispatch.api.fields import Line, Whole
from dispatch.api.problems import Invalid
from dispatch.api.shapes import Shape

Row = TypeVar("Row")
PAGE, LARGEST_PAGE = 50, 200


class Page(Shape):
    """The filters that every list takes."""

    limit = Whole(1, LARGEST_PAGE, in_query=True, load_default=PAGE)
    cursor = Line(2000, metadata={"description": "`next` of the page before"})


def page_of(item: type[Shape]) -> type[Shape]:
    """The schema of a list of items."""
    name = item.__name__.removesuffix("Shape")
    members = {
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(
            allow_none=True, metadata={"description": "cursor of the next page; null at the end"}
        ),
    }
    return type(f"{name}List", (Shape,), members)


def cut(rows: Sequence[Row], limit: int, key: Callable[[Row], list[Any]]) -> tuple[Sequence[Row], str | None]:
    """The page out of `limit` + 1 rows, and the cursor of the next one if there are more."""
    if len(rows) <= limit:
        return rows, None
    page = rows[:limit]
    return page, base64.urlsafe_b64encode(json.dumps(key(page[-1])).encode()).decode()


def position(cursor: str, *kinds: Callable[[Any], Any]) -> list[Any]:
    """Where a page begins: the last key of the page before, each part read by one of `kinds`."""
    try:
        parts = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        return [kind(part) for kind, part in zip(kinds, parts, strict=True)]
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise Invalid(
            {"cursor": _("This cursor was not given by a page before. Begin again without it.")}
        ) from None


def row_id(part: Any) -> int:
    if not isinstance(part, int) or not 0 <= part < 2**31:
        raise ValueError("not an id")
    return part
