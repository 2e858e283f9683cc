"""From where something is done: said once per request or task, kept with every event.

`board`, `phone`, `desk` (handing over), `api` or `worker`; empty for commands and imports.
"""

from __future__ import annotations

from contextvars import ContextVar

_SCREENS = {"jobs": "phone", "sync": "phone", "handover": "desk", "reviews": "board"}
_origin: ContextVar[str] = ContextVar("origin", default="")


def origin() -> str:
    return _origin.get()


def set_origin(name: str) -> None:
    _origin.set(name)


def origin_of(path: str, blueprint: str | None) -> str:
    """Where a request to this path, answered by this blueprint, comes from."""
    if path.startswith("/api/"):
        return "api"
    return _SCREENS.get(blueprint or "", blueprint or "")
