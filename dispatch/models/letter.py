"""Mail that is to go out: one letter per version of a report, tried again until it is sent or given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.clock import now
from dispatch.database import Base
from dispatch.models.report import Report
from dispatch.models.ticket import Attachment

MOST_TRIES = 10
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
LONGEST_TROUBLE = 300


class Letter(Base):
    """`state`: waiting, sent or failed."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("report_id", "report_version"),
        Index("ix_letter_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"))
    report_version: Mapped[int]
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"))
    recipient: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    trouble: Mapped[str | None]

    report: Mapped[Report] = relationship()
    attachment: Mapped[Attachment] = relationship()

    @classmethod
    def due(cls) -> Select[Letter]:
        return select(cls).where(cls.state == "waiting", cls.due_at <= now()).order_by(cls.due_at)

    def begin(self) -> None:
        """Before each try: whoever else looks meanwhile leaves it alone, and a try that dies is made again."""
        self.tries += 1
        self.due_at = now() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self.tries - 1))

    def sent(self) -> None:
        self.state, self.sent_at, self.trouble = "sent", now(), None

    def failed(self, trouble: str, for_good: bool) -> None:
        self.trouble = trouble[:LONGEST_TROUBLE]
        if for_good or self.tries >= MOST_TRIES:
            self.state = "failed"
