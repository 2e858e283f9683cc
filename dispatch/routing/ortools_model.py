"""The problem as a routing model of OR-Tools, and one search of it.

The model says every rule as near as a matrix allows; `schedule.time_route` then times each route exactly
and `check` has the last word. Two things are approximate: a remote job is pinned to an `anchor`, the place
where the plan before had it, and a job that misses its promise pays either its due time or its promise by
the second. The module runs in a child process (child.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from dispatch.routing.index import Day, index_of, leaves_person, preference
from dispatch.routing.ortools_visits import Search, Sequences, Visit, order_of, visits_of
from dispatch.routing.plan import MUST
from dispatch.routing.problem import Job, Problem, Technician
from dispatch.routing.timing import best_end

SLOW_OPERATORS = (
    "use_global_cheapest_insertion_path_lns",
    "use_local_cheapest_insertion_path_lns",
    "use_relocate_path_global_cheapest_insertion_insert_unperformed",
    "use_lin_kernighan",
)

A_DAY = 86_400
"""Guided local search insists on some limit of seconds; the true one is kept by the parent process."""


def run(search: Search, report: Callable[[Sequences], None]) -> None:
    """Search from the start plan until the effort is spent; `report` each plan that is better than the last.

    Starts from nothing when the model cannot express the start plan. A model without any plan reports nothing.
    """
    model = _Model(search)
    parameters = _parameters()
    costs: list[int] = []

    def better() -> None:
        cost = model.routing.CostVar().Max()
        if not costs or cost < costs[-1]:
            costs.append(cost)
            report(model.sequences())

    model.routing.AddAtSolutionCallback(better)
    model.routing.AddSearchMonitor(model.routing.solver().BranchesLimit(search.effort))
    model.routing.CloseModelWithParameters(parameters)
    model.routing.SolveFromAssignmentWithParameters(model.start(), parameters)
    if not costs:
        model.routing.SolveWithParameters(parameters)


def _parameters() -> Any:
    """Guided local search, without what costs more time than it gains on days with breaks (measured)."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    strategies = routing_enums_pb2.FirstSolutionStrategy
    parameters.first_solution_strategy = strategies.LOCAL_CHEAPEST_INSERTION
    metaheuristics = routing_enums_pb2.LocalSearchMetaheuristic
    parameters.local_search_metaheuristic = metaheuristics.GUIDED_LOCAL_SEARCH
    parameters.disable_scheduling_beware_this_may_degrade_performance = True
    for operator in SLOW_OPERATORS:
        setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_FALSE)
    parameters.time_limit.FromSeconds(A_DAY)
    return parameters


class _Model:
    """Nodes are the visits, then the start of each day, then its end."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.problem = search.problem
        self.index = index_of(search.problem)
        self.days = [self.index.days[route.technician] for route in search.start]
        self.crew = [self.index.technician[route.technician] for route in search.start]
        self.workable = [_can_pause(self.problem, day) for day in self.days]
        self.horizon = max([self.problem.horizon, *(_latest(day) for day in self.days)])
        self.visits = visits_of(search, self.horizon)
        self.inner = len(self.visits)
        self.visits += [Visit(day.place) for day in self.days] + [Visit(day.home) for day in self.days]
        starts = range(self.inner, self.inner + len(self.days))
        ends = range(starts.stop, len(self.visits))
        self.manager = pywrapcp.RoutingIndexManager(len(self.visits), len(self.days), [*starts], [*ends])
        self.routing = pywrapcp.RoutingModel(self.manager)
        self._add_travel()
        self._add_visits()
        self._add_shifts()
        self._add_breaks()
        self._add_parts()
        self._add_most_visits()

    def start(self) -> Any:
        """The start plan, as next nodes only (`ReadAssignmentFromRoutes` hardly ends when there are breaks)."""
        following = {index: index for index in range(self.routing.Size())}
        for vehicle, route in enumerate(self.search.start):
            index = self.routing.Start(vehicle)
            for node in order_of(self.visits[: self.inner], vehicle, route):
                following[index] = index = self.manager.NodeToIndex(node)
            following[index] = self.routing.End(vehicle)
        assignment = self.routing.solver().Assignment()
        for index, successor in following.items():
            assignment.Add(self.routing.NextVar(index))
            assignment.SetValue(self.routing.NextVar(index), successor)
        return assignment

    def sequences(self) -> Sequences:
        """The routes of the plan just found."""
        return {day.id: tuple(self._route(vehicle)) for vehicle, day in enumerate(self.days)}

    def _route(self, vehicle: int) -> list[str]:
        jobs = []
        index = self.routing.Start(vehicle)
        while not self.routing.IsEnd(index):
            job = self.visits[self.manager.IndexToNode(index)].job
            jobs += [] if job is None else [job]
            index = self.routing.NextVar(index).Value()
        return jobs

    def _add_travel(self) -> None:
        """Time from node to node: the work, the trip, and the setup where a stay begins. Cost: the trip and wishes."""
        trips = {profile: self._trips(profile) for profile in {self._profile(t) for t in self.crew}}
        work = np.array([visit.duration for visit in self.visits])[:, None]
        times = {profile: self._register(work + trip + self._setups()) for profile, trip in trips.items()}
        transits = [times[self._profile(technician)] for technician in self.crew]
        self.routing.AddDimensionWithVehicleTransits(transits, self.horizon, self.horizon, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        costs: dict[tuple[str, tuple[int, ...]], int] = {}
        for vehicle, technician in enumerate(self.crew):
            profile, wishes = (
                self._profile(technician),
                tuple(self._wish(visit, vehicle) for visit in self.visits),
            )
            if (profile, wishes) not in costs:
                priced = trips[profile] * self.problem.costs.travel + np.array(wishes)[None, :]
                costs[profile, wishes] = self._register(priced)
            self.routing.SetArcCostEvaluatorOfVehicle(costs[profile, wishes], vehicle)

    def _wish(self, visit: Visit, vehicle: int) -> int:
        """What a node costs this technician: a move, a preference not met, a promise broken.

        It lies on the arcs: a dimension of unary vectors that differ by vehicle forbids to drop a node (9.15).
        """
        if visit.job is None:
            return 0
        job, day = self.index.job[visit.job], self.days[vehicle]
        moved = self.problem.costs.move if leaves_person(self.index, job, day) else 0
        unsaved = max(job.preferred.values(), default=0) - preference(job, day)
        return visit.surcharge + moved + unsaved

    def _profile(self, technician: Technician) -> str:
        return technician.profile or next(iter(self.problem.travel))

    def _trips(self, profile: str) -> Any:
        """Seconds of travel between nodes; a trip that does not exist is longer than the horizon."""
        places = np.array([visit.location or 0 for visit in self.visits])
        seconds = np.asarray(self.problem.travel[profile], dtype=np.int64)[np.ix_(places, places)]
        seconds = np.where(seconds < 0, self.horizon + 1, seconds)
        seconds[:, [visit.location is None for visit in self.visits]] = 0
        for start in range(self.inner, self.inner + len(self.crew)):
            seconds[start, start + len(self.crew)] = 0  # who has nothing to do need not get home in time
        return seconds

    def _setups(self) -> Any:
        places = np.array([-1 if visit.location is None else visit.location for visit in self.visits])
        begins = places[:, None] != places[None, :]
        begins[self.inner : self.inner + len(self.crew)] = True
        return np.where(begins, np.array([visit.setup for visit in self.visits])[None, :], 0)

    def _register(self, matrix: Any) -> int:
        return int(self.routing.RegisterTransitMatrix(matrix.tolist()))

    def _add_visits(self) -> None:
        nodes: dict[str, list[int]] = {}
        for node, visit in enumerate(self.visits[: self.inner]):
            index = self.manager.NodeToIndex(node)
            self._bound(index, visit)
            if visit.job is None:
                self.routing.AddDisjunction([index], MUST)
            else:
                nodes.setdefault(visit.job, []).append(index)
        for job, indices in nodes.items():
            self.routing.AddDisjunction(indices, self._penalty(job))

    def _bound(self, index: int, visit: Visit) -> None:
        """Who and when. (`SetAllowedVehiclesForIndex` cannot be called from Python in 9.15.)"""
        owners = [visit.owner] if visit.job is None else self._able(visit.job)
        self.routing.VehicleVar(index).SetValues([-1, *owners])
        start = self.time.CumulVar(index)
        start.SetRange(visit.windows[0][0], visit.windows[-1][1])
        for before, after in zip(visit.windows, visit.windows[1:], strict=False):
            start.RemoveInterval(before[1] + 1, after[0] - 1)
        job = self.index.jobs[visit.job] if visit.job is not None else None
        if job is not None and job.due is not None:
            self.time.SetCumulVarSoftUpperBound(index, max(0, job.due - job.duration), job.lateness_cost)
        elif job is not None and job.promised is not None:
            self.time.SetCumulVarSoftUpperBound(index, max(0, job.promised[1]), 1)

    def _able(self, job_id: str) -> list[int]:
        return [vehicle for vehicle, day in enumerate(self.days)
                if day.id in self.search.allowed[job_id] and self.workable[vehicle]]  # fmt: skip

    def _penalty(self, job_id: str) -> int:
        job = self.index.job[job_id]
        return job.penalty + max(job.preferred.values(), default=0) + (MUST if job.lock else 0)

    def _add_shifts(self) -> None:
        costs = self.problem.costs
        for vehicle, day in enumerate(self.days):
            last = _latest(day)
            self.time.CumulVar(self.routing.Start(vehicle)).SetRange(day.begin, last)
            self.time.CumulVar(self.routing.End(vehicle)).SetRange(day.begin, last)
            if costs.max_overtime and costs.overtime:
                self.time.SetCumulVarSoftUpperBound(
                    self.routing.End(vehicle), max(0, day.shift_end), costs.overtime
                )

    def _add_breaks(self) -> None:
        """Breaks, and duties held anywhere, outside work. (That they do not cut a setup cannot be said from Python.)"""
        work = [0] * self.routing.Size()
        for node, visit in enumerate(self.visits[: self.inner]):
            work[self.manager.NodeToIndex(node)] = visit.duration
        for vehicle, day in enumerate(self.days):
            if not self.workable[vehicle]:
                continue
            intervals = [
                self.routing.solver().FixedDurationIntervalVar(
                    p.earliest, p.latest, p.duration, False, "pause"
                )
                for p in day.pauses
                if p.duration and p.earliest <= p.latest
            ]
            if intervals:
                self.time.SetBreakIntervalsOfVehicle(intervals, vehicle, work)
            if len(intervals) > 1:  # before the first visit and after the last one it lets them overlap
                solver = self.routing.solver()
                solver.Add(solver.DisjunctiveConstraint(intervals, "one pause at a time"))

    def _add_parts(self) -> None:
        for part in sorted({part for job in self.problem.jobs for part in job.parts}):
            needed = [
                job.parts.get(part, 0) if job and "part" not in job.waived else 0 for job in self._jobs()
            ]
            self._limit(f"part {part}", needed, [technician.parts.get(part, 0) for technician in self.crew])

    def _add_most_visits(self) -> None:
        counted = [int(job is not None and job.is_counted) for job in self._jobs()]
        most = [
            sum(counted) if technician.max_visits is None else technician.max_visits
            for technician in self.crew
        ]
        if min(most) < sum(counted):
            self._limit("visits", counted, most)

    def _jobs(self) -> list[Job | None]:
        """The job of each node."""
        return [self.index.job[visit.job] if visit.job is not None else None for visit in self.visits]

    def _limit(self, name: str, needed: list[int], carried: list[int]) -> None:
        demand = self.routing.RegisterUnaryTransitVector(needed)
        self.routing.AddDimensionWithVehicleCapacity(demand, 0, carried, True, name)


def _latest(day: Day) -> int:
    """The latest end of a day. Going home from a duty is never too late, and takes what it takes."""
    latest = max(day.begin, day.limit)
    if day.posts and day.home is not None:
        _, end, place = day.posts[-1]
        latest = max(latest, end + max(0, day.rows[place][day.home]) + sum(p.duration for p in day.pauses))
    return max([latest, *(end for _, end, _ in day.posts)])


def _can_pause(problem: Problem, day: Day) -> bool:
    """Whether breaks and duties anywhere leave room for each other; where they do not, nobody can work."""
    alone = dataclasses.replace(day, home=None, posts=())
    return best_end(problem.costs, alone, ()) is not None
