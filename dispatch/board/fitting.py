"""For several jobs: what each technician of a day would take of them, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_login import current_user

from dispatch import sentences
from dispatch.board.explanations import visible_ids
from dispatch.board.panels import told_of
from dispatch.board.selection import Chosen
from dispatch.models.job import number_of
from dispatch.models.place import Territory
from dispatch.planning.fitting import Fit, fits
from dispatch.sentences import Vocabulary


@dataclass(frozen=True, slots=True)
class Taker:
    """A technician and what he would take; `rule` is the first that keeps one of them out, in words, `left` how many stay."""

    fit: Fit
    left: int
    rule: str


def takers_of(territory: Territory, picked: Chosen, day: date) -> tuple[list[Taker], list[str]]:
    """Best first; and what could be given to nobody, a sentence each."""
    found, vocabulary = fits(territory, picked.seen, day), Vocabulary.load(territory.zone)
    others = {fit.against[1].job_id for fit in found.people if fit.against and fit.against[1].job_id}
    visible = visible_ids(others, current_user)
    movable = len(picked.seen) - len(found.outside)
    people = [
        Taker(fit, movable - fit.fits - fit.his, _rule(fit, visible, vocabulary)) for fit in found.people
    ]
    return people, [f"{number_of(job)} · {sentences.left_out(why)}" for job, why in found.outside.items()]


def _rule(fit: Fit, visible: set[int], vocabulary: Vocabulary) -> str:
    if fit.against is None:
        return ""
    job, broken = fit.against
    told = told_of(broken, job, visible, vocabulary)
    return told if broken.job_id not in (None, job) else f"{number_of(job)} · {told}"
