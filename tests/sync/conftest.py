"""A phone here is Tariq's as the server meets it, not a browser."""

from tests.phones import hours
from tests.phones import tariqs_phone as phone

__all__ = ["hours", "phone"]
