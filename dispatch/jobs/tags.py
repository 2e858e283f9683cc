"""Tags that come again and again in what a phone carries are carried once, and stand as numbers: `<12>`.

Typed text is escaped and cannot hold one. The phone puts them back (static/js/phone/unfold.js).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

_TAG = re.compile(r"<[^<>]+>")
_SHORT = 12


def numbered(told: Any) -> tuple[Any, list[str]]:
    """The same with numbers for the tags that occur more than twice, and the tags by their number."""
    counts = Counter(tag for text in _texts(told) for tag in _TAG.findall(text))
    often = [tag for tag, count in counts.most_common() if count > 2 and len(tag) > _SHORT]
    numbers = {tag: f"<{number}>" for number, tag in enumerate(often)}

    def shortened(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shortened(one) for key, one in value.items()}
        if isinstance(value, list):
            return [shortened(one) for one in value]
        if isinstance(value, str) and "<" in value:
            return _TAG.sub(lambda found: numbers.get(found[0], found[0]), value)
        return value

    return shortened(told), often


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for value in told.values():
            yield from _texts(value)
    elif isinstance(told, list):
        for value in told:
            yield from _texts(value)
