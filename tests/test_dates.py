"""French has a first of the month; and every day in words goes through the one place that knows it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from flask_babel import force_locale

from dispatch.dates import moment_in_words
from dispatch.jobs.wording import short_day
from dispatch.sentences.vocabulary import listed
from dispatch.web import day_span, local_instant, long_day, weekday
from tests.house_rules.source import ROOT

FIRST, SECOND = date(2026, 12, 1), date(2026, 12, 2)


@pytest.mark.parametrize(
    ("told", "french", "english"),
    [
        (lambda: long_day(FIRST), "mardi 1er décembre", "Tuesday 1 December"),
        (lambda: long_day(SECOND), "mercredi 2 décembre", "Wednesday 2 December"),
        (lambda: long_day(date(2026, 12, 11)), "vendredi 11 décembre", "Friday 11 December"),
        (lambda: day_span(FIRST, 2), "mardi 1er – mercredi 2 décembre", "Tuesday 1 – Wednesday 2 December"),
        (lambda: weekday(FIRST), "mar. 1er", "Tue 1"),
        (lambda: local_instant(datetime(2026, 12, 1, 9, tzinfo=UTC)), "1er déc. 10:00", "1 Dec 10:00"),
        (lambda: listed([FIRST, SECOND]), "mardi 1er et mercredi 2", "Tuesday 1 and Wednesday 2"),
        (lambda: short_day(FIRST), "mar. 1er déc.", "Tue 1 Dec"),
        (
            lambda: moment_in_words(datetime(2026, 12, 1, 9, tzinfo=UTC), "d MMMM yyyy, HH:mm"),
            "1er décembre 2026, 09:00",
            "1 December 2026, 09:00",
        ),
    ],
)
def test_the_first_of_the_month_in_words(app, told, french, english):
    with app.test_request_context():
        with force_locale("fr"):
            assert told() == french
        with force_locale("en"):
            assert told() == english


def test_nobody_else_writes_days_in_words():
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "dispatch").rglob("*.py")
        if path.name != "dates.py" and re.search(r"\bformat_(date|datetime|skeleton)\b", path.read_text())
    ]
    assert not wrong, "days are written by dispatch.dates, which knows “1er”"
