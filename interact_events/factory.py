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
from interact_events.accounts.queries import STILL_SIGNED_IN
from interact_events.attendance import cli as attendance_cli
from interact_events.attendance import jobs as attendance_jobs
from interact_events.attendance import views as attendance_views
from interact_events.bounces import jobs as bounces_jobs
from interact_events.bounces import views as bounces_views
from interact_events.calendars import jobs as calendars_jobs
from interact_events.calendars import views as calendars_views
from interact_events.certificates import jobs as certificates_jobs
from interact_events.certificates import views as certificates_views
from interact_events.checklists import views as checklists_views
from interact_events.config import ROOT, Settings, read_settings
from interact_events.core import files, jobs, outbox, signing
from interact_events.core.db import db
from interact_events.core.versions import hidden
from interact_events.core.web import (
    access,
    assets,
    dev_mail,
    failures,
    filters,
    garbage,
    headers,
    health,
    kept,
    limits,
    logs,
    parts,
    transactions,
    turns,
    uploads,
)
from interact_events.core.web import jobs as job_views
from interact_events.events import views as events_views
from interact_events.ideas import jobs as ideas_jobs
from interact_events.ideas import views as ideas_views
from interact_events.interreg import cli as interreg_cli
from interact_events.interreg import views as interreg_views
from interact_events.letters import jobs as letters_jobs
from interact_events.letters import views as letters_views
from interact_events.materials import cli as materials_cli
from interact_events.materials import jobs as materials_jobs
from interact_events.materials import views as materials_views
from interact_events.messages import jobs as messages_jobs
from interact_events.messages import queries as messages_queries
from interact_events.messages import views as messages_views
from interact_events.news import jobs as news_jobs
from interact_events.news import views as news_views
from interact_events.nominations import jobs as nominations_jobs
from interact_events.nominations import views as nominations_views
from interact_events.planning import views as planning_views
from interact_events.registrations import cli as registrations_cli
from interact_events.registrations import jobs as registrations_jobs
from interact_events.registrations import views as registrations_views
from interact_events.reports import cli as reports_cli
from interact_events.reports import views as reports_views
from interact_events.scheduling import views as scheduling_views
from interact_events.selections import jobs as selections_jobs
from interact_events.selections import views as selections_views
from interact_events.series import views as series_views

# Importing a module of jobs registers its tasks with the worker.
WORK = (
    outbox,
    accounts_jobs,
    bounces_jobs,
    registrations_jobs,
    nominations_jobs,
    attendance_jobs,
    selections_jobs,
    certificates_jobs,
    materials_jobs,
    calendars_jobs,
    letters_jobs,
    news_jobs,
    messages_jobs,
    ideas_jobs,
)
COMMANDS = (
    interreg_cli,
    accounts_cli,
    registrations_cli,
    attendance_cli,
    materials_cli,
    reports_cli,
)
BLUEPRINTS = (
    health.blueprint,
    job_views.blueprint,
    *interreg_views.BLUEPRINTS,
    *accounts_views.BLUEPRINTS,
    *bounces_views.BLUEPRINTS,
    *events_views.BLUEPRINTS,
    *registrations_views.BLUEPRINTS,
    *nominations_views.BLUEPRINTS,
    *attendance_views.BLUEPRINTS,
    *selections_views.BLUEPRINTS,
    *certificates_views.BLUEPRINTS,
    *materials_views.BLUEPRINTS,
    *calendars_views.BLUEPRINTS,
    *letters_views.BLUEPRINTS,
    *news_views.BLUEPRINTS,
    *messages_views.BLUEPRINTS,
    *checklists_views.BLUEPRINTS,
    *series_views.BLUEPRINTS,
    *ideas_views.BLUEPRINTS,
    *scheduling_views.BLUEPRINTS,
    *planning_views.BLUEPRINTS,
    *reports_views.BLUEPRINTS,
)

# Tables that no kept page shows, so that writing to them leaves those pages as they are. What is
# not named here may be shown: a page too many is made anew, and none is ever old. A page that reads
# any of these is not kept.
HIDDEN = (
    *("audit_entries", "jobs", "task_runs", "outbox_messages", "delivery_reports"),
    *("bounced_addresses", "own_wordings", "letters", "letter_files", "reminder_rules"),
    *("sign_ins", "invitations", "news_choices", "calendar_addresses", "needs"),
    *("programme_coordinators", "handovers", "material_notices"),
    *("presences", "presence_corrections", "no_shows", "attendance_closings", "desk_ticks"),
    *("room_codes", "attendance_imports", "attendance_aliases", "evidence_files"),
    *("certificates", "certificate_files", "certificate_designs", "certificate_pictures"),
    *("certificate_languages", "certificate_language_wishes", "certificate_exceptions"),
    *("automatic_issues", "learning_records", "learning_record_files", "record_shares"),
    *("signing_keys", "event_imports", "imported_events", "calendar_entries"),
    *("ideas", "idea_supports", "checklist_items", "selection_wishes"),
    *("dismissed_warnings", "planning_visits", "event_hand_overs"),
)

MAX_BODY = 2 * 1024 * 1024  # bytes; only views that take files let more in


def create_app(settings: Settings | None = None, *, queue_in_memory: bool = False) -> Flask:
    """The application for `settings` (default: those of the environment)."""
    settings = settings or read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = Flask("interact_events", root_path=str(ROOT))
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["settings"] = settings
    app.url_map.converters["int"] = access.RowNumber
    app.jinja_environment = filters.Templates
    _add_extensions(app, settings)
    _add_features(app, settings, queue_in_memory)
    _add_edges(app, settings)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0
        )
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # What people type belongs into no log, not even with a failed statement. The connection
        # that was used last has its statements prepared and their plans at hand.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_use_lifo": True},
        "SESSION_COOKIE_NAME": kept.SESSION,
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
    files.init_app(app, settings)
    signing.init_app(app, settings)


def _add_features(app: Flask, settings: Settings, queue_in_memory: bool) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for commands in COMMANDS:
        commands.init_app(app)
    app.extensions["wordings"] = messages_queries.own_wording
    jobs.init_app(app, settings, in_memory=queue_in_memory)
    if not settings.is_production:
        app.register_blueprint(dev_mail.blueprint)


def _add_edges(app: Flask, settings: Settings) -> None:
    filters.init_app(app)
    transactions.init_app(app)
    failures.init_app(app)
    headers.init_app(app, settings)
    access.init_app(app)
    parts.init_app(app)
    uploads.init_app(app)
    assets.init_app(app)
    turns.init_app(app)
    kept.init_app(app, STILL_SIGNED_IN)
    garbage.init_app(app)
    hidden.set(HIDDEN)
    app.jinja_env.globals["is_demo"] = settings.is_demo
