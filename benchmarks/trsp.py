"""Instances of the Technician Routing and Scheduling Problem as problems of ours.

Pillac, Guéret, Medaglia, "A parallel matheuristic for the technician routing and scheduling problem",
Optimization Letters 7(7), 2013: 25 technicians with skills, tools and spare parts on Solomon's maps; and days of
a field service with full matrices of travel times. In the original a technician may fetch tools and parts at the
depot on the way. Our format knows no such trip: here he has what he starts with, so some requests are impossible.
"""

from __future__ import annotations

import gzip
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dispatch.routing.problem import Job, Location, Problem, Technician

MINUTE = 60
FAMILIES = {"crew25": "*.txt", "crew25_release_times": "*.txt", "real_days": "*.txt.gz"}
HEADER = "DEPOT TECHNICIANS AND REQUESTS"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an instance: the depot (0), a technician's home, or a request. Minutes."""

    id: int
    x: float
    y: float
    opens: float
    closes: float
    service: float
    skills: tuple[int, ...]
    tools: tuple[int, ...]
    parts: tuple[int, ...]


def folder() -> Path:
    """Where the instances are: under DISPATCH_DATA, by default ../shared/data beside the repository."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("DISPATCH_DATA", default)) / "trsp"


def instances(root: Path) -> list[Path]:
    """All instances of the folder, in order; none where it is absent."""
    return [path for family, pattern in FAMILIES.items() for path in sorted((root / family).glob(pattern))]


def read(path: Path) -> Problem:
    """The problem of one instance; one with release times is read beside the instance of `crew25` it belongs to."""
    if path.parent.name != "crew25_release_times":
        return _problem(_text(path), {})
    base = path.parents[1] / "crew25" / path.name.replace("_rd_30", "")
    return _problem(_text(base), _releases(_text(path)))


def _text(path: Path) -> list[str]:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode().splitlines()
    return path.read_text().splitlines()


def _releases(lines: list[str]) -> dict[int, int]:
    """When each request becomes known, in seconds; -1 in the file is from the start."""
    table = (line.split() for line in lines[lines.index("ID    RD") + 1 :] if line.strip())
    return {int(number): round(float(minute) * MINUTE) for number, minute in table if float(minute) >= 0}


def _problem(lines: list[str], releases: dict[int, int]) -> Problem:
    crew = int(lines[4].split()[0])
    rows = [_row(line) for line in _section(lines, HEADER)[1:]]
    travel = _matrix(lines, len(rows)) if "TRAVEL TIMES" in lines else _straight(rows)
    return Problem(
        locations=tuple(Location(str(row.id)) for row in rows),
        technicians=tuple(_technician(row) for row in rows[1 : crew + 1]),
        jobs=tuple(_job(row, releases.get(row.id)) for row in rows[crew + 1 :]),
        travel={"van": travel},
    )


def _section(lines: list[str], title: str) -> list[str]:
    """The lines after a title, up to the next title or the end."""
    body = lines[lines.index(title) + 1 :]
    return [line for line in _until_title(body) if line.strip()]


def _until_title(lines: list[str]) -> Iterable[str]:
    for line in lines:
        if re.fullmatch(r"[A-Z][A-Z ]+", line.strip()):
            return
        yield line


def _row(line: str) -> Row:
    numbers = [float(field) for field in line[: line.index("[")].split()]
    skills, tools, parts = (
        tuple(int(item) for item in group.split(",") if item.strip())
        for group in re.findall(r"\[(.*?)\]", line)
    )
    return Row(int(numbers[0]), *numbers[1:6], skills, tools, parts)


def _technician(row: Row) -> Technician:
    return Technician(
        id=f"T{row.id}",
        shift=(_seconds(row.opens), _seconds(row.closes)),
        start=row.id,
        end=row.id,
        skills={f"skill{number}": 1 for number in row.skills},
        tools=frozenset(f"tool{number}" for number in row.tools),
        parts={f"part{number}": count for number, count in enumerate(row.parts) if count},
    )


def _job(row: Row, release: int | None) -> Job:
    return Job(
        id=f"R{row.id}",
        location=row.id,
        duration=_seconds(row.service),
        windows=((_seconds(row.opens), _seconds(row.closes)),),
        release=release,
        skills={f"skill{number}": 1 for number in row.skills},
        tools=frozenset(f"tool{number}" for number in row.tools),
        parts={f"part{number}": count for number, count in enumerate(row.parts) if count},
    )


def _seconds(minutes: float) -> int:
    return round(minutes * MINUTE)


def _straight(rows: list[Row]) -> list[list[int]]:
    return [[math.ceil(MINUTE * math.dist((a.x, a.y), (b.x, b.y))) for b in rows] for a in rows]


def _matrix(lines: list[str], size: int) -> list[list[int]]:
    """Minutes between nodes: one line per node, its id first. (The files pad the lines with zeros.)"""
    rows = [line.split(";")[1 : size + 1] for line in _section(lines, "TRAVEL TIMES")[:size]]
    return [[math.ceil(MINUTE * float(cell)) for cell in row] for row in rows]
