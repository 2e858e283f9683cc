"""Templates parse, keep to the content security policy, and are all in use."""

from __future__ import annotations

import ast
import re

import pytest
from jinja2 import nodes

from tests.house_rules.source import ROOT, modules

TEMPLATES = ROOT / "dispatch" / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file())
FORBIDDEN = {
    "a script in the page (move it to a file in static/js)": re.compile(
        r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE
    ),
    "a style in the page (move it to the stylesheet)": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "an event handler in an attribute (listen in a module)": re.compile(
        r"\s(?:hx-)?on:?(?:click|change|input|submit|load|error|key\w+|mouse\w+|pointer\w+|touch\w+|focus\w*|blur"
        r"|drag\w*|drop|toggle|scroll|htmx[\w:-]+)\s*=",
        re.IGNORECASE,
    ),
    "code in a link or an htmx attribute": re.compile(r"javascript:|[\"']js:", re.IGNORECASE),
    "something loaded from another site": re.compile(r"(?:src|href)=\"(?:https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_template_parses(app, name):
    app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_template_uses_filters_and_tests_that_exist(app, name):
    """Jinja itself notices a wrong name only on the branch that is taken."""
    tree = app.jinja_env.parse((TEMPLATES / name).read_text())
    filters = {node.name for node in tree.find_all(nodes.Filter)} - set(app.jinja_env.filters)
    tests = {node.name for node in tree.find_all(nodes.Test)} - set(app.jinja_env.tests)
    assert not filters | tests, f"{name} uses what nobody registered: {sorted(filters | tests)}"


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".html")])
def test_the_template_keeps_to_the_content_security_policy(name):
    text = (TEMPLATES / name).read_text()
    found = [
        f"line {text.count(chr(10), 0, match.start()) + 1}: {what}"
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(text)
    ]
    assert not found, f"{name}: the browser would refuse it\n" + "\n".join(found)


def test_news_are_heard_by_what_stays():
    """What replaces itself forgets what it has heard since it asked: js/news.js asks for it, and holds it under a finger."""
    wrong = []
    for name in NAMES:
        for tag in re.findall(r"<\w[^<]*?\bsse:[^<]*", (TEMPLATES / name).read_text()):
            itself = 'hx-swap="outerHTML"' in tag and "hx-target" not in tag
            if itself or not re.search(r'\bagain"', tag):
                wrong.append(name)
    assert not wrong, f"let them draw into what they hold, as shared/live.html does: {wrong}"


def test_every_template_is_used():
    used = _named_in_python() | _named_in_templates()
    unused = [name for name in NAMES if not {name, _twin(name)} & used]
    assert not unused, f"nothing renders, extends or includes {unused}"


def _named_in_python() -> set[str]:
    return {
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _named_in_templates() -> set[str]:
    """What others include or extend; a template that names itself is not in use for that."""
    return {
        found
        for name in NAMES
        for found in re.findall(r"[\"']([\w/.-]+\.\w+)[\"']", (TEMPLATES / name).read_text())
        if found != name
    }


def _twin(name: str) -> str:
    """A page `dir/name.html` and its fragment `dir/_name.html` are rendered under the page's name."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/{file.removeprefix('_')}"
