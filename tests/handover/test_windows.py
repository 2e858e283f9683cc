"""The answers to "when are you there?" fit the hour and the client's days."""

from __future__ import annotations

from datetime import date

import pytest
from flask_babel import force_locale

from dispatch.handover import windows
from tests import factories as make

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def acme(app, session):
    with app.test_request_context(), force_locale("en"):
        yield make.client("acme")


def offered(client, at):
    return [(window.label, window.hours) for window in windows.choices(client, at)]


def test_in_the_morning_the_rest_of_the_day_and_its_halves(acme):
    assert offered(acme, make.at("09:20")) == [
        ("From now on", "09:20 – 18:00"),
        ("This morning", "09:20 – 12:00"),
        ("This afternoon", "13:00 – 18:00"),
        ("Tomorrow morning", "08:00 – 12:00"),
        ("Tomorrow afternoon", "13:00 – 18:00"),
    ]


def test_in_the_afternoon_the_morning_is_over(acme):
    assert [label for label, _hours in offered(acme, make.at("15:00"))] == [
        "From now on", "Tomorrow morning", "Tomorrow afternoon",
    ]  # fmt: skip


def test_a_few_minutes_before_closing_are_no_offer(acme):
    assert [label for label, _hours in offered(acme, make.at("17:50"))] == [
        "Tomorrow morning",
        "Tomorrow afternoon",
    ]


def test_on_a_friday_evening_the_next_day_is_monday(acme):
    assert [label for label, _hours in offered(acme, make.at("19:00", FRIDAY))] == [
        "Monday 30 november, morning", "Monday 30 november, afternoon",
    ]  # fmt: skip


def test_a_client_that_never_opens_offers_nothing(acme):
    acme.working_week = [[] for _day in range(7)]
    assert offered(acme, make.at("09:00")) == []


@pytest.mark.parametrize("value", ["", "x", "2026-11-23", "2026-11-23T10:00/2026-11-23T11:00", "a/b/c",
                                   "2026-11-23T11:00:00+01:00/2026-11-23T10:00:00+01:00"])  # fmt: skip
def test_answers_that_were_tampered_with_mean_nothing(value):
    assert windows.parse(value) is None
