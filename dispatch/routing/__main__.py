"""The solver as a tool.

python -m dispatch.routing solve PROBLEM.json --seconds 10 --seed 1 > SOLUTION.json
python -m dispatch.routing check PROBLEM.json SOLUTION.json
python -m dispatch.routing diff PROBLEM.json BEFORE.json AFTER.json [--json]

`solve` writes one JSON line per better plan on standard error, and the best plan so far when it is told to
stop (SIGTERM, Ctrl-C); the first line, `prepared`, says that compiling is over and the seconds count. `check` writes a line per broken rule, `diff` one per promised
time, technician and job for which two plans differ. Exit codes: 0 done, 1 a rule is broken, 2 the input cannot be used.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dispatch.routing import standing
from dispatch.routing.check import check
from dispatch.routing.codec import problem_from_json, solution_from_json, solution_to_json
from dispatch.routing.compare import compare
from dispatch.routing.limits import Limits, Progress
from dispatch.routing.problem import ProblemError
from dispatch.routing.recount import recounted, to_json
from dispatch.routing.solve import ENGINES, engine_named, solve

SECONDS = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (ProblemError, ValueError, OSError) as error:
        print(f"dispatch.routing: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dispatch.routing", description="Plan and check technicians' days."
    )
    commands = parser.add_subparsers(required=True)
    solver = commands.add_parser("solve", help="make a plan")
    solver.add_argument("problem", metavar="PROBLEM.json", help="a problem, - for standard input")
    solver.add_argument(
        "--seconds", type=float, help=f"seconds to search, {SECONDS:g} when nothing else is said"
    )
    solver.add_argument(
        "--iterations", type=int, help="rounds to search; without --seconds the plan is repeatable"
    )
    solver.add_argument("--seed", type=int, default=0)
    solver.add_argument(
        "--processes",
        type=int,
        default=1,
        help="how many may search at the same time, 1 when nothing is said",
    )
    solver.add_argument("--engine", default="hybrid", help=", ".join(ENGINES))
    solver.add_argument(
        "--start", metavar="SOLUTION.json", help="the plan that people work by: go on from it"
    )
    solver.set_defaults(command=_solve)
    ready = commands.add_parser("prepare", help="compile the search once, so that no plan has to wait for it")
    ready.set_defaults(command=_prepare)
    checker = commands.add_parser("check", help="check a plan against every rule")
    checker.add_argument("problem", metavar="PROBLEM.json")
    checker.add_argument("solution", metavar="SOLUTION.json")
    checker.set_defaults(command=_check)
    differ = commands.add_parser("diff", help="tell what one plan changes of another")
    differ.add_argument("problem", metavar="PROBLEM.json")
    differ.add_argument("before", metavar="BEFORE.json")
    differ.add_argument("after", metavar="AFTER.json")
    differ.add_argument("--json", action="store_true", help="the values instead of sentences")
    differ.set_defaults(command=_diff)
    return parser


def _solve(options: argparse.Namespace) -> int:
    stopped = _stop_signals()
    engine_named(options.engine)
    problem = problem_from_json(_read(options.problem))
    engine_named(options.engine).prepare()
    standing.prepare()
    print(json.dumps({"prepared": True}), file=sys.stderr, flush=True)
    seconds = SECONDS if options.seconds is None and options.iterations is None else options.seconds
    limits = Limits(seconds, options.iterations, options.processes)
    start = solution_from_json(_read(options.start)).routes if options.start else ()
    solution = solve(problem, limits, options.seed, options.engine, progress=_say, stop=stopped, start=start)
    json.dump(solution_to_json(solution), sys.stdout)
    print()
    return 0


def _prepare(_options: argparse.Namespace) -> int:
    standing.prepare()
    for engine in ENGINES.values():
        engine.prepare()
    return 0


def _check(options: argparse.Namespace) -> int:
    problem = problem_from_json(_read(options.problem))
    found = check(problem, solution_from_json(_read(options.solution)))
    for violation in found:
        where = " ".join(part for part in (violation.technician, violation.job) if part)
        waived = " (waived)" if violation.waived else ""
        print(f"{violation.rule}: {f'{where}: ' if where else ''}{violation.detail}{waived}")
    return 0 if all(violation.waived for violation in found) else 1


def _diff(options: argparse.Namespace) -> int:
    problem = problem_from_json(_read(options.problem))
    before, after = (solution_from_json(_read(path)).routes for path in (options.before, options.after))
    found = compare(problem, before, after)
    print(json.dumps(to_json(found)) if options.json else "\n".join(recounted(found)))
    return 0


def _stop_signals() -> Callable[[], bool]:
    received: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: received.append(number))
    return lambda: bool(received)


def _read(path: str) -> Any:
    try:
        if path == "-":
            return json.load(sys.stdin)
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ProblemError(f"{path}: this is not JSON: {error}") from error


def _say(progress: Progress) -> None:
    print(json.dumps(dataclasses.asdict(progress)), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
