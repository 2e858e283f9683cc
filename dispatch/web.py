"""What every page shares: fragments and pages, languages, filters, navigation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from flask import Flask, current_app, g, render_template, request, session, url_for
from flask_babel import get_locale, lazy_gettext
from flask_login import current_user

from dispatch.clock import now
from dispatch.dates import day_in_words
from dispatch.extensions import db, htmx
from dispatch.labels import floor_words, label, skill_label
from dispatch.models.place import Kiosk
from dispatch.proof.words import proof_of

LANGUAGES = ("fr", "en")
# role -> (label, endpoint, icon)
_DESK = [
    ("Board", "board.index", "board"),
    ("Tickets", "handover.index", "ticket"),
    ("Kiosks", "kiosk.index", "kiosk"),
]
NAVIGATION = {
    "administrator": _DESK,
    "dispatcher": _DESK,
    "phone_agent": [
        ("New handover", "handover.new_ticket", "send"),
        ("My tickets", "handover.index", "ticket"),
    ],
    "technician": [("My jobs", "jobs.index", "check")],
    "client_contact": [("Tickets", "handover.index", "ticket")],
}
_ = lazy_gettext
NAVIGATION_LABELS = {
    "Board": _("Board"), "Tickets": _("Tickets"), "New handover": _("New handover"),
    "My tickets": _("My tickets"), "My jobs": _("My jobs"), "Kiosks": _("Kiosks"),
}  # fmt: skip


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page: not for boosted links, not for Back."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_fragment(page: str, **context: Any) -> str:
    """Render `dir/name.html`, or for htmx its fragment `dir/_name.html`."""
    folder, _slash, name = page.rpartition("/")
    return render_template(f"{folder}/_{name}" if wants_fragment() else page, **context)


def safe_next(target: str | None) -> str | None:
    """A path on this site to go on to after sign-in, or nothing."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.netloc or parts.scheme or any(ord(c) < 32 for c in target) else target


def choose_language() -> str:
    user = current_user if current_user else None
    chosen = getattr(user, "language", None) or session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    default = current_app.config["SETTINGS"].default_language
    return default if default in LANGUAGES else "fr"


def init_app(app: Flask) -> None:
    app.context_processor(_shared_context)
    app.url_defaults(_version_static)
    app.jinja_env.filters.update(
        time=local_time, day=long_day, weekday=weekday, day_span=day_span, instant=local_instant, minute=minute_of, minutes=minutes, decimal=decimal, label=label, skill=skill_label,
        floor_words=floor_words,
    )  # fmt: skip
    app.jinja_env.globals.update(now=now, proof_of=proof_of, navigation=_navigation)


def _version_static(endpoint: str, values: dict[str, Any]) -> None:
    """Static files are cached for a year, so their address changes with their content."""
    if endpoint == "static" and "filename" in values:
        values["v"] = _fingerprint(current_app.static_folder or "", values["filename"])


@cache
def _fingerprint(folder: str, filename: str) -> str:
    path = Path(folder) / filename
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def _shared_context() -> dict[str, Any]:
    return {
        "language": str(get_locale() or "fr"),
        "request_id": g.get("request_id", ""),
        "demo": current_app.config["SETTINGS"].demo,
    }


def _navigation() -> list[tuple[Any, str, bool, str]]:
    """Asked where it is drawn, and nowhere else: it looks whether there is a kiosk."""
    if not getattr(current_user, "is_authenticated", False):
        return []
    return [
        (NAVIGATION_LABELS[name], url_for(endpoint), _is_here(endpoint), icon)
        for name, endpoint, icon in NAVIGATION[current_user.role]
        if endpoint != "kiosk.index" or _has_kiosk()
    ]


def _is_here(endpoint: str) -> bool:
    return request.endpoint == endpoint or (endpoint == "kiosk.index" and request.blueprint == "kiosk")


def _has_kiosk() -> bool:
    return db.session.scalar(Kiosk.visible_to(current_user).with_only_columns(Kiosk.id).limit(1)) is not None


# filters ---------------------------------------------------------------------------------------------


def local_time(instant: datetime | None, zone: str = "Europe/Paris") -> str:
    """14:05 in the zone; in the repeated hour of autumn the offset is said: 02:30 (+02:00)."""
    if instant is None:
        return "–"
    local = instant.astimezone(ZoneInfo(zone))
    text = local.strftime("%H:%M")
    twin = local.replace(fold=1 - local.fold)
    if twin.utcoffset() != local.utcoffset() and _exists(local):
        offset = local.strftime("%z")
        return f"{text} ({offset[:3]}:{offset[3:]})"
    return text


def _exists(local: datetime) -> bool:
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(fold=0) == local.replace(fold=0)


def long_day(day: date | datetime | None, zone: str = "Europe/Paris") -> str:
    """lundi 23 novembre."""
    if day is None:
        return "–"
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(zone)).date()
    return day_in_words(day, "EEEE d MMMM")


def day_span(day: date, days: int) -> str:
    """lundi 23 novembre, or of several days: lundi 23 – mercredi 25 novembre."""
    if days == 1:
        return long_day(day)
    last = day + timedelta(days=days - 1)
    near = day_in_words(day, "EEEE d")
    return f"{near if day.month == last.month else long_day(day)} – {long_day(last)}"


def weekday(day: date | datetime, zone: str = "Europe/Paris") -> str:
    """lun. 23: short, for days near enough that the month goes without saying."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(zone)).date()
    return day_in_words(day, "EEE d")


def local_instant(instant: datetime | None, zone: str = "Europe/Paris") -> str:
    """23/11 14:05, today without the day."""
    if instant is None:
        return "–"
    day = instant.astimezone(ZoneInfo(zone)).date()
    today = now().astimezone(ZoneInfo(zone)).date()
    clock = local_time(instant, zone)
    return clock if day == today else f"{day_in_words(day, 'd MMM')} {clock}"


def minute_of(instant: datetime, opening: datetime) -> int:
    """Minutes since the beginning of the day shown."""
    return int((instant - opening).total_seconds() // 60)


def minutes(count: float | None) -> str:
    """45 min, 1 h 05."""
    if count is None:
        return "–"
    whole = round(count)
    hours, rest = divmod(abs(whole), 60)
    sign = "−" if whole < 0 else ""
    return f"{sign}{hours}\u00a0h\u00a0{rest:02d}" if hours else f"{sign}{rest}\u00a0min"


def decimal(number: float) -> str:
    """4, 4,2 or 0,3: one place below ten."""
    locale = str(get_locale() or "fr")
    return format_decimal(round(number, 1 if abs(number) < 10 else 0), locale=locale)
