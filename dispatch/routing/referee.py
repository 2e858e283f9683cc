"""OR-Tools' CP-SAT as referee: the least cost of technician-days whose stops are in a given order, proved.

It says the text of docs/routing.md a third time, as constraints, beside the labels of `timing` and the checker.
Between two stops, a *gap*, lie a trip, a wait and the setup of the second one; the last gap is the way home. A pause
(a break, or a duty that may be held anywhere) lies whole in exactly one gap: before the setup, when it makes the
trip longer, or after it; on the way home, or after that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from dispatch.routing.index import FOREVER, Day, Index, JobTiming, Pause, index_of, leaves_person, preference
from dispatch.routing.problem import Costs, Problem, Window
from dispatch.routing.solution import Route, Stop

Post = tuple[int, int, int]
"""A duty at a place: from, to, location."""

Order = Sequence[JobTiming | Post]
Spans = list[Window]


@dataclass(frozen=True, slots=True)
class Ruling:
    """The best timing of a technician-day in a given order; `cost` as that of `TimedRoute.objective`."""

    route: Route
    cost: int


@dataclass(frozen=True, slots=True)
class Way:
    """What leads to a stop, or home: seconds of the trip and of the setup; when the stop may begin, or he be home."""

    trip: int
    setup: int
    spans: Spans

    @property
    def soonest(self) -> int:
        return self.spans[0][0]

    @property
    def latest(self) -> int:
        return max(end for _, end in self.spans)


def ruling(problem: Problem, technician_id: str, order: Order, seconds: float | None = None) -> Ruling | None:
    """The proved best timing of that technician-day with its jobs and its duties at places in this order.

    None when there is no legal one, or when the proof was not there after `seconds`. Only rules of time are
    looked at, as by `schedule.time_route`. Some two milliseconds for ten jobs and a lunch; one model for many
    days is no quicker, and several times slower where jobs are late.
    """
    index, model = index_of(problem), cp_model.CpModel()
    ways = _ways(index.days[technician_id], order)
    if ways is None:
        return None
    day = _Day(model, problem.costs, index.days[technician_id], order, ways)
    model.minimize(day.price)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.0, seconds)
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    return Ruling(day.route(solver), day.cost(index, solver))


def order_of(index: Index, route: Route) -> Order:
    """The jobs of a timed route, and the duties at places where they fall among them."""
    posts = list(index.days[route.technician].posts)
    order: list[JobTiming | Post] = []
    for stop in route.stops:
        while posts and posts[0][0] < stop.end:
            order.append(posts.pop(0))
        order.append(index.jobs[stop.job])
    return order + posts


def _ways(day: Day, order: Order) -> list[Way] | None:
    """From stop to stop and home; None where no way leads, or a stop cannot be in time."""
    trips = _trips(day, order)
    if any(trip < 0 for trip, _ in trips) or any(
        pause.earliest > _last_rest(day, pause) for pause in day.pauses
    ):
        return None
    latest, free = _horizon(day, order, trips), day.begin
    ways = []
    for stop, (trip, setup) in zip([*order, None], trips, strict=True):
        ways.append(Way(trip, setup, _within(_open(stop), free + trip + setup, latest)))
        if not ways[-1].spans:
            return None
        free = ways[-1].soonest + _duration(stop)
    for n in reversed(range(len(order))):
        latest = min(latest, _last_end(day, order[n])) - _duration(order[n])
        ways[n] = Way(*trips[n], _within(ways[n].spans, -FOREVER, latest))
        if not ways[n].spans:
            return None
        latest = ways[n].latest - sum(trips[n])
    return ways


def _trips(day: Day, order: Order) -> list[tuple[int, int]]:
    """Seconds of the trip to each stop and of the setup there; the last trip leads home."""
    trips: list[tuple[int, int]] = []
    place, stay = day.place, None
    for stop in order:
        setup, at = (stop.setup, stop.location) if isinstance(stop, JobTiming) else (0, stop[2])
        if at is None:
            trips.append((0, 0))
            continue
        trips.append((day.rows[place][at], setup if stay != at else 0))
        place, stay = at, at if isinstance(stop, JobTiming) or stay == at else None
    return [*trips, (0 if day.home is None else day.rows[place][day.home], 0)]


def _horizon(day: Day, order: Order, trips: Iterable[tuple[int, int]]) -> int:
    """Nothing need be later: all that he waits for has come by then, and all he does could follow it."""
    waits = [day.begin, *(pause.latest for pause in day.pauses)]
    for stop in order:
        waits += [begin for begin, _ in _open(stop)]
        waits += [stop.promised[0]] if isinstance(stop, JobTiming) and stop.promised else []
    work = sum(_duration(stop) for stop in order) + sum(pause.duration for pause in day.pauses)
    return max(waits) + work + sum(map(sum, trips))


def _open(stop: JobTiming | Post | None) -> Spans:
    """When a stop may begin by its windows, its release and its lock."""
    if stop is None:
        return [(-FOREVER, FOREVER)]
    if not isinstance(stop, JobTiming):
        return [(stop[0], stop[0])]
    first = -FOREVER if stop.release is None else stop.release
    spans = _within(stop.windows or [(-FOREVER, FOREVER)], first, FOREVER)
    return spans if stop.fixed is None else _within(spans, stop.fixed, stop.fixed)[:1]


def _within(spans: Iterable[Window], begin: int, end: int) -> Spans:
    cut = [(max(begin, first), min(end, last)) for first, last in spans]
    return [span for span in cut if span[0] <= span[1]]


def _duration(stop: JobTiming | Post | None) -> int:
    if stop is None:
        return 0
    return stop.duration if isinstance(stop, JobTiming) else stop[1] - stop[0]


def _last_end(day: Day, stop: JobTiming | Post) -> int:
    return day.limit if isinstance(stop, JobTiming) and not stop.overtime_waived else FOREVER


def _last_rest(day: Day, pause: Pause) -> int:
    """When a pause must begin at the latest: a break ends within the day, a duty when it ends."""
    return pause.latest if pause.duty else min(pause.latest, day.limit - pause.duration)


class _Day:
    """One technician-day as variables and constraints of a model; `price` is what depends on the times."""

    def __init__(
        self, model: cp_model.CpModel, costs: Costs, day: Day, order: Order, ways: Sequence[Way]
    ) -> None:
        self.model, self.costs, self.day, self.order, self.ways = model, costs, day, order, ways
        self.begins = [self._among(way.spans) for way in ways]
        self.rests = [self._between(pause.earliest, _last_rest(day, pause)) for pause in day.pauses]
        self.price: Any = 0
        self._add_pauses([self._gap(number) for number in range(len(ways))])
        for stop, begin, way in zip(order, self.begins, ways, strict=False):
            if isinstance(stop, JobTiming):
                self._add_lateness(stop, begin, way)
                self._add_promise(stop, begin, way)
        self._add_overtime()

    def _among(self, spans: Spans) -> Any:
        return self.model.new_int_var_from_domain(cp_model.Domain.from_intervals(spans), "")

    def _between(self, first: int, last: int) -> Any:
        return self.model.new_int_var(first, last, "")

    def _gap(self, number: int) -> dict[int, list[Any]]:
        """The way to a stop, or home, with the pauses that may lie there: per pause, the ways to do so."""
        way, begin = self.ways[number], self.begins[number]
        free, soonest = self._free(number)
        pauses = [
            (n, rest, pause)
            for n, (rest, pause) in enumerate(zip(self.rests, self.day.pauses, strict=True))
            if soonest <= pause.latest and pause.earliest + pause.duration <= way.latest
        ]
        last = number == len(self.order)
        there = (
            self._between(soonest + way.trip, way.latest - way.setup)
            if pauses and way.setup
            else begin - way.setup
        )
        choices: dict[int, list[Any]] = {}
        longer: Any = 0
        for n, rest, pause in pauses:
            before = self.model.new_bool_var("")
            longer += pause.duration * before
            self.model.add(rest >= free).only_enforce_if(before)
            self.model.add(rest + pause.duration <= there).only_enforce_if(before)
            choices[n] = [before]
            if last or way.setup:
                after = self.model.new_bool_var("")
                self.model.add(rest >= there + way.setup).only_enforce_if(after)
                if not last:
                    self.model.add(rest + pause.duration <= begin).only_enforce_if(after)
                choices[n].append(after)
        self.model.add(there >= free + way.trip + longer)
        self.model.add(begin >= there + way.setup)
        return choices

    def _free(self, number: int) -> tuple[Any, int]:
        """When he is free to go on, and the soonest that this can be."""
        if number == 0:
            return self.day.begin, self.day.begin
        worked = _duration(self.order[number - 1])
        return self.begins[number - 1] + worked, self.ways[number - 1].soonest + worked

    def _add_pauses(self, gaps: Sequence[dict[int, list[Any]]]) -> None:
        for n in range(len(self.rests)):
            self.model.add_exactly_one(choice for gap in gaps for choice in gap.get(n, []))
        if len(self.rests) > 1:
            self.model.add_no_overlap(
                self.model.new_fixed_size_interval_var(rest, pause.duration, "")
                for rest, pause in zip(self.rests, self.day.pauses, strict=True)
            )

    def _add_lateness(self, job: JobTiming, begin: Any, way: Way) -> None:
        if job.due is not None and job.lateness_cost and way.latest + job.duration > job.due:
            self._charge(
                begin + job.duration - job.due, way.latest + job.duration - job.due, job.lateness_cost
            )

    def _add_promise(self, job: JobTiming, begin: Any, way: Way) -> None:
        if job.promised is None or (job.promised[0] <= way.soonest and way.latest <= job.promised[1]):
            return
        kept = self.model.new_bool_var("")
        self.model.add(begin >= job.promised[0]).only_enforce_if(kept)
        self.model.add(begin <= job.promised[1]).only_enforce_if(kept)
        self.price += self.costs.promise * (1 - kept)
        if way.latest > job.promised[1]:
            self._charge(begin - job.promised[1], way.latest - job.promised[1], 1)

    def _add_overtime(self) -> None:
        """Of somebody who is home, or held by a duty anywhere, after the shift; home in time after work."""
        way, home, last = self.ways[-1], self.begins[-1], self.order[-1]
        if way.trip and _last_end(self.day, last) < FOREVER:
            self.model.add(home <= self.day.limit)
        if self.costs.overtime:
            held = max(0, self.day.busy_until - self.day.shift_end)
            most = max(held, way.latest - self.day.shift_end)
            self._charge(home - self.day.shift_end, most, self.costs.overtime, least=held)

    def _charge(self, seconds: Any, most: int, price: int, least: int = 0) -> None:
        charged = self._between(least, most)
        self.model.add(charged >= seconds)
        self.price += charged * price

    def cost(self, index: Index, solver: cp_model.CpSolver) -> int:
        """All that the day costs, with its travel and what the jobs cost whenever they are done."""
        jobs = [index.job[stop.id] for stop in self.order if isinstance(stop, JobTiming)]
        moves = sum(self.costs.move for job in jobs if leaves_person(index, job, self.day))
        liked = sum(preference(job, self.day) for job in jobs)
        travel = sum(way.trip for way in self.ways) * self.costs.travel
        return travel + moves - liked + int(solver.value(self.price))

    def route(self, solver: cp_model.CpSolver) -> Route:
        """The route at the times that were found."""
        spans = [
            (solver.value(rest), solver.value(rest) + pause.duration)
            for rest, pause in zip(self.rests, self.day.pauses, strict=True)
        ]
        stops, free = [], self.day.begin
        for stop, begin, way in zip(self.order, map(solver.value, self.begins), self.ways, strict=False):
            if isinstance(stop, JobTiming):
                arrival = _arrival(free, way.trip, spans)
                stops.append(Stop(stop.id, way.trip, arrival, begin, begin + stop.duration))
            free = begin + _duration(stop)
        breaks = [span for span, pause in zip(spans, self.day.pauses, strict=True) if not pause.duty]
        return Route(self.day.id, tuple(stops), tuple(sorted(breaks)))


def _arrival(free: int, trip: int, rests: Iterable[Window]) -> int:
    """When a trip ends that stops for every rest it meets."""
    arrival = free + trip
    for begin, end in sorted(rests):
        if free <= begin < arrival:
            arrival += end - begin
    return arrival
