"""OR-Tools' routing model as its manual has it: matrices, cheapest insertion, guided local search."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.solvers.found import Curve, Found, Sequences, able, improving, parts_of
from dispatch.routing.problem import Problem

FIRST = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION


def run(problem: Problem, seconds: float, seed: int, first: int = FIRST) -> Found:
    """Guided local search for so many seconds (it draws nothing: the seed changes nothing)."""
    model = _Model(problem)
    curve: Curve = []
    began = time.perf_counter()

    def note() -> None:
        curve.append((time.perf_counter() - began, model.routing.CostVar().Max()))

    model.routing.AddAtSolutionCallback(note)
    answer = model.routing.SolveWithParameters(_parameters(seconds, first))
    spent = time.perf_counter() - began
    return Found(model.sequences(answer) if answer else {}, spent, improving(curve))


def _parameters(seconds: float, first: int) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = first
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))
    return parameters


class _Model:
    """Nodes are the jobs, then every start, then every end."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        crew, jobs = problem.technicians, problem.jobs
        self.places = [job.location for job in jobs] + [t.start for t in crew] + [t.end for t in crew]
        starts = range(len(jobs), len(jobs) + len(crew))
        ends = range(starts.stop, starts.stop + len(crew))
        self.manager = pywrapcp.RoutingIndexManager(len(self.places), len(crew), [*starts], [*ends])
        self.routing = pywrapcp.RoutingModel(self.manager)
        self._add_travel()
        self._add_jobs()
        self._add_shifts()
        self._add_parts()

    def sequences(self, answer: Any) -> Sequences:
        """The routes of a plan."""
        return {
            technician.id: self._route(answer, vehicle)
            for vehicle, technician in enumerate(self.problem.technicians)
        }

    def _route(self, answer: Any, vehicle: int) -> list[str]:
        route = []
        index = answer.Value(self.routing.NextVar(self.routing.Start(vehicle)))
        while not self.routing.IsEnd(index):
            route.append(self.problem.jobs[self.manager.IndexToNode(index)].id)
            index = answer.Value(self.routing.NextVar(index))
        return route

    def _add_travel(self) -> None:
        ((_, rows),) = self.problem.travel.items()
        trips = np.asarray(rows, dtype=np.int64)[np.ix_(self.places, self.places)]
        self.work = [job.duration for job in self.problem.jobs]
        work = np.array(self.work + [0] * (len(self.places) - len(self.work)))[:, None]
        self.routing.SetArcCostEvaluatorOfAllVehicles(self.routing.RegisterTransitMatrix(trips.tolist()))
        times = self.routing.RegisterTransitMatrix((trips + work).tolist())
        horizon = self.problem.horizon
        self.routing.AddDimension(times, horizon, horizon, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")

    def _add_jobs(self) -> None:
        crew = set(range(len(self.problem.technicians)))
        for node, (job, who) in enumerate(zip(self.problem.jobs, able(self.problem), strict=True)):
            index = self.manager.NodeToIndex(node)
            self.routing.AddDisjunction([index], job.penalty)
            if crew - set(who):
                self.routing.VehicleVar(index).RemoveValues(sorted(crew - set(who)))
            if job.windows:
                ((opens, closes),) = job.windows
                self.time.CumulVar(index).SetRange(
                    max(opens, job.release or 0), min(closes, self.problem.horizon)
                )

    def _add_shifts(self) -> None:
        solver = self.routing.solver()
        visits = [0] * self.routing.Size()
        for node, seconds in enumerate(self.work):
            visits[self.manager.NodeToIndex(node)] = seconds
        for vehicle, technician in enumerate(self.problem.technicians):
            for index in (self.routing.Start(vehicle), self.routing.End(vehicle)):
                self.time.CumulVar(index).SetRange(*technician.shift)
            rests = [
                solver.FixedDurationIntervalVar(*rest.window, rest.duration, False, "rest")
                for rest in technician.breaks
            ]
            if rests:
                self.time.SetBreakIntervalsOfVehicle(rests, vehicle, visits)

    def _add_parts(self) -> None:
        none = [0] * (len(self.places) - len(self.problem.jobs))
        for part in parts_of(self.problem):
            used = self.routing.RegisterUnaryTransitVector(
                [job.parts.get(part, 0) for job in self.problem.jobs] + none
            )
            carried = [technician.parts.get(part, 0) for technician in self.problem.technicians]
            self.routing.AddDimensionWithVehicleCapacity(used, 0, carried, True, f"part {part}")
