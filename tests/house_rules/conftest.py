import pytest

from tests.apps import make_app


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The application without tables: its routes and templates are what is looked at."""
    folder = tmp_path_factory.mktemp("instance")
    return make_app(f"sqlite:///{folder}/empty.db", folder)
