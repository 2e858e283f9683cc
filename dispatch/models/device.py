"""A phone that a technician works on: what it may hand in without a session, and until when."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Select, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.models.user import Session, User, digest

# somebody who registers phone after phone does not fill the table
MOST_DEVICES = 50
LONGEST_NAME = 200


class TooManyDevices(Exception):
    """The account has MOST_DEVICES phones that were not given up."""


class Device(Base):
    """A phone, known by a random key; its deposit secret can hand in what was done, and nothing else."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    # what its browser calls itself
    name: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # the highest sequence number that has come from it
    last_seq: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def register(cls, user: User, name: str) -> tuple[Device, str]:
        """A new phone of the user, and its deposit secret, which is shown once. Raises TooManyDevices."""
        theirs = select(func.count()).where(cls.user_id == user.id, cls.revoked_at.is_(None))
        if (db.session.scalar(theirs) or 0) >= MOST_DEVICES:
            raise TooManyDevices
        secret = secrets.token_urlsafe(32)
        device = cls(key=secrets.token_hex(16), digest=digest(secret), user_id=user.id, name=name[:LONGEST_NAME],
                     made_at=now(), seen_at=now(), last_seq=0)  # fmt: skip
        db.session.add(device)
        return device, secret

    @classmethod
    def of(cls, key: str, secret: str) -> Device | None:
        """The phone of that key, when the secret is its own; a revoked one too, so that it can be told."""
        found = db.session.scalar(select(cls).where(cls.key == key))
        right = secrets.compare_digest(digest(secret), found.digest if found else digest(""))
        return found if found and right else None

    def hold(self, opened: Session | None) -> bool:
        """This session of its user is open on this phone; on one that was given up it ends. Whether that is new."""
        if opened is None or opened.user_id != self.user_id:
            return False
        is_new = opened.device_id != self.id or self.revoked_at is not None
        opened.device_id = self.id
        if self.revoked_at is not None:
            opened.end()
        return is_new

    @classmethod
    def visible_to(cls, user: User) -> Select[Device]:
        """One's own phones; for an administrator, those of the technicians whom he sees."""
        if user.role != "administrator":
            return select(cls).where(cls.user_id == user.id).order_by(cls.id.desc())
        territories = Territory.visible_to(user).with_only_columns(Territory.id).order_by(None)
        people = select(Technician.user_id).where(Technician.territory_id.in_(territories))
        return select(cls).where(cls.user_id.in_(people)).order_by(cls.id.desc())

    def revoke(self, by: User) -> None:
        """It is lost: nobody is signed in on it any more, it hands in nothing, and is told to forget what it holds."""
        if self.revoked_at is None:
            self.revoked_at = now()
            mine = update(Session).where(Session.device_id == self.id, Session.ended_at.is_(None))
            db.session.execute(mine.values(ended_at=self.revoked_at))
            whose = self.user.technician
            record("device.revoked", by=by, technician_id=whose.id if whose else None, name=self.name)
