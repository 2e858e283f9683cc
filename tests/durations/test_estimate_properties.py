"""What holds of every history, whatever was worked and however little of it there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.durations.estimate import Learned, learn
from dispatch.durations.history import Bounds, Group, Worked

UNTIMED = settings(deadline=None)
BOUNDS = Bounds()
USUAL = {"printer": 30.0, "account": 15.0, "network": 60.0}

groups = st.tuples(st.sampled_from([*USUAL, "unheard of"]), st.integers(1, 3), st.sampled_from("abc"))
minutes = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-60, 600)
histories = st.lists(st.builds(Worked, minutes, groups), max_size=60)
plausible = st.lists(st.builds(Worked, st.floats(1, 480), groups), min_size=1, max_size=60)
quantiles = st.floats(0.5, 0.95)
asked = st.tuples(st.sampled_from([*USUAL]), st.integers(1, 4), st.sampled_from("abcd"))


def minutes_of(learned: Learned, group: Group, quantile: float) -> float:
    return learned.estimate(group, quantile).minutes


@UNTIMED
@given(histories, asked, quantiles)
def test_it_lies_between_what_is_plausible(history: list[Worked], group: Group, quantile: float) -> None:
    told = minutes_of(learn(history, USUAL), group, quantile)
    assert BOUNDS.least <= told <= BOUNDS.most


@UNTIMED
@given(histories, asked, quantiles)
def test_it_lies_between_what_was_seen_stretched_as_the_catalogue_is(
    history: list[Worked], group: Group, quantile: float
) -> None:
    learned = learn(history, USUAL)
    ratios = [1.0, *learned.ratios[()]]
    usual = USUAL[str(group[0])]
    told = minutes_of(learned, group, quantile)
    assert BOUNDS.clip(min(ratios) * usual) <= told <= BOUNDS.clip(max(ratios) * usual)


@UNTIMED
@given(histories, asked, quantiles, quantiles)
def test_a_safer_plan_is_never_a_shorter_one(
    history: list[Worked], group: Group, one: float, other: float
) -> None:
    learned = learn(history, USUAL)
    assert minutes_of(learned, group, min(one, other)) <= minutes_of(learned, group, max(one, other))


@UNTIMED
@given(histories, asked, quantiles)
def test_a_group_without_history_is_as_the_wider_one(
    history: list[Worked], group: Group, quantile: float
) -> None:
    learned = learn([work for work in history if work.group[:2] != group[:2]], USUAL)
    assert minutes_of(learned, group, quantile) == minutes_of(learned, group[:1], quantile)


@UNTIMED
@given(asked, quantiles)
def test_without_any_history_it_is_the_usual_duration(group: Group, quantile: float) -> None:
    assert minutes_of(learn([], USUAL), group, quantile) == USUAL[str(group[0])]


@UNTIMED
@given(histories, st.randoms(use_true_random=False), asked, quantiles)
def test_the_order_of_history_does_not_matter(
    history: list[Worked], random: object, group: Group, quantile: float
) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis hands in a random.Random
    assert learn(shuffled, USUAL).estimate(group, quantile) == learn(history, USUAL).estimate(group, quantile)


@UNTIMED
@given(
    st.lists(st.integers(5, 300), min_size=1, max_size=12),
    st.lists(st.integers(5, 300), max_size=30),
    quantiles,
)
def test_with_endless_history_it_is_the_quantile_of_the_group_itself(
    shape: list[int], elsewhere: list[int], quantile: float
) -> None:
    group, times = ("printer", 1, "a"), 20_000
    history = [Worked(one, group) for one in shape for _ in range(times // len(shape))]
    history += [Worked(one, ("printer", 1, "b")) for one in elsewhere]
    told = minutes_of(learn(history, USUAL), group, quantile)
    below, above = (np.quantile(shape, q, method="inverted_cdf") for q in (quantile - 0.04, quantile + 0.04))
    assert below - 1e-6 <= told <= above + 1e-6


@UNTIMED
@given(plausible, asked, quantiles)
def test_one_absurd_job_never_decides(history: list[Worked], group: Group, quantile: float) -> None:
    """However little else there is, what is planned is what others took, or the usual duration."""
    usual = USUAL[str(group[0])]
    seen = max([1.0, *learn(history, USUAL).ratios[()]]) * usual
    absurd = learn([*history, Worked(BOUNDS.most, group)], USUAL)
    assert minutes_of(absurd, group, quantile) <= BOUNDS.clip(seen) + 1e-9


@UNTIMED
@given(plausible, asked, quantiles, st.floats(1, 480))
def test_one_more_job_moves_it_by_a_twentieth_of_the_way_at_most(
    history: list[Worked], group: Group, quantile: float, minutes: float
) -> None:
    """As long as groups are believed as much as before, it stays between quantiles a twentieth apart."""
    before = learn(history, USUAL)
    after = replace(learn([*history, Worked(minutes, group)], USUAL), strengths=(20.0, 20.0, 20.0))
    before = replace(before, strengths=(20.0, 20.0, 20.0), usual=after.usual)
    low, high = quantile - 1 / 20, min(quantile + 1 / 20, 1 - 1e-9)
    told = minutes_of(after, group, quantile)
    assert minutes_of(before, group, low) - 1e-9 <= told <= minutes_of(before, group, high) + 1e-9


@UNTIMED
@given(histories, asked, quantiles)
def test_groups_that_hold_the_same_work_are_planned_the_same(
    history: list[Worked], group: Group, quantile: float
) -> None:
    only = [work for work in history if work.group == group]
    learned = learn(only, USUAL)
    assert minutes_of(learned, group, quantile) == minutes_of(learned, group[:1], quantile)
