"""The tables, one noun a file. Importing this package registers all of them."""

from dispatch.models import (  # noqa: F401 - registered by import
    client,
    event,
    idempotency,
    job,
    place,
    plan,
    sign_in,
    technician,
    ticket,
    user,
    worker,
)
