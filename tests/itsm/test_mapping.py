"""The mapping that comes with Dispatch, and edited ones that do not make sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.itsm.base import Unusable
from dispatch.itsm.mapping import DEFAULT, read_mapping


def test_the_same_incident_is_always_handed_over_for_the_same_reasons() -> None:
    first, second = read_mapping(), read_mapping()
    printer = first.kinds["printer"]
    numbers = [f"INC{n:07}" for n in range(2000)]
    answers = [first.reasons(printer, number) for number in numbers]
    assert answers == [second.reasons(printer, number) for number in numbers]
    assert 0.75 < sum("presence" in reasons for reasons in answers) / len(answers) < 0.85


def test_a_category_that_is_not_listed_is_of_the_kind_for_the_others() -> None:
    mapping = read_mapping()
    assert mapping.kind("Category 20").code == "printer"
    assert mapping.kind("Category 999").code == mapping.kind(None).code == "workstation"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('otherwise = "workstation"', 'otherwise = "magic"', "otherwise names the kind magic"),
        ('"New" = "open"', '"New" = "on_hold"', "New = 'on_hold'"),
        ('"New" = "open"', '"New" = "open:answer"', "New = 'open:answer'"),
        ("on_site = 0.45", "on_site = 1.45", "between 0 and 1"),
        ("minutes = 35", "minutes = 0", "1 or more"),
        ("minutes = 35", "", "minutes"),
        ("minutes = 35", "minuets = 35", "minuets"),
        ('phone = "02', 'fone = "02', "phone is missing"),
        ("[states]", "[states", "line 16"),
    ],
)
def test_a_mapping_that_makes_no_sense_says_where(tmp_path: Path, before: str, after: str, told: str) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    assert before in text
    edited = tmp_path / "mine.toml"
    edited.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(Unusable, match=told):
        read_mapping(edited)
