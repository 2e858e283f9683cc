"""The phone's page as an installed app: its service worker, its manifest, its scripts, and the page that opens
without signal. Nobody's data is in any of them, so that they can be kept whoever is signed in.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import (
    Response,
    abort,
    current_app,
    json,
    make_response,
    render_template,
    send_from_directory,
    url_for,
)
from flask_babel import gettext as _

from dispatch.jobs import blueprint
from dispatch.replay.incoming import PROTOCOL
from dispatch.security import public

_SCRIPTS = Path("js") / "phone"
_PUSH = Path("js") / "worker" / "push.js"
_STATIC = (
    "css/app.css", "css/phone.css", "vendor/htmx.min.js", "vendor/sse.min.js", "js/app.js", "js/connection.js",
    "js/dialogs.js", "js/keys.js", "js/lengths.js", "js/news.js", "js/toasts.js", "icons.svg", "favicon.svg",
)  # fmt: skip
_DRAWN = (
    "jobs/offline.html",
    "jobs/_phone.html",
    "layouts/phone.html",
    "layouts/root.html",
    "layouts/head.html",
)
_YEAR = 365 * 24 * 3600


@blueprint.get("/sw.js")
@public
def worker() -> Response:
    """The service worker: the file, headed by what it is to keep. Its bytes change when any of that does."""
    keeps = [
        *(url_for("static", filename=name) for name in _STATIC),
        *scripts().values(),
        url_for("jobs.offline"),
    ]
    head = f"const BUILD = {json.dumps(build())}, EPOCH = {PROTOCOL};\nconst SHELL = {json.dumps(keeps)};\n"
    parts = [(_folder() / name).read_text() for name in (_SCRIPTS / "worker.js", _PUSH)]
    answer = make_response(head + "\n".join(parts))
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    icons = [("192", "any"), ("512", "any"), ("maskable", "maskable")]
    said = {
        "id": "/jobs", "name": _("Dispatch: my jobs"), "short_name": "Dispatch", "lang": "fr", "start_url": "/jobs",
        "scope": "/", "display": "standalone", "background_color": "#f3f5f7", "theme_color": "#0b5a79",
        "icons": [{"src": url_for("static", filename=f"icons/{name}.png"), "type": "image/png", "purpose": purpose,
                   "sizes": "192x192" if name == "192" else "512x512"} for name, purpose in icons],
    }  # fmt: skip
    return Response(json.dumps(said), content_type="application/manifest+json")


@blueprint.get("/jobs/offline")
@public
def offline() -> str:
    """The empty page that the phone fills from what it carries."""
    return render_template("jobs/offline.html")


@blueprint.get("/phone/<version>/<name>")
@public
def script(version: str, name: str) -> Any:
    """A script of the phone; the version is in the path, so that modules import each other in the same one."""
    if version != scripts_version() or name not in scripts():
        abort(404)
    return send_from_directory(_folder() / _SCRIPTS, name, max_age=_YEAR)


@blueprint.app_template_global("phone_scripts")
def scripts() -> dict[str, str]:
    """The addresses of the phone's modules by file name."""
    names = sorted(path.name for path in (_folder() / _SCRIPTS).glob("*.js") if path.name != "worker.js")
    return {name: url_for("jobs.script", version=scripts_version(), name=name) for name in names}


def scripts_version() -> str:
    return _digest(tuple(sorted((_folder() / _SCRIPTS).glob("*.js"))))


@blueprint.app_template_global("phone_protocol")
def protocol() -> int:
    return PROTOCOL


@blueprint.app_template_global("phone_build")
def build() -> str:
    """Names what the service worker keeps, as it is now."""
    templates = Path(current_app.root_path) / "templates"
    kept = [_folder() / name for name in _STATIC] + [templates / name for name in _DRAWN]
    kept.append(_folder() / _PUSH)
    return f"{PROTOCOL}-{_digest((*kept, *sorted((_folder() / _SCRIPTS).glob('*.js'))))}"


@cache
def _digest(paths: tuple[Path, ...]) -> str:
    return sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()[:10]


def _folder() -> Path:
    return Path(current_app.static_folder or "")
