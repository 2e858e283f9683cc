"""Where a duration comes from."""

from __future__ import annotations

from dispatch import sentences


def test_a_learned_duration_says_how_many_jobs_it_rests_on():
    assert sentences.duration_source("learned", {"jobs": 32, "near": 6, "quantile": 80}) == (
        "learned: 32 similar jobs, 6 of them just like it · 80% took no longer"
    )
    assert sentences.duration_source("learned", {"jobs": 32, "near": 32, "quantile": 70}) == (
        "learned: 32 similar jobs · 70% took no longer"
    )


def test_a_duration_that_nobody_learned_says_who_said_it():
    assert sentences.duration_source("said", {}) == "entered by hand"
    assert sentences.duration_source("category", {}) == "as usual for this kind of work"
    assert sentences.duration_source(None, {}) == ""
