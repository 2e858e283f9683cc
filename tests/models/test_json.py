"""What is stored as JSON comes back as it was, and nobody's empty value is somebody else's."""

from __future__ import annotations

import pytest

from dispatch.database import read_json
from tests import factories as make


@pytest.mark.parametrize("value", [{}, [], None, {"printer": 2}, ["", {}], "", 0])
def test_what_was_stored_is_read(value, session):
    job = make.job(duration_basis=value)
    session.commit()
    session.expire_all()
    assert job.duration_basis == value


@pytest.mark.parametrize("text", ["{}", "[]", b"{}", b"[]"])
def test_two_that_are_empty_are_not_the_same(text):
    assert read_json(text) == read_json(text)
    assert read_json(text) is not read_json(text)
