"""A small town made of nothing, as an OpenStreetMap extract (.osm.pbf) that Valhalla's tile builder reads.

The format is a sequence of blobs in protobuf's wire format: https://wiki.openstreetmap.org/wiki/PBF_Format
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians
from pathlib import Path

VARINT, BYTES = 0, 2
METRES_PER_DEGREE = 111_195.0
NANODEGREES = 10**7  # a unit of the format is a hundred of them


@dataclass(frozen=True)
class Way:
    """A street along these nodes."""

    id: int
    nodes: Sequence[int]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Grid:
    """`size` x `size` crossings, `metres` apart, numbered from `first`; row 0 is the southernmost."""

    latitude: float
    longitude: float
    first: int
    size: int = 8
    metres: float = 200.0

    def node(self, row: int, column: int) -> int:
        return self.first + row * self.size + column

    def place(self, row: float, column: float) -> tuple[float, float]:
        """(latitude, longitude), also between two crossings."""
        east = METRES_PER_DEGREE * cos(radians(self.latitude))
        return (
            self.latitude + row * self.metres / METRES_PER_DEGREE,
            self.longitude + column * self.metres / east,
        )

    @property
    def crossings(self) -> dict[int, tuple[float, float]]:
        every = range(self.size)
        return {self.node(row, column): self.place(row, column) for row in every for column in every}

    def streets(self, tags: Mapping[str, str]) -> list[Way]:
        """One way per row and per column."""
        every = range(self.size)
        rows = [[self.node(row, column) for column in every] for row in every]
        lines = [*rows, *([row[column] for row in rows] for column in every)]
        return [Way(self.first + number, line, tags) for number, line in enumerate(lines)]


def write(path: Path, nodes: Mapping[int, tuple[float, float]], ways: Iterable[Way]) -> None:
    """Write nodes (latitude, longitude by id) and ways as one .osm.pbf."""
    streets = sorted(ways, key=lambda way: way.id)
    words = ["", *sorted({word for way in streets for pair in way.tags.items() for word in pair})]
    index = {word: number for number, word in enumerate(words)}
    strings = b"".join(_field(1, word.encode()) for word in words)
    group = b"".join(_field(1, _node(node, *place)) for node, place in sorted(nodes.items()))
    lines = b"".join(_field(3, _way(way, index)) for way in streets)
    block = _field(1, strings) + _field(2, group) + _field(2, lines)
    path.write_bytes(_blob("OSMHeader", _field(4, b"OsmSchema-V0.6")) + _blob("OSMData", block))


def _node(node: int, latitude: float, longitude: float) -> bytes:
    return _number(1, _zigzag(node)) + b"".join(
        _number(field, _zigzag(round(degrees * NANODEGREES)))
        for field, degrees in ((8, latitude), (9, longitude))
    )


def _way(way: Way, index: Mapping[str, int]) -> bytes:
    steps = [way.nodes[0], *(after - before for before, after in pairwise(way.nodes))]
    keys, values = ([index[word] for word in words] for words in (way.tags.keys(), way.tags.values()))
    return (
        _number(1, way.id)
        + _packed(2, keys)
        + _packed(3, values)
        + _packed(8, [_zigzag(step) for step in steps])
    )


def _blob(kind: str, data: bytes) -> bytes:
    blob = _field(1, data) + _number(2, len(data))
    header = _field(1, kind.encode()) + _number(3, len(blob))
    return len(header).to_bytes(4, "big") + header + blob


def _packed(field: int, numbers: Iterable[int]) -> bytes:
    return _field(field, b"".join(_varint(number) for number in numbers))


def _field(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | BYTES) + _varint(len(data)) + data


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3 | VARINT) + _varint(number)


def _zigzag(number: int) -> int:
    return number * 2 if number >= 0 else -number * 2 - 1


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
