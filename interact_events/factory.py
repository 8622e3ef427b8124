"""Builds the application: the only module that knows every feature."""

from datetime import timedelta

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from interact_events.accounts import cli as accounts_cli
from interact_events.accounts import jobs as accounts_jobs
from interact_events.accounts import views as accounts_views
from interact_events.attendance import views as attendance_views
from interact_events.calendars import views as calendars_views
from interact_events.certificates import jobs as certificates_jobs
from interact_events.certificates import views as certificates_views
from interact_events.config import ROOT, Settings, read_settings
from interact_events.core import jobs, outbox
from interact_events.core.db import db
from interact_events.core.web import (
    access,
    dev_mail,
    failures,
    filters,
    headers,
    health,
    limits,
    logs,
    transactions,
)
from interact_events.core.web import jobs as job_views
from interact_events.events import views as events_views
from interact_events.interreg import cli as interreg_cli
from interact_events.interreg import views as interreg_views
from interact_events.nominations import jobs as nominations_jobs
from interact_events.nominations import views as nominations_views
from interact_events.registrations import cli as registrations_cli
from interact_events.registrations import jobs as registrations_jobs
from interact_events.registrations import views as registrations_views
from interact_events.reports import cli as reports_cli
from interact_events.reports import views as reports_views
from interact_events.selections import jobs as selections_jobs
from interact_events.selections import views as selections_views

# Importing a module of jobs registers its tasks with the worker.
WORK = (
    outbox,
    accounts_jobs,
    registrations_jobs,
    nominations_jobs,
    selections_jobs,
    certificates_jobs,
)
COMMANDS = (interreg_cli, accounts_cli, registrations_cli, reports_cli)
BLUEPRINTS = (
    health.blueprint,
    job_views.blueprint,
    *interreg_views.BLUEPRINTS,
    *accounts_views.BLUEPRINTS,
    *events_views.BLUEPRINTS,
    *registrations_views.BLUEPRINTS,
    *nominations_views.BLUEPRINTS,
    *attendance_views.BLUEPRINTS,
    *selections_views.BLUEPRINTS,
    *certificates_views.BLUEPRINTS,
    *calendars_views.BLUEPRINTS,
    *reports_views.BLUEPRINTS,
)

MAX_BODY = 2 * 1024 * 1024  # bytes; nothing that people send here is larger


def create_app(settings: Settings | None = None, *, queue_in_memory: bool = False) -> Flask:
    """The application for `settings` (default: those of the environment)."""
    settings = settings or read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = Flask("interact_events", root_path=str(ROOT))
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["settings"] = settings
    app.url_map.converters["int"] = access.RowNumber
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0
        )
    _add_extensions(app, settings)
    _add_features(app, settings, queue_in_memory)
    _add_edges(app, settings)
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # What people type belongs into no log, not even with a failed statement.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True, "hide_parameters": True},
        "SESSION_COOKIE_NAME": "interact_events",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,  # else public files would carry the cookie too
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may stay open over lunch
        "BOOTSTRAP_SERVE_LOCAL": True,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        # The machine's own probes reach /healthz by these two names.
        "TRUSTED_HOSTS": (
            [settings.host, "localhost", "127.0.0.1"] if settings.is_production else None
        ),
    }


def _add_extensions(app: Flask, settings: Settings) -> None:
    logs.init_app(app)  # first, so that it also times what an extension refuses
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    Bootstrap5(app)
    CSRFProtect(app)
    limits.init_app(app, settings)


def _add_features(app: Flask, settings: Settings, queue_in_memory: bool) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for commands in COMMANDS:
        commands.init_app(app)
    jobs.init_app(app, settings, in_memory=queue_in_memory)
    if not settings.is_production:
        app.register_blueprint(dev_mail.blueprint)


def _add_edges(app: Flask, settings: Settings) -> None:
    filters.init_app(app)
    transactions.init_app(app)
    failures.init_app(app)
    headers.init_app(app, settings)
    access.init_app(app)
    app.jinja_env.globals["is_demo"] = settings.is_demo
