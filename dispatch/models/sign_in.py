"""How guessing a password is slowed down: by address, by account, and by what is known of the account's places.

Unknown accounts are counted like others, by what was typed, so that no answer tells which accounts there are.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.user import KEPT_DAYS, User

RECENT = timedelta(minutes=15)
# all of an account's tries of an address it never signed in from, in multiples of the limit, before they have to wait
STRANGERS_FACTOR = 2
STRANGERS_SPAN = timedelta(hours=24)
LONGEST_WAIT = timedelta(minutes=5)
PLACE_DAYS = 90


class KnownPlace(Base):
    """An address or network from which somebody has signed in; his tries from there are counted on their own."""

    __tablename__ = "known_place"
    __table_args__ = (UniqueConstraint("user_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    address: Mapped[str]
    seen_at: Mapped[datetime]

    @classmethod
    def remember(cls, user: User, address: str) -> None:
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(cls).values(user_id=user.id, address=address, seen_at=now())
        db.session.execute(
            insert.on_conflict_do_update(index_elements=["user_id", "address"], set_={"seen_at": now()})
        )

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        return cls.seen_at < now() - timedelta(days=PLACE_DAYS)


class SignInFailure(Base):
    """A failed sign-in, counted per account and address to slow guessing down."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_email_at", "email", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def too_many(cls, email: str, address: str, limit: int) -> bool:
        """Whether the next try has to wait: this account from this address, this address, or a stranger's."""
        recent = cls.at > now() - RECENT
        by_account = select(func.count()).where(recent, cls.email == email, cls.address == address)
        by_address = select(func.count()).where(recent, cls.address == address)
        counts = db.session.execute(select(by_account.scalar_subquery(), by_address.scalar_subquery())).one()
        held = cls._strangers_wait(email, address, limit)
        return counts[0] >= limit or counts[1] >= limit * 5 or held

    @classmethod
    def _strangers_wait(cls, email: str, address: str, limit: int) -> bool:
        """Whether those from nowhere known have to wait, however many addresses they have.

        The wait doubles with each further failure, up to five minutes: long enough to make guessing hopeless, and
        too short to lock anybody out. It begins with the last failure that was looked at, not with a refusal.
        """
        known = (
            select(KnownPlace.address).join(User, User.id == KnownPlace.user_id).where(User.email == email)
        )
        strange = (cls.email == email, cls.at > now() - STRANGERS_SPAN, cls.address.not_in(known))
        last, count = db.session.execute(select(func.max(cls.at), func.count()).where(*strange)).one()
        places = db.session.scalars(known).all()
        over = count - limit * STRANGERS_FACTOR
        return over >= 0 and address not in places and now() < last + wait_after(over)

    @classmethod
    def is_old(cls) -> ColumnElement[bool]:
        return cls.at < now() - timedelta(days=KEPT_DAYS)


def wait_after(over: int) -> timedelta:
    """How long strangers wait after so many failures beyond the limit."""
    return min(timedelta(seconds=2 ** min(over, 16)), LONGEST_WAIT)
