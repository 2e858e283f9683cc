"""Commands of the product: each is one function call."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import or_, select

from dispatch.extensions import db

if TYPE_CHECKING:
    from dispatch.itsm.sync.files import Report
    from dispatch.models.client import Client

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)
lengths = AppGroup("durations", help="How long work takes, as a client's history has it.")
imports = AppGroup("import", help="Bring in sites and incidents from files.")


def init_app(app: Flask) -> None:
    """Register the commands; the groups live beside what they act on."""
    from dispatch.accounts.commands import users

    app.cli.add_command(users)
    app.cli.command("demo")(demo)
    app.cli.command("plan")(plan)
    app.cli.command("locate")(locate)
    app.cli.add_command(imports)
    app.cli.add_command(lengths)


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


def _owned(command: Callable[..., None]) -> Callable[..., None]:
    """The options that both imports share."""
    for option in (
        click.option(
            "--quarantine", type=TARGET, help="Where refused rows go; else into the instance folder."
        ),
        click.option("--city", help="Only the sites of this city."),
        click.option(
            "--create-territory", "new_territory", metavar="NAME", help="Make the territory if need be."
        ),
        click.option("--territory", metavar="CODE", help="Where new sites belong."),
        click.option("--create-client", "new_client", metavar="NAME", help="Make the client if need be."),
        click.option("--client", metavar="CODE", required=True),
        click.argument("file", type=FILE),
    ):
        command = option(command)
    return command


@imports.command("sites")
@_owned
def import_sites(file: Path, city: str | None, quarantine: Path | None, **owner: Any) -> None:
    """Make a site of each row of FILE that the client does not have yet."""
    from dispatch.itsm.sync import files

    _import(file, quarantine, lambda: files.import_sites(file, files.Owner(**owner), city, _watch))


@imports.command("incidents")
@_owned
@click.option("--sites", type=FILE, required=True, help="The list that locations are mapped onto, by rank.")
@click.option("--as-of", metavar="INSTANT", help="What was known then; without offset in the client's zone.")
@click.option("--mapping", type=FILE, help="An edited copy of dispatch/itsm/mapping.toml.")
def import_incidents(file: Path, sites: Path, city: str | None, as_of: str | None, mapping: Path | None,
                     quarantine: Path | None, **owner: Any) -> None:  # fmt: skip
    """Bring the client's tickets to what the incident audit log FILE says."""
    from dispatch.itsm.sync import files

    options: dict[str, Any] = {"city": city, "as_of": as_of, "mapping": mapping}
    _import(
        file, quarantine, lambda: files.import_incidents(file, files.Owner(**owner), sites, _watch, **options)
    )


def _import(file: Path, quarantine: Path | None, work: Callable[[], Report]) -> None:
    from dispatch.itsm.base import Unusable, write_quarantine

    try:
        report = work()
    except Unusable as reason:
        db.session.rollback()
        raise click.ClickException(str(reason)) from None
    db.session.commit()
    click.echo("\n".join(report.lines()))
    if report.bad:
        target = quarantine or current_app.config["SETTINGS"].instance / f"quarantine-{file.name}.csv"
        write_quarantine(target, report.bad)
        click.echo(f"The refused rows and why: {target}")


def _watch(phase: str) -> Callable[[float], None]:
    """Tells on standard error how far a phase is: a bar on a terminal, else a line every 10 %."""
    told = [-1]
    terminal = sys.stderr.isatty()

    def heard(share: float) -> None:
        percent = int(share * 100) if terminal else int(share * 10) * 10
        if percent > told[0]:
            told[0] = percent
            bar = f"\r{phase} [{'#' * (percent // 2):50}]" if terminal else phase
            click.echo(f"{bar} {percent} %", err=True, nl=not terminal or percent == 100)

    return heard


@lengths.command("set")
@click.option("--client", "code", metavar="CODE", required=True)
@click.option(
    "--share", metavar="PERCENT|off", required=True, help="How much work should take no longer: 50 to 95."
)
def set_durations(code: str, share: str) -> None:
    """Say how cautiously durations are learned for a client, or that they are not; then learn them."""
    if share != "off" and not (share.isascii() and share.isdigit() and 50 <= int(share) <= 95):
        raise click.ClickException("--share is a percentage from 50 to 95, or off.")
    client = _client(code)
    client.duration_quantile = None if share == "off" else int(share)
    _learn(client)


@lengths.command("learn")
@click.option("--client", "code", metavar="CODE", required=True)
def learn_durations(code: str) -> None:
    """Learn a client's durations now, as happens every night."""
    _learn(_client(code))


def _learn(client: Client) -> None:
    from dispatch.planning import durations

    report = durations.learn(client)
    db.session.commit()
    click.echo(
        f"{report.groups} groups of work learned of, {report.jobs} waiting jobs have another duration."
    )


def _client(code: str) -> Client:
    from dispatch.models.client import Client

    found = db.session.scalar(select(Client).where(Client.code == code))
    if found is None:
        raise click.ClickException(f"There is no client {code!r}.")
    return found


def locate() -> None:
    """Give coordinates to the buildings that came without, from their addresses."""
    from dispatch import places
    from dispatch.models.place import Building

    domain = current_app.config["SETTINGS"].geocoder_domain
    if not domain:
        raise click.ClickException("GEOCODER_DOMAIN is empty, so no geocoder can be asked.")
    nowhere = select(Building).where(or_(Building.latitude.is_(None), Building.longitude.is_(None)))
    buildings = list(db.session.scalars(nowhere.order_by(Building.id)))
    found = sum(places.locate(building, domain) for building in buildings)
    db.session.commit()
    click.echo(f"{found} of {len(buildings)} buildings without coordinates were located.")


@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--territory", metavar="CODE", required=True)
@click.option("--seconds", type=click.IntRange(1, 3600), default=20, show_default=True)
@click.option("--crew", type=click.IntRange(1, 500), default=40, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--json", "target", type=TARGET, help="Keep the figures, the problem and the plan there.")
def plan(day: datetime, territory: str, seconds: int, crew: int, seed: int, target: Path | None) -> None:
    """Plan a past day of an imported history as a study: printed, never dispatched."""
    from dispatch.planning.study import NoHistory, study

    memory = current_app.config["SETTINGS"].solver_memory_mb
    try:
        found = study(territory, day.date(), seconds, crew, seed, memory, _watch("explaining"))
    except NoHistory as reason:
        raise click.ClickException(str(reason)) from None
    click.echo("\n".join(found.lines()))
    if target is not None:
        target.write_text(json.dumps(found.to_json(), indent=1), encoding="utf-8")
    if found.broken:
        raise SystemExit(1)
