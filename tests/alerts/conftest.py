import pytest

from tests.people import Browser


@pytest.fixture
def client(app):
    """Somebody who has not signed in, with requests of his own."""
    return Browser(app)
