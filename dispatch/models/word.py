"""What a technician says to his dispatchers beside the moves of a job: that he is late, that he needs help.

They answer, and he reads the answer. One word of a kind is open per job: said again, it is that one, which says more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, false, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job
from dispatch.models.technician import Technician
from dispatch.models.transitions import ENDED, Incomplete
from dispatch.models.user import User

HELP = ("access", "knowledge", "tool", "hands", "safety", "other")
ANSWERS = {"help": ("calling", "sending", "text"), "late": ("seen", "calling", "text")}
LATE_MINUTES = (10, 20, 30)
LONGEST_REMARK = 500
# how long what was said and answered stays on the phone and on the board
KEPT = timedelta(hours=16)
READERS = ("dispatcher", "administrator")


class Word(Base):
    """`late` or `help`. `due`: by number of a job its new time, of those who are to be told; `told`: by number, when he told them."""

    __tablename__ = "field_word"
    __table_args__ = (
        Index("ix_field_word_territory_id_at", "territory_id", "at"),
        Index("ix_field_word_technician_id_at", "technician_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str]
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"))
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    minutes: Mapped[int | None]
    due: Mapped[dict[str, Any]] = mapped_column(default=dict)
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[str | None]
    remark: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    read_at: Mapped[datetime | None]

    job: Mapped[Job] = relationship()
    technician: Mapped[Technician] = relationship()
    answered_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, user: User) -> Select[Word]:
        """Those about jobs of the user's clients, for who dispatches."""
        return select(cls).where(user.may_see(cls.client_id), true() if user.role in READERS else false())

    @classmethod
    def waiting(cls, territory_id: int, user: User) -> Select[Word]:
        """What nobody has answered yet, of jobs that somebody still has before him; help first, then the oldest."""
        mine = cls.visible_to(user).where(cls.territory_id == territory_id, cls.at > now() - KEPT)
        mine = mine.join(Job, Job.id == cls.job_id).where(Job.state.not_in(ENDED))
        wanted = or_(cls.kind != "help", cls.read_at.is_(None))  # he needs it no longer
        return mine.where(cls.answered_at.is_(None), wanted).order_by(cls.kind, cls.at)

    @classmethod
    def of(cls, technician: Technician) -> Select[Word]:
        """What he has said lately and has not closed: unanswered, or answered and not read.

        A call for help that nobody has answered ends with its job, as on the board.
        """
        mine = (
            select(cls)
            .where(cls.technician_id == technician.id, cls.at > now() - KEPT)
            .join(Job, Job.id == cls.job_id)
        )
        mine = mine.where(or_(cls.kind != "help", cls.answered_at.is_not(None), Job.state.not_in(ENDED)))
        return mine.where(or_(cls.read_at.is_(None), cls.answered_at > cls.read_at)).order_by(cls.at)

    def answer_with(self, answer: str, remark: str | None, by: User, version: int) -> None:
        """A dispatcher answers; raises Incomplete, or StaleDataError when somebody was faster or he said more."""
        if answer not in ANSWERS[self.kind]:
            raise Incomplete("answer")
        if answer == "text" and not remark:
            raise Incomplete("remark")
        if self.version != version or self.answered_at is not None:
            raise StaleDataError("answered meanwhile")
        self.answer, self.remark, self.answered_at, self.answered_by_id = answer, remark, now(), by.id
        record("job.answered", by=by, job=self.job, technician_id=self.technician_id, territory_id=self.territory_id,
               answer=answer, remark=remark)  # fmt: skip

    def read(self) -> None:
        """He has read the answer, or wants to see it no more; nobody else has to hear of it."""
        self.read_at = now()

    def tell(self, number: str, by: User) -> None:
        """He has told those of a later job of their new time."""
        if number not in self.due:
            raise Incomplete("job")
        if number in self.told:
            return
        self.told = {**self.told, number: now().isoformat()}
        record(
            "job.told",
            by=by,
            job=self.job,
            technician_id=self.technician_id,
            whom=number,
            until=self.due[number],
        )

    @property
    def is_all_told(self) -> bool:
        return set(self.due) <= set(self.told)


def ask_help(
    job: Job, technician: Technician, reason: str | None, note: str | None, by: User, at: datetime
) -> Word:
    """He cannot go on alone; raises IllegalMove for a job that has ended, Incomplete without a reason that is offered."""
    if reason not in HELP:
        raise Incomplete("reason")
    word = open_word("help", job, technician, by, at)
    word.reason, word.note = reason, "\n".join(filter(None, (word.note, note))) or None
    record("job.help", by=by, job=job, technician_id=technician.id, reason=reason, note=note)
    return word


def open_word(kind: str, job: Job, technician: Technician, by: User, at: datetime) -> Word:
    """The unanswered word of that kind on the job, or a new one; raises IllegalMove for a job that has ended."""
    if job.state in ENDED:
        raise IllegalMove(kind, job.state, job.legal_moves(by))
    query = select(Word).where(
        Word.kind == kind,
        Word.job_id == job.id,
        Word.technician_id == technician.id,
        Word.answered_at.is_(None),
    )
    word = db.session.scalar(query.with_for_update().limit(1))
    if word is None:
        word = Word(kind=kind, job_id=job.id, technician_id=technician.id, territory_id=technician.territory_id,
                    client_id=job.client_id, due={}, told={})  # fmt: skip
        db.session.add(word)
    word.at, word.read_at = at, None
    return word
