"""Alive, ready, and the front door."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, redirect
from flask_login import current_user
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.models.worker import Worker
from dispatch.security import any_role, home_of, public

blueprint = Blueprint("health", __name__)


@blueprint.get("/")
@any_role
def index() -> Any:
    return redirect(home_of(current_user))


@blueprint.get("/healthz")
@public
def healthz() -> Any:
    return jsonify(status="alive")


@blueprint.get("/readyz")
@public
def readyz() -> Any:
    """Ready when the database answers and a worker has been heard of lately."""
    queued = db.session.scalar(select(func.count()).where(PlanRun.state == "queued"))
    worker = Worker.any_alive()
    status = "ready" if worker else "no worker"
    return jsonify(status=status, database="reachable", queued_runs=queued), 200 if worker else 503
