"""Accounts from the command line, as an operator types them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.user import Token, User, verify
from tests import factories as make

NORA = ("nora@dispatch.example", "--name", "Nora", "--role", "dispatcher")


@pytest.fixture
def flask(app, session):
    """Runs `flask user …` and gives what it printed."""

    def run(*arguments, fails=False, typed=None):
        session.commit()
        result = app.test_cli_runner().invoke(args=["user", *arguments], input=typed)
        assert (result.exit_code != 0) == fails, result.output
        session.expire_all()
        return result.output

    return run


def nora():
    return db.session.scalar(select(User).where(User.email == "nora@dispatch.example"))


def test_nora_gets_an_account_for_her_clients_and_a_password_shown_once(flask):
    acme, breizh = make.client("acme"), make.client("breizh")
    told = flask("add", *NORA, "--client", acme.code, "--client", breizh.code)
    password = told.split("shown this once: ")[1].strip()
    assert verify(nora(), password)
    assert (nora().client_ids, nora().every_client) == ({acme.id, breizh.id}, False)


def test_she_may_choose_her_password(flask):
    told = flask("add", *NORA, "--every-client", "--ask-password", typed="a long password\n" * 2)
    assert verify(nora(), "a long password")
    assert "a long password" not in told


def test_a_short_password_is_refused(flask):
    flask("add", *NORA, "--every-client", "--ask-password", typed="short\n" * 2, fails=True)
    assert nora() is None


@pytest.mark.parametrize("wrong", [[], ["--client", "nobody"]])
def test_an_account_says_for_whom_it_acts(flask, wrong):
    flask("add", *NORA, *wrong, fails=True)
    assert nora() is None


def test_an_address_has_one_account(flask):
    flask("add", *NORA, "--every-client")
    assert "has an account already" in flask("add", *NORA, "--every-client", fails=True)


def test_an_integration_has_a_token_and_no_password(flask):
    told = flask("add", *NORA, "--every-client", "--no-password")
    assert "Password" not in told
    assert not verify(nora(), "")
    secret = flask("token", NORA[0], "--label", "ITSM").split("shown this once: ")[1].strip()
    assert (Token.of(secret).user, Token.of(secret).label) == (nora(), "ITSM")


def test_a_disabled_account_opens_nothing_any_more(flask):
    flask("add", *NORA, "--every-client")
    secret = flask("token", NORA[0]).split("shown this once: ")[1].strip()
    flask("disable", NORA[0])
    assert not nora().is_active
    assert Token.of(secret) is None
    flask("token", NORA[0], fails=True)


def test_nobody_is_disabled_by_a_slip_of_the_pen(flask):
    assert "Nobody has the address" in flask("disable", "nora@", fails=True)
