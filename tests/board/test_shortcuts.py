"""Every key of the board stands in one list: nothing else names a key, and nothing of the list is without its deed."""

from __future__ import annotations

import re

import pytest

from dispatch.board.shortcuts import GROUPS, KEYS
from tests.house_rules.source import ROOT
from tests.people import signed_in

TEMPLATES = [path.read_text() for path in (ROOT / "dispatch/templates/board").rglob("*.html")]
SCRIPTS = {
    name: (ROOT / f"dispatch/static/js/{name}.js").read_text()
    for name in ("select", "timeline", "map", "offer", "sift", "drag", "pick", "chosen", "board")
}


def test_no_template_and_no_script_of_the_board_names_a_key_itself():
    literal = [
        found for text in TEMPLATES for found in re.findall(r'data-shortcut="(?!\{\{ shortcut\.)[^"]*"', text)
    ]
    assert not literal, "say {{ shortcut.NAME }}: board/shortcuts.py has the list that the help shows"
    named = [
        name
        for name, text in SCRIPTS.items()
        if re.search(r"event\.(key|code) [!=]== |\}\[event\.key\]", text)
    ]
    assert named == ["pick"], "ask event.meant; only a what-if's form takes Enter in its own field"


def test_everything_in_the_list_is_done_by_somebody():
    pressed = {name for text in TEMPLATES for name in re.findall(r"shortcut\.(\w+)", text)}
    script = " ".join(SCRIPTS.values())
    meant = set(re.findall(r'(?:means\(|meant\?\.includes\()"(\w+)"', script))
    meant |= {
        name for ways in re.findall(r"ways = \{(.*)\};", script) for name in re.findall(r"(\w+):", ways)
    }
    assert pressed | meant == set(KEYS), "what the help shows is what is there"


def test_no_two_of_one_place_share_a_key():
    for group in GROUPS:
        keys = [key for one in group.shortcuts for key in one.keys]
        assert len(keys) == len(set(keys)), group.title


@pytest.mark.parametrize(
    ("language", "words"), [("fr", ["Raccourcis clavier", "Maj", "Espace", "flèche droite", "Échap"]),
                            ("en", ["Keyboard shortcuts", "Shift", "Space", "right arrow", "Esc"])],
)  # fmt: skip
def test_the_help_shows_every_one_of_them(app, cast, language, words):
    browser = signed_in(app, cast.diane, language)
    page = browser.get("/board/shortcuts?territory=rennes").text
    assert all(word in page for word in words)
    assert page.count("<dt>") == len(KEYS)
    assert "<dt>" in browser.get("/board/shortcuts?territory=rennes", headers={"HX-Request": "true"}).text


def test_the_page_about_the_board_names_every_key():
    told = (ROOT / "docs/board.md").read_text()
    missing = [
        name for name, keys in KEYS.items() if not all(f"`{_written(key)}`" in told for key in keys.split())
    ]
    assert not missing, "docs/board.md lists the keys too"


def _written(key: str) -> str:
    drawn = {
        "arrowright": "→",
        "arrowleft": "←",
        "arrowdown": "↓",
        "arrowup": "↑",
        "escape": "Esc",
        "space": "Space",
    }
    return "+".join(drawn.get(part, part.title()) for part in key.split("+"))
