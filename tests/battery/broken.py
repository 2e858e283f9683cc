"""Dispatch with its guards against the second writer taken out: what the history check has to find."""

from __future__ import annotations

from dispatch.api import jobs, transitions
from dispatch.app import create_app
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.planning import move

move._require_version = lambda _job, _version: None
jobs.expect = lambda version, _said: version


def _hold(job: Job, _by: object, _version: object) -> None:
    db.session.refresh(job, with_for_update={"of": Job})


transitions._hold = _hold
app = create_app()
