"""The REST API that other systems rely on, under /api/v1; docs/api.md shows it at work."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the resources and their description."""
    from dispatch.api import document, jobs, kiosks, plan_changes, plan_runs, plans, tickets

    document.init_app(
        app,
        tickets.blueprint,
        jobs.blueprint,
        plan_runs.blueprint,
        plans.blueprint,
        plan_changes.blueprint,
        kiosks.blueprint,
    )
