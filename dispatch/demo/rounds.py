"""What technicians tap on their phones in the course of a day, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from dispatch import clock
from dispatch.demo.day import Day
from dispatch.models.job import Job

MINUTE = timedelta(minutes=1)
NOTES = (
    "Résolu, testé avec l’utilisateur.",
    "Pièce remplacée, tout fonctionne.",
    "Paramètre corrigé, redémarrage puis contrôle.",
    "Réinstallé et mis à jour, utilisateur satisfait.",
    "Droits corrigés, accès vérifié ensemble.",
    "Câblage repris, étiquette posée.",
    None, None,
)  # fmt: skip
# how often a job ends otherwise than solved, in percent
TROUBLES = (
    ("user_absent", 4), ("no_access", 2), ("part_missing", 3), ("not_enough_time", 3), ("wrong_place", 2),
    ("not_reproducible", 1), ("solved_remotely", 5),
)  # fmt: skip
# parts that leave a job in hand
UNFINISHED = ("travelling", "paused", "overruns")


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap: when, on which job, which move, and what is said with it (see models/tap.py)."""

    at: datetime
    job: Job
    move: str
    said: dict[str, Any] = field(default_factory=dict)


def casting(routes: Sequence[Sequence[Job]], now: datetime, gone: Mapping[int, datetime]) -> dict[int, str]:
    """Which job plays which part at `now`, by id: one technician each, where the day allows it.

    `gone` says since when somebody is not there any more, by id: he begins nothing after that.
    """
    parts: dict[int, str] = {}
    free = []
    for route in routes:
        since = gone.get(route[0].technician_id or 0)
        if since is None:
            free.append(route)
        else:
            parts |= {job.id: "silent" for job in route if _leaves(job) > since}
    for part, fits in _PARTS.items():
        for route in free:
            job = next((job for job in route if fits(job, route, now)), None)
            if job is not None:
                parts[job.id] = part
                free.remove(route)
                break
    return parts


def round_of(
    route: Sequence[Job],
    parts: dict[int, str],
    random: Random,
    day: Day,
    days: int,
    meals: Sequence[datetime] = (),
) -> Iterator[Tap]:
    """The taps of one technician on his jobs in order, from the clock's present time on.

    `days` from today is the day he works on; `meals` says when his breaks begin: he is in time for them.
    """
    free = max(_leaves(route[0]) - 2 * MINUTE, clock.now() + MINUTE)
    opened, eager = max(free - random.randint(3, 12) * MINUTE, clock.now()), random.random() < 0.7
    for job in route:
        part = parts.get(job.id, "")
        if part == "silent":
            return
        if part == "declined":
            yield Tap(opened, job, "declined", {"reason": "overloaded"})
            continue
        leave = max(free, day.now - 4 * MINUTE if part == "travelling" else _leaves(job))
        leave += timedelta(seconds=random.randint(0, 180))
        yield Tap(opened if eager else leave - MINUTE, job, "accepted")
        work = _before_meals(list(_work(job, part or _trouble(job, random), leave, random, day, days)), meals)
        yield from work
        if part in UNFINISHED:
            return
        free = work[-1].at


def _before_meals(work: list[Tap], meals: Sequence[datetime]) -> list[Tap]:
    """What he works on when a break begins, he ends then."""
    *before, last = work
    if before and before[-1].move == "working":
        last = replace(last, at=min([last.at, *(meal for meal in meals if meal > before[-1].at)]))
    return [*before, last]


def begin_of(job: Job) -> datetime:
    """When a planned job is to begin."""
    assert job.planned_start is not None
    return job.planned_start


def _work(job: Job, ending: str, leave: datetime, random: Random, day: Day, days: int) -> Iterator[Tap]:
    """From setting out to the end, or to where the part leaves the job."""
    if ending == "solved_remotely":
        yield Tap(leave + 6 * MINUTE, job, ending, {"note": "Résolu par téléphone avant le départ."})
        return
    if job.mode == "on_site":
        yield Tap(leave, job, "travelling")
    if ending == "travelling":
        return
    start = _begin(job, leave, random)
    yield Tap(start, job, "working")
    if ending == "paused":
        yield Tap(max(day.now - 4 * MINUTE, start + MINUTE), job, "paused")
    elif ending != "overruns":
        yield _ending(job, ending, start, random, day, days)


def _begin(job: Job, leave: datetime, random: Random) -> datetime:
    assert job.planned_start is not None and job.planned_arrival is not None
    access = min(job.planned_start - job.planned_arrival, 10 * MINUTE)
    earliest = leave + timedelta(seconds=job.travel_seconds) + access
    return max(earliest, job.planned_start) + timedelta(seconds=random.randint(0, 120))


def _ending(job: Job, ending: str, start: datetime, random: Random, day: Day, days: int) -> Tap:
    worked = timedelta(minutes=job.duration_minutes or 30) * random.uniform(0.7, 1.05)
    if ending in _ENDINGS:
        minutes, said = _ENDINGS[ending](day, days)
        worked = min(worked, timedelta(minutes=minutes))
        return Tap(start + worked, job, "not_completed", {"reason": ending, **said})
    return Tap(start + worked, job, "completed", {"note": random.choice(NOTES)})


def _trouble(job: Job, random: Random) -> str:
    chance = random.random() * 100
    for trouble, percent in TROUBLES:
        if chance < percent:
            return trouble if job.mode == "on_site" or trouble == "not_enough_time" else ""
        chance -= percent
    return ""


# how each trouble ends: after how many minutes at most, and what is said with it
_ENDINGS: dict[str, Callable[[Day, int], tuple[int, dict[str, Any]]]] = {
    "user_absent": lambda day, days: (
        8, {"note": "Bureau vide, message laissé.", "follow_up": "new_window",
            "details": {"window": (day.instant(540, days + 1), day.instant(720, days + 1))}},
    ),
    "no_access": lambda _day, _days: (
        6, {"note": "Porte du local fermée, personne n’a la clé.", "follow_up": "access",
            "details": {"contact": "Services généraux"}},
    ),
    "part_missing": lambda day, days: (
        20, {"note": "Alimentation hors service, pièce à commander.", "follow_up": "part",
             "details": {"part": "Alimentation 65 W", "arrival": day.instant(720, days + 2).date()}},
    ),
    "not_enough_time": lambda _day, _days: (
        60, {"note": "Sauvegarde en cours, à reprendre.", "follow_up": "continuation", "details": {"minutes": 30}},
    ),
    "wrong_place": lambda _day, _days: (
        9, {"note": "Le service a déménagé, bureau et étage à préciser.", "follow_up": "to_agent"},
    ),
    "not_reproducible": lambda _day, _days: (15, {"note": "Panne non reproduite, rien dans les journaux."}),
}  # fmt: skip

Fits = Callable[[Job, Sequence[Job], datetime], bool]
# the part of a job, and whether it can play it at that time; the rarest first
_PARTS: dict[str, Fits] = {
    "overruns": lambda job, _route, now: 8 * MINUTE < now - _end(job) < 50 * MINUTE,
    "paused": lambda job, _route, now: begin_of(job) + 12 * MINUTE < now < _end(job),
    "travelling": lambda job, _route, now: (
        job.mode == "on_site" and 5 * MINUTE < now - _leaves(job) < 40 * MINUTE
    ),
    "silent": lambda job, _route, now: 3 * MINUTE < now - _leaves(job) < 30 * MINUTE,
    "user_absent": lambda job, _route, now: job.mode == "on_site" and now - begin_of(job) > 15 * MINUTE,
    "declined": lambda job, route, now: _leaves(route[0]) < now < begin_of(job) - 60 * MINUTE,
}


def _end(job: Job) -> datetime:
    assert job.planned_end is not None
    return job.planned_end


def _leaves(job: Job) -> datetime:
    """When he has to set out at the latest; a call begins at its time."""
    assert job.planned_arrival is not None
    return job.planned_arrival - timedelta(seconds=job.travel_seconds)
