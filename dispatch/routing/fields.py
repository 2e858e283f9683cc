"""Reading JSON strictly: each reader takes a value and the place it stands at, and refuses by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any, TypeVar

from dispatch.routing.problem import ProblemError, Window

T = TypeVar("T")
Read = Callable[[Any, str], Any]


def given_fields(data: Any, where: str, known: Set[str]) -> dict[str, Any]:
    """The fields that are given; null means not given."""
    fields = mapping(data, where)
    unknown = sorted(str(name) for name in fields.keys() - known)
    if unknown:
        raise ProblemError(
            f"{where}: unknown field {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    return {name: value for name, value in fields.items() if value is not None}


def an_object(
    kind: Callable[..., T], table: Mapping[str, tuple[str, Read]], *required: str
) -> Callable[[Any, str], T]:
    """A reader of one object: `table` says for each field the attribute and how it is read."""

    def read(data: Any, where: str) -> T:
        fields = given_fields(data, where, table.keys())
        for name in required:
            if name not in fields:
                raise ProblemError(f"{where}: {name} is missing")
        try:
            return kind(
                **{table[name][0]: table[name][1](value, f"{where}.{name}") for name, value in fields.items()}
            )
        except ProblemError as error:
            raise error if str(error).startswith(where) else ProblemError(f"{where}: {error}") from error

    return read


def each(read: Callable[[Any, str], T], data: Any, where: str) -> tuple[T, ...]:
    if not isinstance(data, list | tuple):
        raise ProblemError(f"{where}: must be a list")
    return tuple(read(entry, f"{where}[{n}]") for n, entry in enumerate(data))


def mapping(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ProblemError(f"{where}: must be an object with named fields")
    return data


def text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ProblemError(f"{where}: must be a text that is not empty")
    return value


def whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ProblemError(f"{where}: must be a whole number")
    return int(value)


def yes_or_no(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ProblemError(f"{where}: must be true or false")
    return value


def degrees(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -180 <= value <= 180:
        raise ProblemError(f"{where}: must be a number of degrees")
    return float(value)


def window(value: Any, where: str) -> Window:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ProblemError(f"{where}: must be a pair [from, to] in seconds")
    return whole(value[0], where), whole(value[1], where)


def windows(value: Any, where: str) -> tuple[Window, ...]:
    return each(window, value, where)


def names(value: Any, where: str) -> frozenset[str]:
    return frozenset(each(text, value, where))


def counts(value: Any, where: str) -> dict[str, int]:
    return {name: whole(count, f"{where}.{name}") for name, count in mapping(value, where).items()}


def same_named(*names: str, read: Read) -> dict[str, tuple[str, Read]]:
    return {name: (name, read) for name in names}
