"""Travel times from coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from dispatch.routing.problem import Location, ProblemError
from dispatch.routing.travel import (
    PERIODS,
    PROFILES,
    UNREACHABLE,
    Profile,
    matrices,
    matrix,
    mixed,
    parts_of,
    period_of,
    profile_over,
)

REPUBLIQUE = Location("République", 48.1098, -1.6791)
BEAULIEU = Location("Beaulieu", 48.1181, -1.6392)
NEIGHBOUR = Location("the same door", 48.1098, -1.6791)
PLACES = (REPUBLIQUE, BEAULIEU, NEIGHBOUR)


def test_distances_are_great_circles():
    seconds = matrix(PLACES, Profile("as the crow flies", speed=1.0, detour=1.0))
    metres = great_circle((48.1098, -1.6791), (48.1181, -1.6392)).meters
    assert seconds[0][1] == seconds[1][0] == round(metres)


def test_a_trip_within_the_same_place_takes_no_time_not_even_to_park():
    seconds = matrix(PLACES, PROFILES["car"])
    assert seconds[0][0] == seconds[0][2] == 0
    assert seconds[0][1] > PROFILES["car"].overhead


def test_three_kilometres_across_town_take_what_one_would_expect():
    minutes = {name: matrix(PLACES, profile)[0][1] / 60 for name, profile in PROFILES.items()}
    assert 40 < minutes["walk"] < 60
    assert 12 < minutes["bike"] < 20
    assert 12 < minutes["car"] < 20
    assert 18 < minutes["transit"] < 25


def test_a_place_without_coordinates_is_named():
    with pytest.raises(ProblemError, match="location attic"):
        matrix((REPUBLIQUE, Location("attic")), PROFILES["walk"])


def test_no_places_make_an_empty_matrix():
    assert matrix((), PROFILES["walk"]) == []


@pytest.mark.parametrize(
    ("weekday", "clock", "period"),
    [
        (0, "07:29", "day"), (0, "07:30", "peak"), (0, "09:29", "peak"), (0, "09:30", "day"),
        (4, "16:30", "peak"), (4, "18:59", "peak"), (4, "19:00", "day"), (5, "08:00", "day"),
        (6, "20:59", "day"), (6, "21:00", "night"), (2, "05:59", "night"), (2, "06:00", "day"),
    ],
)  # fmt: skip
def test_rush_hours_are_those_of_working_days(weekday, clock, period):
    hour, minute = map(int, clock.split(":"))
    assert period_of(weekday, hour * 60 + minute) == period


@pytest.mark.parametrize(
    ("way", "hours", "name"),
    [
        ("car", {"day": 8}, "car@day"),
        ("car", {"day": 6, "peak": 2}, "car@day8+peak2"),
        ("car", {"night": 1, "day": 1, "peak": 1}, "car@night4+day3+peak3"),
        ("car", {"day": 99, "peak": 1}, "car@day"),
        ("car", {}, "car"),
        ("walk", {"night": 8}, "walk"),
        ("rocket", {"day": 8}, "rocket"),
    ],
)
def test_a_profile_says_in_tenths_when_it_is_used(way, hours, name):
    assert profile_over(way, hours) == name


@given(st.fixed_dictionaries({period: st.integers(0, 100) for period in PERIODS}))
def test_the_tenths_of_any_hours_can_be_read_and_add_up(hours):
    profile, shares = parts_of(profile_over("car", hours))
    assert profile.name == "car"
    assert sum(shares.values()) == pytest.approx(1)
    whole = sum(hours.values())
    assert all(abs(shares.get(one, 0) - hours[one] / whole) < 0.1 for one in PERIODS if whole)


@pytest.mark.parametrize(
    "name", ["rocket", "car@", "car@noon", "car@day0", "car@day8+", "car@day1+day2", "@day"]
)
def test_a_profile_that_cannot_be_computed_is_named(name):
    with pytest.raises(ProblemError, match="give times for the profile"):
        matrices(PLACES, [name])


def test_cars_are_slower_at_peak_and_parking_takes_the_same():
    found = {period: matrices(PLACES, [f"car@{period}"])[f"car@{period}"][0][1] for period in PERIODS}
    assert found["night"] < found["day"] < found["peak"]
    parking = PROFILES["car"].overhead
    assert found["peak"] - parking == pytest.approx((found["day"] - parking) * 1.25, abs=1)
    assert matrices(PLACES, ["car"])["car"][0][1] == found["day"]


def test_buses_are_rare_at_night():
    found = matrices(PLACES[:2], ["transit@night", "transit@day"])
    assert found["transit@night"][0][1] > found["transit@day"][0][1]


def test_a_mixture_lies_between_its_periods_by_its_tenths():
    found = matrices(PLACES, ["car@day", "car@peak", "car@day8+peak2"])
    day, peak, mixture = (rows[0][1] for rows in found.values())
    assert mixture == pytest.approx(0.8 * day + 0.2 * peak, abs=1)
    assert found["car@day8+peak2"][0][2] == 0


def test_no_way_in_one_period_is_no_way_in_a_mixture_with_it():
    day, night = np.array([[0.0, 60.0]]), np.array([[0.0, -1.0]])
    assert mixed([night, day], "car@night1+day9") == [[0, UNREACHABLE]]
    assert mixed([day], "car@day") == [[0, 60]]
