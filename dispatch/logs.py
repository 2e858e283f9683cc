"""Structured logs: one JSON line per record, with the request's id; no body, no query, no secret."""

from __future__ import annotations

import json
import logging
import re
import secrets
import traceback
from typing import Any

from flask import Flask, Response, g, has_request_context, request

_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if has_request_context():
            line["request_id"] = g.get("request_id", "")
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def init_app(app: Flask, level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx").setLevel("WARNING")
    app.before_request(_name_request)
    app.after_request(_log_request)


def frames_of(error: BaseException) -> list[str]:
    """Where an error came from and what it came of, without its message, which may hold what people typed."""
    frames = traceback.extract_tb(error.__traceback__)
    found = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    origin = error.__cause__ or error.__context__
    return found if origin is None else [*frames_of(origin), type(origin).__name__, *found]


def _name_request() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def _log_request(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    # a calendar's address is a secret
    path = str(request.url_rule) if request.endpoint == "alerts.calendar" else request.path
    fields = {"method": request.method, "path": path, "status": response.status_code}
    if request.endpoint not in ("static", "health.healthz"):
        logging.getLogger("dispatch.request").info("request", extra={"fields": fields})
    return response
