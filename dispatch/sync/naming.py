"""What a person recognises of what a browser calls itself: Chrome · Android 14 · Pixel 8."""

from __future__ import annotations

import re

# the first that is found: most browsers name others as well
_BROWSERS = (
    ("Edg(?:A|iOS)?/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
    ("(?:Firefox|FxiOS)/", "Firefox"), ("(?:Chrome|CriOS)/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    (r"iPhone OS ([\d_]+)", "iPhone · iOS"), (r"iPad.*? OS ([\d_]+)", "iPad · iPadOS"), (r"Android ([\d.]+)", "Android"),
    ("Windows NT", "Windows"), ("Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
_MODEL = re.compile(r"Android [\d.]+; (?!K\b|Mobile\b|wv\b|rv:)([^;)]+?)(?: Build/[^;)]*)?[;)]")


def phone_name(agent: str) -> str:
    """Browser, system and model, as far as they are told; what is not understood stays as it is."""
    browser = next((name for pattern, name in _BROWSERS if re.search(pattern, agent)), None)
    system = next((_version(name, found) for pattern, name in _SYSTEMS if (found := re.search(pattern, agent))), None)  # fmt: skip
    model = _MODEL.search(agent)
    told = [browser, system, model[1] if model else None]
    return " · ".join(part for part in told if part) or agent


def _version(name: str, found: re.Match[str]) -> str:
    return f"{name} {found[1].replace('_', '.')}" if found.re.groups else name
