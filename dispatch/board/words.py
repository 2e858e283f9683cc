"""What technicians say from the field, late or in need of help: above the decisions, and answered in a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_login import current_user
from sqlalchemy.orm import joinedload

from dispatch.board import blueprint
from dispatch.board.regions import asked_day, shared
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.word import ANSWERS, Word
from dispatch.security import find_or_404, role
from dispatch.web import page_or_fragment


@blueprint.app_template_global()
def words_waiting(territory: Territory) -> Sequence[Word]:
    """What nobody has answered yet, as far as this dispatcher sees it."""
    query = Word.waiting(territory.id, current_user)
    return db.session.scalars(
        query.options(joinedload(Word.technician), joinedload(Word.job).joinedload(Job.ticket))
    ).all()


@blueprint.get("/board/words/<int:word_id>")
@role("dispatcher", "administrator")
def show_word(word_id: int) -> str:
    return sheet(word_id)


def sheet(word_id: int, **more: Any) -> str:
    word = word_of(word_id)
    territory = word.technician.territory
    told = {"trouble": None, "typed": None, **more}
    return page_or_fragment("board/words/show.html", **shared(territory, asked_day(territory)), word=word,
                            answers=ANSWERS[word.kind], **told)  # fmt: skip


def word_of(word_id: int) -> Word:
    return find_or_404(Word.visible_to(current_user).where(Word.id == word_id))
