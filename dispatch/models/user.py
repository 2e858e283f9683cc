"""People who sign in, what they may see, their sessions and tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, ForeignKey, func, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db

if TYPE_CHECKING:
    from dispatch.models.technician import Technician

# sessions and failures are kept that long after their end
KEPT_DAYS = 7
ROLES = ("administrator", "dispatcher", "phone_agent", "technician", "client_contact")
_hasher = PasswordHasher()
# verified against when the account is unknown, so that both answers take the same time
_DECOY = _hasher.hash(secrets.token_urlsafe(16))


def digest(secret: str) -> str:
    """How session ids and tokens are stored: nobody can use what the table says."""
    return hashlib.sha256(secret.encode()).hexdigest()


class UserClient(Base):
    """A client that a user may act for."""

    __tablename__ = "user_client"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), primary_key=True)


class User(Base):
    """An account with one role, acting for some clients or for `every_client`."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    every_client: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(default="fr")
    password_hash: Mapped[str] = mapped_column(default="")
    disabled_at: Mapped[datetime | None]

    client_links: Mapped[list[UserClient]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    technician: Mapped[Technician | None] = relationship(back_populates="user", lazy="selectin")

    # what Flask-Login asks of a user
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def get_id(self) -> str:
        return str(self.id)

    @property
    def client_ids(self) -> frozenset[int]:
        return frozenset(link.client_id for link in self.client_links)

    @property
    def acts_alone(self) -> bool:
        """A technician: sees his own work, whoever's it is."""
        return self.role == "technician"

    @property
    def reads_internal(self) -> bool:
        """One of the provider's people; a client's own contact reads what models/audience.py lets him read."""
        return self.role != "client_contact"

    def sees(self, client_id: int | None) -> bool:
        return self.every_client or client_id in self.client_ids

    def may_see(self, client_column: Any) -> ColumnElement[bool]:
        """The condition that keeps a query to this user's clients."""
        return true() if self.every_client else client_column.in_(self.client_ids)

    def set_password(self, password: str) -> None:
        self.password_hash = _hasher.hash(password)

    def disable(self) -> None:
        """End the account at once: its sessions and tokens stop working with the next request."""
        self.disabled_at = now()
        for session in db.session.scalars(select(Session).where(Session.user_id == self.id)):
            session.end()


def verify(user: User | None, password: str) -> bool:
    """Whether the password is this user's; takes as long for an unknown account."""
    try:
        _hasher.verify(user.password_hash if user and user.password_hash else _DECOY, password)
    except VerificationError:
        return False
    return user is not None and bool(user.password_hash) and user.is_active


class Session(Base):
    """One sign-in of one user; the cookie holds a secret whose digest is kept here."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # the phone whose page it is, once it has said so: giving it up ends the session
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", ondelete="SET NULL"), index=True)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def begin(cls, user: User, hours: int) -> str:
        """Open a session and return the secret for the cookie."""
        secret = secrets.token_urlsafe(32)
        db.session.add(cls(digest=digest(secret), user_id=user.id, created_at=now(),
                           expires_at=now() + timedelta(hours=hours)))  # fmt: skip
        return secret

    @classmethod
    def of(cls, secret: str) -> Session | None:
        """The open session that the secret belongs to."""
        row = db.session.scalar(select(cls).where(cls.digest == digest(secret)))
        return row if row and row.is_open else None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.expires_at > now() and self.user.is_active

    def end(self) -> None:
        self.ended_at = self.ended_at or now()

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        """Ended or expired a while ago."""
        return func.coalesce(cls.ended_at, cls.expires_at) < now() - timedelta(days=KEPT_DAYS)


class Token(Base):
    """A bearer token of the REST API: belongs to a user, stored as a digest, can be revoked."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(default="")
    scopes: Mapped[list[Any]] = mapped_column(default=lambda: ["read", "write"])
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def issue(cls, user: User, label: str = "", secret: str | None = None) -> str:
        """Make a token and return its secret, which is shown once and never stored."""
        secret = secret or "dsp_" + secrets.token_urlsafe(32)
        db.session.add(cls(digest=digest(secret), user_id=user.id, label=label, created_at=now()))
        return secret

    @classmethod
    def of(cls, secret: str) -> Token | None:
        row = db.session.scalar(select(cls).where(cls.digest == digest(secret)))
        return row if row and row.revoked_at is None and row.user.is_active else None
