"""What the background worker loads: huey_consumer dispatch.worker.queue."""

from dispatch.app import create_app

app = create_app()
queue = app.extensions["queue"]
