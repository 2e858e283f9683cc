"""What every page carries, whoever opens it."""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "dispatch" / "static"
TEMPLATES = STATIC.with_name("templates")


def test_the_sign_in_page_loads_only_files_that_exist(client):
    page = client.get("/sign-in").get_data(as_text=True)
    paths = re.findall(r'(?:src|href)="/static/([^"?#]+)', page)
    assert "css/app.css" in paths and "vendor/htmx.min.js" in paths
    assert [path for path in paths if not (STATIC / path).is_file()] == []


def test_the_token_against_forged_requests_goes_with_every_htmx_request(client):
    page = client.get("/sign-in").get_data(as_text=True)
    assert re.search(r"""<body[^>]* hx-headers='\{"X-CSRFToken": "[^"]{20,}"\}'""", page)


def test_a_chosen_theme_is_in_the_first_byte_and_a_forged_one_is_not(client):
    client.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in client.get("/sign-in").get_data(as_text=True)
    client.set_cookie("theme", "x onload")
    assert "data-theme=" not in client.get("/sign-in").get_data(as_text=True)


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    text = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    named = set(re.findall(r"""icon\(["']([\w-]+)["']""", text))
    assert named, "no template draws an icon any more: this test reads the wrong files"
    assert named <= sprite, f"not drawn in static/icons.svg: {named - sprite}"
