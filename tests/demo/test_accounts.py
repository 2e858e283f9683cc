"""demo-accounts.json: who a newcomer may sign in as."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.transitions import BEGUN
from dispatch.models.user import ROLES, Token, User, verify
from tests.demo.demos import demo_at
from tests.demo.test_build import ORDINARY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Flask]:
    with demo_at(ORDINARY, folder) as app:
        yield app


@pytest.fixture
def listed(demo: Flask, folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "demo-accounts.json").read_text())
    return found


def test_only_its_owner_reads_the_file(demo: Flask, folder: Path) -> None:
    assert stat.S_IMODE((folder / "demo-accounts.json").stat().st_mode) == 0o600


def test_there_is_somebody_of_every_role_and_client(listed: list[dict[str, Any]]) -> None:
    present = {(account["role"], account["client"]) for account in listed}
    assert {role for role, _client in present} == set(ROLES)
    for role in ("phone_agent", "client_contact"):
        assert {(role, "acme"), (role, "breizh-energie")} <= present


def test_the_first_dispatcher_acts_for_every_client(listed: list[dict[str, Any]]) -> None:
    first = next(account for account in listed if account["role"] == "dispatcher")
    assert first["client"] is None
    assert user_of(first).every_client


def test_everybody_signs_in_with_what_is_listed(listed: list[dict[str, Any]]) -> None:
    assert len({account["password"] for account in listed}) == 1
    assert verify(user_of(listed[0]), listed[0]["password"])
    assert len({user.password_hash for user in db.session.scalars(select(User))}) == 1


def test_each_token_belongs_to_its_account_and_is_kept_as_a_digest(listed: list[dict[str, Any]]) -> None:
    assert all(Token.of(account["token"]).user.email == account["email"] for account in listed)
    digests = {token.digest for token in db.session.scalars(select(Token))}
    assert not digests & {account["token"] for account in listed}


def test_technicians_with_work_in_hand_come_first(listed: list[dict[str, Any]]) -> None:
    busy = set(db.session.scalars(select(Job.technician_id).where(Job.state.in_(BEGUN))))
    technicians = [user_of(account).technician for account in listed if account["role"] == "technician"]
    at_work = [technician.id in busy for technician in technicians]
    assert len(technicians) >= 6
    assert at_work[0]
    assert at_work == sorted(at_work, reverse=True)


def test_all_twenty_five_technicians_have_an_account(demo: Flask) -> None:
    assert len(db.session.scalars(select(User).where(User.role == "technician")).all()) == 25


def user_of(account: dict[str, Any]) -> User:
    return db.session.scalars(select(User).where(User.email == account["email"])).one()
