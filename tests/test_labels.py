"""Words for what was typed."""

import pytest
from flask_babel import force_locale

from dispatch.labels import floor_words


@pytest.mark.parametrize(
    ("typed", "french", "english"),
    [
        ("0", "RdC", "ground floor"),
        ("RdC", "RdC", "ground floor"),
        (" rez-de-chaussée", "RdC", "ground floor"),
        ("3", "étage 3", "floor 3"),
        ("mezzanine", "mezzanine", "mezzanine"),
    ],
)
def test_a_floor_is_said_in_the_readers_language(app, typed, french, english):
    with app.test_request_context():
        with force_locale("fr"):
            assert floor_words(typed) == french
        with force_locale("en"):
            assert floor_words(typed) == english
