"""What every reader of outside data shares: records as we understand them, and rows that cannot be used."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple, cast
from zoneinfo import ZoneInfo

from dispatch.sla.calendar import local_instant

LONGEST_FIELD = 20_000
KEPT_OF_A_BAD_ROW = 2_000
MISSING = frozenset(("", "?", "null", "NULL", "None"))
ROWS_BETWEEN_BEATS = 1_000
YEARS = range(1990, 2100)

Heard = Callable[[float], None]


class Unusable(ValueError):
    """The file as a whole cannot be imported; the message says what to change."""


class BadValue(ValueError):
    """One row cannot be used; the message is the reason that goes into the quarantine file."""


class BadRow(NamedTuple):
    """A row in quarantine: its first line in the file, why it was refused, and the beginning of its text."""

    line: int
    reason: str
    raw: str


class Row(NamedTuple):
    """One row of a table: its first line in the file, its values by column, and its text as it stands."""

    line: int
    values: dict[str, str | None]
    raw: str

    def refused(self, reason: object) -> BadRow:
        return BadRow(self.line, str(reason), _beginning(self.raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The last known state of one record of a client's ITSM tool. Instants are UTC; None is not known."""

    number: str
    state: str
    awaited: str | None = None
    opened_at: datetime
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    category: str | None = None
    location: str | None = None
    caller: str | None = None
    impact: int | None = None
    urgency: int | None = None
    summary: str = ""
    description: str = ""


@dataclass(slots=True)
class Table:
    """A CSV file (also `.gz`) with a header, read row by row; what is unreadable goes to `bad`.

    Values of MISSING become None. A row with a NUL, with bytes that are no UTF-8 (a lone surrogate among
    them), with a field over 20,000 characters or with more or fewer fields than the header is refused by
    itself: the rows around it are read, also those that a quote never closed would have swallowed. `heard` is told the share of the file that was read.
    Raises Unusable when there is no header or the file cannot be opened.
    """

    path: Path
    heard: Heard = lambda _share: None
    bad: list[BadRow] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows_read: int = 0

    def __iter__(self) -> Iterator[Row]:
        try:
            with self.path.open("rb") as raw, _text(self.path, raw) as text:
                yield from self._rows(raw, text)
        except (OSError, EOFError) as error:
            raise Unusable(f"{self.path} cannot be read to its end: {error}") from error
        self.heard(1.0)

    def _rows(self, raw: IO[bytes], text: IO[str]) -> Iterator[Row]:
        size = max(1, self.path.stat().st_size)
        lines = _Lines(text)
        reader = csv.reader(lines)
        self.columns = _header(self.path, reader)
        while True:
            lines.taken.clear()
            line, cells, reason = lines.number + 1, None, None
            try:
                cells = next(reader, None)
            except csv.Error as error:
                reason = f"not readable as CSV: {error}"
            if cells is None and reason is None:
                return
            self.rows_read += cells != []
            reason = reason or (_unreadable(cells, self.columns) if cells else None)
            if reason is not None:
                lines.give_back()
                self.bad.append(BadRow(line, reason, _beginning(lines.raw)))
            elif cells:
                yield Row(line, dict(zip(self.columns, map(_value, cells), strict=True)), lines.raw)
            if self.rows_read % ROWS_BETWEEN_BEATS == 0:
                self.heard(raw.tell() / size)


def instant(text: str, zone: str, formats: Sequence[str]) -> datetime:
    """A wall time of `zone` as a UTC instant; raises BadValue.

    A time that does not exist moves forward by the length of the gap, one that occurs twice is its first
    occurrence (see sla/calendar.py).
    """
    for pattern in formats:
        try:
            wall = datetime.strptime(text, pattern).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            continue
        if wall.year in YEARS:
            exact = local_instant(wall.date(), wall.hour * 60 + wall.minute, zone)
            return exact.replace(second=wall.second)
    raise BadValue(f"{text[:40]!r} is no date and time of the form {' or '.join(formats)}")


def write_quarantine(path: Path, bad: Sequence[BadRow]) -> None:
    """The rows that were refused, as CSV: line, reason, raw."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        writer = csv.writer(file)
        writer.writerow(BadRow._fields)
        writer.writerows(sorted(bad))


def needs_columns(table: Table, wanted: Mapping[str, object]) -> None:
    """Raise Unusable when the header lacks one of these."""
    lacking = [name for name in wanted if name not in table.columns]
    if lacking:
        raise Unusable(f"{table.path.name}: the header has no column {', '.join(lacking)}")


class _Lines:
    """The lines of a file, remembering those that the present row was made of."""

    def __init__(self, text: IO[str]) -> None:
        self.text, self.number = text, 0
        self.taken: list[str] = []
        self.given_back: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.given_back.pop() if self.given_back else next(self.text)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """Let all lines but the first be read again: a quote that was never closed has swallowed good rows."""
        rest = self.taken[1:]
        self.given_back += reversed(rest)
        self.number -= len(rest)
        del self.taken[1:]

    @property
    def raw(self) -> str:
        return "".join(self.taken).rstrip("\r\n")


def _text(path: Path, raw: IO[bytes]) -> io.TextIOWrapper:
    """Bytes that are no UTF-8 become lone surrogates, which are refused with their row."""
    plain = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
    return io.TextIOWrapper(
        cast("IO[bytes]", plain), encoding="utf-8-sig", errors="surrogateescape", newline=""
    )


def _header(path: Path, reader: Iterator[list[str]]) -> list[str]:
    columns = [name.strip() for name in next(reader, [])]
    if not columns or len(set(columns)) < len(columns):
        raise Unusable(f"{path.name}: the first line must name each column once")
    return columns


def _value(cell: str) -> str | None:
    text = cell.strip()
    return None if text in MISSING else text


def _unreadable(cells: list[str], columns: list[str]) -> str | None:
    if len(cells) != len(columns):
        return f"{len(cells)} fields where the header names {len(columns)}"
    for name, cell in zip(columns, cells, strict=True):
        if len(cell) > LONGEST_FIELD:
            return f"{name} has {len(cell)} characters, more than {LONGEST_FIELD}"
        if "\0" in cell:
            return f"{name} holds a NUL character"
        if not cell.isascii() and any(0xD800 <= ord(char) <= 0xDFFF for char in cell):
            return f"{name} holds bytes that are no UTF-8 text (a lone surrogate or another encoding)"
    return None


def _beginning(raw: str) -> str:
    if len(raw) <= KEPT_OF_A_BAD_ROW:
        return raw
    return f"{raw[:KEPT_OF_A_BAD_ROW]}… ({len(raw)} characters)"
