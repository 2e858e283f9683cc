"""The tables, one noun a file. Importing this package registers all of them."""

from dispatch.models import (  # noqa: F401 - registered by import
    action,
    client,
    device,
    duration,
    event,
    idempotency,
    job,
    note,
    place,
    plan,
    plan_change,
    put_off,
    sign_in,
    street,
    technician,
    ticket,
    user,
    word,
    worker,
)
