"""Commands that need everything: demo data, and what a start and a worker do."""

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from interact_events.accounts.queries import demo_accounts
from interact_events.accounts.rules import DEMO_PASSWORD
from interact_events.certificates.actions import publish_key
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.jobs import consumer
from interact_events.interreg.actions import load_reference_data
from interact_events.registrations.actions import recount_missing
from interact_events.reports.actions import is_demo_loaded, load_demo, number_of_events

if TYPE_CHECKING:
    from interact_events.config import Settings


def init_app(app: Flask) -> None:
    """Add them to `flask`."""
    app.cli.command("demo")(demo)
    app.cli.command("prepare")(prepare)
    app.cli.command("worker")(worker)


def _settings() -> "Settings":
    settings: Settings = current_app.extensions["settings"]
    return settings


@click.option("--scale", default=0, help="About so many events; 1000 makes a large network.")
def demo(scale: int) -> None:
    """Fill the database with a made-up network to look at."""
    if _settings().is_production:
        raise click.ClickException("Production has no demo data. Set MODE=demo to look around.")
    if not _load_demo(scale):
        click.echo("The demo is already here. For a new one set DATA_DIR to an empty folder.")


def _load_demo(scale: int = 0) -> bool:
    if is_demo_loaded():
        return False
    length = number_of_events(scale)
    with click.progressbar(length=length, label="Making the demo") as bar:
        is_new = load_demo(
            now=clock.now(), host=_settings().host, scale=scale, step=lambda done: bar.update(done)
        )
        db.session.commit()
    return is_new


def prepare() -> None:
    """Bring the database up to date; in demo mode fill it the first time."""
    upgrade()
    load_reference_data()
    recount_missing()
    with suppress(DomainError):  # a key that can't sign says so where it should
        publish_key(now=clock.now())
    db.session.commit()
    if _settings().is_demo and not demo_accounts():
        _load_demo()
    _greet()


def _greet() -> None:
    click.echo(f"\nInteract Events is at {_settings().base_url}\n")
    accounts = demo_accounts() if _settings().is_demo else []
    if accounts:
        click.echo(f"Demo accounts, all with the password “{DEMO_PASSWORD}”:")
        width = max(len(email) for email, _ in accounts)
        for email, what in accounts:
            click.echo(f"  {email:<{width}}  {what}")
        click.echo()


@click.option("--threads", default=4, help="How many tasks may run at the same time.")
def worker(threads: int) -> None:
    """Send mails and do long work until stopped by Ctrl-C or SIGTERM."""
    logging.getLogger("huey").setLevel(logging.WARNING)
    consumer(current_app, threads).run()
