"""One job put on one technician's day: checked like every plan, rules overridden only with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.planning.build import horizon_of, look, routes
from dispatch.planning.draft import Draft
from dispatch.planning.horizon import Horizon
from dispatch.routing import insertion
from dispatch.routing.check import failures, price
from dispatch.routing.problem import NEVER_WAIVED
from dispatch.routing.problem import replace as replace_problem
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute
from dispatch.routing.solution import Reason, Route, Solution, Unassigned, Violation, further


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a placement would break, with its numbers; some a person may override with a reason."""

    rule: str
    detail: str
    values: dict[str, Any]
    waivable: bool
    # the job whose rule it is, when that is another one on the route
    job_id: int | None = None


class RulesBroken(Exception):
    """The placement breaks rules; with a reason the waivable ones may be overridden."""

    def __init__(self, broken: Sequence[Broken]) -> None:
        super().__init__(", ".join(rule.rule for rule in broken))
        self.broken = list(broken)


class NotPlaceable(Exception):
    """The job cannot be placed at all that day; `reason` is one of those of LeftOut."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def job_territory(job: Job) -> Territory:
    """Where the job is planned; raises NotPlaceable when it has no place to say so."""
    if job.territory_id is None:
        raise NotPlaceable("no_place")
    return Territory.held(job.territory_id)


def draft_with(
    job: Job, day: date, technician_ids: Iterable[int | None] | None = None, days: int = 1
) -> Draft:
    """The planned day with this job free to move; raises NotPlaceable when it lacks something.

    Of some technicians exactly that day's routes; of all of them also the nights still going on, to be looked at only.
    """
    territory = job_territory(job)
    if technician_ids is None:
        draft = look(territory, horizon_of(territory, day, days), job)
    else:
        ids = {one for one in technician_ids if one is not None}
        draft = routes(territory, day, ids, job)
    if str(job.id) not in draft.jobs:
        mine = (entry.reason for entry in draft.left_out if (entry.what, entry.id) == ("job", job.id))
        raise NotPlaceable(next(mine, "kiosk"))
    return with_job(draft, job, lock=None, waived=frozenset())  # what was overridden held for that placement


def with_job(draft: Draft, job: Job, **changes: Any) -> Draft:
    """The draft with some fields of the solver's job changed."""
    jobs = tuple(replace(one, **changes) if one.id == str(job.id) else one for one in draft.problem.jobs)
    return replace(draft, problem=replace_problem(draft.problem, jobs=jobs))


@dataclass(frozen=True, slots=True)
class Tried:
    """The technician's route with the job, without it, and the rules that the job would break there.

    `live` is his route as it is, when he has the job already.
    """

    placed: TimedRoute
    before: TimedRoute
    live: TimedRoute | None
    broken: list[Broken]

    @property
    def known(self) -> list[TimedRoute]:
        """What these break is no news."""
        return [self.before, *([self.live] if self.live else [])]


def tried(draft: Draft, job: Job, slot: str, start: datetime | None) -> Tried:
    """The job put on that technician-day; nothing is written."""
    at = draft.horizon.seconds(start) if start else None
    placed = insertion.place(draft.problem, draft.live_routes(), str(job.id), slot, at)
    before = next(timed for timed in routes_without(draft, job) if timed.route.technician == slot)
    broken = [broken_of(one, draft.horizon) for one in _person_rules(draft, job, slot, before)]
    found = Tried(placed, before, _live(draft, job, slot), broken)
    known = [one for timed in found.known for one in insertion.others_broken(timed, str(job.id))]
    broken += [broken_of(one, draft.horizon) for one in further(placed.broken, known)]
    return found


def _live(draft: Draft, job: Job, slot: str) -> TimedRoute | None:
    order = draft.sequences()[slot]
    return insertion.as_it_is(draft.problem, slot, order, str(job.id)) if str(job.id) in order else None


def place(draft: Draft, job: Job, slot: str, start: datetime | None, reason: str | None,
          locks: Sequence[Broken] = ()) -> TimedRoute:  # fmt: skip
    """The technician's route with the job; rules overridden with a reason are kept as waived, what breaks its lock is not.

    Raises RulesBroken when there is no reason, or for a rule that nobody can override.
    """
    found = tried(draft, job, slot, start)
    broken = [*locks, *found.broken]
    if broken and not (reason and all(one.waivable for one in broken)):
        raise RulesBroken(broken)
    job.waived = {}
    overridden = [bound(one, found.placed.route.stops[-1].job) for one in found.broken]
    for one in overridden:
        row = draft.jobs[str(one.job_id or job.id)]
        row.waived = {**row.waived, one.rule: reason}
    known = {pair for timed in found.known for pair in known_on(draft, timed) if pair[1] != str(job.id)}
    referee(with_waived(draft, job, overridden), found.placed.route, known)
    return found.placed


def bound(overridden: Broken, last: str) -> Broken:
    """The same, kept where it binds: overtime on the way home with the `last` job of the route."""
    homeward = overridden.rule == "overtime" and overridden.job_id is None
    return replace(overridden, job_id=int(last)) if homeward else overridden


def known_on(draft: Draft, timed: TimedRoute) -> set[tuple[str, str | None]]:
    """What the route breaks, by the clock and by the checker, who lays the way home on its last job."""
    return {(one.rule, one.job) for one in (*timed.broken, *failures_on(draft, timed.route))}


def _person_rules(draft: Draft, job: Job, slot: str, before: TimedRoute) -> Iterable[Reason]:
    """What forbids him this job; parts and visits count for the whole route."""
    technician = next(one for one in draft.problem.technicians if one.id == slot)
    wanted = next(one for one in draft.problem.jobs if one.id == str(job.id))
    return broken_rules(draft.problem, technician, wanted, _ids(before.route))


def with_waived(draft: Draft, job: Job, overridden: Sequence[Broken]) -> Draft:
    """The draft in which these rules bind no more."""
    for one in overridden:
        row = draft.jobs[str(one.job_id or job.id)]
        known = next(other.waived for other in draft.problem.jobs if other.id == str(row.id))
        draft = with_job(draft, row, waived=known | {one.rule})
    return draft


def referee(draft: Draft, route: Route, known: set[tuple[str, str | None]]) -> None:
    """The independent checker has the last word on a move by hand too; `known` was broken before it.

    The checker may lay a rule of the technician (his shift, his break) on no job in particular.
    """
    rules = {rule for rule, _job in known}
    left = [
        one
        for one in failures_on(draft, route)
        if (one.rule, one.job) not in known and (one.job or one.rule not in rules)
    ]
    if left:
        raise RulesBroken([broken_of(one, draft.horizon) for one in left])


def failures_on(draft: Draft, route: Route) -> Sequence[Violation]:
    """What the checker has against this route when everything else is left out."""
    others = tuple(Unassigned(one.id, "not_found") for one in draft.problem.jobs if one.id not in _ids(route))
    return failures(draft.problem, Solution((route,), others, price(draft.problem, [route])))


def _ids(route: Route) -> set[str]:
    return {stop.job for stop in route.stops}


def broken_of(rule: Reason | Violation, horizon: Horizon) -> Broken:
    named = rule.job if isinstance(rule, Violation) else rule.values.get("job")
    other = int(named) if named else None
    values = horizon.dated(rule.rule, rule.values)
    return Broken(rule.rule, rule.detail, values, rule.rule not in NEVER_WAIVED, other)


def routes_without(draft: Draft, job: Job) -> list[TimedRoute]:
    """The routes of the draft, timed again without this job."""
    names = draft.sequences()
    return draft.timed({slot: [one for one in ids if one != str(job.id)] for slot, ids in names.items()})
