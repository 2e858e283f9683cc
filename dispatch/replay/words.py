"""What a technician says to his dispatchers from the phone, with signal or without: one verb for both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.client import Category
from dispatch.models.found import find
from dispatch.models.job import Job
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User
from dispatch.models.word import Word, ask_help
from dispatch.planning.late import announce
from dispatch.replay.details import note_of, number_in

# about a job that has to be his; the others are about what he has said before
ON_A_JOB = frozenset({"late", "help"})


def say(job: Job, said: Mapping[str, str], whose: User, by: User, at: datetime) -> None:
    """Let a word about a job take effect; raises IllegalMove or Incomplete."""
    technician = whose.technician
    assert technician is not None  # only a technician has a phone
    if said.get("say") == "late":
        announce(job, technician, number_in(said, "minutes") or 0, by, at)
    elif said.get("say") == "help":
        ask_help(job, technician, said.get("reason"), note_of(said), by, at)
    else:
        raise Incomplete("say")


def close(said: Mapping[str, str], whose: User, by: User) -> None:
    """He has read an answer (`read`), or told somebody of a new time (`told`, with `whom`)."""
    mine = select(Word).where(Word.id == (number_in(said, "word") or 0), Word.technician_id == _id_of(whose))
    word = db.session.scalar(mine.with_for_update().execution_options(populate_existing=True))
    if word is None or said.get("say") not in ("read", "told"):
        raise Incomplete("say")
    if said["say"] == "read":
        word.read()
    else:
        word.tell(said.get("whom", ""), by)


def find_beside(job: Job, said: Mapping[str, str], whose: User, by: User, at: datetime) -> Job:
    """Work found beside a job; raises Incomplete."""
    assert whose.technician is not None  # only a technician has a phone
    return find(job, whose.technician, by, at, summary=said.get("summary", "").strip() or None, note=note_of(said),
                category=_category(said, job), minutes=number_in(said, "minutes"), is_done=said.get("done") == "yes")  # fmt: skip


def _category(said: Mapping[str, str], job: Job) -> Category | None:
    """One of the job's own client; none when he does not know."""
    wanted = number_in(said, "category")
    if wanted is None:
        return None
    mine = select(Category).where(Category.id == wanted, Category.client_id == job.client_id)
    if (found := db.session.scalar(mine)) is None:
        raise Incomplete("category")
    return found


def _id_of(user: User) -> int:
    return user.technician.id if user.technician else 0
