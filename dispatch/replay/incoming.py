"""What a phone sends, read and checked: an envelope that breaks the protocol is refused whole, before anything is kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# what pages and server say to each other; a new number makes pages of an older one reload before they send
PROTOCOL = 3
MOST_ACTIONS = 100
MOST_BYTES = 256 * 1024
KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")
_KIND = re.compile(r"[a-z_]{1,40}")
_NUMBER = re.compile(r"INT-[0-9]{1,12}")
# what no text can hold: NUL (PostgreSQL) and halves of a surrogate pair (UTF-8)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INT32 = 2**31 - 1


class Unreadable(Exception):
    """The envelope breaks the protocol; `errors` tells per field what."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Incoming:
    """One action as the phone says it. What is not understood of it is kept all the same, and reviewed."""

    key: str
    seq: int
    at: datetime | None
    number: str | None
    kind: str
    based_on: int | None
    body: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        """What the action means: the same key with another meaning is another action."""
        meant = json.dumps([self.number, self.kind, self.body], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(meant.encode()).hexdigest()

    @property
    def size(self) -> int:
        return len(json.dumps(self.body))


@dataclass(frozen=True, slots=True)
class Envelope:
    device: str
    sent_at: datetime
    # in the order in which they were done
    actions: list[Incoming]
    # its owner is there and can sign in again: nothing is to be held meanwhile
    only_signed_in: bool = False


def read(raw: bytes) -> Envelope:
    """Raises Unreadable."""
    try:
        data = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unreadable({"": "not JSON"}) from None
    if not isinstance(data, dict):
        raise Unreadable({"": "not an object"})
    errors: dict[str, str] = {}
    device, sent_at, actions = data.get("device"), instant(data.get("sent_at")), data.get("actions")
    if not isinstance(device, str):
        errors["device"] = "a text"
    if sent_at is None:
        errors["sent_at"] = "an instant with its offset"
    if not isinstance(actions, list) or len(actions) > MOST_ACTIONS:
        errors["actions"] = f"a list of at most {MOST_ACTIONS}"
    if errors or not isinstance(device, str) or sent_at is None or not isinstance(actions, list):
        raise Unreadable(errors)
    ordered = sorted(_all(actions), key=lambda action: action.seq)
    return Envelope(device, sent_at, ordered, data.get("only_signed_in") is True)


def instant(said: Any) -> datetime | None:
    """An RFC 3339 instant, or nothing: no zone, no such date, or none that UTC could hold."""
    try:
        moment = datetime.fromisoformat(said)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def _all(actions: list[Any]) -> list[Incoming]:
    errors: dict[str, str] = {}
    found = []
    for place, said in enumerate(actions):
        if not isinstance(said, dict):
            errors[f"actions.{place}"] = "an object"
            continue
        if not (isinstance(said.get("key"), str) and KEY.fullmatch(said["key"])):
            errors[f"actions.{place}.key"] = "8 to 100 of A-Z a-z 0-9 _ -"
        if not _is_count(said.get("seq")) or said["seq"] < 1:
            errors[f"actions.{place}.seq"] = "a whole number from 1"
        if not errors:
            found.append(_one(said))
    if errors:
        raise Unreadable(errors)
    return found


def _one(said: Mapping[str, Any]) -> Incoming:
    body, kind, number, based_on = said.get("body"), said.get("kind"), said.get("job"), said.get("based_on")
    return Incoming(
        key=said["key"],
        seq=said["seq"],
        at=instant(said.get("at")),
        number=number if isinstance(number, str) and _NUMBER.fullmatch(number) else None,
        kind=kind if isinstance(kind, str) and _KIND.fullmatch(kind) else "unknown",
        based_on=based_on if _is_count(based_on) else None,
        body=_storable(body if isinstance(body, dict) else {"said": body}),
    )


def _is_count(said: Any) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= _INT32


def _storable(value: Any) -> Any:
    """The same with U+FFFD for what no database keeps."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(part) for part in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(part) for name, part in value.items()}
    return value


def _no_number(_constant: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")
