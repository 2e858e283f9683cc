"""Texts in templates: what Flask-Babel installs finds the language of the request anew for each of hundreds of texts."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


def init_app(app: Flask) -> None:
    """Replace Flask-Babel's functions of the template environment by the same ones, which find the language once."""
    app.jinja_env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)


@pass_eval_context
def _gettext(place: EvalContext, text: str, /, **values: Any) -> str:
    return _told(place, _words().ugettext(text), values)


@pass_eval_context
def _ngettext(place: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    return _told(place, _words().ungettext(one, many, num), {"num": num} | values)


def _told(place: EvalContext, text: str, values: dict[str, Any]) -> str:
    """As Jinja's own: texts are markup of ours where the template escapes, and what is put into them is escaped."""
    if place.autoescape:
        text = Markup(text)  # noqa: S704 - a text of our catalogue
    return text % values if "%" in text else text


def _words() -> Any:
    """The catalogue of the language; where a language is forced for a while, Flask-Babel forgets what is kept here."""
    known = getattr(g, "_flask_babel", None)
    found = getattr(known, "babel_translations", None)
    if found is None:
        found = get_translations()
        if known is not None:
            known.babel_translations = found
    return found
