"""Travel times from coordinates."""

from __future__ import annotations

import pytest
from geopy.distance import great_circle

from dispatch.routing.problem import Location, ProblemError
from dispatch.routing.travel import PROFILES, Profile, matrix

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
