"""The routes on which work goes back to where it was: which of it still fits, and at which times."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.planning.build import assemble
from dispatch.planning.draft import Draft
from dispatch.planning.horizon import Horizon
from dispatch.planning.journal import Place
from dispatch.planning.rows import jobs_of, technicians_of
from dispatch.routing import problem as routing
from dispatch.routing.check import failures, price
from dispatch.routing.rules import PERSON_RULES
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Route, Solution, Unassigned, Violation

# of a job: `out` (nobody would look at it), `nobody` (its technician is not there) or `rule`, with what there is to say
Refused = dict[int, tuple[str, dict[str, Any]]]
Known = Collection[tuple[str, str | None]]
ROW = (
    "technician",
    "technician_id",
    "day",
    "planned_start",
    "lock",
    "lock_technician_id",
    "lock_start",
    "waived",
    "not_before",
)


@dataclass(frozen=True, slots=True)
class DayBack:
    """One day with the work back: the routes that hold, timed from now on, and why some work is on none of them."""

    day: date
    draft: Draft
    routes: tuple[Route, ...]
    unfit: Refused

    def seat(self, job: Job) -> dict[str, Any] | None:
        """Where the job is on this day afterwards, as a proposal says it."""
        for route in self.routes:
            for stop in route.stops:
                if stop.job == str(job.id):
                    who = self.draft.slots[route.technician].technician
                    start = self.draft.horizon.instant(stop.start).isoformat()
                    return {
                        "technician_id": who.id,
                        "technician": who.name,
                        "day": self.day.isoformat(),
                        "start": start,
                    }
        return None


def days_back(territory: Territory, jobs: Mapping[int, Job], wanted: Mapping[int, Place], order: Mapping[int, Place]
              ) -> tuple[list[DayBack], dict[int, Place], Refused]:  # fmt: skip
    """The days with the `wanted` jobs at these places, those that go there, and why the others stay.

    `order` are jobs that stay on their routes and had another minute then: they are done in that order again.
    What does not fit stays where it is now, so that what was to come in its stead may not fit either.
    """
    going, refused = dict(wanted), Refused()
    while True:
        moving = _Moving(territory, jobs, going, order)
        days = [moving.on(day) for day in moving.days]
        unfit = {job_id: why for day in days for job_id, why in day.unfit.items()}
        if not unfit:
            return days, going, refused
        refused.update(unfit)
        going = {job_id: place for job_id, place in going.items() if job_id not in unfit}


@dataclass(frozen=True, slots=True)
class _Moving:
    """What goes where, and in which order what stays is done."""

    territory: Territory
    jobs: Mapping[int, Job]
    going: Mapping[int, Place]
    order: Mapping[int, Place]

    @property
    def days(self) -> list[date]:
        live = {self.jobs[job_id].day for job_id in (*self.going, *self.order)}
        return sorted(day for day in live | {_day(place) for place in self.going.values()} if day is not None)

    def on(self, day: date) -> DayBack:
        here = {job_id for job_id, place in self.going.items() if _day(place) == day}
        horizon = Horizon(self.territory.zone, day, 1, now())
        people = self._people(day)
        with db.session.no_autoflush:
            technicians = technicians_of(self.territory, people, horizon)
            live = jobs_of(self.territory, horizon, people, planned_only=True, extra=None)
            rows = {job.id: job for job in live if job.id not in self.going or job.id in here}
            rows |= {job_id: self.jobs[job_id] for job_id in here}
            with _as_before(self.jobs, {**self.order, **self.going}):
                draft = assemble(self.territory, horizon, technicians, [rows[one] for one in sorted(rows)])
                before = draft.sequences()
        fitted = _Fitted(draft, {str(one) for one in here}, self._starts(rows))
        routes = [route for name in before if (route := fitted.route(name, before[name])) is not None]
        fitted.miss(self.jobs, self.going, here)
        return DayBack(day, draft, tuple(routes), fitted.unfit)

    def _starts(self, rows: Mapping[int, Job]) -> dict[str, datetime]:
        """When each job begins once everything is back."""
        back = {**self.order, **self.going}
        starts = {
            key: _instant(back[key]["start"]) if key in back else job.planned_start
            for key, job in rows.items()
        }
        return {str(key): start for key, start in starts.items() if start is not None}

    def _people(self, day: date) -> set[int]:
        """Whose routes of that day gain, lose or are timed in another order."""
        gain = {place["technician_id"] for place in self.going.values() if _day(place) == day}
        live = (self.jobs[job_id] for job_id in (*self.going, *self.order))
        return gain | {job.technician_id for job in live if job.day == day and job.technician_id is not None}


@dataclass(slots=True)
class _Fitted:
    """What fits on the routes of a day; `coming` are the jobs that go back to it, `starts` when each is to begin, where it had a time."""

    draft: Draft
    coming: Collection[str]
    starts: Mapping[str, datetime]
    unfit: Refused = field(default_factory=dict)

    def route(self, name: str, before: Sequence[str]) -> Route | None:
        """The route as it was before, as far as it holds; None: not even what stays on it can be timed."""
        staying = [job for job in before if job not in self.coming]
        live = sorted(staying, key=lambda job: self._live(job))
        for base in (staying, live):
            known = {(one.rule, one.job) for one in self._broken(name, base) if one.rule in PERSON_RULES}
            if not self._new(name, base, known):
                return self._filled(name, before, base, known)
        found = self._to_the_minute(name, before)
        if found is None:
            self._refuse([job for job in before if job in self.coming], self._broken(name, staying)[0])
        return found

    def _filled(self, name: str, before: Sequence[str], base: Sequence[str], known: Known) -> Route:
        """What comes back goes where it was among the others: all of it, or one by one what holds."""
        if not self._new(name, before, known):
            route = self._timed(name, before).route
            return (self._to_the_minute(name, before) if self._is_later(route) else None) or route
        return self._to_the_minute(name, before) or self._one_by_one(name, before, base, known)

    def _to_the_minute(self, name: str, before: Sequence[str]) -> Route | None:
        """What comes back at its own minute on a route that the clock has overtaken, among what is still ahead there.

        What should have begun by now stays as it is, late as it was. None when a minute has passed, or is taken.
        """
        ahead = sorted(
            (job for job in before if job in self.starts and self.starts[job] >= now()),
            key=lambda job: self.starts[job],
        )
        if not {job for job in before if job in self.coming} <= {*ahead}:
            return None
        fixed = _Fitted(self._fixed(ahead), self.coming, self.starts)
        known = {
            (one.rule, one.job)
            for one in fixed._broken(name, [job for job in ahead if job not in self.coming])
        }
        return None if fixed._new(name, ahead, known) else fixed._timed(name, ahead).route

    def _fixed(self, ahead: Collection[str]) -> Draft:
        """The draft in which each of these jobs begins when it is to begin."""
        jobs = tuple(self._at_its_minute(one) if one.id in ahead else one for one in self.draft.problem.jobs)
        return replace(self.draft, problem=routing.replace(self.draft.problem, jobs=jobs))

    def _at_its_minute(self, job: routing.Job) -> routing.Job:
        start, lock = self.draft.horizon.seconds(self.starts[job.id]), job.lock or routing.Lock(start=0)
        return replace(job, lock=replace(lock, start=start))

    def _is_later(self, route: Route) -> bool:
        starts = ((stop.start, self.starts.get(stop.job)) for stop in route.stops)
        return any(
            planned is not None and self.draft.horizon.instant(start) > planned for start, planned in starts
        )

    def _one_by_one(self, name: str, before: Sequence[str], base: Sequence[str], known: Known) -> Route:
        kept = list(base)
        for job in (job for job in before if job in self.coming):
            ahead = {*before[: before.index(job)]}
            at = max((place + 1 for place, other in enumerate(kept) if other in ahead), default=0)
            trial = [*kept[:at], job, *kept[at:]]
            new = self._new(name, trial, known)
            if new:
                self._refuse([job], new[0])
            else:
                kept = trial
        return self._timed(name, kept).route

    def miss(self, jobs: Mapping[int, Job], going: Mapping[int, Place], here: Iterable[int]) -> None:
        """What goes back to nobody's route: nobody would look at it, or its technician is not there any more."""
        said = {(one.what, one.id): one.reason for one in self.draft.left_out}
        slots = {slot.technician.id for slot in self.draft.slots.values()}
        for job_id in here:
            who = going[job_id]["technician_id"]
            if str(job_id) not in self.draft.jobs:
                self.unfit[job_id] = ("out", {"reason": said.get(("job", job_id), "kiosk")})
            elif who not in slots:
                name = db.session.get_one(Technician, who).name
                self.unfit[job_id] = (
                    "nobody",
                    {"technician": name, "reason": said.get(("technician", who), "no_shift")},
                )

    def _live(self, job: str) -> tuple[float, int]:
        start = self.draft.jobs[job].planned_start
        return (start.timestamp() if start else 0.0, int(job))

    def _refuse(self, jobs: Iterable[str], broken: Violation) -> None:
        values = self.draft.horizon.dated(broken.rule, broken.values)
        for job in jobs:
            self.unfit[int(job)] = ("rule", {"rule": broken.rule, "values": values})

    def _new(self, name: str, order: Sequence[str], known: Known) -> list[Violation]:
        return [one for one in self._broken(name, order) if (one.rule, one.job) not in known]

    def _broken(self, name: str, order: Sequence[str]) -> list[Violation]:
        """What the timing and the independent checker have against this order."""
        timed, problem = self._timed(name, order), self.draft.problem
        others = tuple(Unassigned(job.id, "not_found") for job in problem.jobs if job.id not in order)
        alone = Solution((timed.route,), others, price(problem, [timed.route]))
        return [*timed.broken, *failures(problem, alone)]

    def _timed(self, name: str, order: Sequence[str]) -> TimedRoute:
        technician = next(one for one in self.draft.problem.technicians if one.id == name)
        return time_route(self.draft.problem, technician, order)


@contextmanager
def _as_before(jobs: Mapping[int, Job], places: Mapping[int, Place]) -> Iterator[None]:
    """The rows as if they were at these places: what the engine reads of them then is what it read before."""
    live = {job_id: {name: getattr(jobs[job_id], name) for name in ROW} for job_id in places}
    try:
        for job_id, place in places.items():
            _set(jobs[job_id], _values(place))
        yield
    finally:
        for job_id, values in live.items():
            _set(jobs[job_id], values)


def _values(place: Place) -> dict[str, Any]:
    who = place["technician_id"]
    return {
        "technician": db.session.get_one(Technician, who) if who else None,
        "technician_id": who,
        "day": _day(place),
        "planned_start": _instant(place["start"]),
        "lock": place["lock"],
        "lock_technician_id": place["lock_technician_id"],
        "lock_start": _instant(place["lock_start"]),
        "waived": place["waived"],
        "not_before": _instant(place.get("not_before")),
    }


def _set(job: Job, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(job, name, value)


def _day(place: Place) -> date | None:
    return date.fromisoformat(place["day"]) if place["day"] else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
