"""What a phone carries, with its tags put back, as tests read it."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.people import signed_in


def carried(app, person, **query) -> dict[str, Any]:
    answer = signed_in(app, person).get("/jobs/carry", query_string=query)
    assert answer.status_code == 200
    told = json.loads(answer.data)
    return _whole(told, told["tags"])


def drawn(told: dict[str, Any], number: str, state: str, name: str) -> str:
    """The shared piece of that name (deeds, bar, a sheet) for a job in a state; its gaps are open."""
    return told["pieces"][told["kinds"][told["jobs"][number]["kind"]][state][name]]


def states(told: dict[str, Any], number: str) -> dict[str, dict[str, Any]]:
    return told["kinds"][told["jobs"][number]["kind"]]


def _whole(value: Any, tags: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _whole(one, tags) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole(one, tags) for one in value]
    return re.sub(r"<(\d+)>", lambda found: tags[int(found[1])], value) if isinstance(value, str) else value
