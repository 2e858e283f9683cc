"""Why nobody can take a job: people counted, with their days where they differ."""

from __future__ import annotations

from flask_babel import force_locale

from dispatch import sentences
from tests.sentences.reasons import MONDAY_TEXT, TUESDAY_TEXT, WORDS, kept_out, lacks_right, lacks_skill


def test_the_same_reason_for_everybody_is_one_sentence():
    assert (
        sentences.summary([lacks_right(), lacks_right("Tariq")], WORDS)
        == "nobody holds the right network Acme"
    )


def test_different_levels_of_the_same_skill_are_one_reason():
    assert (
        sentences.summary([lacks_skill(0), lacks_skill(1)], WORDS) == "nobody has the skill printers level 2"
    )


def test_several_reasons_are_counted_the_commonest_first():
    told = sentences.summary([lacks_skill(), lacks_right(), lacks_right("Tariq")], WORDS)
    assert told == "2 without the right network Acme, 1 without the skill printers level 2"


def test_of_several_days_people_are_counted_and_not_their_days():
    full = [kept_out(who, "overlap", day, count=3) for who in range(3) for day in (MONDAY_TEXT, TUESDAY_TEXT)]
    assert sentences.summary(full, WORDS) == "everybody's day is full"
    lacking = [
        kept_out(who, "right", day, missing=["acme:network"])
        for who in (0, 1)
        for day in (MONDAY_TEXT, TUESDAY_TEXT)
    ]
    told = sentences.summary([*lacking, *full[-2:]], WORDS)
    assert told == "2 without the right network Acme, 1 with a full day"


def test_who_is_kept_out_by_different_things_is_counted_with_the_days():
    mixed = [
        kept_out(who, rule, day, count=3)
        for who in (0, 1) for day, rule in ((MONDAY_TEXT, "overlap"), (TUESDAY_TEXT, "shift"))
    ]  # fmt: skip
    told = sentences.summary([*mixed, kept_out(2, "excluded", MONDAY_TEXT)], WORDS)
    assert told == (
        "2 with a full day on Monday 23, 2 without time left in the shift on Tuesday 24, "
        "1 kept from it (exclusion, secondment or refusal)"
    )
    with force_locale("fr"):
        told = sentences.summary(mixed, WORDS)
    assert told == "2 à la journée pleine lundi 23, 2 sans temps avant la fin de plage mardi 24"


def test_each_technician_has_one_line_with_his_days_where_they_differ():
    same = [kept_out(0, "excluded", day) for day in (MONDAY_TEXT, TUESDAY_TEXT)]
    other = [kept_out(1, "overlap", MONDAY_TEXT, count=3), kept_out(1, "excluded", TUESDAY_TEXT)]
    assert sentences.each([*same, *other], WORDS) == [
        (
            "Zoé",
            "Monday 23 and Tuesday 24: kept from this work by an exclusion, a secondment or a refusal of his own",
        ),
        (
            "Tariq",
            "Monday 23: 3 other jobs leave no room; Tuesday 24: kept from this work by an exclusion, a secondment or a refusal of his own",
        ),
    ]
    assert sentences.each(same[:1], WORDS) == [
        ("Zoé", "kept from this work by an exclusion, a secondment or a refusal of his own")
    ]
