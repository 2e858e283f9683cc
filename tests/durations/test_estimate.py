"""What a dispatcher may rely on, in small histories that can be counted by hand."""

from __future__ import annotations

from math import inf, nan

import pytest

from dispatch.durations.estimate import learn
from dispatch.durations.history import Bounds, Worked

USUAL = {"printer": 30.0}
COLBERT, GARE = ("printer", "colbert"), ("printer", "gare")


def work(*minutes: float, group: tuple[str, ...] = COLBERT) -> list[Worked]:
    return [Worked(one, group) for one in minutes]


def test_without_history_the_catalogue_speaks() -> None:
    told = learn([], USUAL).estimate(COLBERT, 0.8)
    assert (told.minutes, told.jobs, told.near) == (30, 0, 0)


def test_eighty_percent_of_a_long_history_took_less() -> None:
    told = learn(work(*range(1, 401)), USUAL).estimate(COLBERT, 0.8)
    assert told.minutes == pytest.approx(320, abs=15)
    assert (told.jobs, told.near) == (400, 400)


def test_a_building_that_takes_longer_is_planned_longer_and_the_other_is_not() -> None:
    history = work(*[20, 25, 30] * 40, group=GARE) + work(*[60, 65, 70] * 40)
    learned = learn(history, USUAL)
    assert learned.estimate(COLBERT, 0.5).minutes >= 60
    assert learned.estimate(GARE, 0.5).minutes <= 30


def test_a_building_with_two_jobs_hardly_differs_from_its_category() -> None:
    history = work(*range(20, 60), group=GARE)
    learned = learn(history + work(100, 110), USUAL)
    assert learned.estimate(COLBERT, 0.5).minutes - learned.estimate(("printer",), 0.5).minutes <= 4
    assert learned.estimate(COLBERT, 0.5).near == 2


def test_a_new_category_is_stretched_as_the_others_are() -> None:
    history = work(*[45] * 200)  # half as long again as the catalogue says
    told = learn(history, {"printer": 30.0, "phone": 20.0}).estimate(("phone",), 0.5)
    assert (told.minutes, told.jobs) == (30, 0)


def test_a_category_without_usual_duration_is_measured_against_itself() -> None:
    told = learn(work(*range(10, 31), group=("account",)), {}).estimate(("account",), 0.5)
    assert told.minutes == 20


@pytest.mark.parametrize("slip", [0, -5, 0.2, 481, 24 * 60, inf, -inf, nan])
def test_what_nobody_can_have_worked_does_not_count(slip: float) -> None:
    history = work(*range(20, 60))
    learned = learn([*history, *work(slip)], USUAL)
    assert learned.jobs(COLBERT) == 40
    assert learned.estimate(COLBERT, 0.9) == learn(history, USUAL).estimate(COLBERT, 0.9)


def test_buildings_that_do_not_differ_are_believed_less_than_those_that_do() -> None:
    alike = [one for name in "abcdef" for one in work(*range(20, 40), group=("printer", name))]
    apart = [
        one
        for place, name in enumerate("abcdef")
        for one in work(*range(10 + 10 * place, 20 + 10 * place), group=("printer", name))
    ]
    assert learn(alike, USUAL).strengths[1] == 400
    assert learn(apart, USUAL).strengths[1] == 20


def test_the_groups_are_listed_from_the_wide_to_the_narrow() -> None:
    learned = learn(work(30, group=GARE) + work(30), USUAL)
    assert learned.groups == [("printer",), COLBERT, GARE]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="group"):
        Worked(30, ())
    with pytest.raises(ValueError, match="usual duration of 'printer' is -1"):
        learn([], {"printer": -1})
    with pytest.raises(ValueError, match="least < most"):
        Bounds(10, 5)
    with pytest.raises(ValueError, match="quantile"):
        learn([], USUAL).estimate(COLBERT, 1)
    with pytest.raises(KeyError):
        learn([], USUAL).estimate(("unheard of",), 0.5)
