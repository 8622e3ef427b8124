"""Commands."""

import secrets
import sys

import click
from flask import Flask

from interact_events.accounts import actions
from interact_events.accounts.models import User
from interact_events.accounts.queries import sign_token, user_by_email
from interact_events.accounts.rules import RESET_WITHIN
from interact_events.config import Settings
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.links import url

ZONE = "Europe/Bratislava"  # the secretariat's


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]

    @app.cli.command("create-coordinator")
    @click.argument("email")
    @click.option("--name", help="The person's name.")
    @click.option("--password", help="Without it: asked for, or a link to set it is printed.")
    @click.option("--link", is_flag=True, help="Print a link to set the password.")
    def create_coordinator(email: str, name: str | None, password: str | None, link: bool) -> None:
        """Make EMAIL a coordinator of the secretariat, with an account if it has none."""
        is_new = _confirmed(email) is None
        if is_new and sys.stdin.isatty():
            name = name or click.prompt("Name")
            if password is None and not link:
                password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            user = _coordinator(email, name, password)
        except DomainError as refusal:
            raise click.ClickException(refusal.message) from None
        db.session.commit()
        click.echo(f"{user.email} is a coordinator.")
        if link or (is_new and password is None):
            click.echo(_link_to_set_password(user, settings.secret_key))


def _confirmed(email: str) -> User | None:
    """An unconfirmed account is anybody's; it is made anew."""
    user = user_by_email(email)
    return user if user and user.confirmed_at else None


def _coordinator(email: str, name: str | None, password: str | None) -> User:
    """The operator vouches for the address."""
    if "@" not in email:
        raise DomainError(f"{email} is not an e-mail address.")
    now = clock.now()
    user = _confirmed(email) or actions.create_account(
        email=email,
        name=name or email.partition("@")[0],
        password=password or secrets.token_urlsafe(32),
        zone=ZONE,
        now=now,
    )
    actions.confirm_address(user, now=now)
    actions.make_coordinator(user, actor=None, now=now)
    return user


def _link_to_set_password(user: User, key: str) -> str:
    hours = int(RESET_WITHIN.total_seconds() // 3600)
    link = url("accounts.reset", token=sign_token("reset", user, key=key))
    return f"Set the password within {hours} hours: {link}"
