"""What a completion says of the work, read from the texts of a form or a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dispatch.models.job import Job
from dispatch.models.report import CAUSES, MOST_MINUTES, MOST_OF_A_PART, UNSIGNED, needs_of, parts_offered
from dispatch.models.transitions import Incomplete
from dispatch.replay.details import note_of

LONGEST_LINE = 200
FIELDS = ("cause", "worked", "signer", "unsigned", "unsigned_why")
# followed by the code of a part, or of a question of the checklist
MANY = ("part-", "check-")


def said_of(said: Mapping[str, str], job: Job) -> dict[str, Any]:
    """The fields of the report that were said; raises Incomplete with one that cannot be read."""
    found: dict[str, Any] = {
        "resolution": note_of(said), "cause": _cause(said), "minutes": _minutes(said), "parts": _parts(said, job),
        "checks": _checks(said, job), **_signed(said),
    }  # fmt: skip
    return {field: value for field, value in found.items() if value not in (None, {})}


def meant(said: Mapping[str, str]) -> list[str]:
    """What of a form makes the difference between two completions."""
    return [f"{name}={said[name]}" for name in sorted(said) if name in FIELDS or name.startswith(MANY)]


def _cause(said: Mapping[str, str]) -> str | None:
    cause = said.get("cause") or None
    if cause not in (None, *CAUSES):
        raise Incomplete("cause")
    return cause


def _minutes(said: Mapping[str, str]) -> int | None:
    return _count(said["worked"], MOST_MINUTES, "worked") if said.get("worked") else None


def _parts(said: Mapping[str, str], job: Job) -> dict[str, int]:
    counts = {
        code: _count(said[f"part-{code}"], MOST_OF_A_PART, "parts")
        for code in parts_offered(job)
        if said.get(f"part-{code}")
    }
    return {code: count for code, count in counts.items() if count}


def _checks(said: Mapping[str, str], job: Job) -> dict[str, bool]:
    answers = {one.code: said.get(f"check-{one.code}") for one in needs_of(job).checks}
    return {code: answer == "yes" for code, answer in answers.items() if answer in ("yes", "no")}


def _signed(said: Mapping[str, str]) -> dict[str, str]:
    """Who signed; or that he would not or could not, and why."""
    signer = said.get("signer", "").strip()[:LONGEST_LINE]
    unsigned, why = said.get("unsigned", ""), said.get("unsigned_why", "").strip()[:LONGEST_LINE]
    if unsigned not in ("", *UNSIGNED):
        raise Incomplete("signer")
    found = {"signer": signer, "unsigned": unsigned, "unsigned_why": why if unsigned else ""}
    return {field: text for field, text in found.items() if text}


def _count(text: str, most: int, field: str) -> int:
    try:
        count = int(text)
    except ValueError:
        raise Incomplete(field) from None
    if not 0 <= count <= most:
        raise Incomplete(field)
    return count
