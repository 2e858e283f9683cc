"""The town of tests/valhalla.py with people and work in it, and what its router has said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask, current_app

from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.planning import survey, trips
from dispatch.routing import travel
from dispatch.routing.problem import Location
from tests import factories as make
from tests.valhalla import ISLAND, TOWN

HALL, SCHOOL, CLINIC = TOWN.place(0, 0), TOWN.place(0, 5), TOWN.place(7, 7)
LIGHTHOUSE, AT_SEA = ISLAND.place(3, 3), (48.1, -2.2)


def use(router: Any, app: Flask | None = None) -> None:
    app = app or current_app._get_current_object()
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], valhalla_url=router.url)


def building(name: str, place: tuple[float, float]) -> Any:
    return make.building(name, latitude=place[0], longitude=place[1])


def walker(place: tuple[float, float] = HALL, **fields: Any) -> Technician:
    return make.technician("Tariq", latitude=place[0], longitude=place[1], **fields)


def visit(name: str, place: tuple[float, float], **fields: Any) -> Job:
    return make.job(name, of=make.ticket(name, building_id=building(name, place).id), **fields)


def ask_router(seconds: float = 60) -> int:
    """What the worker does in the background; how many questions it asked."""
    db.session.commit()
    asked = 0
    for _ in survey.survey(make.territory().id, seconds):
        asked += 1
        db.session.commit()
    return asked


def seconds(*places: tuple[float, float], profile: str = "walk") -> tuple[Any, list[str]]:
    locations = [Location(str(number), *place) for number, place in enumerate(places)]
    matrices, remarks = trips.times(make.territory().id, locations, {profile})
    return matrices[profile], remarks


def estimate(*places: tuple[float, float], profile: str = "walk") -> Any:
    locations = [Location(str(number), *place) for number, place in enumerate(places)]
    return travel.matrices(locations, [profile])[profile]
