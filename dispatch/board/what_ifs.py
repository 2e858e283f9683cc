"""What-ifs as their dispatcher reads them: what is assumed, and three plans side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from flask_login import current_user
from sqlalchemy.orm import undefer

from dispatch import sentences
from dispatch.board.proposals import DAYS, proposal_of
from dispatch.board.regions import Context, shared, today
from dispatch.board.what_if_form import WhatIfForm
from dispatch.extensions import db
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.user import User

# numbers of jobs, and lengths in seconds; of all of them less is better, but of `served`
COUNTS = ("served", "left_out", "late", "promises")
LENGTHS = ("travel", "lateness", "overtime", "cost")
MOST = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the live plan, of the best plan without what is assumed, and of the best with it."""

    name: str
    now: float
    best: float
    then: float

    @property
    def counts(self) -> bool:
        return self.name in COUNTS

    @property
    def more(self) -> float:
        """What the assumptions make of it; lengths in minutes."""
        return self.then - self.best

    @property
    def is_worse(self) -> bool:
        return self.more < 0 if self.name == "served" else round(self.more) > 0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A what-if: `lines` by name are for who may answer it, and empty while there is none."""

    run: PlanRun
    told: Sequence[str]
    real: Sequence[str]
    lines: Mapping[str, Line]

    @property
    def holds(self) -> bool:
        return bool(self.run.beside and self.run.beside["holds"])


def sandbox_of(run: PlanRun, user: User, words: sentences.Vocabulary) -> Sandbox:
    assumed = run.assumed or ()
    beside = run.beside if run.is_for(user) else None
    lines = {name: _line(name, beside) for name in (*COUNTS, *LENGTHS)} if beside else {}
    told = [sentences.assumption(one, words) for one in assumed]
    return Sandbox(run, told, [sentences.made_real(one) for one in assumed], lines)


def sandboxes_of(territory: Territory, day: date, user: User, words: sentences.Vocabulary) -> list[Sandbox]:
    """Those of a day, the latest first, without what was discarded or stopped."""
    mine = PlanRun.visible_to(user).where(PlanRun.territory_id == territory.id, PlanRun.day == day)
    kept = mine.where(PlanRun.assumed.is_not(None), PlanRun.state.not_in(("rejected", "cancelled")))
    latest = kept.order_by(PlanRun.id.desc()).limit(MOST).options(undefer(PlanRun.basis))
    return [sandbox_of(run, user, words) for run in db.session.scalars(latest)]


def index_context(form: WhatIfForm, seconds: int, lengths: Sequence[int]) -> Context:
    """The page of a day's what-ifs: the form, and the sandboxes that there are."""
    context = shared(form.territory, form.day)
    return {
        **context, "form": form, "seconds": seconds, "lengths": lengths,
        "is_over": form.day < today(form.territory),
        "sandboxes": sandboxes_of(form.territory, form.day, current_user, context["vocabulary"]),
    }  # fmt: skip


def what_if_page(run: PlanRun) -> str:
    context = shared(run.territory, run.day)
    sandbox = sandbox_of(run, current_user, context["vocabulary"])
    return render_template("board/what_ifs/show.html", **context, run=run, reaches=DAYS, sandbox=sandbox,
                           proposal=proposal_of(run, current_user))  # fmt: skip


def _line(name: str, beside: Mapping[str, Any]) -> Line:
    """Of the cost all but the price of what is left out, which is told as a number of jobs."""
    plans = [beside[plan] for plan in ("now", "best", "then")]
    if name == "cost":
        return Line(name, *((plan["total"] - plan["unserved"]) / 60 for plan in plans))
    return Line(name, *(plan[name] / (1 if name in COUNTS else 60) for plan in plans))
