"""What gunicorn and the flask command load."""

from dispatch.app import create_app

app = create_app()
