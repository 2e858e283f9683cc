"""Commands of the product: each is one function call."""

from __future__ import annotations

import click
from flask import Flask, current_app

from dispatch.extensions import db


def init_app(app: Flask) -> None:
    """Register the commands; the groups live beside what they act on."""
    app.cli.command("demo")(demo)


@click.option("--if-empty", is_flag=True, help="Do nothing, and say nothing, when there is data already.")
def demo(if_empty: bool) -> None:
    """Fill an empty database with a fictional day that is under way."""
    from dispatch.demo import build

    try:
        build.fill(current_app.config["SETTINGS"].instance)
    except build.NotEmpty:
        if if_empty:
            return
        raise click.ClickException(
            "This database holds clients or users already, so the demo leaves it alone. "
            "Name an empty one, for example: INSTANCE_PATH=/tmp/demo make run"
        ) from None
    db.session.commit()
