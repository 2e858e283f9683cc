"""Accounts from the command line: how an installation gets its first ones."""

from __future__ import annotations

import secrets

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.user import ROLES, Token, User, UserClient
from dispatch.web import LANGUAGES

users = AppGroup("user", help="Open and end accounts, and issue tokens for the API.")
SHORTEST_PASSWORD = 12


@users.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option(
    "--client", "codes", metavar="CODE", multiple=True, help="A client to act for; may be repeated."
)
@click.option("--every-client", is_flag=True, help="Act for all clients, those to come included.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Else the installation's default.")
@click.option("--ask-password", is_flag=True, help="Type the password; else one is made and shown once.")
@click.option("--no-password", is_flag=True, help="For an integration, which has a token and never signs in.")
def add(email: str, name: str, role: str, codes: tuple[str, ...], every_client: bool, language: str | None,
        ask_password: bool, no_password: bool) -> None:  # fmt: skip
    """Open an account for EMAIL."""
    email = email.strip().lower()
    if "@" not in email or _of(email):
        raise click.ClickException(f"{email!r} is no address, or has an account already.")
    if not codes and not every_client and role != "technician":
        raise click.ClickException("Say for whom: --client CODE, as often as needed, or --every-client.")
    user = User(email=email, name=name, role=role, every_client=every_client,
                language=language or current_app.config["SETTINGS"].default_language,
                client_links=[UserClient(client_id=_client(code).id) for code in codes])  # fmt: skip
    made = None if no_password else _set_password(user, ask_password)
    db.session.add(user)
    db.session.commit()
    click.echo(f"{email} can sign in." if not no_password else f"{email} has an account without password.")
    if made:
        click.echo(f"Password, shown this once: {made}")


@users.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """End the account of EMAIL: its sessions and tokens stop working at once."""
    _existing(email).disable()
    db.session.commit()
    click.echo(f"{email} can no longer sign in.")


@users.command("token")
@click.argument("email")
@click.option("--label", default="", help="What the token is for.")
def token(email: str, label: str) -> None:
    """Issue a token with which a program acts as EMAIL in the API."""
    user = _existing(email)
    if not user.is_active:
        raise click.ClickException(f"The account of {email} is disabled.")
    secret = Token.issue(user, label)
    db.session.commit()
    click.echo(f"Token, shown this once: {secret}")


def _set_password(user: User, ask: bool) -> str | None:
    """The password when it was made here."""
    password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True)) if ask else None
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"A password has at least {SHORTEST_PASSWORD} characters.")
    made = None if password else secrets.token_urlsafe(15)
    user.set_password(password or str(made))
    return made


def _client(code: str) -> Client:
    client = db.session.scalar(select(Client).where(Client.code == code))
    if client is None:
        raise click.ClickException(
            f"There is no client {code!r}. Imports make clients: --create-client NAME."
        )
    return client


def _existing(email: str) -> User:
    user = _of(email.strip().lower())
    if user is None:
        raise click.ClickException(f"Nobody has the address {email!r}.")
    return user


def _of(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email))
