"""Whatever a user reads, he can read in French."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.house_rules.source import ROOT

FRENCH = ROOT / "dispatch" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
NARROW, WIDE = "\u202f", "\u00a0"
LOOSE_PUNCTUATION = re.compile(
    rf"(?<![{NARROW}!?.(«%])[!?;](?=\s|$)"  # « Prêt ? » wants a narrow no-break space before the mark
    rf"|(?<![{WIDE}\d/]):(?=\s|$)|«(?!{WIDE})|(?<!{WIDE})»"
)


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> Catalog:
    """Every text found in the source."""
    template = tmp_path_factory.mktemp("messages") / "messages.pot"
    subprocess.run([ROOT / "scripts" / "extract-messages", str(template)], check=True)
    with template.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def french() -> Catalog:
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def test_every_text_has_a_french_translation(texts, french):
    missing = [
        message.id
        for message in texts
        if message.id and not _translated(french.get(message.id, message.context))
    ]
    assert not missing, "run `make messages` and write the French\n" + "\n".join(map(str, missing))


def test_no_text_hides_inside_an_f_string():
    """Where the extraction does not find it, so that nobody is asked for the French."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "dispatch").rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "_l", "gettext", "ngettext")
    ]
    assert not hidden, "put the text in a variable of its own\n" + "\n".join(hidden)


def test_the_catalogue_holds_nothing_that_is_no_longer_said(texts, french):
    stale = [message.id for message in french if message.id and message.id not in texts]
    assert not stale, "run `make messages`\n" + "\n".join(map(str, stale))


def test_translations_keep_their_placeholders(french):
    wrong = [f"{message.id}: {error}" for message in french for error in message.check(french)]
    assert not wrong, "\n".join(wrong)


def test_french_punctuation_does_not_break_off_at_the_end_of_a_line(french):
    wrong = [
        text
        for message in french
        if message.id
        for text in _strings(message)
        if LOOSE_PUNCTUATION.search(text)
    ]
    assert not wrong, "U+202F before ; ! ?, U+00A0 before : and inside « »\n" + "\n".join(wrong)


def _translated(message) -> bool:
    return message is not None and not message.fuzzy and all(_strings(message))


def _strings(message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)
