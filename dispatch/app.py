"""The application factory: configuration, extensions, blueprints, commands."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from dispatch import catalogue, cli, errors, logs, security, tasks, web
from dispatch.config import Settings
from dispatch.database import read_json
from dispatch.extensions import babel, compress, csrf, db, htmx, login_manager, migrate
from dispatch.routing import standing

# where work is given away: what is asked there needs the engine
PLACES_JOBS = ("/board", "/api/")


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without `settings` they are read from the environment."""
    settings = settings or Settings.from_environment()
    app = Flask("dispatch", instance_path=str(settings.instance))
    settings.instance.mkdir(parents=True, exist_ok=True)
    _configure(app, settings)
    logs.init_app(app, settings.log_level)
    app.before_request(_engine_first)  # before anything reads the database
    _extend(app)
    security.init_app(app)
    errors.init_app(app)
    web.init_app(app)
    tasks.init_app(app)
    _register(app)
    cli.init_app(app)
    return app


def _engine_first() -> None:
    """Who writes waits for the engine before his transaction begins, not in it: on SQLite everybody would wait for him."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.path.startswith(PLACES_JOBS):
        standing.prepare()


def _configure(app: Flask, settings: Settings) -> None:
    from dispatch.jobs import carry  # the blueprints load after the extensions

    secure = settings.public_url.startswith("https://")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.key(),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database),
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        # a slow answer that set its cookie again would take away what a faster one has just put in (a notice)
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_NAME="__Host-dispatch" if secure else "dispatch",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        # pages only: the API's ETags name versions, and an event stream is never held back
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "image/svg+xml", carry.CONTENT_TYPE],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],  # static files are streamed
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE=settings.default_language,
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _engine_options(url: str) -> dict[str, object]:
    options: dict[str, object] = {"json_deserializer": read_json}
    if url.startswith("sqlite"):
        return options | {
            "connect_args": {"timeout": 15, "check_same_thread": False},
            "pool_size": 20,
            "max_overflow": 80,
        }
    return options | {"pool_size": 20, "max_overflow": 30, "pool_pre_ping": True}


def _extend(app: Flask) -> None:
    import dispatch.models  # noqa: F401 - tables and relationships are known before the first query

    db.init_app(app)
    migrate.init_app(app, db)
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=web.choose_language)
    catalogue.init_app(app)
    htmx.init_app(app)
    compress.init_app(app)


def _register(app: Flask) -> None:
    from dispatch import accounts, alerts, api, board, handover, health, jobs, kiosk, live, reviews, sync

    for package in (accounts, alerts, board, handover, jobs, kiosk, sync, reviews, live, health):
        app.register_blueprint(package.blueprint)
    api.init_app(app)
