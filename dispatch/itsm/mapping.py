"""The editable mapping from an incident log to our work: states, kinds of work, shares. See mapping.toml."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dispatch.itsm.base import Unusable

DEFAULT = Path(__file__).with_name("mapping.toml")
STATES = ("open", "on_hold", "resolved", "closed", "cancelled")
AWAITED = ("answer", "supplier", "problem", "evidence")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: what it needs, `minutes` it takes, the shares done on site and with an admin right."""

    code: str
    label_fr: str
    label_en: str
    skill: str
    level: int
    minutes: int
    on_site: float
    right: str | None = None
    right_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Mapping:
    """What an incident of the log is for us. Nothing is drawn: the same number always gets the same answer."""

    dates: tuple[str, ...]
    phone: str
    otherwise: str
    states: ReadOnly[str, str]
    kinds: ReadOnly[str, Kind]
    categories: ReadOnly[str, str]

    def state(self, name: str | None) -> tuple[str, str | None] | None:
        """Our state and what is awaited, for a state of the log; None for one that nobody has mapped."""
        found = self.states.get(name or "")
        if found is None:
            return None
        state, _colon, awaited = found.partition(":")
        return state, awaited or None

    def kind(self, category: str | None) -> Kind:
        return self.kinds[self.categories.get(category or "", self.otherwise)]

    def reasons(self, kind: Kind, number: str) -> list[str]:
        """Why the incident was handed over: presence for the on-site share, else admin rights or time."""
        reasons = ["presence"] if _share(number, "place") < kind.on_site else []
        if kind.right is not None and _share(number, "right") < kind.right_share:
            reasons.append("admin_rights")
        return reasons or ["time"]


def read_mapping(path: Path = DEFAULT) -> Mapping:
    """The mapping of a file; raises Unusable naming what does not make sense in it."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        kinds = {code: Kind(code=code, **values) for code, values in told["kinds"].items()}
        mapping = Mapping(dates=tuple(told["dates"]), phone=told["phone"], otherwise=told["otherwise"],
                          states=told["states"], kinds=kinds, categories=told["categories"])  # fmt: skip
    except KeyError as error:
        raise Unusable(f"{path.name}: {error.args[0]} is missing") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Unusable(f"{path.name}: {error}") from error
    _check(path.name, mapping)
    return mapping


def _check(name: str, mapping: Mapping) -> None:
    for category, code in {**mapping.categories, "otherwise": mapping.otherwise}.items():
        if code not in mapping.kinds:
            raise Unusable(f"{name}: {category} names the kind {code}, which [kinds] does not have")
    for label, code in mapping.states.items():
        state, _colon, awaited = code.partition(":")
        if (
            state not in STATES
            or (state == "on_hold") != (awaited in AWAITED)
            or (awaited and state != "on_hold")
        ):
            raise Unusable(f"{name}: {label} = {code!r} is none of {', '.join(STATES)} "
                           f"(on_hold with one of {', '.join(AWAITED)}, as on_hold:answer)")  # fmt: skip
    for kind in mapping.kinds.values():
        _check_kind(name, kind)


def _check_kind(name: str, kind: Kind) -> None:
    values: dict[str, Any] = {field.name: getattr(kind, field.name) for field in fields(kind)}
    for share in ("on_site", "right_share"):
        if not 0 <= values[share] <= 1:
            raise Unusable(f"{name}: {share} of {kind.code} must lie between 0 and 1")
    if kind.minutes < 1 or kind.level < 1:
        raise Unusable(f"{name}: minutes and level of {kind.code} must be 1 or more")


def _share(number: str, what: str) -> float:
    """A number from 0 to 1 that only the incident's own number decides."""
    digest = hashlib.sha256(f"{what}:{number}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
