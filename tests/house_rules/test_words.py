"""The repository reads the same wherever it is cloned."""

import re
from collections.abc import Iterator

from tests.house_rules.source import ROOT, tracked_files

ELSEWHERE = re.compile(
    r"(?<![\w.}~])/(?:home|root|Users|work|mnt|srv)/[\w.-]+"  # folders of one machine
    r"|--(?:extra-)?index-url|--find-links|--trusted-host"  # package servers of one network
)
# French words that mean what another one, the glossary's, already means here
DOUBLES = {"répartiteur": "planificateur", "dispatcheur": "planificateur", "territoire": "secteur"}
TEXT = (
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".html",
    ".css",
    ".js",
    ".json",
    ".po",
    ".ini",
    ".cfg",
    ".yml",
    ".mako",
    "",
)


def test_no_file_speaks_of_the_machine_it_was_written_on():
    found = [f"{where} {match.group()}" for where, line in lines() for match in ELSEWHERE.finditer(line)]
    assert not found, "use a path relative to the repository or a setting\n" + "\n".join(found)


def test_french_has_one_word_per_thing():
    found = [
        f"{where} “{word}”: say “{ours}”, as the glossary does"
        for where, line in lines()
        for word, ours in DOUBLES.items()
        if word in line.lower()
    ]
    assert not found, "\n".join(found)


def lines() -> Iterator[tuple[str, str]]:
    """Where it stands, and each line of ours that people read."""
    for name in tracked_files():
        if (ROOT / name).suffix in TEXT and name != "tests/house_rules/test_words.py":
            for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1):
                yield f"{name}:{number}", line
